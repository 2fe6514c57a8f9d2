/// A running sum that carries its rounding errors along (Neumaier 1974).
///
/// The result depends on the values and their order only, and is off by about one rounding, however many are added.
public struct CompensatedSum: Sendable, Equatable {
    private var sum = 0.0
    private var lost = 0.0

    /// Makes an empty sum.
    public init() {}

    /// Adds a value; O(1).
    @inline(__always) public mutating func add(_ value: Double) {
        let next = sum + value
        lost += abs(sum) >= abs(value) ? (sum - next) + value : (value - next) + sum
        sum = next
    }

    /// The sum so far; 0 for none, and NaN or infinite once such a value was added.
    public var value: Double {
        // Past an infinity the lost part is NaN and says nothing.
        lost.isFinite ? sum + lost : sum
    }
}

/// Sums in a fixed order.
public enum Sum {
    /// Returns the compensated sum of all values; 0 for none.
    ///
    /// O(n).
    public static func of(_ values: [Double]) -> Double {
        var sum = CompensatedSum()
        for value in values { sum.add(value) }
        return sum.value
    }

    /// Returns the compensated sum of products of two arrays; 0 for none.
    ///
    /// O(n).
    ///
    /// Throws `invalidShape` if the lengths differ.
    public static func ofProducts(_ a: [Double], _ b: [Double]) throws(StatisticsError) -> Double {
        try Require.sameCount(b.count, a.count, "second factor")
        return products(a, b)
    }

    /// The sum of products over the shorter length.
    static func products(_ a: [Double], _ b: [Double]) -> Double {
        var sum = CompensatedSum()
        for index in 0..<min(a.count, b.count) { sum.add(a[index] * b[index]) }
        return sum.value
    }
}

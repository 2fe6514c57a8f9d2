/// Moments of a stream, one value at a time, in constant space (Welford 1962, Pébay 2008).
///
/// Two halves of a stream can be measured apart and merged. The result depends on the order of values and merges only.
public struct OnlineMoments: Sendable, Equatable {
    /// Number of values seen.
    public private(set) var count = 0
    /// Mean so far; 0 for none.
    public private(set) var mean = 0.0
    private var m2 = 0.0
    private var m3 = 0.0
    private var m4 = 0.0

    /// Makes an empty measure.
    public init() {}

    /// Adds a value; O(1).
    ///
    /// Throws `nonFiniteInput` for a NaN or an infinity and stays as it was.
    public mutating func add(_ value: Double) throws(StatisticsError) {
        try Require.finite(value, "value")
        let before = Double(count)
        count += 1
        let n = Double(count)
        let delta = value - mean
        let step = delta / n
        let square = step * step
        let term = delta * step * before
        mean += step
        m4 += term * square * (n * n - 3 * n + 3) + 6 * square * m2 - 4 * step * m3
        m3 += term * step * (n - 2) - 3 * step * m2
        m2 += term
    }

    /// Adds all values of another stream; O(1).
    public mutating func merge(_ other: OnlineMoments) {
        if other.count == 0 { return }
        if count == 0 {
            self = other
            return
        }
        let (a, b) = (Double(count), Double(other.count))
        let n = a + b
        let d = other.mean - mean
        let d2 = d * d
        let fourth = m4 + other.m4 + d2 * d2 * a * b * (a * a - a * b + b * b) / (n * n * n)
        m4 = fourth + 6 * d2 * (a * a * other.m2 + b * b * m2) / (n * n) + 4 * d * (a * other.m3 - b * m3) / n
        m3 = m3 + other.m3 + d2 * d * a * b * (a - b) / (n * n) + 3 * d * (a * other.m2 - b * m2) / n
        m2 = m2 + other.m2 + d2 * a * b / n
        mean += d * b / n
        count += other.count
    }

    /// Returns the variance with divisor n - ddof; nil if that is not positive.
    public func variance(ddof: Int) -> Double? { count > ddof ? m2 / Double(count - ddof) : nil }

    /// Population skewness; nil for fewer than two values or equal ones.
    public var skewness: Double? {
        isConstant ? nil : Double(count).squareRoot() * m3 / (m2 * m2.squareRoot())
    }

    /// Pearson's kurtosis, 3 for the normal distribution; nil for fewer than two values or equal ones.
    public var kurtosis: Double? { isConstant ? nil : Double(count) * m4 / (m2 * m2) }

    private var isConstant: Bool {
        count < 2 || m2 <= Double(count) * (1e-12 * mean) * (1e-12 * mean)
    }
}

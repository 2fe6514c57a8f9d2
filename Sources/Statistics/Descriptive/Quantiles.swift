/// Order statistics.
///
/// Type 7 everywhere (linear between order statistics, as NumPy and R do by default).
public enum Quantiles {
    /// Returns the quantiles at `shares` in 0...1; O(n log n), for one or two shares O(n) on average.
    ///
    /// Throws `insufficientData` for no values, `nonFiniteInput` for a NaN or an infinity, `invalidProbability` for a
    /// share outside 0...1.
    public static func type7(_ values: [Double], _ shares: [Double]) throws(StatisticsError) -> [Double] {
        try Require.count(values.count, atLeast: 1, "values")
        try Require.finite(values, "values")
        try Require.probabilities(shares, "shares")
        if shares.count > 2 {
            let sorted = values.sorted()
            return shares.map { ofSorted(sorted, $0) }
        }
        var values = values
        var span = values.mutableSpan
        return shares.map { ofUnsorted(&span, $0) }
    }

    /// Returns one quantile; as `type7`.
    public static func type7(_ values: [Double], _ share: Double) throws(StatisticsError) -> Double {
        try type7(values, [share])[0]
    }

    /// Returns the median; as `type7` at 1/2.
    public static func median(_ values: [Double]) throws(StatisticsError) -> Double { try type7(values, 0.5) }

    /// Returns the median absolute deviation from the median, unscaled; O(n log n).
    ///
    /// Multiply by 1.4826 for the deviation of a normal sample. Throws as `type7`.
    public static func medianAbsoluteDeviation(_ values: [Double]) throws(StatisticsError) -> Double {
        let middle = try median(values)
        return try median(values.map { abs($0 - middle) })
    }

    /// Returns the robust z of every value: (x - median) / (1.4826 MAD), clipped to -5...5; O(n log n).
    ///
    /// Throws `zeroVariance` where more than half of the values are equal, and as `type7`.
    public static func robustZ(_ values: [Double]) throws(StatisticsError) -> [Double] {
        let middle = try median(values)
        let spread = 1.4826 * (try medianAbsoluteDeviation(values))
        try Require.argument(
            spread > 0, "more than half of the \(values.count) values are \(middle), expected some spread: use ranks",
            code: .zeroVariance)
        return values.map { min(5, max(-5, ($0 - middle) / spread)) }
    }

    /// The quantile of sorted values, at least one.
    static func ofSorted(_ sorted: [Double], _ share: Double) -> Double {
        let (below, above, weight) = places(share, of: sorted.count)
        return between(sorted[below], sorted[above], weight)
    }

    /// The quantile of finite values, at least one, which are partly sorted by it.
    private static func ofUnsorted(_ values: inout MutableSpan<Double>, _ share: Double) -> Double {
        let (below, above, weight) = places(share, of: values.count)
        let lower = Selection.value(below, &values)
        guard above > below else { return lower }
        // Nothing behind the place is smaller, so the next one is the least of them.
        var upper = values[above]
        for index in above..<values.count { upper = min(upper, values[index]) }
        return between(lower, upper, weight)
    }

    /// The order statistics that a quantile lies between, and how far it is from the first to the second.
    private static func places(_ share: Double, of count: Int) -> (below: Int, above: Int, weight: Double) {
        let place = share * Double(count - 1)
        let below = min(Int(place), count - 1)
        return (below, min(below + 1, count - 1), place - Double(below))
    }

    /// From the nearer end, so that the ends are met exactly.
    private static func between(_ a: Double, _ b: Double, _ weight: Double) -> Double {
        weight < 0.5 ? a + (b - a) * weight : b - (b - a) * (1 - weight)
    }

    /// Where each value falls between sorted inner edges: bins (lo, hi], 0...edges.count.
    ///
    /// O(n log k).
    static func bins(_ values: [Double], edges: [Double]) -> [Int] {
        values.map { value in
            var low = 0
            var high = edges.count
            while low < high {
                let middle = (low + high) / 2
                if edges[middle] < value { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }
}

/// Order statistics.
///
/// Type 7 everywhere (linear between order statistics, as NumPy and R do by default).
public enum Quantiles {
    /// Returns the quantiles at `shares` in 0...1; O(n log n).
    ///
    /// Throws `insufficientData` for no values, `nonFiniteInput` for a NaN or an infinity, `invalidProbability` for a
    /// share outside 0...1.
    public static func type7(_ values: [Double], _ shares: [Double]) throws(StatisticsError) -> [Double] {
        try Require.count(values.count, atLeast: 1, "values")
        try Require.finite(values, "values")
        try Require.probabilities(shares, "shares")
        let sorted = values.sorted()
        return shares.map { ofSorted(sorted, $0) }
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
        let place = share * Double(sorted.count - 1)
        let below = min(Int(place), sorted.count - 1)
        let above = min(below + 1, sorted.count - 1)
        let weight = place - Double(below)
        let (a, b) = (sorted[below], sorted[above])
        // From the nearer end, so that the ends are met exactly.
        return weight < 0.5 ? a + (b - a) * weight : b - (b - a) * (1 - weight)
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

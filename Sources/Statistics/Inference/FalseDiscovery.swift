/// Control of false discoveries among many tests (LRN-36).
public enum FalseDiscovery {
    /// How the p-values may depend on each other.
    public enum Dependence: Sendable {
        /// Independent or positively dependent: Benjamini and Hochberg 1995.
        case positive
        /// Anything: Benjamini and Yekutieli 2001, stricter by the harmonic number of n.
        case arbitrary
    }

    /// Returns the q-value of each test, in the order given; empty for no tests.
    ///
    /// O(n log n).
    ///
    /// A test is a discovery at rate alpha where q <= alpha. Throws `invalidProbability` for a p outside 0...1.
    public static func qValues(
        _ pValues: [Double], dependence: Dependence
    ) throws(StatisticsError) -> [Double] {
        try Require.probabilities(pValues, "p-values")
        let n = pValues.count
        var factor = Double(n)
        if dependence == .arbitrary {
            var harmonic = CompensatedSum()
            for k in 0..<n { harmonic.add(1 / Double(k + 1)) }
            factor *= harmonic.value
        }
        let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
        var result = [Double](repeating: 0, count: n)
        var least = 1.0
        var place = n - 1
        while place >= 0 {
            least = min(least, pValues[order[place]] * factor / Double(place + 1))
            result[order[place]] = least
            place -= 1
        }
        return result
    }

    /// Returns the indices of the discoveries at rate `alpha` in 0...1, in order.
    ///
    /// Throws as `qValues`.
    public static func discoveries(
        _ pValues: [Double], alpha: Double, dependence: Dependence
    ) throws(StatisticsError) -> [Int] {
        try Require.probabilities([alpha], "alpha")
        let q = try qValues(pValues, dependence: dependence)
        return q.indices.filter { q[$0] <= alpha }
    }
}

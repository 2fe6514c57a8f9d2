/// Intervals of a share.
public enum ProportionInterval {
    /// Returns Wilson's interval of successes among trials, inside 0...1; O(1).
    ///
    /// `level` is the two-sided confidence in 0..<1. Throws `insufficientData` for no trials, `invalidCounts` unless
    /// 0 <= successes <= trials.
    /// - Source: Wilson 1927: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).
    public static func wilson(
        successes: Int, trials: Int, level: Double
    ) throws(StatisticsError) -> (low: Double, high: Double) {
        try Require.count(trials, atLeast: 1, "trials")
        try Require.argument(
            successes >= 0 && successes <= trials,
            "\(successes) successes among \(trials) trials, expected 0...\(trials)",
            code: .invalidCounts)
        try Require.argument(level >= 0 && level < 1, "level is \(level), expected 0..<1")
        let z = NormalDistribution.quantile(0.5 + level / 2)
        let n = Double(trials)
        let p = Double(successes) / n
        let z2 = z * z
        let centre = p + z2 / (2 * n)
        let half = z * (p * (1 - p) / n + z2 / (4 * n * n)).squareRoot()
        let scale = 1 + z2 / n
        let low = successes == 0 ? 0 : max(0, (centre - half) / scale)
        let high = successes == trials ? 1 : min(1, (centre + half) / scale)
        return (low, high)
    }
}

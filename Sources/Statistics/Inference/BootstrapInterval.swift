/// Intervals from bootstrap replicates.
public struct BootstrapInterval: Sendable, Equatable {
    /// Lower end.
    public let low: Double
    /// Upper end.
    public let high: Double

    /// Makes an interval.
    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    /// Returns the standard deviation of the replicates with divisor B - 1, the bootstrap standard error; O(B).
    ///
    /// Throws `insufficientData` below two replicates, `nonFiniteInput` for a NaN among them.
    public static func standardError(_ replicates: [Double]) throws(StatisticsError) -> Double {
        try Require.count(replicates.count, atLeast: 2, "replicates")
        return try Moments(replicates).deviation(ddof: 1)
    }

    /// Returns the type-7 quantiles of the replicates; O(B log B).
    ///
    /// `level` is the two-sided confidence in 0..<1. Throws as `standardError`.
    public static func percentile(
        _ replicates: [Double], level: Double
    ) throws(StatisticsError) -> BootstrapInterval {
        try Require.argument(level >= 0 && level < 1, "level is \(level), expected 0..<1")
        let ends = try Quantiles.type7(replicates, [(1 - level) / 2, 1 - (1 - level) / 2])
        return BootstrapInterval(low: ends[0], high: ends[1])
    }

    /// Returns the percentile interval reflected about the estimate; throws as `percentile`.
    public static func basic(
        _ replicates: [Double], estimate: Double, level: Double
    ) throws(StatisticsError) -> BootstrapInterval {
        try Require.finite(estimate, "estimate")
        let interval = try percentile(replicates, level: level)
        return BootstrapInterval(low: 2 * estimate - interval.high, high: 2 * estimate - interval.low)
    }

    /// Returns estimate +- z times the spread of the replicates about their mean, divisor B; throws as `percentile`.
    public static func normal(
        _ replicates: [Double], estimate: Double, level: Double
    ) throws(StatisticsError) -> BootstrapInterval {
        try Require.finite(estimate, "estimate")
        try Require.argument(level >= 0 && level < 1, "level is \(level), expected 0..<1")
        let half = NormalDistribution.quantile(0.5 + level / 2) * (try Moments(replicates).deviation(ddof: 0))
        return BootstrapInterval(low: estimate - half, high: estimate + half)
    }

    /// The bias-corrected and accelerated interval, with what corrected it.
    public struct Accelerated: Sendable, Equatable {
        /// The interval.
        public let interval: BootstrapInterval
        /// Bias correction z0.
        public let bias: Double
        /// Acceleration a.
        public let acceleration: Double
    }

    /// Returns the bias-corrected and accelerated interval (Efron 1987); O(B log B + n).
    ///
    /// `jackknife` holds the statistic with one row left out at a time; on blocks its acceleration is indicative only.
    /// Throws `zeroVariance` where the jackknife or the replicates are all equal or all on one side of the estimate:
    /// use `percentile` there.
    public static func accelerated(
        _ replicates: [Double], estimate: Double, jackknife: [Double], level: Double
    ) throws(StatisticsError) -> Accelerated {
        try Require.argument(level >= 0 && level < 1, "level is \(level), expected 0..<1")
        try Require.count(replicates.count, atLeast: 2, "replicates")
        let moments = try Moments(jackknife)
        let below = Double(replicates.count { $0 < estimate }) / Double(replicates.count)
        try Require.argument(
            !moments.isConstant && below > 0 && below < 1,
            "the jackknife is constant or every replicate lies on one side of \(estimate): use the percentile interval",
            code: .zeroVariance)
        let z0 = NormalDistribution.quantile(below)
        let n = Double(jackknife.count)
        let acceleration = -moments.third / (6 * n.squareRoot() * moments.second * moments.second.squareRoot())
        let tail = (1 - level) / 2
        let shares = [tail, 1 - tail].map { share in
            let z = z0 + NormalDistribution.quantile(share)
            return NormalDistribution.cdf(z0 + z / (1 - acceleration * z))
        }
        let ends = try Quantiles.type7(replicates, shares)
        return Accelerated(
            interval: BootstrapInterval(low: ends[0], high: ends[1]), bias: z0, acceleration: acceleration)
    }
}

/// Variances of means whose terms depend on their neighbours in time (Newey and West 1987, Bartlett weights).
///
/// Autocovariances divide by n. A number of lags beyond n - 1 is taken as n - 1.
public enum NeweyWest {
    /// A mean with its standard error.
    public struct Mean: Sendable, Equatable {
        /// Number of terms, or of timestamps where rows share one.
        public let count: Int
        /// The mean.
        public let mean: Double
        /// Variance of one term in the long run, autocovariances included; 0 or more.
        public let longRunVariance: Double
        /// Standard error of the mean.
        public let standardError: Double
        /// Lags used.
        public let lags: Int

        /// Standard error with the factor n / (n - 1).
        public var standardErrorSmallSample: Double {
            standardError * (Double(count) / Double(count - 1)).squareRoot()
        }
    }

    /// An interval at one level.
    public struct Interval: Sendable, Equatable {
        /// Lower end.
        public let low: Double
        /// Upper end.
        public let high: Double
        /// Two-sided critical value that was used.
        public let critical: Double
    }

    /// Levels for which the fixed-b critical values are tabulated.
    public enum Level: Double, Sendable, CaseIterable {
        /// 90 %.
        case ninety = 0.90
        /// 95 %.
        case ninetyFive = 0.95
        /// 98 %.
        case ninetyEight = 0.98
    }

    /// Returns the mean of a series with its standard error; O(n lags).
    ///
    /// Throws `insufficientData` below two terms, `nonFiniteInput` for a NaN, `invalidArgument` for negative lags.
    public static func mean(_ values: [Double], lags: Int) throws(StatisticsError) -> Mean {
        try Require.count(values.count, atLeast: 2, "values")
        try Require.finite(values, "values")
        let mean = values.compensatedMean
        let variance = try longRunVariance(values.map { $0 - mean }, lags: lags)
        let n = Double(values.count)
        return Mean(
            count: values.count, mean: mean, longRunVariance: variance, standardError: (variance / n).squareRoot(),
            lags: min(lags, values.count - 1))
    }

    /// Returns the mean of rows of which those with the same timestamp form one cluster (Driscoll and Kraay 1998).
    ///
    /// Deviations are summed per timestamp first: rows of one moment are not independent draws. `times` must not
    /// decrease. O(n + timestamps * lags). Throws as `mean`; two timestamps are needed.
    public static func panelMean(_ values: [Double], times: [Int64], lags: Int) throws(StatisticsError) -> Mean {
        try Require.sameCount(times.count, values.count, "times")
        try Require.count(values.count, atLeast: 2, "values")
        try Require.finite(values, "values")
        let mean = values.compensatedMean
        var sums: [Double] = []
        sums.reserveCapacity(values.count)
        for index in values.indices {
            if index > 0 {
                try Require.argument(
                    times[index] >= times[index - 1],
                    "times[\(index)] is \(times[index]) after \(times[index - 1]), expected rows in order of time")
            }
            if index > 0 && times[index] == times[index - 1] {
                sums[sums.count - 1] += values[index] - mean
            } else {
                sums.append(values[index] - mean)
            }
        }
        try Require.count(sums.count, atLeast: 2, "timestamps")
        let variance = try longRunVariance(sums, lags: lags)
        let error = (variance * Double(sums.count)).squareRoot() / Double(values.count)
        return Mean(
            count: sums.count, mean: mean, longRunVariance: variance, standardError: error,
            lags: min(lags, sums.count - 1))
    }

    /// Returns the mean with the interval that decisions use: ceil(1.3 sqrt n) lags and the fixed-b critical value.
    ///
    /// Covers 92 to 95 % at a nominal 95 % where the usual lag with 1.96 covers 78 to 92 %. Throws as `mean`.
    /// - Source: Kiefer and Vogelsang 2005; Lazarus et al. 2018.
    public static func decision(
        _ values: [Double], level: Level
    ) throws(StatisticsError) -> (mean: Mean, interval: Interval) {
        let mean = try mean(values, lags: decisionLags(values.count))
        return (mean, interval(mean, level: level))
    }

    /// Returns the fixed-b interval of a mean at one level.
    ///
    /// O(1).
    public static func interval(_ mean: Mean, level: Level) -> Interval {
        let critical = fixedBCritical(lags: mean.lags, count: mean.count, level: level)
        let half = critical * mean.standardError
        return Interval(low: mean.mean - half, high: mean.mean + half, critical: critical)
    }

    /// Returns the two-sided critical value for b = (lags + 1) / n.
    ///
    /// O(1).
    public static func fixedBCritical(lags: Int, count: Int, level: Level) -> Double {
        let b = Double(lags + 1) / Double(max(count, 1))
        switch level {
        case .ninety: return 1.6449 + 2.1859 * b + 0.3142 * b * b - 0.3427 * b * b * b
        case .ninetyFive: return 1.96 + 2.9694 * b + 0.4160 * b * b - 0.5324 * b * b * b
        case .ninetyEight: return 2.3263 + 4.1618 * b + 0.5368 * b * b - 0.9060 * b * b * b
        }
    }

    /// Returns sum over |k| <= lags of (1 - |k| / (lags + 1)) times the autocovariance, never below 0; O(n lags).
    ///
    /// `centred` must have mean 0. Throws `invalidArgument` for negative lags.
    public static func longRunVariance(_ centred: [Double], lags: Int) throws(StatisticsError) -> Double {
        try Require.argument(lags >= 0, "lags is \(lags), expected 0 or more")
        try Require.count(centred.count, atLeast: 1, "values")
        let used = min(lags, centred.count - 1)
        var sum = CompensatedSum()
        sum.add(autocovariance(centred, lag: 0))
        for lag in 0..<used {
            let k = lag + 1
            sum.add(2 * (1 - Double(k) / Double(used + 1)) * autocovariance(centred, lag: k))
        }
        return max(0, sum.value)
    }

    /// The mean product of terms `lag` apart, divided by n.
    static func autocovariance(_ centred: [Double], lag: Int) -> Double {
        var sum = CompensatedSum()
        for index in lag..<centred.count { sum.add(centred[index] * centred[index - lag]) }
        return sum.value / Double(centred.count)
    }
}

/// Sharpe ratios, and how much of one is luck.
///
/// Per period throughout, never annualised: sample deviation with divisor n - 1, population skewness, Pearson's
/// kurtosis (3 for the normal distribution). With dependent returns the number of periods must be the effective one.
public struct Sharpe: Sendable, Equatable {
    /// Number of periods.
    public let periods: Int
    /// Mean return over its deviation.
    public let ratio: Double
    /// Population skewness of the returns.
    public let skewness: Double
    /// Pearson's kurtosis of the returns.
    public let kurtosis: Double

    /// Measures a series of returns per period; O(n).
    ///
    /// Throws `insufficientData` below three, `nonFiniteInput` for a NaN, `zeroVariance` where all are equal.
    public init(returns: [Double]) throws(StatisticsError) {
        try Require.count(returns.count, atLeast: 3, "returns")
        let moments = try Moments(returns)
        guard let skewness = moments.skewness, let kurtosis = moments.kurtosis else {
            throw StatisticsError(
                .zeroVariance, "all \(returns.count) returns are \(moments.mean), expected some spread: no ratio exists"
            )
        }
        periods = returns.count
        ratio = moments.mean / moments.deviation(ddof: 1)
        self.skewness = skewness
        self.kurtosis = kurtosis
    }

    /// 1 - skewness SR + (kurtosis - 1)/4 SR^2, the variance of the ratio times n - 1; may be negative in theory.
    public var varianceTerm: Double { 1 - skewness * ratio + (kurtosis - 1) / 4 * ratio * ratio }

    /// Returns the probability that the true ratio exceeds `benchmark`; nil where the variance term is not positive.
    ///
    /// O(1).
    /// - Source: Bailey and López de Prado 2012.
    public func probabilistic(above benchmark: Double) -> Double? {
        guard varianceTerm > 0, benchmark.isFinite else { return nil }
        return NormalDistribution.cdf(
            (ratio - benchmark) * Double(periods - 1).squareRoot() / varianceTerm.squareRoot())
    }

    /// Returns the probability that the true ratio exceeds what the best of many worthless trials would show; nil as in
    /// `probabilistic`.
    ///
    /// O(trials).
    ///
    /// `trialRatios` are the ratios of every configuration tried, this one included. Throws as `expectedMaximum`.
    /// - Source: Bailey and López de Prado 2014.
    public func deflated(trialRatios: [Double]) throws(StatisticsError) -> Double? {
        probabilistic(above: try Self.expectedMaximum(ofTrialRatios: trialRatios))
    }

    /// Returns the largest ratio to expect from worthless trials with the spread of the given ones; 0 for one.
    ///
    /// O(n).
    ///
    /// Throws `insufficientData` for no trials, `nonFiniteInput` for a NaN.
    public static func expectedMaximum(ofTrialRatios ratios: [Double]) throws(StatisticsError) -> Double {
        let moments = try Moments(ratios)
        if ratios.count == 1 { return 0 }
        return moments.deviation(ddof: 1) * expectedMaximum(ofNormals: Double(ratios.count))
    }

    /// Returns the approximate mean of the largest of n independent standard normals; 0 for n <= 1.
    ///
    /// O(1).
    ///
    /// n may be a fraction: an effective number of trials.
    public static func expectedMaximum(ofNormals n: Double) -> Double {
        if !(n > 1) { return 0 }
        let e = 2.718281828459045
        return (1 - Gamma.euler) * NormalDistribution.quantile(1 - 1 / n)
            + Gamma.euler * NormalDistribution.quantile(1 - 1 / (n * e))
    }

    /// Returns the periods needed to hold a ratio of this size for greater than `benchmark` with `confidence` in 0..<1;
    /// infinity where it does not exceed the benchmark, nil where the variance term is not positive.
    ///
    /// O(1).
    public func minimumTrackRecord(above benchmark: Double, confidence: Double) -> Double? {
        guard varianceTerm > 0, confidence >= 0, confidence < 1 else { return nil }
        guard ratio > benchmark else { return .infinity }
        let z = NormalDistribution.quantile(confidence) / (ratio - benchmark)
        return 1 + varianceTerm * z * z
    }

    /// Returns the years of data below which the best of n worthless trials is expected to reach an annual ratio of
    /// `target` > 0; infinity for other targets.
    ///
    /// O(1).
    ///
    /// - Source: Bailey et al. 2014, (E[max] / target)^2.
    public static func minimumBacktestYears(trials: Double, target: Double) -> Double {
        guard target > 0 else { return .infinity }
        let ratio = expectedMaximum(ofNormals: trials) / target
        return ratio * ratio
    }
}

/// Sharpe ratios, and how much of one is luck.
///
/// Per period throughout, never annualised. The formulas are those of Bailey and López de Prado; they leave open how
/// deviation, skewness and kurtosis are estimated, and libraries differ there: see `Estimator`. Everything else is the
/// same for both: n - 1 under the root, Pearson's kurtosis (3 for the normal distribution), Euler and Mascheroni's
/// constant in full. With dependent returns the number of periods must be the effective one.
public struct Sharpe: Sendable, Equatable {
    /// How the moments of the returns are estimated.
    public enum Estimator: String, Sendable, CaseIterable {
        /// Deviation with divisor n - 1; skewness and kurtosis of the sample itself. What reports show; skfolio's.
        case sample
        /// Deviation with divisor n; skewness and kurtosis corrected for bias (G1, and G2 + 3). purgedcv's.
        case corrected

        /// In words, for the label of a ratio.
        public var text: String {
            switch self {
            case .sample: "sd n-1, plain skew and kurtosis"
            case .corrected: "sd n, skew and kurtosis corrected for bias"
            }
        }
    }

    /// How its moments were estimated.
    public let estimator: Estimator
    /// Number of periods.
    public let periods: Int
    /// Mean return over its deviation.
    public let ratio: Double
    /// Skewness of the returns.
    public let skewness: Double
    /// Pearson's kurtosis of the returns.
    public let kurtosis: Double

    /// Measures a series of returns per period; O(n).
    ///
    /// Throws `insufficientData` below three, or four where the kurtosis is corrected, `nonFiniteInput` for a NaN,
    /// `zeroVariance` where all are equal.
    public init(returns: [Double], estimator: Estimator = .sample) throws(StatisticsError) {
        try Require.count(returns.count, atLeast: estimator == .sample ? 3 : 4, "returns")
        let moments = try Moments(returns)
        guard let skewness = moments.skewness, let kurtosis = moments.kurtosis else {
            throw StatisticsError(
                .zeroVariance, "all \(returns.count) returns are \(moments.mean), expected some spread: no ratio exists"
            )
        }
        self.estimator = estimator
        periods = returns.count
        switch estimator {
        case .sample:
            ratio = moments.mean / moments.deviation(ddof: 1)
            (self.skewness, self.kurtosis) = (skewness, kurtosis)
        case .corrected:
            ratio = moments.mean / moments.deviation(ddof: 0)
            self.skewness = Self.corrected(skewness: skewness, count: Double(returns.count))
            self.kurtosis = Self.corrected(kurtosis: kurtosis, count: Double(returns.count))
        }
    }

    /// Fisher's G1.
    private static func corrected(skewness: Double, count n: Double) -> Double {
        (n * (n - 1)).squareRoot() / (n - 2) * skewness
    }

    /// Fisher's G2 of the excess, plus 3.
    private static func corrected(kurtosis: Double, count n: Double) -> Double {
        (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (kurtosis - 3) + 6) + 3
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

    /// The same for a counted number of trials with a known variance of their ratios; an effective number is fine, too.
    ///
    /// O(1). nil as in `probabilistic`, and for a negative variance.
    public func deflated(trials: Double, ratioVariance: Double) -> Double? {
        guard ratioVariance >= 0 else { return nil }
        return probabilistic(above: ratioVariance.squareRoot() * Self.expectedMaximum(ofNormals: trials))
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
    /// A real number: whole periods are the next integer, which is what purgedcv gives. O(1).
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

/// The scores of a detector and their composite (DEF-01 to DEF-06).
///
/// `signals` are s in [-1, 1], `returns` the forward returns r of the same windows. A nil answer is a score that does
/// not exist yet, not a bad one.
public enum SignalScores {
    /// Returns the hit rate weighted by |s| (DEF-01), 0...1; nil where no signal is set.
    ///
    /// O(n).
    ///
    /// A return of 0 is a miss. Throws `invalidShape`, `nonFiniteInput`.
    public static func accuracy(signals: [Double], returns: [Double]) throws(StatisticsError) -> Double? {
        try Require.sameCount(returns.count, signals.count, "returns")
        try Require.finite(signals, "signals")
        try Require.finite(returns, "returns")
        var (hits, all) = (CompensatedSum(), CompensatedSum())
        for index in signals.indices where signals[index] != 0 {
            all.add(abs(signals[index]))
            if returns[index] != 0 && (signals[index] < 0) == (returns[index] < 0) { hits.add(abs(signals[index])) }
        }
        return all.value > 0 ? hits.value / all.value : nil
    }

    /// Returns the normal probability of the t of the slope in r = a + b s with Newey-West errors (DEF-02), and t.
    ///
    /// 1/2 is no edge. O(n lags). Throws `insufficientData` below three rows, `notPositiveDefinite` for a constant
    /// signal, `zeroVariance` where the fit is exact.
    public static func precision(
        signals: [Double], returns: [Double], lags: Int
    ) throws(StatisticsError) -> (precision: Double, t: Double) {
        try Require.sameCount(returns.count, signals.count, "returns")
        var design = Matrix(rows: signals.count, columns: 2)
        for index in signals.indices {
            design[index, 0] = 1
            design[index, 1] = signals[index]
        }
        let fit = try LeastSquares(design: design, response: returns, lags: lags)
        let error = fit.standardErrors[1]
        try Require.argument(
            error > 0, "the standard error of the slope is 0, expected a positive one: the fit is exact",
            code: .zeroVariance)
        let t = fit.coefficients[1] / error
        return (NormalDistribution.cdf(t), t)
    }

    /// Returns clip01(1 - sd / (|mean| + 1e-6)) of weekly information ratios (DEF-03), divisor n - 1; nil below two.
    ///
    /// O(n). Throws `nonFiniteInput`.
    public static func stability(weeklyRatios: [Double]) throws(StatisticsError) -> Double? {
        try Require.finite(weeklyRatios, "weekly ratios")
        guard weeklyRatios.count >= 2 else { return nil }
        let moments = Moments(checked: weeklyRatios)
        return clip01(1 - moments.deviation(ddof: 1) / (abs(moments.mean) + 1e-6))
    }

    /// Returns 1 - the largest |correlation| with any other stream (DEF-04); 1 for no others.
    ///
    /// O(n others).
    ///
    /// Throws as `Correlation.pearson`.
    public static func orthogonality(stream: [Double], others: [[Double]]) throws(StatisticsError) -> Double {
        var largest = 0.0
        for other in others { largest = max(largest, abs(try Correlation.pearson(stream, other))) }
        return 1 - largest
    }

    /// Returns 1 - exp(-C / 10) with C = turnover (fee + half spread) + kappa turnover^2 in basis points (DEF-05).
    ///
    /// All arguments 0 or more; in 0..<1. O(1). Throws `invalidArgument`.
    public static func cost(
        turnover: Double, feeBasisPoints: Double, halfSpreadBasisPoints: Double, kappa: Double
    ) throws(StatisticsError) -> Double {
        for (value, name) in [
            (turnover, "turnover"), (feeBasisPoints, "fee"), (halfSpreadBasisPoints, "half spread"), (kappa, "kappa"),
        ] {
            try Require.argument(value >= 0 && value.isFinite, "\(name) is \(value), expected 0 or more")
        }
        let total = turnover * (feeBasisPoints + halfSpreadBasisPoints) + kappa * turnover * turnover
        return -Elementary.expm1(-total / 10)
    }

    /// Returns clip01(0.30 accuracy + 0.25 precision + 0.20 stability + 0.25 orthogonality - 0.20 cost) (DEF-06).
    ///
    /// O(1).
    ///
    /// Throws `invalidProbability` for a part outside 0...1.
    public static func composite(
        accuracy: Double, precision: Double, stability: Double, orthogonality: Double, cost: Double
    ) throws(StatisticsError) -> Double {
        try Require.probabilities([accuracy, precision, stability, orthogonality, cost], "parts")
        return clip01(0.30 * accuracy + 0.25 * precision + 0.20 * stability + 0.25 * orthogonality - 0.20 * cost)
    }

    /// Returns the normal probability of Mann and Kendall's z, whether a score is growing (DEF-16), with Theil and
    /// Sen's slope; O(n^2 log n).
    ///
    /// z has the variance for ties and no continuity correction. Daily scores depend on each other, which inflates it.
    /// Throws `insufficientData` below three, `zeroVariance` where all are equal, `nonFiniteInput`.
    public static func emergence(
        _ scores: [Double]
    ) throws(StatisticsError) -> (emergence: Double, z: Double, slope: Double, intercept: Double) {
        try Require.count(scores.count, atLeast: 3, "scores")
        try Require.finite(scores, "scores")
        let n = scores.count
        var slopes: [Double] = []
        var sign = 0
        for i in 0..<n {
            for j in 0..<i {
                slopes.append((scores[i] - scores[j]) / Double(i - j))
                sign += scores[i] > scores[j] ? 1 : scores[i] < scores[j] ? -1 : 0
            }
        }
        let sorted = scores.sorted()
        var (ties, start) = (0, 0)
        while start < n {
            var end = start + 1
            while end < n && sorted[end] == sorted[start] { end += 1 }
            let size = end - start
            ties += size * (size - 1) * (2 * size + 5)
            start = end
        }
        let variance = Double(n * (n - 1) * (2 * n + 5) - ties) / 18
        try Require.argument(variance > 0, "all \(n) scores are equal, expected some spread", code: .zeroVariance)
        let z = Double(sign) / variance.squareRoot()
        let slope = try Quantiles.median(slopes)
        let intercept = Quantiles.ofSorted(sorted, 0.5) - slope * Double(n - 1) / 2
        return (NormalDistribution.cdf(z), z, slope, intercept)
    }

    /// Returns n / (n + 200) times clip01(2 (p - 1/2) / 0.2), skill shrunk by its evidence (DEF-32).
    ///
    /// O(1).
    ///
    /// Throws `invalidProbability`, `invalidArgument` for a negative number of effective samples.
    public static func reliability(effectiveCount: Double, hitProbability: Double) throws(StatisticsError) -> Double {
        try Require.argument(
            effectiveCount >= 0 && effectiveCount.isFinite, "effective count is \(effectiveCount), expected 0 or more")
        try Require.probabilities([hitProbability], "hit probability")
        return effectiveCount / (effectiveCount + 200) * clip01(2 * (hitProbability - 0.5) / 0.2)
    }

    /// Returns the sum of weighted horizon scores less a penalty times the turnover share (LRN-06).
    ///
    /// O(n).
    ///
    /// Weights must not be negative and must sum to 1 within 1e-9. Throws `invalidShape`, `invalidArgument`.
    public static func horizons(
        scores: [Double], weights: [Double] = [0.2, 0.3, 0.5], turnoverShare: Double, penalty: Double = 0.1
    ) throws(StatisticsError) -> Double {
        try Require.sameCount(weights.count, scores.count, "weights")
        try Require.finite(scores, "scores")
        try Require.weights(weights, count: scores.count)
        let total = Sum.of(weights)
        try Require.argument(abs(total - 1) <= 1e-9, "weights sum to \(total), expected 1")
        try Require.probabilities([turnoverShare], "turnover share")
        try Require.argument(penalty >= 0 && penalty.isFinite, "penalty is \(penalty), expected 0 or more")
        return Sum.products(scores, weights) - penalty * turnoverShare
    }

    /// x clipped to 0...1.
    static func clip01(_ x: Double) -> Double { min(1, max(0, x)) }
}

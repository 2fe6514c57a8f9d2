/// Proper scores of probability forecasts, and what they are made of (LRN-05).
///
/// `outcomes` are 0 or 1, forecasts probabilities; weights, where given, are not negative and are normalised.
public enum ProperScores {
    /// Returns the mean squared distance of forecast and outcome, 0 (best) to 1; O(n).
    ///
    /// Throws `insufficientData` for no rows, `invalidProbability` for a forecast outside 0...1.
    public static func brier(
        forecasts: [Double], outcomes: [Double], weights: [Double]? = nil
    ) throws(StatisticsError) -> Double {
        try check(forecasts, outcomes, weights)
        return weightedMean(
            forecasts.indices.map { i in
                (forecasts[i] - outcomes[i]) * (forecasts[i] - outcomes[i])
            }, weights)
    }

    /// Returns the mean of -ln of the probability given to what happened, in nats; O(n).
    ///
    /// Forecasts are clipped to [floor, 1 - floor] first, so that one certain and wrong forecast stays finite.
    /// Throws as `brier`, and `invalidArgument` for a floor outside 0..<1/2.
    public static func logLoss(
        forecasts: [Double], outcomes: [Double], weights: [Double]? = nil, floor: Double = 1e-15
    ) throws(StatisticsError) -> Double {
        try check(forecasts, outcomes, weights)
        try Require.argument(floor >= 0 && floor < 0.5, "floor is \(floor), expected 0..<0.5")
        return weightedMean(
            forecasts.indices.map { i in
                let p = min(max(forecasts[i], floor), 1 - floor)
                return outcomes[i] == 1 ? -Elementary.log(p) : -Elementary.log(1 - p)
            }, weights)
    }

    /// One bin of a reliability curve.
    public struct Bin: Sendable, Equatable {
        /// Rows in the bin.
        public let count: Int
        /// Mean forecast of the bin.
        public let meanForecast: Double
        /// Share of ones among its outcomes.
        public let frequency: Double
    }

    /// Returns the reliability curve over `bins` equal bins (lo, hi], the first [0, hi]; empty bins have count 0 and
    /// NaN means.
    ///
    /// O(n log bins).
    ///
    /// Throws as `brier`, and `invalidArgument` for bins below 1.
    public static func reliability(
        forecasts: [Double], outcomes: [Double], bins: Int
    ) throws(StatisticsError) -> [Bin] {
        try check(forecasts, outcomes, nil)
        try Require.argument(bins >= 1, "bins is \(bins), expected at least 1")
        // NumPy's linspace: i times the step.
        let step = 1 / Double(bins)
        return curve(forecasts, outcomes, edges: (0..<(bins - 1)).map { Double($0 + 1) * step })
    }

    /// Returns the reliability curve over bins that hold equal shares of the forecasts; equal edges are kept, so that
    /// bins may be empty.
    ///
    /// O(n log n).
    ///
    /// Throws as `reliability`.
    public static func quantileReliability(
        forecasts: [Double], outcomes: [Double], bins: Int
    ) throws(StatisticsError) -> [Bin] {
        try check(forecasts, outcomes, nil)
        try Require.argument(bins >= 1, "bins is \(bins), expected at least 1")
        let step = 1 / Double(bins)
        let edges = try Quantiles.type7(forecasts, (0..<(bins - 1)).map { Double($0 + 1) * step })
        return curve(forecasts, outcomes, edges: edges)
    }

    /// What a reliability curve says about a forecaster.
    public struct Decomposition: Sendable, Equatable {
        /// Mean squared distance of bin frequency from bin forecast; small is good.
        public let reliability: Double
        /// Mean squared distance of bin frequency from the base rate; large is good.
        public let resolution: Double
        /// Variance of the outcomes; the forecaster cannot change it.
        public let uncertainty: Double
        /// Mean distance of bin frequency from bin forecast (expected calibration error).
        public let expectedError: Double
        /// Largest such distance.
        public let largestError: Double

        /// reliability - resolution + uncertainty: the Brier score of forecasts that are constant inside each bin.
        public var binnedBrier: Double { reliability - resolution + uncertainty }
    }

    /// Returns Murphy's decomposition and the calibration errors of a curve; O(bins).
    ///
    /// Throws `insufficientData` for a curve without rows.
    /// - Source: Murphy 1973.
    public static func decomposition(_ bins: [Bin]) throws(StatisticsError) -> Decomposition {
        let total = bins.reduce(0) { $0 + $1.count }
        try Require.count(total, atLeast: 1, "rows in the bins")
        let n = Double(total)
        var ones = CompensatedSum()
        for bin in bins where bin.count > 0 { ones.add(Double(bin.count) * bin.frequency) }
        let base = ones.value / n
        var (rel, res, ece, worst) = (CompensatedSum(), CompensatedSum(), CompensatedSum(), 0.0)
        for bin in bins where bin.count > 0 {
            let share = Double(bin.count) / n
            let gap = bin.meanForecast - bin.frequency
            rel.add(share * gap * gap)
            res.add(share * (bin.frequency - base) * (bin.frequency - base))
            ece.add(share * abs(gap))
            worst = max(worst, abs(gap))
        }
        return Decomposition(
            reliability: rel.value, resolution: res.value, uncertainty: base * (1 - base), expectedError: ece.value,
            largestError: worst)
    }

    private static func check(_ forecasts: [Double], _ outcomes: [Double], _ weights: [Double]?) throws(StatisticsError)
    {
        try Require.count(forecasts.count, atLeast: 1, "forecasts")
        try Require.sameCount(outcomes.count, forecasts.count, "outcomes")
        try Require.probabilities(forecasts, "forecasts")
        try Require.binary(outcomes, "outcomes")
        if let weights { try Require.weights(weights, count: forecasts.count) }
    }

    private static func weightedMean(_ values: [Double], _ weights: [Double]?) -> Double {
        guard let weights else { return values.compensatedMean }
        return Sum.products(values, weights) / Sum.of(weights)
    }

    private static func curve(_ forecasts: [Double], _ outcomes: [Double], edges: [Double]) -> [Bin] {
        let place = Quantiles.bins(forecasts, edges: edges)
        var counts = [Int](repeating: 0, count: edges.count + 1)
        var sums = [CompensatedSum](repeating: CompensatedSum(), count: counts.count)
        var ones = counts
        for index in place.indices {
            counts[place[index]] += 1
            sums[place[index]].add(forecasts[index])
            if outcomes[index] == 1 { ones[place[index]] += 1 }
        }
        return counts.indices.map { bin in
            let n = Double(counts[bin])
            return Bin(count: counts[bin], meanForecast: sums[bin].value / n, frequency: Double(ones[bin]) / n)
        }
    }
}

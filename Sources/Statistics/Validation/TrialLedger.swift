/// How much of the best of many trials is luck: deflated ratios and the probability of overfitting, with the number of
/// trials beside them.
///
/// Trials are counted from the record, not confessed: pass every configuration that was ever run on these data.
public struct TrialLedger: Sendable, Equatable {
    /// Configurations counted.
    public let trialCount: Int
    /// Those that count as independent: (sum of eigenvalues)^2 / sum of their squares over the correlations of the
    /// series at hand, plus every other trial as one of its own.
    public let effectiveTrialCount: Figure
    /// Ratio a period to expect of the best of so many worthless trials.
    public let expectedMaximum: Figure
    /// The same for the effective number.
    public let expectedMaximumEffective: Figure
    /// Deflated ratio of each series: the probability that its true ratio exceeds what luck explains.
    public let deflated: [Figure]
    /// The same for the effective number of trials.
    public let deflatedEffective: [Figure]
    /// Probability of overfitting over all series; see `overfittingSpread`.
    public let overfitting: Figure
    /// Blocks that it was made of.
    public let blocks: Int
    /// Smallest and largest value when the blocks begin one period later, and so on: one value alone is noisy.
    public let overfittingSpread: (low: Figure, high: Figure)
    /// Years of data below which the best of the counted trials is expected to show an annual ratio of 1.
    public let minimumYears: Figure
    /// Years of data at hand.
    public let years: Double

    /// Tells whether two ledgers are equal.
    public static func == (a: TrialLedger, b: TrialLedger) -> Bool {
        a.trialCount == b.trialCount && a.effectiveTrialCount == b.effectiveTrialCount
            && a.expectedMaximum == b.expectedMaximum && a.expectedMaximumEffective == b.expectedMaximumEffective
            && a.deflated == b.deflated && a.deflatedEffective == b.deflatedEffective
            && a.overfitting == b.overfitting && a.blocks == b.blocks
            && a.overfittingSpread.low == b.overfittingSpread.low
            && a.overfittingSpread.high == b.overfittingSpread.high && a.minimumYears == b.minimumYears
            && a.years == b.years
    }

    /// Most starts that the spread looks at.
    public static let startsMax = 8

    /// Judges series of equal length, one a configuration of this run.
    ///
    /// - Parameters:
    ///   - earlierRatios: ratios a period of the trials before this run.
    ///   - trialCount: trials counted on the record, this run's included; never taken as fewer than are given.
    ///   - periodsPerYear: to turn periods into years.
    ///   - blocks: even, 2 to 20; lowered where there are too few periods.
    ///
    /// Throws `invalidShape` for series of different lengths, `nonFiniteInput`.
    public init(
        _ series: [[Double]], earlierRatios: [Double] = [], trialCount: Int, periodsPerYear: Double,
        blocks wanted: Int = 16
    ) throws(StatisticsError) {
        let periods = series.first?.count ?? 0
        for one in series {
            try Require.sameCount(one.count, periods, "periods of a series")
            try Require.finite(one, "returns")
        }
        try Require.finite(earlierRatios, "earlier ratios")
        let sharpes = series.map { $0.count >= PaperResult.periodsMin ? (try? Sharpe(returns: $0)) : nil }
        let known = sharpes.compactMap { $0?.ratio } + earlierRatios
        let counted = max(trialCount, series.count + earlierRatios.count)
        self.trialCount = counted
        years = periodsPerYear > 0 ? Double(periods) / periodsPerYear : 0
        let independent = Self.independent(series)
        effectiveTrialCount =
            independent.map { Figure.value($0 + Double(counted - series.count)) }
            ?? .undefined("no series with spread")
        // The spread of ratios over trials comes from those that are known.
        let spread = known.count >= 2 ? (try? Moments(known))?.deviation(ddof: 1) : nil
        let reason = "\(known.count) trials with a ratio, at least 2 are needed"
        func maximum(_ trials: Double?) -> Figure {
            guard let spread, let trials else { return .undefined(reason) }
            return .value(spread * Sharpe.expectedMaximum(ofNormals: trials))
        }
        expectedMaximum = counted == 1 ? .value(0) : maximum(Double(counted))
        expectedMaximumEffective = counted == 1 ? .value(0) : maximum(effectiveTrialCount.number)
        func deflate(_ benchmark: Figure) -> [Figure] {
            sharpes.map { sharpe in
                guard let sharpe else { return .undefined("no ratio") }
                guard let benchmark = benchmark.number else { return .undefined(benchmark.reason ?? reason) }
                return Figure(sharpe.probabilistic(above: benchmark), else: "extreme skew of the returns")
            }
        }
        deflated = deflate(expectedMaximum)
        deflatedEffective = deflate(expectedMaximumEffective)
        minimumYears = .value(Sharpe.minimumBacktestYears(trials: Double(counted), target: 1))
        let found = Self.overfitting(series, wanted)
        overfitting = found.probability
        self.blocks = found.blocks
        overfittingSpread = found.spread
    }

    /// The effective number of independent series: n^2 over the sum of squared correlations, which is (sum of
    /// eigenvalues)^2 / sum of squared eigenvalues of the correlation matrix; nil without a series that moves.
    ///
    /// A series without spread is no trial of anything and counts as none.
    static func independent(_ series: [[Double]]) -> Double? {
        let scores: [[Double]] = series.compactMap { values in
            guard values.count >= 2, let moments = try? Moments(values), !moments.isConstant else { return nil }
            let deviation = moments.deviation(ddof: 0)
            return values.map { ($0 - moments.mean) / deviation }
        }
        guard let length = scores.first?.count else { return nil }
        var squares = CompensatedSum()
        for i in scores.indices {
            squares.add(1)
            for j in 0..<i {
                let correlation = Sum.products(scores[i], scores[j]) / Double(length)
                squares.add(2 * correlation * correlation)
            }
        }
        let count = Double(scores.count)
        return count * count / squares.value
    }

    private static func overfitting(
        _ series: [[Double]], _ wanted: Int
    ) -> (probability: Figure, blocks: Int, spread: (low: Figure, high: Figure)) {
        let periods = series.first?.count ?? 0
        // At least four periods a block: fewer make a ratio out of nothing.
        let blocks = min(wanted, periods / 4 / 2 * 2, Overfitting.blocksMax)
        guard series.count >= 2, blocks >= 4 else {
            let reason: Figure = .undefined(
                series.count < 2
                    ? "\(series.count) configurations, at least 2 are needed"
                    : "\(periods) periods, at least 16 are needed")
            return (reason, max(blocks, 0), (reason, reason))
        }
        var values: [Double] = []
        for start in 0..<min(startsMax, max(periods / blocks, 1)) {
            // The oldest periods beyond a multiple of the blocks are left out; so is what lies before the start.
            let length = (periods - start) / blocks * blocks
            guard length >= 2 * blocks else { break }
            let rows = (start..<start + length).map { period in series.map { $0[period] } }
            guard let found = try? Overfitting(returns: rows, blocks: blocks) else { break }
            values.append(found.probability)
        }
        guard let first = values.first, let low = values.min(), let high = values.max() else {
            return (.undefined("no answer"), blocks, (.undefined("no answer"), .undefined("no answer")))
        }
        return (.value(first), blocks, (.value(low), .value(high)))
    }
}

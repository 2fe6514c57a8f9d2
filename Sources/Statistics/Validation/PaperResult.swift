/// What the same windows would have earned without the detector's opinion.
public struct PaperBaselines: Sendable, Equatable {
    /// Mean profit a window of doing nothing: 0.
    public let nothing: Double
    /// Mean profit of always holding one unit up, after costs.
    public let always: Figure
    /// Mean over the random arrangements of the same signals: as many positions, as large, at other times.
    public let random: Figure
    /// What 95 % of the arrangements stay below.
    public let randomHigh: Figure
    /// Share of arrangements that earn at least as much, counting the real one: (1 + n) / (1 + N).
    public let randomPValue: Figure
    /// Number of arrangements.
    public let permutations: Int
}

/// Paper results of one detector over one stretch of time, each number with its uncertainty or the reason why it does
/// not exist (REP-05).
public struct PaperResult: Sendable, Equatable {
    /// Windows with an outcome.
    public let windowCount: Int
    /// Windows with a position.
    public let positionCount: Int
    /// Mean profit a window, after costs, with its block-bootstrap interval.
    public let profit: FigureInterval
    /// Sum of profits of unit windows.
    public let totalProfit: Double
    /// Share of positions whose direction was right, with its block-bootstrap interval.
    public let hitRate: FigureInterval
    /// Mean most favourable excursion of the positions, bps.
    public let favourableBps: Figure
    /// Mean most adverse excursion of the positions, bps.
    public let adverseBps: Figure
    /// What the same windows would have earned otherwise.
    public let baselines: PaperBaselines
    /// Mean profit less that of always holding one unit up.
    public let liftOverAlways: Figure
    /// Mean profit less that of the random arrangements.
    public let liftOverRandom: Figure
    /// The series that ratios are made of.
    public let series: PeriodSeries
    /// Ratio a period; see the label of the rules.
    public let sharpe: Figure
    /// The same a year.
    public let sharpeAnnual: Figure
    /// Probability that the true ratio is above 0, for one trial.
    public let probabilisticSharpe: Figure
    /// Periods needed to hold the ratio for more than 0.
    public let minimumTrackRecord: Figure
    /// Largest fall of the sum of period returns.
    public let drawdown: Double

    /// Measures windows, which must be in order of time.
    ///
    /// Throws `nonFiniteInput` for windows with such numbers, `invalidArgument` for windows out of order; what cannot
    /// be known for lack of data is a figure without a value, never an error.
    public init(
        _ windows: [PaperWindow], over timesNanos: Range<Int64>, rules: PaperRules
    ) throws(StatisticsError) {
        try self.init(
            windows, series: try PeriodSeries(windows, over: timesNanos, rules: rules), rules: rules)
    }

    /// Measures windows whose periods were made already, such as those of several folds.
    public init(_ windows: [PaperWindow], series: PeriodSeries, rules: PaperRules) throws(StatisticsError) {
        try Self.check(windows)
        let profits = windows.map { $0.profit(rules.cost) }
        let positions = windows.filter { $0.signal != 0 }
        let few: String? =
            windows.count < rules.windowsMin
            ? "\(windows.count) windows, at least \(rules.windowsMin) are needed" : nil
        let fewPositions: String? =
            few
            ?? (positions.count < rules.windowsMin
                ? "\(positions.count) positions, at least \(rules.windowsMin) are needed" : nil)
        windowCount = windows.count
        positionCount = positions.count
        totalProfit = Sum.of(profits)
        self.series = series
        let own = Self.interval(profits, rules, few)
        profit = own
        hitRate = Self.interval(
            positions.map { $0.signal * $0.forwardReturn > 0 ? 1 : 0 }, rules, fewPositions)
        func mean(_ values: [Double]) -> Figure {
            fewPositions.map(Figure.undefined) ?? .value(Sum.of(values) / Double(values.count))
        }
        favourableBps = mean(positions.map(\.favourableBps))
        adverseBps = mean(positions.map(\.adverseBps))
        baselines = Self.baselines(windows, totalProfit, rules, few)
        func lift(_ base: Figure) -> Figure {
            guard let mean = own.estimate.number, let other = base.number else {
                return .undefined(few ?? base.reason ?? "no profit")
            }
            return .value(mean - other)
        }
        liftOverAlways = lift(baselines.always)
        liftOverRandom = lift(baselines.random)
        drawdown = series.drawdown
        let ratio = Self.ratio(series, few)
        sharpe = ratio.map { Figure.value($0.ratio) } ?? .undefined(Self.ratioReason(series, few))
        let reason = sharpe.reason ?? ""
        sharpeAnnual = Figure(ratio.map { $0.ratio * rules.periodsPerYear.squareRoot() }, else: reason)
        probabilisticSharpe = Figure(
            ratio.flatMap { $0.probabilistic(above: 0) }, else: ratio == nil ? reason : "extreme skew of the returns")
        minimumTrackRecord = Figure(
            ratio.flatMap { $0.minimumTrackRecord(above: 0, confidence: rules.confidence) },
            else: ratio == nil ? reason : "the ratio is not above 0")
    }

    /// Least periods for a ratio: fewer say nothing about a spread.
    public static let periodsMin = 12

    static func ratio(_ series: PeriodSeries, _ few: String?) -> Sharpe? {
        few == nil && series.returns.count >= periodsMin ? (try? Sharpe(returns: series.returns)) : nil
    }

    private static func ratioReason(_ series: PeriodSeries, _ few: String?) -> String {
        if let few { return few }
        if series.returns.count < periodsMin {
            return "\(series.returns.count) periods, at least \(periodsMin) are needed"
        }
        return "all periods have the same return"
    }

    private static func interval(_ values: [Double], _ rules: PaperRules, _ few: String?) -> FigureInterval {
        if let few { return FigureInterval(undefined: few) }
        let mean = Sum.of(values) / Double(values.count)
        guard let optimal = try? BlockLength.optimal(values) else {
            return FigureInterval(undefined: "all values are \(mean)", estimate: .value(mean))
        }
        // Neighbouring windows share their future: blocks are as long as the data ask for, at most a third of them.
        let block = min(max(1, optimal.stationary), Double(values.count) / 3)
        let plan = BlockBootstrap(
            scheme: .stationary(meanBlock: max(1, block)), replicates: rules.replicates, seed: rules.seed)
        guard let means = try? plan.means(values),
            let ends = try? BootstrapInterval.percentile(means, level: rules.confidence)
        else { return FigureInterval(undefined: "the bootstrap has no answer", estimate: .value(mean)) }
        return FigureInterval(estimate: .value(mean), low: .value(ends.low), high: .value(ends.high))
    }

    private static func baselines(
        _ windows: [PaperWindow], _ total: Double, _ rules: PaperRules, _ few: String?
    ) -> PaperBaselines {
        if let few {
            return PaperBaselines(
                nothing: 0, always: .undefined(few), random: .undefined(few), randomHigh: .undefined(few),
                randomPValue: .undefined(few), permutations: 0)
        }
        let count = Double(windows.count)
        let always = Sum.of(windows.map { $0.forwardReturn - rules.cost }) / count
        let signals = windows.map(\.signal)
        let returns = windows.map(\.forwardReturn)
        // Costs follow the signals' sizes, which an arrangement does not change.
        let costs = Sum.of(signals.map { abs($0) * rules.cost })
        var means: [Double] = []
        var least = 1
        // The arrangements are compared with the sum made in the same way, so that equal means equal.
        let own = Sum.products(signals, returns) - costs
        for replicate in 0..<max(rules.permutations, 1) {
            var stream = Xoshiro256(seed: rules.seed, method: permutationMethod, replicate: UInt64(replicate))
            let order = stream.permutation(windows.count)
            var sum = CompensatedSum()
            for (place, from) in order.enumerated() { sum.add(signals[from] * returns[place]) }
            let profit = sum.value - costs
            if profit >= own { least += 1 }
            means.append(profit / count)
        }
        let high = try? Quantiles.type7(means, 0.95)
        return PaperBaselines(
            nothing: 0, always: .value(always), random: .value(Sum.of(means) / Double(means.count)),
            randomHigh: Figure(high, else: "no arrangements"),
            randomPValue: .value(Double(least) / Double(means.count + 1)), permutations: means.count)
    }

    /// Keeps the permutations' streams apart from those of the bootstrap.
    private static let permutationMethod: UInt64 = 101

    private static func check(_ windows: [PaperWindow]) throws(StatisticsError) {
        try Require.finite(windows.map(\.signal), "signal")
        try Require.finite(windows.map(\.forwardReturn), "forward return")
        try Require.finite(windows.map(\.favourableBps), "favourable excursion")
        try Require.finite(windows.map(\.adverseBps), "adverse excursion")
        for index in windows.indices.dropFirst() {
            try Require.argument(
                windows[index].asofNanos >= windows[index - 1].asofNanos,
                "window \(index) ends at \(windows[index].asofNanos), before the one ahead of it: sort by time")
        }
    }
}

/// What a walk-forward found, as plain values for reports (REP-05).
public struct RunSummary: Sendable, Equatable {
    /// One detector in one fold.
    public struct FoldResult: Sendable, Equatable {
        /// Name of the detector.
        public let detector: String
        /// Judged on the windows of the fold's training times, for comparison.
        public let inSample: PaperResult
        /// Judged on the windows of the fold's test times.
        public let outOfSample: PaperResult
    }

    /// One fold.
    public struct FoldSummary: Sendable, Equatable {
        /// The fold; of its rows only the counts are of interest here.
        public let fold: WalkForwardFold
        /// One a detector; empty where the fold refused.
        public let results: [FoldResult]
    }

    /// One detector over the test times of all good folds, one behind the other.
    public struct Stitched: Sendable, Equatable {
        /// Name of the detector.
        public let detector: String
        /// Out-of-sample results.
        public let result: PaperResult
        /// Mean profit out of sample over that in sample; walk-forward efficiency.
        public let efficiency: Figure
        /// Standard deviation over folds of the mean profit out of sample.
        public let dispersion: Figure
        /// Deflated ratio for the counted trials.
        public let deflated: Figure
        /// Deflated ratio for the effective number of trials.
        public let deflatedEffective: Figure
    }

    /// One detector in one stratum, out of sample.
    public struct StratumResult: Sendable, Equatable {
        /// `regime`, `session` or `venue`.
        public let kind: String
        /// The stratum, such as `L`, `ASIA` or `hyperliquid`.
        public let stratum: String
        /// Name of the detector.
        public let detector: String
        /// Windows with an outcome.
        public let windowCount: Int
        /// Share of positions whose direction was right.
        public let hitRate: FigureInterval
        /// Mean most favourable excursion of the positions, bps.
        public let favourableBps: Figure
        /// Mean most adverse excursion of the positions, bps.
        public let adverseBps: Figure
        /// Mean profit a window, after costs.
        public let profit: FigureInterval
        /// Mean profit less that of always holding one unit up.
        public let liftOverAlways: Figure
        /// Mean profit less that of the random arrangements.
        public let liftOverRandom: Figure
    }

    /// The plan as written canonically; nil where all windows were judged as one.
    public let plan: String?
    /// Embargo of the plan.
    public let embargoNanos: Int64
    /// Rules of all results.
    public let rules: PaperRules
    /// The folds, in order.
    public let folds: [FoldSummary]
    /// One a detector, in the order given.
    public let stitched: [Stitched]
    /// In order of kind, stratum, detector.
    public let strata: [StratumResult]
    /// What of it is luck.
    public let ledger: TrialLedger
    /// Whether test times of folds overlap, so that the stitched results count some windows twice.
    public let testsOverlap: Bool

    /// A detector's windows with their outcomes, in order of time.
    public struct Detector: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its windows at one horizon; a window without outcome is not among them.
        public let windows: [PaperWindow]

        /// Names windows.
        public init(name: String, windows: [PaperWindow]) {
            self.name = name
            self.windows = windows
        }
    }

    /// Judges detectors over the folds of a plan.
    ///
    /// Outcomes are resolved one horizon after the window's end. The rows of the folds are those of the windows of all
    /// detectors together, so that a fold means the same for each.
    /// - Parameters:
    ///   - earlierRatios: ratios of earlier trials, as the record has them.
    ///   - trialCount: trials counted on the record, with the detectors of this run.
    ///
    /// Throws as `WalkForwardPlan.folds` and `PaperResult`.
    public init(
        _ detectors: [Detector], plan: WalkForwardPlan, over timesNanos: Range<Int64>, barNanos: Int64,
        rules: PaperRules, labelsMin: Int = 30, earlierRatios: [Double] = [], trialCount: Int
    ) throws(StatisticsError) {
        let embargo = try WalkForwardPlan.embargoNanos(
            longestHorizonNanos: rules.horizonNanos, barNanos: barNanos)
        let starts = detectors.flatMap { $0.windows.map(\.asofNanos) }.sorted()
        let spans = starts.map { start in
            // A horizon beyond the end of time is never resolved.
            let (end, overflow) = start.addingReportingOverflow(rules.horizonNanos)
            return OutcomeSpan(startNanos: start, endNanos: overflow ? nil : end)
        }
        let folds = try plan.folds(over: timesNanos, spans: spans, embargoNanos: embargo, labelsMin: labelsMin)
        var summaries: [FoldSummary] = []
        for fold in folds {
            var results: [FoldResult] = []
            for detector in detectors where fold.refusal == nil {
                // What the embargo keeps out of training is kept out of the comparison as well.
                let end = fold.validateNanos.lowerBound - embargo - rules.horizonNanos
                let trained = fold.trainNanos.lowerBound..<max(end, fold.trainNanos.lowerBound)
                results.append(
                    FoldResult(
                        detector: detector.name, inSample: try Self.judge(detector, trained, rules),
                        outOfSample: try Self.judge(detector, fold.testNanos, rules)))
            }
            summaries.append(FoldSummary(fold: fold, results: results))
        }
        let good = summaries.filter { $0.fold.refusal == nil }
        var whole: [PaperResult] = []
        // Places among the detector's windows: a twentieth of what copies of them would take.
        var tested: [[Int32]] = []
        for (place, detector) in detectors.enumerated() {
            let all = detector.windows
            let places = good.flatMap { summary in
                all.indices.lazy.filter { summary.fold.testNanos.contains(all[$0].asofNanos) }.map { Int32($0) }
            }.sorted { all[Int($0)].asofNanos < all[Int($1)].asofNanos }
            let series = PeriodSeries(
                joining: good.map { $0.results[place].outOfSample.series }, periodNanos: rules.periodNanos)
            tested.append(places)
            whole.append(try PaperResult(places.map { all[Int($0)] }, series: series, rules: rules))
        }
        ledger = try TrialLedger(
            whole.map(\.series.returns), earlierRatios: earlierRatios, trialCount: trialCount,
            periodsPerYear: rules.periodsPerYear)
        var stitched: [Stitched] = []
        for place in detectors.indices {
            let parts = good.map { $0.results[place] }
            stitched.append(Self.stitch(detectors[place].name, whole[place], parts, ledger, place))
        }
        self.plan = plan.text
        self.embargoNanos = embargo
        self.rules = rules
        self.folds = summaries
        self.stitched = stitched
        self.testsOverlap = plan.testsOverlap
        var strata: [StratumResult] = []
        for (kind, key) in Self.keys {
            var found: Set<String> = []
            for (place, detector) in detectors.enumerated() {
                for index in tested[place] { found.insert(key(detector.windows[Int(index)])) }
            }
            for name in found.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
                for (place, detector) in detectors.enumerated() {
                    let windows = tested[place].lazy.map { detector.windows[Int($0)] }.filter { key($0) == name }
                    strata.append(try Self.stratum(kind, name, detector.name, Array(windows), rules))
                }
            }
        }
        self.strata = strata
    }

    private static let keys: [(kind: String, key: @Sendable (PaperWindow) -> String)] = [
        ("regime", { $0.regime ?? "none" }), ("session", { $0.session }), ("venue", { $0.venue }),
    ]

    private static func windows(_ detector: Detector, _ times: Range<Int64>) -> [PaperWindow] {
        detector.windows.filter { times.contains($0.asofNanos) }
    }

    private static func judge(
        _ detector: Detector, _ times: Range<Int64>, _ rules: PaperRules
    ) throws(StatisticsError) -> PaperResult {
        try PaperResult(windows(detector, times), over: times, rules: rules)
    }

    private static func stitch(
        _ name: String, _ result: PaperResult, _ folds: [FoldResult], _ ledger: TrialLedger, _ place: Int
    ) -> Stitched {
        let outside = folds.compactMap(\.outOfSample.profit.estimate.number)
        let inside = folds.compactMap(\.inSample.profit.estimate.number)
        var efficiency = Figure.undefined("\(inside.count) folds with results in and out of sample")
        if !inside.isEmpty, inside.count == outside.count {
            let before = Sum.of(inside) / Double(inside.count)
            // A loss in sample has no share that could be kept.
            efficiency =
                before > 0
                ? .value(Sum.of(outside) / Double(outside.count) / before) : .undefined("no profit in sample")
        }
        let dispersion = Figure(
            outside.count >= 2 ? (try? Moments(outside))?.deviation(ddof: 1) : nil,
            else: "\(outside.count) folds, at least 2 are needed")
        return Stitched(
            detector: name, result: result, efficiency: efficiency, dispersion: dispersion,
            deflated: ledger.deflated[place], deflatedEffective: ledger.deflatedEffective[place])
    }

    private static func stratum(
        _ kind: String, _ name: String, _ detector: String, _ windows: [PaperWindow], _ rules: PaperRules
    ) throws(StatisticsError) -> StratumResult {
        // A stratum has holes in time: only figures that do not need periods are given.
        let empty = PeriodSeries(joining: [], periodNanos: rules.periodNanos)
        let result = try PaperResult(windows, series: empty, rules: rules)
        return StratumResult(
            kind: kind, stratum: name, detector: detector, windowCount: result.windowCount, hitRate: result.hitRate,
            favourableBps: result.favourableBps, adverseBps: result.adverseBps, profit: result.profit,
            liftOverAlways: result.liftOverAlways, liftOverRandom: result.liftOverRandom)
    }
}

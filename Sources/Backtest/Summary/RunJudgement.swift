import Events
import LogEngine
import LogFormat
import Statistics

/// Results of a run's detectors over folds, or over the whole run as one stretch (REP-03, REP-04, REP-05).
///
/// Each detector is judged at its own horizon; the embargo is the one of the longest, and the periods are the same for
/// all, so that one ledger can count them as trials of one search.
struct RunJudgement {
    /// One detector in one fold.
    struct Fold {
        var number: Int
        var trainNanos: Range<Int64>?
        /// Decisions of training whose outcomes were known in time.
        var trainedNanos: Range<Int64>?
        var testNanos: Range<Int64>
        var inSample: PaperResult?
        var outOfSample: PaperResult?
        var notes: [String] = []
    }

    /// One detector.
    struct Detector {
        var windows: [PaperWindow]
        /// Places of the windows of the tests, in order of time; nil for all.
        ///
        /// One that is in two tests is there twice.
        var testedPlaces: [Int32]?
        var rules: PaperRules
        var folds: [Fold]
        var whole: PaperResult
        var efficiency: Figure
        var dispersion: Figure
        var strata: [StratumProfit]
    }

    /// Mean profit in a stratum.
    struct StratumProfit {
        var kind: String
        var stratum: String
        var profit: FigureInterval
    }

    let plan: Statistics.WalkForwardPlan?
    /// Why there is no plan.
    let planReason: String
    let embargoNanos: Int64
    let timesNanos: Range<Int64>
    let periodNanos: Int64
    let replicates: Int
    let testsOverlap: Bool
    /// In the order of the tapes; nil for a detector that scored nothing.
    let detectors: [Detector?]
    /// What of the results is luck, over all detectors.
    let ledger: TrialLedger
    /// Places of the ledger's series, by detector; nil for one that took no position in the tests.
    let ledgerPlaces: [Int?]
    let periodsPerYear: Double
    /// Series of the ledger.
    let series: [[Double]]

    /// Strata in the order in which they are shown.
    static let kinds: [(name: String, key: @Sendable (PaperWindow) -> String)] = [
        ("regime", { $0.regime ?? "none" }), ("session", { $0.session }), ("venue", { $0.venue }),
    ]

    /// Judges the windows of a run; nil for a run without windows.
    ///
    /// - Parameters:
    ///   - trials: configurations that were tried in other runs, with their ratios.
    ///   - venue: venue of an asset by its place.
    /// - Throws: `usage` for a plan or rules that do not fit the run; `damaged` for numbers that are not finite.
    init?(
        _ run: RunWindows, plan choice: PlanChoice, rules: ReportRules, trials: RunTrials, venues: [String]
    ) throws(LogError) {
        guard let asof = run.asofNanos else { return nil }
        do throws(StatisticsError) {
            try self.init(run, asof, choice, rules, trials, venues)
        } catch { throw Self.failure(error) }
    }

    static func failure(_ error: StatisticsError) -> LogError {
        let isOurs = error.code == .invalidArgument || error.code == .insufficientData
        return LogError(isOurs ? .usage : .damaged, "the run cannot be judged: \(error)")
    }

    private init(
        _ run: RunWindows, _ asof: ClosedRange<Int64>, _ choice: PlanChoice, _ rules: ReportRules,
        _ trials: RunTrials, _ venues: [String]
    ) throws(StatisticsError) {
        // A last moment at the end of time has no moment behind it.
        let times = asof.lowerBound..<max(asof.upperBound, min(asof.upperBound, .max - 1) + 1)
        let horizons = Horizon.allCases.filter { horizon in run.detectors.contains { $0.horizon == horizon } }
        let longest = (horizons.map(\.seconds).max() ?? 30) * 1_000_000_000
        let bar = run.barSeconds * 1_000_000_000
        let (plan, reason) = try choice.resolved(over: times, longestHorizonNanos: longest, barNanos: bar)
        let (span, tooLong) = times.upperBound.subtractingReportingOverflow(times.lowerBound)
        guard !tooLong else {
            throw StatisticsError(.invalidArgument, "the windows span more than 292 years: look at the inputs' times")
        }
        let period: Int64
        do throws(LogError) {
            period = try rules.period(
                longestHorizonNanos: longest, testNanos: plan?.testNanos ?? span,
                allTestsNanos: plan.map { max(span - $0.trainNanos - $0.validateNanos, 0) } ?? span)
        } catch { throw StatisticsError(.invalidArgument, error.message) }
        let replicates = rules.replicates(forWindows: run.windowCount)
        var judged = [Detector?](repeating: nil, count: run.detectors.count)
        var testsOverlap = false
        var goodFolds: Set<Int>?
        for horizon in horizons {
            let places = run.detectors.indices.filter { run.detectors[$0].horizon == horizon }
            var paper = try PaperRules(
                horizonNanos: horizon.seconds * 1_000_000_000, periodNanos: period, cost: rules.roundTripBps / 1e4,
                seed: run.started.seed)
            (paper.permutations, paper.replicates) = (replicates, replicates)
            let detectors = places.map { place in
                RunSummary.Detector(name: run.detectors[place].id.text, windows: Self.windows(run, place, venues))
            }
            guard let plan else {
                for (index, place) in places.enumerated() {
                    judged[place] = try Self.whole(detectors[index].windows, times, paper)
                }
                continue
            }
            // All groups keep the embargo of the longest horizon.
            let summary = try RunSummary(
                detectors, plan: plan, over: times, barNanos: bar + longest - paper.horizonNanos, rules: paper,
                labelsMin: rules.labelsMin, trialCount: trials.count + run.detectors.count)
            testsOverlap = summary.testsOverlap
            let good = Set(summary.folds.filter { $0.fold.refusal == nil }.map(\.fold.number))
            // A horizon that no outcome was taken at has no fold to compare in; the others are compared without it.
            if !good.isEmpty { goodFolds = goodFolds.map { $0.intersection(good) } ?? good }
            for (index, place) in places.enumerated() {
                judged[place] = Self.folded(detectors[index], index, summary, paper)
            }
        }
        self.plan = plan
        planReason = reason
        embargoNanos = longest + bar
        timesNanos = times
        periodNanos = period
        self.replicates = replicates
        self.testsOverlap = testsOverlap
        detectors = judged
        let perYear = 365.25 * 86_400e9 / Double(period)
        periodsPerYear = perYear
        var series: [[Double]] = []
        var ledgerPlaces = [Int?](repeating: nil, count: judged.count)
        for place in judged.indices {
            guard let one = judged[place] else { continue }
            // Only folds that all detectors were judged in can be compared.
            let parts = one.folds.filter { goodFolds?.contains($0.number) ?? true }
            let returns = parts.flatMap { $0.outOfSample?.series.returns ?? [] }
            // Who never took a position is counted as a trial, but is nothing that a search could have chosen.
            guard returns.contains(where: { $0 != 0 }) else { continue }
            ledgerPlaces[place] = series.count
            series.append(returns)
        }
        self.series = series
        self.ledgerPlaces = ledgerPlaces
        ledger = try TrialLedger(
            series, earlierRatios: trials.ratios(overNanos: period), trialCount: trials.count + run.detectors.count,
            periodsPerYear: perYear)
    }

    /// The windows of a detector that have an outcome, in order of time.
    private static func windows(_ run: RunWindows, _ place: Int, _ venues: [String]) -> [PaperWindow] {
        let records = run.detectors[place].records
        let known = records.indices.filter { records[$0].hasOutcome }
        let order = known.sorted { (records[$0].asofNanos, $0) < (records[$1].asofNanos, $1) }
        return order.map { index in
            let record = records[index]
            let asset = Int(record.asset)
            return PaperWindow(
                asofNanos: record.asofNanos, signal: record.signal, forwardReturn: record.forwardReturn,
                favourableBps: record.favourableBps, adverseBps: record.adverseBps,
                regime: Regime(rawValue: record.regime)?.text, session: record.session.text,
                venue: venues.indices.contains(asset) ? venues[asset] : "unknown")
        }
    }

    private static func whole(
        _ windows: [PaperWindow], _ times: Range<Int64>, _ rules: PaperRules
    ) throws(StatisticsError) -> Detector {
        let result = try PaperResult(windows, over: times, rules: rules)
        var strata: [StratumProfit] = []
        let empty = PeriodSeries(joining: [], periodNanos: rules.periodNanos)
        for kind in kinds {
            for (name, part) in TestedWindows.parts([TestedWindows(windows)], by: kind.key) {
                let profit = try PaperResult(Array(part), series: empty, rules: rules).profit
                strata.append(StratumProfit(kind: kind.name, stratum: name, profit: profit))
            }
        }
        let none = Figure.undefined("no folds")
        return Detector(
            windows: windows, rules: rules,
            folds: [Fold(number: 1, testNanos: times, outOfSample: result)], whole: result, efficiency: none,
            dispersion: none, strata: strata)
    }

    private static func folded(
        _ detector: RunSummary.Detector, _ index: Int, _ summary: RunSummary, _ rules: PaperRules
    ) -> Detector {
        var tested: [Int32] = []
        var folds: [Fold] = []
        let all = detector.windows
        for entry in summary.folds {
            let fold = entry.fold
            var one = Fold(number: fold.number, trainNanos: fold.trainNanos, testNanos: fold.testNanos)
            let end = fold.validateNanos.lowerBound - summary.embargoNanos - rules.horizonNanos
            one.trainedNanos = fold.trainNanos.lowerBound..<max(end, fold.trainNanos.lowerBound)
            if let refusal = fold.refusal { one.notes.append("Refused: \(refusal).") }
            if fold.purgedCount > 0 {
                one.notes.append(
                    "\(fold.purgedCount) decisions of all detectors of this horizon were purged: their outcomes, "
                        + "with the embargo, reach into what comes next.")
            }
            if let result = entry.results.first(where: { $0.detector == detector.name }) {
                (one.inSample, one.outOfSample) = (result.inSample, result.outOfSample)
                tested += all.indices.lazy.filter { fold.testNanos.contains(all[$0].asofNanos) }.map { Int32($0) }
            }
            folds.append(one)
        }
        let order = tested.indices.sorted {
            (all[Int(tested[$0])].asofNanos, $0) < (all[Int(tested[$1])].asofNanos, $1)
        }
        tested = order.map { tested[$0] }
        let stitched = summary.stitched[index]
        var strata: [StratumProfit] = []
        for kind in kinds {
            for (name, _) in TestedWindows.parts([TestedWindows(all, tested)], by: kind.key) {
                let found = summary.strata.first {
                    $0.kind == kind.name && $0.stratum == name && $0.detector == detector.name
                }
                let none = Figure.undefined("not measured")
                strata.append(
                    StratumProfit(
                        kind: kind.name, stratum: name,
                        profit: found?.profit ?? FigureInterval(estimate: none, low: none, high: none)))
            }
        }
        return Detector(
            windows: all, testedPlaces: tested, rules: rules, folds: folds, whole: stitched.result,
            efficiency: stitched.efficiency, dispersion: stitched.dispersion, strata: strata)
    }
}

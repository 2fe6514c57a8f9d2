import Events
import LogFormat
import Report
import Statistics

/// One detector's part of the report.
struct DetectorSummary {
    let report: DetectorReport

    /// Puts together what the tape and the judgement say; without a judgement only counts.
    init(_ tape: DetectorTape, _ judgement: RunJudgement?, _ place: Int, trialsBefore: Int) throws(StatisticsError) {
        var report = DetectorReport(
            id: tape.id.text, family: tape.family.isEmpty ? "not registered" : tape.family, state: tape.state.text)
        report.definition = tape.definition
        report.horizon = tape.horizon?.text ?? ""
        report.windows = tape.windowCount
        report.scored = tape.scoredCount
        report.abstained = AbstainReason.allCases.filter { tape.abstainedCounts[$0.rawValue] > 0 }.map {
            ReasonCount($0.text, tape.abstainedCounts[$0.rawValue])
        }
        let sigmas = tape.records.map(\.sigma).filter { $0 == $0 }
        report.sigmaMedian = Measure(try? Quantiles.median(sigmas), else: "no window has a selection score")
        if !sigmas.isEmpty { report.scores = tape.scores.histogram("selection score", unit: "") }
        report.outcomes = Horizon.allCases.filter { tape.outcomes[Int($0.rawValue)].total > 0 }.map {
            tape.outcomes[Int($0.rawValue)].histogram("move in the signal's direction after \($0.text)", unit: "bps")
        }
        if tape.stateChanges > 0 {
            report.notes.append("Standing changed \(tape.stateChanges) times; \(tape.state.text) at the end.")
        }
        let pending = tape.records.count { !$0.hasOutcome }
        if pending > 0 {
            report.notes.append(
                "\(pending) of \(tape.windowCount) windows have no outcome at "
                    + "\(tape.horizon?.text ?? "their horizon"): "
                    + "the data ended, had a gap or had no price.")
        }
        if let judgement, let judged = judgement.detectors[place] {
            try Self.fill(&report, judged, judgement, place)
        } else {
            report.overall = PaperPerformance.plain([], cost: 0)
        }
        self.report = report
    }

    private static func fill(
        _ report: inout DetectorReport, _ judged: RunJudgement.Detector, _ judgement: RunJudgement, _ place: Int
    ) throws(StatisticsError) {
        let rules = judged.rules
        report.overall = PaperPerformance.judged(
            judged.tested, profit: judged.whole.profit, rules: rules)
        report.overall.sharpe = sharpe(judged.whole, judgement, place, isWhole: true)
        report.baselines = PaperPerformance.baselines(judged.whole)
        var calibration = FoldCalibration()
        var trained: [Range<Int64>] = []
        for fold in judged.folds {
            var entry = FoldReport(
                number: fold.number, test: TimeSpan(fold.testNanos.lowerBound, fold.testNanos.upperBound))
            entry.train = fold.trainNanos.map { TimeSpan($0.lowerBound, $0.upperBound) }
            entry.notes = fold.notes
            let test = judged.windows.filter { fold.testNanos.contains($0.asofNanos) }
            if let result = fold.outOfSample {
                entry.outOfSample = PaperPerformance.judged(
                    test, profit: result.profit, rules: rules)
                entry.outOfSample.sharpe = sharpe(result, judgement, place, isWhole: false)
                entry.curve = PaperPerformance.curve(test, rules: rules)
            }
            if let result = fold.inSample, let times = fold.trainedNanos {
                let train = judged.windows.filter { times.contains($0.asofNanos) }
                entry.inSample = PaperPerformance.judged(
                    train, profit: result.profit, rules: rules)
                entry.inSample?.sharpe = sharpe(result, judgement, place, isWhole: false)
                trained.append(times)
                try calibration.add(train: train, test: test)
            }
            report.folds.append(entry)
        }
        if judgement.plan != nil {
            // A window that several folds train on counts once.
            let inSample = judged.windows.filter { window in trained.contains { $0.contains(window.asofNanos) } }
            report.inSample = PaperPerformance.plain(inSample, cost: rules.cost)
            let found = try calibration.calibration()
            report.calibration = found.calibration
            report.notes.append(
                found.note
                    ?? "Calibration: probability of a hit as a monotone function of |signal|, fitted on the "
                    + "training part "
                    + "of \(calibration.fitCount) folds and judged on their tests.")
            if let dispersion = judged.dispersion.number {
                let rounded = (dispersion * 1e4 * 100).rounded() / 100
                report.notes.append(
                    "The mean result varies from fold to fold with a standard deviation of "
                        + "\(ReportRules.plain(rounded)) bps.")
            }
        } else {
            let reason = Measure.undefined("no forecast of probability in this run: nothing was fitted without folds")
            (report.calibration.brier, report.calibration.logLoss, report.calibration.error) = (reason, reason, reason)
        }
        report.strata = RunJudgement.kinds.map { kind in
            StrataTable(
                dimension: kind.name,
                rows: zip(
                    TestedWindows.parts([judged.tested], by: kind.key), judged.strata.filter { $0.kind == kind.name }
                ).map { part, stratum in
                    var performance = PaperPerformance.judged(part.windows, profit: stratum.profit, rules: rules)
                    performance.drawdownBps = .undefined("a stratum has holes in time")
                    return Stratum(
                        name: stratum.stratum, performance: performance, lift: PaperPerformance.lift(part.windows))
                })
        }
    }

    /// The ratio with its convention; deflated only for all tests together, which is what was searched over.
    private static func sharpe(
        _ result: PaperResult, _ judgement: RunJudgement, _ place: Int, isWhole: Bool
    ) -> SharpeRatio {
        let ledger = judgement.ledger
        let figure = judgement.ledgerPlaces[place].map { PaperPerformance.measure(ledger.deflated[$0]) }
        return SharpeRatio(
            perPeriod: PaperPerformance.measure(result.sharpe),
            convention: SharpeConvention(
                period: "\(DurationText.text(judgement.periodNanos)) period",
                periodsPerYear: Int(judgement.periodsPerYear.rounded())),
            trials: ledger.trialCount, effectiveTrials: PaperPerformance.measure(ledger.effectiveTrialCount),
            probabilistic: PaperPerformance.measure(result.probabilisticSharpe),
            deflated: isWhole
                ? figure ?? .undefined("no position in the tests")
                : .undefined("deflated for all tests together, not for one fold"))
    }
}

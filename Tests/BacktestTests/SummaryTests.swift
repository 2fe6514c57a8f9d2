import Events
import LogFormat
import Statistics
import Testing

@testable import Backtest
@testable import LogEngine
@testable import Report
@testable import Runtime

/// From a run's folder to figures, each checked by hand (REP-03, REP-04, REP-05).
@Suite struct SummaryTests {
    private func near(_ measure: Measure, _ wanted: Double) -> Bool {
        measure.value.map { abs($0 - wanted) < 1e-9 } ?? false
    }

    @Test func `three windows, added up by hand`() throws {
        let run = try SummaryRun()
        run.register("d", family: "order book")
        run.window(1, signal: 1, forward: 0.001, favourable: 12, adverse: 3)
        run.window(2, signal: -0.5, forward: 0.002, favourable: 5, adverse: 25)
        run.window(3, signal: 0, forward: 0.003, favourable: 30, adverse: 0)
        try run.write()
        let report = try run.maker().make().report
        let detector = try #require(report.detectors.first)
        // 10 - 6, -10 - 3 and 0 bps after 2 (2 + 1) bps a round trip.
        #expect(report.costs.contains("6 bps for a position of size 1"))
        #expect(detector.overall.judged == 2 && detector.overall.hits == 1)
        #expect(near(detector.overall.totalBps, -9) && near(detector.overall.drawdownBps, 13))
        #expect(near(detector.overall.favourableBps, 8.5) && near(detector.overall.adverseBps, 14))
        #expect(detector.overall.meanBps == .undefined("3 windows, at least 30 are needed"))
        #expect(detector.overall.hitRate == Measure(0.5))
        #expect(detector.windows == 3 && detector.scored == 3 && detector.abstained.isEmpty)
        #expect(detector.family == "order book" && detector.state == "candidate" && detector.horizon == "30s")
        #expect(detector.sigmaMedian == Measure(0.5) && detector.scores?.counts[10] == 3)
        // Moves in the direction of the two signals: 10 and -20 bps; bins of 1 bps from -20.
        let outcomes = try #require(detector.outcomes.first)
        #expect(outcomes.counts[30] == 1 && outcomes.counts[0] == 1 && detector.outcomes.count == 1)
        let curve = detector.folds[0].curve.points
        #expect(detector.folds.count == 1 && curve.count == 3 && abs(curve[2].cumulativeBps + 9) < 1e-9)
        #expect(curve[0].timeNanos == SummaryRun.start + SummaryRun.minute)
        #expect(report.manifest.runID.hasPrefix("R-") && report.manifest.codeRevision == "abc")
        #expect(report.manifest.isModified && report.manifest.status == "succeeded" && report.manifest.seed == 3)
        #expect(report.manifest.configuration.map(\.text) == ["a \"quote\"\nand a line", "8"])
        #expect(report.selection.trials == 1 && report.title == "BTC-USD")
    }

    @Test func `forty windows have a mean, an interval, baselines and strata`() throws {
        let run = try SummaryRun()
        for index in 0..<40 {
            let isEven = index % 2 == 0
            run.window(index, signal: isEven ? 1 : -1, forward: isEven ? 0.001 : 0.0005) { event in
                event.session = index < 20 ? .asia : .europe
                event.regime = index < 30 ? .low : nil
            }
        }
        try run.write()
        let detector = try #require(try run.maker().make().report.detectors.first)
        // 10 - 6 and -5 - 6 bps, half each.
        #expect(near(detector.overall.meanBps, -3.5) && near(detector.overall.totalBps, -140))
        let bounds = detector.overall.meanInterval
        #expect(try #require(bounds.low) <= -3.5)
        #expect(try #require(bounds.high) >= -3.5)
        #expect(bounds.method.contains("100 draws"))
        #expect(detector.overall.judged == 40 && detector.overall.hits == 20)
        #expect(near(detector.baselines[1].meanBps, 1.5) && near(detector.baselines[1].totalBps, 60))
        #expect(detector.baselines[2].permutations == 100 && detector.baselines[0].meanBps == Measure(0))
        #expect(detector.strata.map(\.dimension) == ["regime", "session", "venue"])
        let sessions = detector.strata[1].rows
        #expect(sessions.map(\.name) == ["ASIA", "EU"] && sessions.map(\.performance.judged) == [20, 20])
        #expect(near(sessions[0].performance.totalBps, -70) && near(sessions[0].lift, -0.5))
        #expect(detector.strata[0].rows.map(\.name) == ["L", "none"])
        #expect(near(detector.strata[0].rows[0].performance.meanBps, -3.5))
        #expect(detector.strata[2].rows.map(\.name) == ["hyperliquid"])
        #expect(detector.calibration.bins.isEmpty && detector.calibration.brier.reason.contains("no forecast"))
    }

    /// 200 windows a minute apart: good ones, then half as good ones, then bad ones.
    private func long(_ run: SummaryRun, _ id: String = "d", horizon: Horizon = .seconds30) {
        for index in 0..<200 {
            run.window(
                index, by: id, signal: 1, forward: index < 100 ? 0.002 : index < 140 ? 0.001 : -0.001, horizon: horizon)
        }
    }

    @Test func `folds purge, embargo and are stitched`() throws {
        let run = try SummaryRun()
        long(run)
        try run.write()
        let plan = PlanChoice.plan(try Statistics.WalkForwardPlan(parsing: "train=100m,test=40m"))
        let report = try run.maker(plan: plan).make().report
        let detector = try #require(report.detectors.first)
        #expect(detector.folds.count == 2 && report.manifest.kind == "replay, walk-forward")
        #expect(report.manifest.walkForward?.embargo.hasPrefix("1m30s") == true)
        // Outcomes of minutes 98 and 99 come at or after minute 100 less the embargo of 90 s.
        for fold in detector.folds {
            #expect(fold.notes.contains { $0.hasPrefix("2 decisions") })
            #expect(fold.inSample?.judged == 98 && fold.outOfSample.judged == 40)
        }
        #expect(near(detector.folds[0].outOfSample.meanBps, 4) && near(detector.folds[1].outOfSample.meanBps, -16))
        #expect(detector.folds[0].outOfSample.hits == 40 && detector.folds[1].outOfSample.hits == 0)
        #expect(near(detector.overall.meanBps, -6) && near(detector.overall.totalBps, -480))
        #expect(near(detector.overall.drawdownBps, 640) && detector.overall.judged == 80)
        // Minutes 0 to 137 train in one fold or both, each once: 100 of 14 bps and 38 of 4 bps.
        #expect(detector.inSample?.judged == 138)
        #expect(near(try #require(detector.inSample).meanBps, (1400.0 + 152) / 138))
        // All training windows hit: 1 less half of 1 / 100; half of the tests hit.
        #expect(detector.calibration.bins.count == 1 && detector.calibration.bins[0].hits == 40)
        #expect(near(detector.calibration.bins[0].forecast, 0.995) && detector.calibration.bins[0].count == 80)
        #expect(near(detector.calibration.brier, (0.005 * 0.005 + 0.995 * 0.995) / 2))
        // 99 minutes of tests hold 48 periods of a minute, not of five.
        #expect(detector.overall.sharpe.convention.period == "1m period")
        #expect(detector.overall.sharpe.perPeriod.value != nil && detector.overall.sharpe.trials == 1)
        #expect(report.selection.overfitting.reason.contains("at least 2"))
    }

    @Test func `the embargo is that of the longest horizon, for every detector`() throws {
        let run = try SummaryRun()
        long(run, "short")
        long(run, "long", horizon: .minutes5)
        try run.write()
        let plan = PlanChoice.plan(try Statistics.WalkForwardPlan(parsing: "train=100m,test=40m"))
        let report = try run.maker(plan: plan).make().report
        #expect(report.manifest.walkForward?.embargo.hasPrefix("6m,") == true)
        // 60 k + 30 + 360 < 6000 for k up to 93; 60 k + 300 + 360 < 6000 for k up to 88.
        #expect(report.detectors.map { $0.folds[0].inSample?.judged } == [94, 89])
        #expect(report.detectors[0].folds[0].notes.contains { $0.hasPrefix("6 decisions") })
        #expect(report.detectors[1].folds[0].notes.contains { $0.hasPrefix("11 decisions") })
        #expect(report.detectors.allSatisfy { $0.overall.sharpe.convention.period == "5m period" })
        #expect(report.selection.trials == 2 && report.selection.overfittingConfigurations == 2)
        #expect(report.detectors.map(\.overall.sharpe.trials) == [2, 2])
    }

    /// Detectors of trades find nothing in a market of candles: that must not hide what the others are worth.
    @Test func `detectors without outcomes or positions are trials, and the others are compared without them`() throws {
        let run = try SummaryRun()
        for index in 0..<200 {
            let forward = Double((index * 7) % 11 - 5) / 1_000
            run.window(index, by: "a", signal: 1, forward: forward)
            run.window(index, by: "b", signal: index % 3 == 0 ? -1 : 1, forward: forward)
            run.window(index, by: "mute", signal: 1, horizon: .minutes5)
            run.window(index, by: "still", signal: 0, forward: forward)
        }
        try run.write()
        let plan = PlanChoice.plan(try Statistics.WalkForwardPlan(parsing: "train=100m,test=40m"))
        let report = try run.maker(plan: plan).make().report
        #expect(report.selection.trials == 4 && report.selection.overfittingConfigurations == 2)
        #expect(report.selection.overfitting.value != nil, "\(report.selection.overfitting.reason)")
        let deflated = report.detectors.map(\.overall.sharpe.deflated)
        #expect(deflated.map { $0.value != nil } == [true, true, false, false])
        #expect(deflated[2].reason == "no position in the tests" && deflated[3].reason == "no position in the tests")
    }

    @Test func `one fold, an automatic plan, and plans that do not fit`() throws {
        let run = try SummaryRun()
        long(run)
        try run.write()
        let one = PlanChoice.plan(try Statistics.WalkForwardPlan(parsing: "train=100m,test=90m"))
        #expect(try run.maker(plan: one).make().report.detectors[0].folds.count == 1)
        let automatic = try run.maker(plan: .automatic).make().report
        #expect(automatic.detectors[0].folds.count == 4 && automatic.manifest.walkForward?.train == "1h39m28s")
        let wide = PlanChoice.plan(try Statistics.WalkForwardPlan(parsing: "train=10d,test=1d"))
        let error = #expect(throws: LogError.self) { try run.maker(plan: wide).make() }
        #expect(error?.code == .usage && error?.message.contains("one fold of") == true)
        // Training is shorter than embargo and horizon: the folds refuse, and say so.
        let narrow = PlanChoice.plan(try Statistics.WalkForwardPlan(parsing: "train=2m,test=40m"))
        let refused = try run.maker(plan: narrow).make().report
        #expect(refused.detectors[0].folds.allSatisfy { $0.notes.contains { $0.hasPrefix("Refused: ") } })
        #expect(refused.windowsJudged == 0)
        // Two minutes of windows: too short for an automatic plan.
        run.window(1, signal: 1, forward: 0.1)
        run.window(3, signal: 1, forward: 0.1)
        try run.write("runs/short", seed: 8)
        let short = try run.maker("runs/short", plan: .automatic).make().report
        #expect(short.manifest.walkForward == nil && short.notes[0].contains("the windows span 2m"))
    }

    @Test func `abstentions are told apart and take no position`() throws {
        let run = try SummaryRun()
        var facts = WindowFactsComputed()
        (facts.asset, facts.isStale) = (AssetID("BTC-USD"), true)
        facts.windowEnd = SummaryRun.start + SummaryRun.minute
        facts.windowStart = SummaryRun.start
        run.add(facts, at: facts.windowEnd)
        run.window(1, signal: 0.5, forward: 0.01) { $0.abstained = true }
        run.window(2, signal: 0.5, forward: 0.01) { ($0.abstained, $0.uncertainty) = (true, 0.2) }
        run.window(3, signal: 0, forward: 0.01) { $0.abstained = true }
        run.window(4, signal: 0.5, forward: 0.01) { ($0.abstained, $0.sigma) = (true, nil) }
        run.window(5, signal: 0.5, forward: -0.01)
        try run.write()
        let report = try run.maker().make().report
        let detector = try #require(report.detectors.first)
        #expect(
            detector.abstained == [
                ReasonCount("stale data", 1), ReasonCount("too uncertain", 1),
                ReasonCount("no signal: inputs missing or held back", 1),
                ReasonCount("no score yet: too few outcomes", 1),
            ])
        #expect(detector.windows == 5 && detector.scored == 1)
        #expect(detector.overall.judged == 2 && detector.overall.hits == 1)
        var rules = ReportRules()
        rules.scoredOnly = true
        let strict = try run.maker(rules: rules).make().report.detectors[0].overall
        #expect(strict.judged == 1 && strict.hits == 0)
    }

    @Test func `outcomes join by id, at the detector's own horizon, in time`() throws {
        let run = try SummaryRun()
        let first = run.window(1, signal: 1)
        run.outcome(first, 1, .minutes5, 0.05)
        let second = run.window(2, signal: 1, forward: 0.01)
        // A second outcome for the same window, and one for no window at all.
        run.outcome(second, 3, .seconds30, 0.09)
        run.outcome(EventID(module: .sig, key: "nobody", eventNanos: 5), 4, .seconds30, 0.07)
        run.window(90, signal: 1)
        // The first window's hour is over by now.
        run.outcome(first, 91, .seconds30, 0.02)
        try run.write()
        let (report, windows) = try run.maker().make()
        #expect(windows.strayOutcomeCount == 3 && windows.detectors[0].evaluatedCounts == [1, 1, 0])
        #expect(report.detectors[0].overall.judged == 1 && near(report.detectors[0].overall.totalBps, 94))
        #expect(report.detectors[0].notes.contains { $0.hasPrefix("2 of 3 windows have no outcome at 30s") })
        #expect(WindowsView.text(windows).contains("3 windows of 1 detectors on 1 assets"))
    }

    @Test func `a run without outcomes, without windows, without anything`() throws {
        let run = try SummaryRun()
        run.window(1, signal: 1)
        run.window(2, signal: -1)
        try run.write("runs/silent")
        let silent = try run.maker("runs/silent", plan: .automatic).make().report
        #expect(silent.windowsJudged == 0 && silent.detectors[0].windows == 2)
        #expect(silent.detectors[0].overall.totalBps == .undefined("0 windows"))
        #expect(Verdict(silent).headline == "Nothing can be said: no window was evaluated out of sample.")
        run.register("d")
        try run.write("runs/idle", seed: 4)
        let idle = try run.maker("runs/idle").make().report
        #expect(idle.detectors.count == 1 && idle.notes == ["The run holds no scored window, so nothing is judged."])
        try run.write("runs/empty", seed: 5)
        let empty = try run.maker("runs/empty").make().report
        #expect(Verdict(empty).tone == .unknown && empty.detectors.isEmpty)
        for report in [silent, idle, empty] {
            #expect(!report.html.isEmpty && !report.json.contains(":nan") && !report.terminalText().isEmpty)
        }
    }

    @Test func `the same folder gives the same bytes`() throws {
        let run = try SummaryRun()
        long(run)
        long(run, "e", horizon: .minutes5)
        try run.write()
        let (first, second) = (run.maker(plan: .automatic), run.maker(plan: .automatic))
        let (a, b) = (try first.make().report, try second.make().report)
        #expect(a.html == b.html && a.json == b.json && a.terminalText() == b.terminalText())
        #expect(a == b)
    }

    @Test func `the data section counts, names gaps and refusals`() throws {
        let run = try SummaryRun()
        run.window(1, signal: 1, forward: 0.01, asset: "ETH-USD")
        try run.write()
        let report = try run.maker().make().report
        #expect(
            report.data.eventCounts == [
                ReasonCount("mkt.InstrumentListed", 2), ReasonCount("mkt.Traded", 3), ReasonCount("mkt.QuoteSeen", 2),
                ReasonCount("mkt.Gap", 1),
            ])
        #expect(report.data.instruments.map(\.events) == [4, 1])
        #expect(report.data.instruments[0].span == TimeSpan(SummaryRun.start, SummaryRun.start + 4 * SummaryRun.minute))
        #expect(report.data.rejects == [ReasonCount("negative size", 7), ReasonCount("crossed book", 2)])
        let gap = try #require(report.data.gaps.first)
        #expect(gap.instrument == "ETH-USD" && gap.reason == "trades: source ended" && gap.span.seconds == 60)
        #expect(report.detectors[0].strata[2].rows.map(\.name) == ["kraken"])
        #expect(report.manifest.inputs.count == 1 && report.manifest.inputs[0].bytes > 0)
        #expect(report.notes.contains { $0.hasPrefix("Half the quoted spread is 1 bps on average over 2 quotes") })
        let without = try run.maker(inputs: []).make().report
        #expect(without.data.events == 0 && without.detectors[0].strata[2].rows.map(\.name) == ["unknown"])
    }

    @Test func `other runs beside it count as trials, each once`() throws {
        let run = try SummaryRun()
        run.register("x")
        run.register("y")
        try run.write("runs/b", seed: 11)
        try run.write("runs/c", seed: 12)
        run.register("d")
        run.window(1, signal: 1, forward: 0.01)
        try run.write("runs/a")
        run.register("d")
        run.window(1, signal: 1, forward: 0.01)
        try run.write("runs/copy")
        // Two detectors of b, c itself, and the own one; the copy is the same run.
        #expect(try run.maker().make().report.selection.trials == 4)
        #expect(try RunTrials(in: "nowhere", without: RunID(), environment: run.environment).count == 0)
    }

    @Test func `what is no finished run of these inputs is refused`() throws {
        let run = try SummaryRun()
        run.window(1, signal: 1)
        try run.write("runs/half", finishes: false)
        try run.write("runs/whole", seed: 2)
        try run.writeMarket("other", tradeSize: 2)
        func message(_ maker: RunReportMaker) -> String {
            (#expect(throws: LogError.self) { try maker.make() })?.message ?? ""
        }
        #expect(message(run.maker("runs/half")).contains("holds no rep.RunCompleted"))
        #expect(message(run.maker("mkt")).contains("holds no RUN.json"))
        #expect(message(run.maker("runs/whole", inputs: ["other"])).contains("not what runs/whole was made from"))
        var rules = ReportRules()
        rules.feeBps = -1
        #expect(message(run.maker("runs/whole", rules: rules)).contains("expected 0 or more"))
        rules = ReportRules()
        rules.feeBps = .nan
        #expect(message(run.maker("runs/whole", rules: rules)).contains("expected 0 or more"))
        for (minute, horizon) in [(1, Horizon.seconds30), (2, .hour1)] {
            run.window(minute, signal: 1, horizon: horizon)
        }
        try run.write("runs/two", seed: 6)
        #expect(message(run.maker("runs/two")).contains("expected one horizon"))
        rules = ReportRules()
        rules.periodNanos = 1_000_000_000
        run.window(1, signal: 1, forward: 0.1)
        try run.write("runs/period", seed: 7)
        #expect(message(run.maker("runs/period", rules: rules)).contains("shorter than the horizon"))
    }

    @Test func `RUN json is read back, and rubbish never traps`() throws {
        let run = try SummaryRun()
        try run.write()
        let file = try RunFile(in: "runs/a", environment: run.environment)
        #expect(file.kind == "replay" && file.inputs.count == 1 && file.inputs[0].stream == "mkt")
        #expect(file.inputs[0].events == 9 && file.priorsVersions == ["sig:v1"] && file.untilNanos == nil)
        let bytes = try run.environment.fileSystem.readAll("runs/a/RUN.json", limit: 1 << 20)
        for count in 0..<bytes.count - 2 {
            #expect(throws: LogError.self) { try RunFile(Array(bytes[..<count]), "RUN.json") }
        }
        let seed: UInt64 = 77
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            var broken = bytes
            broken[random.below(broken.count)] = UInt8(truncatingIfNeeded: random.next())
            _ = try? RunFile(broken, "RUN.json")
        }
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        #expect(throws: PlainJSON.Failure.self) { try PlainJSON(parsing: deep) }
        #expect(try PlainJSON(parsing: Array(#"{"a":[1,true,null,"\u0041"]}"#.utf8))["a"]?.text == "[1, true, null, A]")
    }
}

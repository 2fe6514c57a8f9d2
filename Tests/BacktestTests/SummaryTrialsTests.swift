import Events
import LogFormat
import Statistics
import Testing

@testable import Backtest
@testable import LogEngine
@testable import Report
@testable import Runtime

/// Trials of other runs: counted, with the spread of their ratios, and compared where the data are the same.
@Suite struct SummaryTrialsTests {
    /// A window every five minutes for 30 hours, with a drift and noise from a seed.
    private func play(_ run: SummaryRun, _ id: String, seed: UInt64, drift: Double) {
        run.register(id)
        var random = Xoshiro256(seed: seed)
        for index in 0..<360 {
            run.window(index * 5, by: id, signal: index % 7 == 0 ? 0 : 0.5, forward: drift + 0.001 * random.normal()) {
                // Every ninth is too uncertain for a position, and says so.
                guard index % 9 == 0 else { return }
                ($0.abstained, $0.uncertainty, $0.sigma) = (true, 0.3, nil)
            }
        }
    }

    private func rules() -> ReportRules {
        var rules = ReportRules()
        rules.periodNanos = TrialRatios.periodNanos
        return rules
    }

    private func completed(_ run: SummaryRun, _ path: String) throws -> RunCompleted {
        try RunWindows(path, uncertaintyMax: 0.15, environment: run.environment).completed
    }

    @Test func `the ratios on record are those of a report over the same periods`() throws {
        let run = try SummaryRun()
        run.keepsRatios = true
        play(run, "a", seed: 5, drift: 0.0009)
        play(run, "b", seed: 6, drift: 0.0002)
        run.register("silent")
        try run.write()
        let metrics = try completed(run, "runs/a").metrics
        #expect(metrics.map(\.name) == ["sharpe_period_seconds", "sharpe/a", "sharpe/b", "sharpe/silent"])
        #expect(metrics[0].value == 3_600 && metrics[3].value == nil)
        let report = try run.maker(rules: rules()).make().report
        for place in 0..<2 {
            let shown = try #require(report.detectors[place].overall.sharpe.perPeriod.value)
            #expect(shown != 0 && metrics[place + 1].value == shown, "detector \(place)")
        }
        #expect(report.selection.trials == 3)
    }

    /// AT5.1: the number of trials and what they amount to stand at every ratio; their spread is that of the record.
    @Test func `luck is measured by the spread of all ratios on record`() throws {
        let run = try SummaryRun()
        run.keepsRatios = true
        play(run, "a", seed: 5, drift: 0.0009)
        try run.write("runs/a")
        let alone = try run.maker(rules: rules()).make().report
        #expect(alone.selection.trials == 1 && alone.selection.luckySharpe.value == 0)
        for (place, drift) in [-0.0005, 0.0001, 0.0006].enumerated() {
            play(run, "a", seed: 50 + UInt64(place), drift: drift)
            try run.write("runs/b\(place)", seed: 20 + UInt64(place))
        }
        let report = try run.maker(rules: rules()).make().report
        let ratios = try ["a", "b0", "b1", "b2"].map { name in
            try #require(try completed(run, "runs/\(name)").metrics.last?.value)
        }
        let lucky = try Sharpe.expectedMaximum(ofTrialRatios: ratios)
        let perYear = Double(report.detectors[0].overall.sharpe.convention.periodsPerYear)
        #expect(abs((report.selection.luckySharpe.value ?? 0) / perYear.squareRoot() - lucky) < 1e-12)
        let sharpe = report.detectors[0].overall.sharpe
        #expect(sharpe.trials == 4 && sharpe.effectiveTrials.value == 4 && report.selection.trials == 4)
        #expect((sharpe.deflated.value ?? 1) < (alone.detectors[0].overall.sharpe.deflated.value ?? 0))
        // Over periods of four hours the same ratios are twice as large.
        let trials = try RunTrials(in: "runs", without: RunID(), environment: run.environment)
        let wide = trials.ratios(overNanos: 4 * TrialRatios.periodNanos)
        #expect(wide == ratios.map { 2 * $0 } && trials.count == 4)
        for part in [report.html, report.json, report.terminalText(width: 160, colour: false)] {
            #expect(part.contains("4"), "N is shown")
        }
        #expect(report.html.contains("N 4, eff. 4.0"))
    }

    @Test func `runs with one thing changed are compared, others only counted`() throws {
        let run = try SummaryRun()
        let all: [(name: String, value: RunConfiguration.Value)] = [
            ("detector/a", .text("1")), ("detector/b", .text("2")), ("engine/siblings", .integer(3)),
        ]
        func write(
            _ path: String, a: Double, b: Double?, seed: UInt64 = 3, inputs: [String] = ["mkt"],
            _ settings: [(name: String, value: RunConfiguration.Value)]
        ) throws {
            for hour in 0..<24 {
                run.window(60 * hour, by: "a", signal: 1, forward: a)
                if let b { run.window(60 * hour + 1, by: "b", signal: hour % 2 == 0 ? 1 : 0, forward: b) }
            }
            try run.write(path, seed: seed, inputs: inputs, settings: settings)
        }
        try write("runs/a", a: 0.001, b: 0.003, all)
        try write("runs/copy", a: 0.001, b: 0.003, all)
        try write("runs/knocked", a: 0.001, b: nil, [all[0], all[2]])
        let overlaid: [(name: String, value: RunConfiguration.Value)] = [
            ("detector/a", .text("9")), all[1], ("engine/siblings", .integer(0)),
        ]
        try write("runs/overlay", a: 0.002, b: 0.003, overlaid)
        try write("runs/seeded", a: 0.001, b: 0.003, seed: 4, all)
        try run.writeMarket("other", tradeSize: 2)
        try write("runs/other", a: 0.5, b: 0.5, inputs: ["other"], [all[0]])
        var rules = rules()
        (rules.feeBps, rules.halfSpreadBps) = (0, 0)
        let report = try run.maker(rules: rules).make().report
        #expect(
            report.variants.map(\.name) == [
                "without detector:b", "detector:a changed, engine:siblings 0 for 3", "seed 4 for 3",
            ])
        // Both runs: 24 windows of a, 12 positions of b among 24. An hour's mean is (10 + 30) / 2 or (10 + 0) / 2.
        let changes = report.variants.map { ($0.meanBpsChange.value ?? .nan) }
        #expect(abs(changes[0] - (10 - 12.5)) < 1e-9, "\(changes)")
        #expect(abs(changes[1] - 5) < 1e-9 && abs(changes[2]) < 1e-12, "\(changes)")
        #expect(report.variants.map(\.published) == [0, 0, 0] && report.variants.map(\.lost) == [12, 0, 0])
        #expect(report.variants[0].interval.low != nil && report.variants[1].interval.reason.contains("alike"))
        // Counted: each of these runs once, the copy not at all, and the two detectors of this one.
        #expect(report.selection.trials == 2 + 4)
        #expect(report.html.contains("without detector:b") && report.json.contains("without detector:b"))
    }

    @Test func `a report under other costs is a trial once, and for ever`() throws {
        let run = try SummaryRun()
        run.keepsRatios = true
        play(run, "a", seed: 5, drift: 0.0009)
        play(run, "b", seed: 6, drift: 0.0001)
        try run.write("runs/a")
        play(run, "a", seed: 7, drift: 0.0002)
        try run.write("runs/b", seed: 9)
        func trials(_ path: String, _ rules: ReportRules, plan: PlanChoice = .none) throws -> Int {
            let maker = run.maker(path, plan: plan, rules: rules)
            return try maker.makeRecorded(options: SummaryRun.options).report.selection.trials
        }
        let usual = ReportRules()
        #expect(try trials("runs/a", usual) == 3 && trials("runs/a", usual, plan: .automatic) == 3)
        #expect(run.environment.fileSystem.kind("runs/a/trials") == .nothing)
        var cheap = usual
        cheap.feeBps = 0
        // The one for which the run was made, this one, and the run beside it.
        #expect(try trials("runs/a", cheap) == 5 && trials("runs/a", cheap) == 5)
        #expect(try trials("runs/a", usual) == 5 && trials("runs/b", usual) == 5)
        let plan = PlanChoice.plan(try Statistics.WalkForwardPlan(parsing: "train=10h,test=5h"))
        #expect(try trials("runs/a", cheap, plan: plan) == 7)
        #expect(try trials("runs/a", usual) == 7 && trials("runs/b", usual) == 7)
        let found = try RunEvaluations.read("runs/a", environment: run.environment)
        #expect(found.count == 2 && found[0].metrics.map(\.name) == ["sharpe_period_seconds", "sharpe/a", "sharpe/b"])
        #expect(found[0].metrics[1].value != nil)
        // The digest of the run itself does not move.
        let digest = try RunDigest("runs/a", environment: run.environment)
        #expect(digest.logs.map(\.module) == [.sig, .ops])
    }
}

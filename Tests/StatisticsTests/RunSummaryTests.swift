import Testing

@testable import Statistics

/// A whole walk-forward as values, and how much of it is luck.
@Suite struct RunSummaryTests {
    private let second = PaperTests.second
    private let hour = PaperTests.hour

    /// Windows every five minutes over some days, with a share of them known in advance.
    private func detector(_ name: String, seed: UInt64, days: Int, skill: Double) -> RunSummary.Detector {
        var stream = Xoshiro256(seed: seed)
        let windows = (0..<(days * 288)).map { index in
            let forward = stream.normal() * 0.001
            let knows = stream.uniform() < skill
            let signal = knows ? (forward > 0 ? 1.0 : -1.0) : (stream.uniform() < 0.5 ? 1.0 : -1.0)
            return PaperTests.window(index, signal, forward, every: 300, session: index % 2 == 0 ? "EU" : "US")
        }
        return RunSummary.Detector(name: name, windows: windows)
    }

    private func summary(_ detectors: [RunSummary.Detector], days: Int, trialCount: Int = 0) throws -> RunSummary {
        var rules = try PaperTests.rules()
        (rules.permutations, rules.replicates) = (40, 60)
        return try RunSummary(
            detectors, plan: try WalkForwardPlan(parsing: "train=2d,validate=12h,test=1d"),
            over: 0..<(Int64(days) * 24 * hour), barNanos: 60 * second, rules: rules, trialCount: trialCount)
    }

    @Test func `folds, stitched results, strata and ledger belong together`() throws {
        let detectors = [
            detector("noise_v1", seed: 1, days: 6, skill: 0), detector("edge_v1", seed: 2, days: 6, skill: 0.3),
        ]
        let found = try summary(detectors, days: 6, trialCount: 45)
        #expect(found.plan == "train=2d,validate=12h,test=1d,step=1d" && found.embargoNanos == 360 * second)
        #expect(found.folds.count == 3 && found.folds.allSatisfy { $0.results.count == 2 })
        for (place, stitched) in found.stitched.enumerated() {
            let windows = found.folds.reduce(0) { $0 + $1.results[place].outOfSample.windowCount }
            #expect(stitched.result.windowCount == windows && windows == 3 * 288)
            let returns = found.folds.flatMap { $0.results[place].outOfSample.series.returns }
            #expect(stitched.result.series.returns == returns)
            // In-sample windows stop one horizon and the embargo ahead of validation.
            #expect(found.folds[0].results[place].inSample.windowCount == 2 * 288 - 2)
            for kind in ["regime", "session", "venue"] {
                let rows = found.strata.filter { $0.kind == kind && $0.detector == stitched.detector }
                #expect(rows.reduce(0) { $0 + $1.windowCount } == windows)
            }
        }
        #expect(found.ledger.trialCount == 45)
        #expect((found.stitched[1].result.profit.estimate.number ?? 0) > 0)
        #expect((found.stitched[1].efficiency.number ?? 0) > 0.5)
        #expect((found.stitched[1].dispersion.number ?? 0) > 0)
        #expect(!found.testsOverlap && found.ledger.blocks == 16)
        #expect(try summary(detectors, days: 6, trialCount: 45) == found)
    }

    @Test func `a fold without labels refuses and counts for nothing`() throws {
        let whole = detector("a_v1", seed: 1, days: 6, skill: 0.2)
        // Nothing was scored on the fourth day.
        let holes = RunSummary.Detector(
            name: "a_v1", windows: whole.windows.filter { !(60 * hour..<84 * hour).contains($0.asofNanos) })
        let found = try summary([holes], days: 6)
        #expect(found.folds[0].fold.refusal?.hasPrefix("0 test labels") == true && found.folds[0].results.isEmpty)
        // The same day is the second half of the next fold's validation.
        #expect(found.folds[1].fold.refusal?.hasPrefix("0 validation labels") == true)
        #expect(found.stitched[0].result.windowCount == 288)
    }

    @Test func `trials that say the same count once`() throws {
        let series = (0..<6).map { PaperTests.oracleReturns(300, seed: UInt64($0) + 5, drift: 0) }
        let copies = [[Double]](repeating: series[0], count: 6)
        #expect(abs((TrialLedger.independent(copies) ?? 0) - 1) < 1e-9)
        let apart = try #require(TrialLedger.independent(series))
        #expect(apart > 5.5 && apart <= 6)
        #expect(TrialLedger.independent([[1, 1], [2, 2]]) == nil)
        let ledger = try TrialLedger(copies, trialCount: 10, periodsPerYear: 365, blocks: 4)
        // Four trials that were only counted stand for themselves.
        #expect(abs((ledger.effectiveTrialCount.number ?? 0) - 5) < 1e-9)
        #expect(ledger.expectedMaximum == .value(0))
    }

    @Test func `one trial is not deflated, too little data has no answer`() throws {
        let one = PaperTests.oracleReturns(200, seed: 3, drift: 0.001)
        let ledger = try TrialLedger([one], trialCount: 1, periodsPerYear: 365)
        let plain = try Sharpe(returns: one).probabilistic(above: 0)
        #expect(ledger.deflated == [Figure(plain, else: "")])
        #expect(ledger.overfitting.reason?.contains("1 configurations") == true)
        let short = try TrialLedger([[0.1, 0.2], [0.2, 0.1]], trialCount: 2, periodsPerYear: 365)
        #expect(short.deflated.allSatisfy { $0 == .undefined("no ratio") } && short.overfitting.number == nil)
        #expect(throws: StatisticsError.self) { try TrialLedger([[1], [1, 2]], trialCount: 2, periodsPerYear: 1) }
    }
}

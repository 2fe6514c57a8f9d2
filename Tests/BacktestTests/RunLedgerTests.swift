import BacktestTesting
import Events
import LogFormat
import Statistics
import Testing

@testable import Backtest
@testable import LogEngine
@testable import Report
@testable import Runtime

/// The ledger beside the runs: a trial counts even when its run is gone (AT5.1, REP-05).
@Suite struct RunLedgerTests {
    /// Thirty hours of windows of one detector.
    private func play(_ run: SummaryRun, seed: UInt64) {
        run.keepsRatios = true
        run.register("a")
        var random = Xoshiro256(seed: seed)
        for index in 0..<360 {
            run.window(index * 5, by: "a", signal: 0.5, forward: 0.0004 + 0.001 * random.normal())
        }
    }

    private func ledger(_ run: SummaryRun, in folder: String = "runs") -> RunLedger {
        RunLedger(in: folder, options: SummaryRun.options, environment: run.environment)
    }

    /// Writes a run and enters it as `lotus replay` does.
    private func tried(_ run: SummaryRun, _ path: String, seed: UInt64, in folder: String = "runs") throws {
        play(run, seed: seed)
        try run.write(path, seed: seed)
        let manifest = try #require(run.manifest)
        let completed = try RunWindows(path, uncertaintyMax: 0.15, environment: run.environment).completed
        let ledger = ledger(run, in: folder)
        try ledger.begin(manifest, path, configurations: 1)
        try ledger.end(
            manifest, path, configurations: 1, metrics: completed.metrics + [Metric("windows", 5)], nanos: 5)
    }

    private func selection(_ run: SummaryRun, _ path: String = "runs/a") throws -> Selection {
        var rules = ReportRules()
        rules.periodNanos = TrialRatios.periodNanos
        return try run.maker(path, rules: rules).make().report.selection
    }

    @Test func `a run whose folder is gone counts as if it stood there`() throws {
        let run = try SummaryRun()
        try tried(run, "runs/a", seed: 1)
        #expect(try selection(run).trials == 1)
        for seed in 2...4 as ClosedRange<UInt64> { try tried(run, "runs/b\(seed)", seed: seed) }
        let whole = try selection(run)
        #expect(whole.trials == 4)
        // The same three runs in a folder that was removed: only the ledger is left of them.
        let other = try SummaryRun()
        try other.environment.fileSystem.createDirectory("removed")
        try tried(other, "runs/a", seed: 1)
        for seed in 2...4 as ClosedRange<UInt64> { try tried(other, "removed/b\(seed)", seed: seed, in: "runs") }
        let gone = try selection(other)
        #expect(gone.trials == 4 && gone.luckySharpe.value == whole.luckySharpe.value)
        let notes = try other.maker().make().report.notes.joined()
        #expect(notes.contains("3 of these trials are known from the ledger alone"))
        let list = try TrialList(in: "runs", environment: other.environment)
        #expect(list.entries.map(\.state) == [.here, .gone, .gone, .gone] && list.trialCount == 4 && !list.isWhole)
        #expect(list.entries.map(\.folder) == ["a", "b2", "b3", "b4"])
        #expect(try TrialList(in: "runs", environment: run.environment).isWhole)
    }

    @Test func `a trial is entered once, however often its run goes on`() throws {
        let run = try SummaryRun()
        for _ in 0..<3 { try tried(run, "runs/a", seed: 1) }
        let trials = try ledger(run).trials()
        #expect(trials.count == 1 && trials[0].entry.hasEnded && trials[0].configurationCount == 1)
        #expect(trials[0].entry.metrics.map(\.name) == ["sharpe_period_seconds", "sharpe/a"])
        let scan = EventScan()
        var count = 0
        try scan.on(TrialEntered.self) { _, _ in count += 1 }
        try scan.read("runs/trials", environment: run.environment)
        #expect(count == 2)
    }

    /// A death behind the beginning: the run shows nothing, so it counts only once nobody can look any more.
    @Test func `a run that began counts once its folder is gone`() throws {
        let run = try SummaryRun()
        try tried(run, "runs/a", seed: 1)
        play(run, seed: 2)
        try run.write("runs/b", seed: 2, finishes: false)
        try ledger(run).begin(try #require(run.manifest), "runs/b", configurations: 5)
        #expect(try selection(run).trials == 1)
        var list = try TrialList(in: "runs", environment: run.environment)
        #expect(list.entries.map(\.state) == [.here, .unfinished] && list.trialCount == 1 && list.isWhole)
        try run.environment.fileSystem.createDirectory("removed")
        play(run, seed: 3)
        try run.write("removed/c", seed: 3, finishes: false)
        try ledger(run).begin(try #require(run.manifest), "runs/c", configurations: 5)
        #expect(try selection(run).trials == 6)
        list = try TrialList(in: "runs", environment: run.environment)
        #expect(list.entries.map(\.state) == [.here, .unfinished, .gone] && list.trialCount == 6)
    }

    /// A death between the last event of a run and its second entry: what the folder says is true.
    @Test func `a run that ended without its entry is here, as reports count it`() throws {
        let run = try SummaryRun()
        try tried(run, "runs/a", seed: 1)
        play(run, seed: 2)
        try run.write("runs/b", seed: 2)
        try ledger(run).begin(try #require(run.manifest), "runs/b", configurations: 5)
        let list = try TrialList(in: "runs", environment: run.environment)
        #expect(list.entries.map(\.state) == [.here, .here] && list.isWhole)
        // One detector has a ratio; five were announced.
        #expect(list.entries.map(\.configurationCount) == [1, 1])
        #expect(try list.trialCount == selection(run).trials)
    }

    @Test func `a run that the ledger does not know is listed, and counts`() throws {
        let run = try SummaryRun()
        play(run, seed: 7)
        try run.write("runs/old", seed: 7)
        try tried(run, "runs/a", seed: 1)
        let list = try TrialList(in: "runs", environment: run.environment)
        #expect(list.entries.map(\.state) == [.here, .unlisted] && list.trialCount == 2)
        #expect(try selection(run).trials == 2)
        #expect(throws: LogError.self) { try TrialList(in: "nowhere", environment: run.environment) }
        #expect(throws: LogError.self) { try RunLedger(beside: "runs/trials/", environment: run.environment) }
    }

    @Test func `a report under other costs is entered, too`() throws {
        let run = try SummaryRun()
        try tried(run, "runs/a", seed: 1)
        var cheap = ReportRules()
        cheap.feeBps = 0
        for _ in 0..<2 { _ = try run.maker(rules: cheap).makeRecorded(options: SummaryRun.options) }
        let trials = try ledger(run).trials()
        #expect(trials.count == 2 && trials[1].entry.evaluationID != nil && trials[1].entry.runID == trials[0].id)
        #expect(try selection(run).trials == 2, "once, though the run's own folder tells it, too")
        #expect(try TrialList(in: "runs", environment: run.environment).entries.map(\.state) == [.here, .here])
    }

    /// Every end of the ledger that is not its own: nothing is counted from what is left.
    @Test func `an entry that is missing is damage`() throws {
        let run = try SummaryRun()
        for seed in 1...3 as ClosedRange<UInt64> { try tried(run, "runs/r\(seed)", seed: seed) }
        let fileSystem = run.environment.fileSystem
        let names = try fileSystem.list("runs/trials").filter { $0.hasSuffix(".seg") }
        let path = "runs/trials/\(try #require(names.last))"
        let whole = try fileSystem.readAll(path, limit: 1 << 24)
        let all = try ledger(run).trials()
        var refused = 0
        for end in stride(from: 0, to: whole.count, by: 61) {
            let file = try fileSystem.open(path, .readWrite)
            try fileSystem.truncate(file, to: UInt64(end))
            let found = try? ledger(run).trials()
            #expect(found == nil || found == all, "cut at byte \(end) of \(whole.count)")
            if found == nil {
                refused += 1
                #expect(throws: LogError.self, "cut at byte \(end)") { try run.maker("runs/r1").make() }
            }
            try fileSystem.write(file, Array(whole[end...]), at: UInt64(end))
            fileSystem.close(file)
        }
        #expect(refused > 20)
        #expect(try ledger(run).trials() == all && all.count == 3)
    }

    @Test func `runs that end at the same time are all entered`() throws {
        let scratch = try Scratch()
        let manifests = try (0..<8).map { seed in
            RunManifest(inputs: [], configuration: try RunConfiguration(), codeRevision: "c", seed: UInt64(seed))
        }
        let (failures, folder) = (Guarded<[String]>([]), scratch.path)
        let threads = manifests.map { manifest in
            EngineThread {
                do {
                    for _ in 0..<3 {
                        let ledger = RunLedger(in: folder)
                        try ledger.begin(manifest, "\(folder)/r\(manifest.seed)", configurations: 2)
                        try ledger.end(
                            manifest, "\(folder)/r\(manifest.seed)", configurations: 2, metrics: [], nanos: 1)
                    }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
        }
        for thread in threads { thread.join() }
        #expect(failures.withLock { $0 } == [])
        let trials = try RunLedger(in: scratch.path).trials()
        #expect(Set(trials.map(\.entry.seed)) == Set(0..<8) && trials.count == 8)
        #expect(trials.allSatisfy { $0.entry.hasEnded && $0.configurationCount == 2 })
    }
}

import Events
import Glibc
import LogFormat
import RuntimeTesting
import Testing

@testable import LogEngine
@testable import Runtime

/// A strategy that is small and real: says when an instrument's price crosses its moving average.
private struct CrossNotes: MarketHandler {
    let output: any EventOutput
    var last: [Int32: [Int64]] = [:]
    var noteCount = 0

    mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) throws(LogError) {
        var prices = last[event.instrument] ?? []
        prices.append(event.price)
        if prices.count > 8 {
            prices.removeFirst()
            let mean = prices.reduce(0, +) / 8
            if event.price > mean {
                noteCount += 1
                var note = AlarmRaised()
                note.lineage = Lineage(
                    id: EventID(module: .sig, key: "note|\(noteCount)", eventNanos: head.nowNanos),
                    seenGlobalSeq: output.lastGlobalSeq)
                note.subject = "instrument \(event.instrument)"
                note.value = Double(event.price - mean)
                _ = try output.append(&note, to: noteCount % 3 == 0 ? .dm : .sig, eventNanos: head.nowNanos, flags: [])
            }
        }
        last[event.instrument] = prices
    }
}

/// Folders of runs: identity, refusal, resumption (REP-07, REP-10, REP-13).
@Suite struct ReplayRunTests {
    static func manifest(_ market: ReplayMarket, seed: UInt64 = 3) throws -> RunManifest {
        RunManifest(
            inputs: [try RunInput("mkt", environment: market.environment)],
            configuration: try RunConfiguration([("cost_bps", .number(1.5)), ("window", .integer(8))]),
            codeRevision: "abc", seed: seed)
    }

    /// The disk as a death leaves it.
    final class Wreck {
        var disk: SimulatedDisk?
    }

    /// One attempt; it dies after so many events.
    static func attempt(
        _ market: ReplayMarket, _ path: String = "run", batchBytes: Int = 64 << 10, dies: Int? = nil,
        wreck: Wreck? = nil
    ) throws -> (digest: RunDigest, matched: UInt64, appended: UInt64) {
        let run = try ReplayRun(
            path, manifest: try manifest(market), modules: [.sig, .dm],
            options: ReplayMarket.options(batchBytes: batchBytes), environment: market.environment)
        var output: any EventOutput = run.output
        if let dies { output = DyingOutput(run.output, after: dies) }
        do {
            try start(run, output)
            let feed = try MarketFeed(["mkt"], environment: market.environment)
            var handler = CrossNotes(output: output)
            var control = Unhindered()
            try feed.run(into: &handler, control: &control)
            let digest = try run.finish(
                metrics: [Metric("notes", Double(handler.noteCount))], nowNanos: feed.nowNanos)
            return (digest, run.output.matchedCount, run.output.appendedCount)
        } catch {
            // The machine dies with the process: what was not made durable may be gone.
            wreck?.disk = market.disk.copy()
            try? run.output.root.close()
            throw error
        }
    }

    /// Attempts that die one after the other, each on what the one before left; then one that does not.
    private func attempts(_ pristine: SimulatedDisk, dying: [Int]) throws -> RunDigest {
        var disk = pristine.copy()
        for (round, death) in dying.enumerated() {
            let wreck = Wreck()
            #expect(throws: LogError.self) { try Self.attempt(ReplayMarket(disk), dies: death, wreck: wreck) }
            disk = try #require(wreck.disk)
            disk.powerCut(seed: UInt64(death * 10 + round), .random)
        }
        return try Self.attempt(ReplayMarket(disk)).digest
    }

    private static func start(_ run: ReplayRun, _ output: any EventOutput) throws {
        try run.start()
        guard let dying = output as? DyingOutput else { return }
        dying.left -= 1
        if dying.left == 0 { throw LogError(.closed, "the process died") }
    }

    @Test func `a run has one digest, whatever the batches, and running it again adds nothing`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 2_000, seed: 1)
        let first = try Self.attempt(market)
        #expect(first.appended > 200 && first.matched == 0)
        let again = try Self.attempt(market)
        #expect(again.digest == first.digest && again.appended == 0 && again.matched == first.appended)
        for batchBytes in [300, 5_000, 1 << 20] {
            let other = try Self.attempt(market, "run\(batchBytes)", batchBytes: batchBytes)
            #expect(other.digest.total == first.digest.total)
            #expect(try RunDigest.difference("run", "run\(batchBytes)", environment: market.environment) == nil)
        }
        #expect(first.digest.logs.map(\.module) == [.sig, .dm, .ops])
    }

    @Test func `a death at any event and a loss of power leave nothing that shows in the end`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 600, seed: 1)
        let pristine = market.disk.copy()
        let whole = try Self.attempt(market)
        let count = Int(whole.appended)
        #expect(count > 60)
        let stride = getenv("LOTUS_EXHAUSTIVE") == nil ? 7 : 1
        for death in Swift.stride(from: 1, to: count, by: stride) {
            #expect(try attempts(pristine, dying: [death]) == whole.digest, "death after event \(death)")
            let again = min(death + 5, count - 1)
            #expect(
                try attempts(pristine, dying: [death, again, max(death - 3, 1)]) == whole.digest,
                "deaths after events \(death), \(again) and \(max(death - 3, 1))")
        }
    }

    @Test func `only an empty folder or the same run's is written to`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 100, seed: 1)
        _ = try Self.attempt(market)
        func refusal(_ path: String, _ manifest: RunManifest) throws -> String {
            do {
                _ = try ReplayRun(path, manifest: manifest, modules: [.sig], environment: market.environment)
                Issue.record("\(path) was taken")
                return ""
            } catch {
                #expect(error.code == .usage)
                return error.message
            }
        }
        let other = try Self.manifest(market, seed: 4)
        #expect(try refusal("run", other).contains("\"seed\":\"3\""))
        // Live logs, and a folder of somebody's files.
        try market.disk.createDirectory("live")
        try market.write("live/mkt", count: 10, seed: 2)
        #expect(try refusal("live", other).contains("mkt"))
        try market.disk.createDirectory("files")
        try market.disk.createDurably("a.txt", in: "files", [1])
        #expect(try refusal("files", other).contains("a.txt"))
        #expect(try refusal("files/a.txt", other).contains("is a file"))
        // What a crash leaves before the manifest has its name is nobody's.
        try market.disk.createDirectory("half")
        let file = try market.disk.open("half/RUN.json.new", .create)
        market.disk.close(file)
        let run = try ReplayRun(
            "half", manifest: other, modules: [.sig], options: ReplayMarket.options(),
            environment: market.environment)
        #expect(!run.isResumed)
        try run.output.root.close()
    }

    @Test func `an input with events behind its seal has no name`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 100, seed: 1, seal: false)
        #expect(throws: LogError.self) { try RunInput("mkt", environment: market.environment) }
        let writer = try LogWriter("mkt", options: ReplayMarket.options(), environment: market.environment)
        try writer.close(seal: true)
        let input = try RunInput("mkt", environment: market.environment)
        #expect(input.eventCount == 102 && input.stream == "mkt" && input.chainHead != .zero)
        #expect(input.eventNanos?.lowerBound == ReplayMarket.start)
    }

    @Test func `what a run is made of stands first, how it ended last`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 500, seed: 1)
        let digest = try Self.attempt(market).digest
        let scan = EventScan()
        var started: [RunStarted] = []
        var completed: [RunCompleted] = []
        try scan.on(RunStarted.self) { event, _ in started.append(event) }
        try scan.on(RunCompleted.self) { event, _ in completed.append(event) }
        try scan.read("run/ops", environment: market.environment)
        let manifest = try Self.manifest(market)
        #expect(started.map(\.runID) == [manifest.runID] && completed.map(\.runID) == [manifest.runID])
        #expect(started[0].configHash == manifest.configuration.hash && started[0].seed == 3)
        let last = try #require(digest.logs.last)
        #expect(last.eventCount == 2 && completed[0].metrics.first?.name == "notes")
        let ops = try RunDigest("run", environment: market.environment)
        #expect(ops == digest && completed[0].outputHash.digest != digest.total)
    }

    @Test func `the first difference of two runs is named`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 500, seed: 1)
        _ = try Self.attempt(market)
        try market.write("other", count: 500, seed: 2)
        let run = try ReplayRun(
            "run2", manifest: try Self.manifest(market), modules: [.sig, .dm], options: ReplayMarket.options(),
            environment: market.environment)
        try run.start()
        let feed = try MarketFeed(["other"], environment: market.environment)
        var handler = CrossNotes(output: run.output)
        var control = Unhindered()
        try feed.run(into: &handler, control: &control)
        try run.finish(metrics: [], nowNanos: feed.nowNanos)
        let difference = try RunDigest.difference("run", "run2", environment: market.environment)
        #expect(difference?.contains("event 1 differs") == true)
        let first = try RunDigest("run", environment: market.environment)
        #expect(try RunDigest("run2", environment: market.environment).total != first.total)
    }
}

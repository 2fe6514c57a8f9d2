import Events
import LogFormat
import Specimens
import Testing

@testable import LogEngine
@testable import Runtime

/// Whole replays: stopped, gone on with, cut short by their own manifest (REP-09, AUD-06).
@Suite struct ReplayDriverTests {
    /// Notes every trade whose price is the highest so far, at most one a second.
    private struct Highs: ReplayPipeline {
        let output: ResumingOutput
        var high: Int64 = 0
        var count = 0

        mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) throws(LogError) {
            guard event.price > high else { return }
            high = event.price
            try note("high \(event.price)", head.nowNanos)
        }

        mutating func gap(_ event: borrowing MarketGap, _ head: MarketHead) throws(LogError) {
            high = 0
            try note("gap of \(event.instrument)", head.nowNanos)
        }

        private mutating func note(_ subject: String, _ nanos: Int64) throws(LogError) {
            count += 1
            var event = AlarmRaised()
            event.lineage = Lineage(
                id: EventID(module: .sig, key: "\(subject)|\(count)", eventNanos: nanos),
                seenGlobalSeq: output.lastGlobalSeq)
            event.subject = subject
            _ = try output.append(&event, to: .sig, eventNanos: nanos, flags: [])
        }

        mutating func finish(nowNanos: Int64) -> [Metric] { [Metric("notes", Double(count))] }
    }

    private func manifest(_ market: ReplayMarket, until: Int64? = nil) throws -> RunManifest {
        RunManifest(
            inputs: [try RunInput("mkt", environment: market.environment)], configuration: try RunConfiguration(),
            codeRevision: "abc", seed: 1, untilNanos: until)
    }

    private func run(
        _ market: ReplayMarket, _ path: String, until: Int64? = nil, steps: UInt64 = .max
    ) throws -> ReplayReport {
        var pace = ReplayPace(steps: steps, clock: SimulatedClock())
        return try ReplayDriver.run(
            path, inputs: ["mkt"], manifest: try manifest(market, until: until), modules: [.sig],
            options: ReplayMarket.options(), environment: market.environment, control: &pace
        ) { Highs(output: $0.output) }
    }

    @Test func `a run that is stopped again and again ends like one that was not`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 1_500, seed: 1)
        let whole = try run(market, "whole")
        #expect(whole.matchedCount == 0 && whole.appendedCount > 20 && whole.marketCount == 1_502)
        for steps in [UInt64(0), 10, 500, 1_300] {
            #expect(throws: LogError.self) { try run(market, "pieces", steps: steps) }
        }
        let last = try run(market, "pieces")
        #expect(last.digest == whole.digest && last.matchedCount > 10)
        #expect(last.metrics == whole.metrics)
    }

    /// The run that was told to end at a moment says what the whole run says up to there.
    @Test func `what a run says up to a moment does not depend on what came later`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 1_000, seed: 2)
        _ = try run(market, "whole")
        func notes(_ path: String) throws -> [[UInt8]] {
            let walk = try EventWalk("\(path)/sig", types: [AlarmRaised.typeName], environment: market.environment)
            var found: [[UInt8]] = []
            while try walk.next() {
                found.append(try unsafe walk.withCanonical { stable, _ in unsafe [UInt8](stable) })
            }
            return found
        }
        let whole = try notes("whole")
        var lengths: Set<Int> = []
        for step in 1...20 {
            let until = ReplayMarket.start + Int64(step) * 480_000_000
            let report = try run(market, "until\(step)", until: until)
            #expect(report.nowNanos <= until)
            let part = try notes("until\(step)")
            #expect(Array(whole.prefix(part.count)) == part, "until \(until)")
            lengths.insert(part.count)
        }
        #expect(lengths.count > 5)
    }

    @Test func `a tally counts what there is`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 1_000, seed: 3)
        var control = Unhindered()
        let report = try ReplayDriver.run(
            "run", inputs: ["mkt"], manifest: try manifest(market), modules: [], options: ReplayMarket.options(),
            environment: market.environment, control: &control
        ) { _ in MarketTally() }
        let entries = try slowly("mkt", market)
        for (metric, kind) in [("trades", "trade"), ("books", "book"), ("gaps", "gap"), ("candles", "candle")] {
            let expected = entries.count { $0.kind == kind }
            #expect(report.metrics.first { $0.name == metric }?.value == Double(expected))
        }
        #expect(report.metrics.last?.value == 9)
        #expect(report.digest.logs.map(\.module) == [.ops])
    }

    @Test func `every run on the record is a trial, the same run once`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 50, seed: 1)
        try market.disk.createDirectory("runs")
        func finish(_ name: String, _ seed: UInt64, _ metrics: [Metric]) throws -> RunID {
            var manifest = try self.manifest(market)
            manifest.seed = seed
            let run = try ReplayRun(
                "runs/\(name)", manifest: manifest, modules: [], options: ReplayMarket.options(),
                environment: market.environment)
            try run.start()
            try run.finish(metrics: metrics, nowNanos: 5)
            return manifest.runID
        }
        let ratios = [Metric("sharpe/a_v1", 0.1), Metric("sharpe/b_v1", nil), Metric("windows", 9)]
        let first = try finish("first", 1, ratios)
        _ = try finish("again", 1, ratios)
        _ = try finish("second", 2, [Metric("windows", 3)])
        try market.disk.createDirectory("runs/notes")
        let all = try TrialCount(in: "runs", environment: market.environment)
        #expect(all.count == 3 && all.ratios == [0.1] && all.runs.count == 2)
        #expect(try TrialCount(in: "runs", without: first, environment: market.environment).count == 1)
        #expect(try TrialCount(in: "nowhere", environment: market.environment).count == 0)
    }
}

import DetectorYAML
import Events
import LogFormat
import SignalEngine
import Statistics
import Testing

@testable import Backtest
@testable import LogEngine
@testable import Report
@testable import Runtime

/// The whole way: a market, the shipped detectors, a run, its report.
@Suite struct SummaryPipelineTests {
    /// Trades and quotes of one instrument, two seconds apart, as a random walk with a gap of five minutes.
    private func writeMarket(_ run: SummaryRun, _ path: String, steps: Int, seed: UInt64) throws {
        let writer = try LogWriter(path, options: SummaryRun.options, environment: run.environment)
        let (listing, trade) = (try writer.register(MarketInstrument.self), try writer.register(MarketTrade.self))
        let (quote, gap) = (try writer.register(MarketQuote.self), try writer.register(MarketGap.self))
        var listed = MarketInstrument()
        (listed.instrument, listed.asset, listed.venue, listed.symbol) = (1, AssetID("BTC-USD"), "hyperliquid", "BTC")
        try writer.append(&listed, typeID: listing, eventNanos: SummaryRun.start)
        var random = SeededGenerator(seed: seed)
        var price: Int64 = 6_000_000_000_000
        for index in 0..<steps {
            let nanos = SummaryRun.start + Int64(index) * 2_000_000_000
            if index == steps / 2 {
                var hole = MarketGap()
                (hole.instrument, hole.channel, hole.fromNanos) = (1, "trades", nanos - 2_000_000_000)
                try writer.append(&hole, typeID: gap, eventNanos: nanos + 300_000_000_000)
            }
            if (steps / 2..<steps / 2 + 151).contains(index) { continue }
            price += Int64(random.below(2_001) - 1_000) * 1_000_000
            var event = MarketTrade()
            (event.instrument, event.receivedNanos, event.price) = (1, nanos, price)
            event.size = Int64(1 + random.below(50)) * 1_000_000
            event.side = random.below(2) == 0 ? .buy : .sell
            event.tradeID = UInt64(index) + 1
            try writer.append(&event, typeID: trade, eventNanos: nanos)
            var best = MarketQuote()
            (best.instrument, best.receivedNanos, best.bidPrice) = (1, nanos, price - 50_000_000)
            (best.askPrice, best.bidSize, best.askSize) = (price + 50_000_000, 100_000_000, 100_000_000)
            try writer.append(&best, typeID: quote, eventNanos: nanos)
        }
        try writer.close(seal: true)
    }

    @Test func `what the pipeline counts is what the report counts`() throws {
        let run = try SummaryRun()
        let seed: UInt64 = 41
        try writeMarket(run, "market", steps: 3_900, seed: seed)
        let engine = SignalEngine(try ShippedDetectors.recipes())
        let manifest = RunManifest(
            inputs: [try RunInput("market", environment: run.environment)], configuration: try RunConfiguration(),
            codeRevision: "abc", seed: 7)
        var control = Unhindered()
        let replay = try ReplayDriver.run(
            "runs/real", inputs: ["market"], manifest: manifest, modules: [.sig], options: SummaryRun.options,
            environment: run.environment, control: &control
        ) { made throws(LogError) in try SignalPipeline(engine, output: made.output) }
        func metric(_ name: String) -> Int { Int(replay.metrics.first { $0.name == name }?.value ?? -1) }
        let (report, windows) = try run.maker("runs/real", inputs: ["market"]).make()
        #expect(metric("scored") == windows.windowCount && windows.windowCount > 500, "seed \(seed)")
        #expect(metric("windows") == windows.factsCount)
        let abstained = windows.detectors.reduce(0) { $0 + $1.abstainedCounts.reduce(0, +) }
        #expect(
            metric("abstained") == abstained
                && report.detectors.reduce(0) { $0 + $1.scored } + abstained == windows.windowCount)
        let evaluated = windows.detectors.reduce(0) { $0 + $1.evaluatedCounts.reduce(0, +) }
        #expect(metric("evaluated") == evaluated && windows.strayOutcomeCount == 0 && evaluated > 500)
        #expect(
            report.detectors.map(\.id) == engine.cohort.map(\.id.text) && report.selection.trials == engine.cohort.count
        )
        #expect(report.detectors.allSatisfy { !$0.family.isEmpty && $0.definition.hasPrefix("sha256:") })
        #expect(report.data.gaps.count == 1 && report.data.instruments.map(\.name) == ["BTC-USD"])
        #expect(report.windowsJudged > 0 && report.windowsJudged <= windows.windowCount)
        // Nobody can tell this walk from chance.
        #expect(Verdict(report).tone != .found)
        let again = try run.maker("runs/real", inputs: ["market"]).make().report
        #expect(again.html == report.html && again.json == report.json)
    }
}

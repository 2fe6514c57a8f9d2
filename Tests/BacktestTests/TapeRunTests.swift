import BacktestTesting
import DetectorYAML
import Events
import LogEngine
import Market
import Runtime
import SignalEngine
import Specimens
import Testing

@testable import Backtest

/// The tape of tokens beside the windows of a run (DSI-03 to DSI-07, ARC-17).
@Suite struct TapeRunTests {
    private static func run(_ root: String, tape: Int64?, to nanos: Int64 = .max) throws -> NightTests.Heard {
        let heard = NightTests.Heard()
        var setup = EngineSetup()
        (setup.tapeMillis, setup.siblings) = (tape, 0)
        let recipes = try ShippedDetectors.recipes().prefix(4)
        var pipeline = try SignalPipeline(SignalEngine(Array(recipes), setup: setup), output: heard)
        let feed = try MarketFeed([root])
        var control = Cut(nanos: nanos)
        _ = try feed.run(into: &pipeline, control: &control)
        let metrics = try pipeline.finish(nowNanos: nanos == .max ? feed.nowNanos : nanos)
        let counts = metrics.filter { $0.name.hasPrefix("tape_") }.map(\.value)
        let batches = heard.all(MicroTapeSealed.self)
        let tokens = batches.reduce(0) { $0 + $1.tokens.count }
        #expect(counts == (tape == nil ? [] : [Double(batches.count), Double(tokens)]))
        return heard
    }

    private static func texts(_ heard: NightTests.Heard, to nanos: Int64 = .max) -> [String] {
        heard.entries.filter { $0.nanos <= nanos }.map { "\($0.nanos) \($0.event)" }
    }

    @Test func `batches stand between the windows, every token once, and change nothing else`() throws {
        let scratch = try Scratch()
        let root = "\(scratch.path)/root"
        try SampleMarket.write(root, count: 3000, seed: 31)
        let heard = try Self.run(root, tape: 100)
        let batches = heard.all(MicroTapeSealed.self)
        for asset in ["BTC-USD", "ETH-USD"] {
            let mine = batches.filter { $0.asset == AssetID(asset) }
            #expect(mine.count > 10 && mine.map(\.batch) == Array(1...Int64(mine.count)))
            #expect(mine.allSatisfy { $0.hash == $0.computedHash() && $0.tokens.count == MicroTape.batchTokensMax })
            let tokens = mine.flatMap(\.tokens)
            #expect(zip(tokens, tokens.dropFirst()).allSatisfy { $0.nanos <= $1.nanos })
        }
        #expect(Set(batches.map(\.lineage.id)).count == batches.count)
        let times = heard.entries.map(\.nanos)
        #expect(times == times.sorted())
        for entry in heard.entries {
            if let batch = entry.event as? MicroTapeSealed { #expect(batch.lastNanos == entry.nanos) }
        }
        let others = heard.entries.filter { !($0.event is MicroTapeSealed) }.map { "\($0.nanos) \($0.event)" }
        #expect(others == Self.texts(try Self.run(root, tape: nil)))
        #expect(try Self.run(root, tape: 200).all(MicroTapeSealed.self).count < batches.count)
    }

    /// AUD-06, EX-36, NEV-16.
    @Test func `a tape that is cut anywhere changes no batch before the cut`() throws {
        let scratch = try Scratch()
        let root = "\(scratch.path)/root"
        try SampleMarket.write(root, count: 800, seed: 32)
        let whole = try Self.run(root, tape: 100)
        let sealed = whole.entries.filter { $0.event is MicroTapeSealed }.map(\.nanos)
        var random = SeededGenerator(seed: 34)
        for round in 0..<40 {
            let last = whole.entries[random.below(whole.entries.count)].nanos
            let cut = round % 2 == 0 ? sealed[random.below(sealed.count)] : last + Int64(random.below(100_000_000))
            #expect(Self.texts(try Self.run(root, tape: 100, to: cut)) == Self.texts(whole, to: cut), "seed 34, \(cut)")
        }
    }

    @Test func `a cadence that is not allowed is refused`() throws {
        for millis in [49, 201] as [Int64] {
            var setup = EngineSetup()
            setup.tapeMillis = millis
            let engine = SignalEngine(Array(try ShippedDetectors.recipes().prefix(1)), setup: setup)
            let error = #expect(throws: LogError.self) {
                _ = try SignalPipeline(engine, output: NightTests.Heard())
            }
            #expect(error?.code == .usage && error?.message.contains("\(millis) ms") == true)
        }
    }
}

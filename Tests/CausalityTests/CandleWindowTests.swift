import Backtest
import BacktestTesting
import DetectorYAML
import Events
import LogEngine
import Runtime
import SignalEngine
import Specimens
import Testing

/// A market of candles alone: a window where there was news, and none where there was not (decision 0023).
@Suite struct CandleWindowTests {
    static let hour: Int64 = 3_600_000_000_000
    static let start: Int64 = 1_757_592_000_000_000_000
    static let candleCount = 30

    /// Half-hour candles of two coins, in the order in which they became known.
    private func write(_ directory: String) throws {
        let root = try Root(directory, modules: [.mkt])
        for number in 1...2 as ClosedRange<Int32> {
            var listed = MarketInstrument()
            (listed.instrument, listed.venue, listed.symbol) = (number, "hyperliquid", "C\(number)")
            listed.asset = AssetID("C\(number)-USD")
            (listed.priceStep, listed.sizeStep) = (1, 1)
            try root.append(&listed, to: .mkt, eventNanos: Self.start)
        }
        for index in 0..<Self.candleCount {
            for number in 1...2 as ClosedRange<Int32> {
                var candle = MarketCandle()
                candle.instrument = number
                candle.seconds = 1800
                candle.openNanos = Self.start + Int64(index) * Self.hour / 2
                let price = 100_000_000 * Int64(100 + (index * 7 + Int(number)) % 11)
                (candle.open, candle.close) = (price, price + 1_000_000)
                (candle.high, candle.low) = (price + 2_000_000, price - 1_000_000)
                candle.volume = 1_000_000_000
                try root.append(&candle, to: .mkt, eventNanos: candle.openNanos + Self.hour / 2)
            }
        }
        try root.close(seal: true)
    }

    @Test func `a candle makes one window of each kind and coin`() throws {
        let scratch = try Scratch()
        let root = "\(scratch.path)/root"
        try RealFS().createDirectory(root)
        try write(root)
        let lines = try SampleRun.lines(root)
        let kinds = try SampleRun.engine().kinds
        let facts = lines.count { $0.name == "sig.WindowFactsComputed" }
        // The last candle becomes known with the last event: its windows would end behind it.
        #expect(facts == 2 * kinds.count * (Self.candleCount - 1), "\(facts)")
        let scored = lines.count { $0.name == "sig.SignalScored" }
        #expect(try scored == 2 * ShippedDetectors.recipes().count * (Self.candleCount - 1))
        #expect(lines.contains { $0.name == "sig.SignalEvaluated" }, "an hour after a candle there is a price")
    }

    /// AUD-06, NEV-16.
    @Test func `a tape of candles that is cut anywhere changes nothing before the cut`() throws {
        let scratch = try Scratch()
        let root = "\(scratch.path)/root"
        try RealFS().createDirectory(root)
        try write(root)
        let whole = try SampleRun.lines(root)
        var random = SeededGenerator(seed: 34)
        for round in 0..<30 {
            let cut =
                round % 2 == 0
                ? whole[random.below(whole.count)].nanos
                : Self.start + Int64(random.next() % UInt64(Self.hour * Int64(Self.candleCount) / 2))
            let part = try SampleRun.lines(root, to: cut)
            #expect(part == whole.filter { $0.nanos <= cut }, "seed 34, cut at \(cut)")
        }
    }
}

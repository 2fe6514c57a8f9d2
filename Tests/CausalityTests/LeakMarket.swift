import Events
import LogEngine
import Runtime

/// A market of everything that a mistaken program could read too early: trades that arrive late, closed candles,
/// funding, open interest, gaps that are noticed afterwards, silences, and an asset that stops trading.
enum LeakMarket {
    static let startNanos: Int64 = 1_760_000_000_000_000_000
    static let second: Int64 = 1_000_000_000

    /// Writes 20 minutes of two instruments.
    ///
    /// - Parameter candlesAtOpen: candles are stamped with their first moment, as some vendors do.
    static func write(_ directory: String, seed: UInt64, candlesAtOpen: Bool = false) throws {
        try RealFS().createDirectory(directory)
        let root = try Root(directory, modules: [.mkt])
        var random = SeededGenerator(seed: seed)
        for (number, name) in [(Int32(1), "BTC"), (Int32(2), "ETH")] {
            var listed = MarketInstrument()
            (listed.instrument, listed.asset) = (number, AssetID("\(name)-USD"))
            (listed.venue, listed.symbol) = ("hyperliquid", name)
            (listed.priceStep, listed.sizeStep) = (100_000_000, 1000)
            try root.append(&listed, to: .mkt, eventNanos: startNanos)
        }
        var price: Int64 = 100_000
        var now = startNanos
        var minute = startNanos / (60 * second)
        while now < startNanos + 1200 * second {
            now += Int64(200 + random.below(1400)) * 1_000_000
            if random.chance(0.02) { now += 20 * second }
            price += Int64(random.below(41)) - 20
            // The second instrument is taken off the market before the end.
            let lives = now < startNanos + 840 * second
            let instrument: Int32 = lives && random.chance(0.4) ? 2 : 1
            if now / (60 * second) > minute {
                minute = now / (60 * second)
                try closeMinute(root, minute, price, candlesAtOpen, &random)
            }
            switch random.below(10) {
            case 0..<6: try trade(root, instrument, price, now, &random)
            case 6..<8: try quote(root, instrument, price, now)
            case 8: try context(root, instrument, now, &random)
            default:
                guard random.chance(0.3) else { continue }
                var gap = MarketGap()
                (gap.instrument, gap.channel, gap.fromNanos) = (1, "trades", now - 12 * second)
                try root.append(&gap, to: .mkt, eventNanos: now)
            }
        }
        try root.close(seal: true)
    }

    private static func closeMinute(
        _ root: Root, _ minute: Int64, _ price: Int64, _ atOpen: Bool, _ random: inout SeededGenerator
    ) throws {
        var candle = MarketCandle()
        (candle.instrument, candle.seconds) = (1, 60)
        candle.openNanos = (atOpen ? minute : minute - 1) * 60 * second
        (candle.open, candle.close) = (price * 100_000_000, (price + 5) * 100_000_000)
        (candle.high, candle.low) = ((price + 9) * 100_000_000, (price - 9) * 100_000_000)
        candle.volume = 5_000_000
        try root.append(&candle, to: .mkt, eventNanos: minute * 60 * second)
        var funding = MarketFunding()
        (funding.instrument, funding.rate) = (1, Int64(random.below(2_000_000)) - 1_000_000)
        try root.append(&funding, to: .mkt, eventNanos: minute * 60 * second)
    }

    private static func trade(
        _ root: Root, _ instrument: Int32, _ price: Int64, _ now: Int64, _ random: inout SeededGenerator
    ) throws {
        var trade = MarketTrade()
        (trade.instrument, trade.receivedNanos) = (instrument, now)
        trade.price = price * 100_000_000
        trade.size = Int64(1 + random.below(2000)) * 100_000
        trade.side = random.chance(0.5) ? .buy : .sell
        trade.tradeID = UInt64(now)
        // One in ten is about a moment that is long gone when it arrives.
        let age = random.chance(0.1) ? 2_500_000_000 + Int64(random.below(4000)) * 1_000_000 : 20_000_000
        try root.append(&trade, to: .mkt, eventNanos: now - age)
    }

    private static func quote(_ root: Root, _ instrument: Int32, _ price: Int64, _ now: Int64) throws {
        var quote = MarketQuote()
        (quote.instrument, quote.receivedNanos) = (instrument, now)
        (quote.bidPrice, quote.askPrice) = (price * 100_000_000, (price + 1) * 100_000_000)
        (quote.bidSize, quote.askSize) = (5_000_000, 7_000_000)
        try root.append(&quote, to: .mkt, eventNanos: now - 10_000_000)
    }

    private static func context(
        _ root: Root, _ instrument: Int32, _ now: Int64, _ random: inout SeededGenerator
    ) throws {
        var context = MarketContext()
        (context.instrument, context.receivedNanos) = (instrument, now)
        context.openInterest = Int64(1000 + random.below(1000)) * 100_000_000
        context.fundingRate = 12_500_000
        try root.append(&context, to: .mkt, eventNanos: now)
    }
}

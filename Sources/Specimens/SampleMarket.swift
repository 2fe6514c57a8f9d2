import Events
package import LogEngine
import LogFormat
import Runtime

/// A market of two instruments made from a seed: trades, books, quotes, a gap, and stretches of silence.
package enum SampleMarket {
    /// Appends `count` events to the market log of a root in `directory`; seals it at the end.
    ///
    /// - Parameter paceMillis: from one event to the next less than this, half of it on average.
    /// - Throws: errors of the logs.
    package static func write(
        _ directory: String, count: Int, seed: UInt64, startNanos: Int64 = 1_760_000_000_000_000_000,
        paceMillis: Int = 180
    ) throws(LogError) {
        do throws(FSError) {
            if RealFS().kind(directory) == .nothing { try RealFS().createDirectory(directory) }
        } catch { throw LogError(error) }
        let root = try Root(directory, modules: [.mkt])
        var random = SeededGenerator(seed: seed)
        var now = startNanos
        for (number, name) in [(Int32(1), "BTC"), (Int32(2), "ETH")] {
            var listed = MarketInstrument()
            listed.instrument = number
            listed.asset = AssetID("\(name)-USD")
            listed.venue = "hyperliquid"
            listed.symbol = name
            listed.priceStep = 100_000_000
            listed.sizeStep = 1000
            try root.append(&listed, to: .mkt, eventNanos: now)
        }
        var prices: [Int64] = [0, 110_000, 4_400]
        for _ in 0..<count {
            now += Int64(random.below(max(1, paceMillis))) * 1_000_000
            if random.chance(0.001) { now += 30_000_000_000 }
            let instrument = Int32(1 + random.below(2))
            let price = max(1000, prices[Int(instrument)] + Int64(random.below(5)) - 2)
            prices[Int(instrument)] = price
            // The venue's time is earlier than the moment at which the event reached us, sometimes by a lot.
            let event = now - Int64(random.below(random.chance(0.01) ? 5000 : 600)) * 1_000_000
            switch random.below(20) {
            case 0..<7: try trade(root, instrument, price, event, now, &random)
            case 7..<14: try quote(root, instrument, price, event, now, &random)
            case 14..<19: try book(root, instrument, price, event, now, &random)
            default:
                guard random.chance(0.02) else { continue }
                var gap = MarketGap()
                gap.instrument = instrument
                gap.channel = "trades"
                gap.fromNanos = now - 2_000_000_000
                try root.append(&gap, to: .mkt, eventNanos: now)
            }
        }
        try root.close(seal: true)
    }

    private static func trade(
        _ root: Root, _ instrument: Int32, _ price: Int64, _ event: Int64, _ now: Int64, _ random: inout SeededGenerator
    ) throws(LogError) {
        var trade = MarketTrade()
        trade.instrument = instrument
        trade.receivedNanos = now
        trade.price = price * 100_000_000
        trade.size = Int64(1 + random.below(2_000)) * 100_000
        trade.side = random.chance(0.5) ? .buy : .sell
        trade.tradeID = UInt64(now)
        try root.append(&trade, to: .mkt, eventNanos: event)
    }

    private static func quote(
        _ root: Root, _ instrument: Int32, _ price: Int64, _ event: Int64, _ now: Int64, _ random: inout SeededGenerator
    ) throws(LogError) {
        var quote = MarketQuote()
        quote.instrument = instrument
        quote.receivedNanos = now
        quote.bidPrice = price * 100_000_000
        quote.askPrice = (price + 1 + Int64(random.below(2))) * 100_000_000
        quote.bidSize = random.chance(0.01) ? 0 : Int64(1 + random.below(500)) * 1_000_000
        quote.askSize = Int64(1 + random.below(500)) * 1_000_000
        try root.append(&quote, to: .mkt, eventNanos: event)
    }

    private static func book(
        _ root: Root, _ instrument: Int32, _ price: Int64, _ event: Int64, _ now: Int64, _ random: inout SeededGenerator
    ) throws(LogError) {
        var book = MarketBook()
        book.instrument = instrument
        book.receivedNanos = now
        let depth = 1 + random.below(20)
        book.bidCount = Int32(depth)
        book.askCount = Int32(depth)
        for level in 0..<depth {
            book.bidPrices[level] = Int32(price) - Int32(level)
            book.askPrices[level] = Int32(price) + 1 + Int32(level)
            book.bidSizes[level] = Int32(1 + random.below(1_000_000))
            book.askSizes[level] = Int32(1 + random.below(1_000_000))
        }
        try root.append(&book, to: .mkt, eventNanos: event)
    }
}

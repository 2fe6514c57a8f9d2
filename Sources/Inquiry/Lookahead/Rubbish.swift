import Events
import LogEngine
import Runtime

/// Other numbers for market events: the same kind, times and instrument, and nothing else of what it said.
///
/// A function of the seed and of the event's place, so that it does not matter which events are spoiled before.
struct Rubbish {
    let seed: UInt64

    private func random(_ head: MarketHead) -> SeededGenerator {
        SeededGenerator(seed: seed ^ (head.globalSeq &* 0x9E37_79B9_7F4A_7C15) ^ UInt64(head.source))
    }

    /// Half to twice a positive number, and 1 to 1,000 for others.
    private func price(_ value: Int64, _ random: inout SeededGenerator) -> Int64 {
        guard value > 1, value < 1 << 50 else { return 1 + Int64(random.below(1000)) }
        return value / 2 + 1 + Int64(random.below(Int(value + value / 2)))
    }

    private func rate(_ value: Int64?, _ random: inout SeededGenerator) -> Int64? {
        value.map { _ in Int64(random.below(2_000_000_000)) - 1_000_000_000 }
    }

    /// The event with other numbers; a listing is no news and stays.
    func instead(of event: AnyMarketEvent, _ head: MarketHead) -> AnyMarketEvent {
        switch event {
        case .listed: event
        case .traded(let trade): .traded(of(trade, head))
        case .book(let book): .book(of(book, head))
        case .quote(let quote): .quote(of(quote, head))
        case .candle(let candle): .candle(of(candle, head))
        case .context(let context): .context(of(context, head))
        case .funding(let funding): .funding(of(funding, head))
        case .gap(let gap): .gap(of(gap, head))
        }
    }

    private func of(_ event: MarketTrade, _ head: MarketHead) -> MarketTrade {
        var (made, random) = (event, random(head))
        made.price = price(made.price, &random)
        made.size = price(made.size, &random)
        made.side = random.chance(0.5) ? .buy : .sell
        made.tradeID = random.next()
        return made
    }

    private func of(_ event: MarketQuote, _ head: MarketHead) -> MarketQuote {
        var (made, random) = (event, random(head))
        made.bidPrice = price(made.bidPrice, &random)
        made.askPrice = made.bidPrice + 1 + Int64(random.below(1_000_000))
        made.bidSize = price(made.bidSize, &random)
        made.askSize = price(made.askSize, &random)
        return made
    }

    /// Levels stay in order and uncrossed: a book that is refused would not reach what is tested.
    private func of(_ event: MarketBook, _ head: MarketHead) -> MarketBook {
        var (made, random) = (event, random(head))
        let best = Int32(clamping: price(Int64(made.bidPrices[0]), &random)) / 2 + 100
        for level in 0..<MarketBook.levelsMax {
            if level < made.bidCount {
                made.bidPrices[level] = best - Int32(level)
                made.bidSizes[level] = Int32(1 + random.below(1_000_000))
            }
            if level < made.askCount {
                made.askPrices[level] = best + 1 + Int32(level)
                made.askSizes[level] = Int32(1 + random.below(1_000_000))
            }
        }
        return made
    }

    private func of(_ event: MarketCandle, _ head: MarketHead) -> MarketCandle {
        var (made, random) = (event, random(head))
        made.open = price(made.open, &random)
        made.close = price(made.close, &random)
        made.high = max(made.open, made.close) + Int64(random.below(1_000_000))
        made.low = max(1, min(made.open, made.close) - Int64(random.below(1_000_000)))
        made.volume = price(made.volume, &random)
        made.tradeCount = made.tradeCount.map { price($0, &random) }
        return made
    }

    private func of(_ event: MarketContext, _ head: MarketHead) -> MarketContext {
        var (made, random) = (event, random(head))
        made.fundingRate = rate(made.fundingRate, &random)
        made.openInterest = made.openInterest.map { price($0, &random) }
        made.oraclePrice = made.oraclePrice.map { price($0, &random) }
        made.markPrice = made.markPrice.map { price($0, &random) }
        made.midPrice = made.midPrice.map { price($0, &random) }
        return made
    }

    private func of(_ event: MarketFunding, _ head: MarketHead) -> MarketFunding {
        var (made, random) = (event, random(head))
        made.rate = rate(made.rate, &random) ?? 0
        made.premium = rate(made.premium, &random)
        return made
    }

    private func of(_ event: MarketGap, _ head: MarketHead) -> MarketGap {
        var (made, random) = (event, random(head))
        made.channel = random.pick(["trades", "l2Book", "bbo"])
        made.reason = random.pick(GapReason.allCases)
        made.missingCount = made.missingCount.map { price($0, &random) }
        return made
    }
}

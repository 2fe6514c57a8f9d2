import Events
import Foundation
import Market

/// A seeded generator (splitmix64), the same everywhere.
struct FeaturesGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number in 0..<limit.
    mutating func below(_ limit: Int64) -> Int64 { Int64(next() % UInt64(limit)) }
    /// A number in 0..<1.
    mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}

/// A market event with its own time and the time it reached us.
struct FeaturesInput {
    enum Event {
        case instrument(MarketInstrument)
        case trade(MarketTrade)
        case book(MarketBook)
        case quote(MarketQuote)
        case candle(MarketCandle)
        case context(MarketContext)
        case funding(MarketFunding)
        case gap(MarketGap)
    }

    var event: Event
    /// The venue's time.
    var at: Int64
    /// Our time.
    var now: Int64
}

/// A row in a form that can be kept and compared bit for bit.
struct KeptRow: Equatable {
    var instrument: Int32
    var kind: Int32
    var asof: Int64
    var price: Int64
    var isStale: Bool
    var bits: [UInt64?]

    init(_ row: borrowing FeatureRow) {
        instrument = row.instrument
        kind = row.kind
        asof = row.asofNanos
        price = row.price
        isStale = row.isStale
        bits = []
        for feature in Feature.allCases { bits.append(row[feature]?.bitPattern) }
    }

    subscript(_ feature: Feature) -> Double? { bits[Int(feature.rawValue)].map { Double(bitPattern: $0) } }
}

extension FeatureEngine {
    /// Applies an input as the driver's contract says: time first, then the event.
    mutating func feed(_ input: FeaturesInput, _ keep: (KeptRow) -> Void) {
        advance(to: input.now) { row in keep(KeptRow(row)) }
        switch input.event {
        case .instrument(let event): apply(event, eventNanos: input.at)
        case .trade(let event): apply(event, eventNanos: input.at)
        case .book(let event): apply(event, eventNanos: input.at)
        case .quote(let event): apply(event, eventNanos: input.at)
        case .candle(let event): apply(event, eventNanos: input.at)
        case .context(let event): apply(event, eventNanos: input.at)
        case .funding(let event): apply(event, eventNanos: input.at)
        case .gap(let event): apply(event, eventNanos: input.at)
        }
    }
}

/// All rows of a run, until `end` if it is given.
func rows(
    of inputs: some Sequence<FeaturesInput>, _ kinds: [WindowKind], limits: FeatureLimits = FeatureLimits(),
    until end: Int64? = nil
) throws -> [KeptRow] {
    var engine = try FeatureEngine(kinds: kinds, limits: limits)
    var kept: [KeptRow] = []
    for input in inputs { engine.feed(input) { kept.append($0) } }
    if let end { engine.advance(to: end) { row in kept.append(KeptRow(row)) } }
    return kept
}

let second: Int64 = 1_000_000_000
/// A Thursday noon.
let featuresStart: Int64 = 1_757_592_000 * second

/// A book around a mid, in steps; sizes as the generator gives them.
func madeBook(_ instrument: Int32, mid: Int64, levels: Int, _ random: inout FeaturesGenerator) -> MarketBook {
    var book = MarketBook()
    book.instrument = instrument
    book.bidCount = Int32(levels)
    book.askCount = Int32(levels)
    var (bid, ask) = (mid - 1 - random.below(2), mid + 1 + random.below(2))
    for level in 0..<levels {
        book.bidPrices[level] = Int32(bid)
        book.askPrices[level] = Int32(ask)
        book.bidSizes[level] = Int32(1 + random.below(5000))
        book.askSizes[level] = Int32(1 + random.below(5000))
        bid -= 1 + random.below(2)
        ask += 1 + random.below(2)
    }
    return book
}

/// A seeded stream of one or more instruments: trades in bursts, books, quotes, contexts, each with its delay.
///
/// Prices in steps of 0.1, sizes in steps of 0.00001.
func madeStream(seed: UInt64, seconds: Int64, instruments: Int32 = 1, gaps: Bool = false) -> [FeaturesInput] {
    var random = FeaturesGenerator(seed: seed)
    var inputs: [FeaturesInput] = []
    var now = featuresStart + 137_000_000
    var mids = [Int64](repeating: 1_000_000, count: Int(instruments))
    for number in 1...instruments {
        var listed = MarketInstrument()
        listed.instrument = number
        listed.priceStep = 10_000_000
        listed.sizeStep = 1000
        inputs.append(FeaturesInput(event: .instrument(listed), at: now, now: now))
    }
    let end = featuresStart + seconds * second
    var lastAt = [Int64](repeating: 0, count: Int(instruments))
    while now < end {
        now += random.below(400) * 1_000_000
        let number = Int32(1 + random.below(Int64(instruments)))
        let place = Int(number - 1)
        mids[place] += random.below(7) - 3
        let at = max(lastAt[place], now - random.below(300) * 1_000_000)
        lastAt[place] = at
        switch random.below(100) {
        case 0..<45:
            let isBuy = random.below(2) == 0
            for _ in 0..<(1 + random.below(3)) {
                var trade = MarketTrade()
                trade.instrument = number
                trade.receivedNanos = now
                trade.price = (mids[place] + (isBuy ? 1 : -1) * (1 + random.below(4))) * 10_000_000
                trade.size = (1 + random.below(2000)) * 1000
                trade.side = isBuy ? .buy : .sell
                inputs.append(FeaturesInput(event: .trade(trade), at: at, now: now))
            }
        case 45..<75:
            let book = madeBook(number, mid: mids[place], levels: 20, &random)
            inputs.append(FeaturesInput(event: .book(book), at: at, now: now))
        case 75..<92:
            var quote = MarketQuote()
            quote.instrument = number
            quote.bidPrice = (mids[place] - 1) * 10_000_000
            quote.askPrice = (mids[place] + 1) * 10_000_000
            quote.bidSize = (1 + random.below(500)) * 1000
            quote.askSize = (1 + random.below(500)) * 1000
            inputs.append(FeaturesInput(event: .quote(quote), at: at, now: now))
        case 92..<99:
            var context = MarketContext()
            context.instrument = number
            context.fundingRate = random.below(100_000_000) - 50_000_000
            context.openInterest = 3_000_000_000_000 + random.below(1_000_000_000)
            context.oraclePrice = mids[place] * 10_000_000 + random.below(5_000_000)
            context.markPrice = mids[place] * 10_000_000 + random.below(5_000_000)
            inputs.append(FeaturesInput(event: .context(context), at: now, now: now))
        default:
            guard gaps else { continue }
            var gap = MarketGap()
            gap.instrument = random.below(2) == 0 ? 0 : number
            gap.channel = "trades"
            gap.fromNanos = now - second
            inputs.append(FeaturesInput(event: .gap(gap), at: now, now: now))
        }
    }
    return inputs
}

package import Events

/// A seeded mix of market events in memory, for measuring the feature engine: half trades, a fifth 20-level books, the
/// rest quotes and a few contexts, of several instruments, a hundred milliseconds apart for each.
package struct FeatureMix: Sendable {
    private enum Entry: Sendable {
        case trade(MarketTrade)
        case quote(MarketQuote)
        case context(MarketContext)
        /// Place among the books, which are too large to stand here.
        case book(Int)
    }

    /// What a run came to.
    package struct Result: Equatable, Sendable {
        /// Rows that were handed out.
        package var rows = 0
        /// Bits of their values, folded; the same in every run.
        package var fold: UInt64 = 0

        /// Nothing yet.
        package init() {}
    }

    private var entries: [(nanos: Int64, entry: Entry)] = []
    private var books: [MarketBook] = []
    private let instruments: Int32
    private static let startNanos: Int64 = 1_757_592_000_000_000_000

    /// Events in the mix.
    package var count: Int { entries.count }

    /// Makes `count` events of `instruments` instruments, at least one.
    package init(count: Int, instruments: Int32 = 4, seed: UInt64 = 1) {
        self.instruments = max(1, instruments)
        var state = seed
        func below(_ limit: UInt64) -> Int64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64((state >> 33) % limit)
        }
        entries.reserveCapacity(count)
        var nanos = Self.startNanos
        var mids = [Int64](repeating: 1_000_000, count: Int(self.instruments))
        for index in 0..<count {
            nanos += 100_000_000 / Int64(self.instruments)
            let place = index % Int(self.instruments)
            let number = Int32(place + 1)
            mids[place] += below(5) - 2
            let mid = mids[place]
            switch below(100) {
            case 0..<50:
                var trade = MarketTrade()
                trade.instrument = number
                trade.receivedNanos = nanos
                trade.side = below(2) == 0 ? .buy : .sell
                trade.price = (mid + (trade.side == .buy ? 1 : -1)) * 10_000_000
                trade.size = (1 + below(3000)) * 1000
                entries.append((nanos, .trade(trade)))
            case 50..<70:
                var book = MarketBook()
                book.instrument = number
                book.bidCount = 20
                book.askCount = 20
                for level in 0..<20 {
                    book.bidPrices[level] = Int32(mid) - 1 - Int32(level)
                    book.askPrices[level] = Int32(mid) + 1 + Int32(level)
                    book.bidSizes[level] = Int32(1 + below(5000))
                    book.askSizes[level] = Int32(1 + below(5000))
                }
                entries.append((nanos, .book(books.count)))
                books.append(book)
            case 70..<98:
                var quote = MarketQuote()
                quote.instrument = number
                quote.bidPrice = (mid - 1) * 10_000_000
                quote.askPrice = (mid + 1) * 10_000_000
                quote.bidSize = (1 + below(500)) * 1000
                quote.askSize = (1 + below(500)) * 1000
                entries.append((nanos, .quote(quote)))
            default:
                var context = MarketContext()
                context.instrument = number
                context.fundingRate = 12_500_000 + below(1000)
                context.openInterest = 3_000_000_000_000 + below(1_000_000)
                context.oraclePrice = mid * 10_000_000
                context.markPrice = mid * 10_000_000 + below(1000)
                entries.append((nanos, .context(context)))
            }
        }
    }

    /// Feeds all of it to a new engine, as a driver does, and folds the rows.
    package func run(_ kinds: [WindowKind]) throws(FeatureError) -> Result {
        var engine = try FeatureEngine(kinds: kinds)
        var result = Result()
        engine.advance(to: Self.startNanos) { _ in }
        for number in 1...instruments {
            var listed = MarketInstrument()
            listed.instrument = number
            listed.priceStep = 10_000_000
            listed.sizeStep = 1000
            engine.apply(listed, eventNanos: Self.startNanos)
        }
        for index in entries.indices {
            let nanos = entries[index].nanos
            engine.advance(to: nanos) { row in
                result.rows += 1
                for feature in Feature.allCases {
                    guard let value = row[feature] else { continue }
                    result.fold = (result.fold &* 0x9E37_79B9_7F4A_7C15) ^ value.bitPattern
                }
            }
            switch entries[index].entry {
            case .trade(let trade): engine.apply(trade, eventNanos: nanos)
            case .quote(let quote): engine.apply(quote, eventNanos: nanos)
            case .context(let context): engine.apply(context, eventNanos: nanos)
            case .book(let place): engine.apply(books[place], eventNanos: nanos)
            }
        }
        return result
    }
}

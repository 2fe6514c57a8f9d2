package import LogFormat

/// Who crossed the spread.
package enum Side: UInt8, EventSymbol {
    case buy, sell

    /// The sides as written.
    package static let symbols = ["BUY", "SELL"]
}

/// A tradable instrument and the grids of its prices and sizes; hot market events name it by number.
package struct MarketInstrument: LogEvent, Equatable, Sendable {
    package static let typeName = "mkt.InstrumentListed"
    package static let version: UInt16 = 1
    package static let documentation = "An instrument that later market events name by its number"

    /// Number within the log, dense from 1.
    package var instrument: Int32 = 0
    /// The asset, such as `BTC-USD`.
    package var asset = AssetID()
    /// The venue, such as `hyperliquid`.
    package var venue = ""
    /// The venue's own symbol.
    package var symbol = ""
    /// Grid of prices, in 1e-8 of the quote currency.
    package var priceStep: Int64 = 1
    /// Grid of sizes, in 1e-8 of the base currency.
    package var sizeStep: Int64 = 1

    /// An empty event.
    @inlinable
    package init() {}

    /// Visits the fields.
    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        v.i32("instrument", &instrument)
        v.field("asset", &asset, "The asset")
        v.field("venue", &venue, "The venue")
        v.field("symbol", &symbol, "The venue's own symbol")
        v.decimal("price_step", &priceStep, scale: 8, unit: "quote", "Grid of prices")
        v.decimal("size_step", &sizeStep, scale: 8, unit: "base", "Grid of sizes")
    }
}

/// A trade.
package struct MarketTrade: LogEvent, Equatable, Sendable {
    package static let typeName = "mkt.Traded"
    package static let version: UInt16 = 1
    package static let documentation = "A trade; event time is the venue's"

    /// Number of the instrument.
    package var instrument: Int32 = 0
    /// When it reached us, nanoseconds since 1970; the event time where the source does not say.
    package var receivedNanos: Int64 = 0
    /// Price in 1e-8 of the quote currency.
    package var price: Int64 = 0
    /// Size in 1e-8 of the base currency.
    package var size: Int64 = 0
    /// Who crossed the spread.
    package var side = Side.buy
    /// The venue's id of the trade; 0 where it has none.
    package var tradeID: UInt64 = 0

    /// An empty event.
    @inlinable
    package init() {}

    /// Visits the fields.
    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        v.i32("instrument", &instrument, isKey: true)
        v.time("received", &receivedNanos, encoding: .eventDelta, "When it reached us")
        v.decimal("price", &price, scale: 8, unit: "quote", encoding: .keyDelta, step: 1_000_000, "Price")
        v.decimal("size", &size, scale: 8, unit: "base", encoding: .varint, step: 1000, "Size")
        v.symbol("side", &side, isKey: false, "Who crossed the spread")
        v.u64("trade_id", &tradeID, unit: "", isKey: false, encoding: .keyDelta, step: 1, "The venue's id, 0 if none")
    }
}

/// The best levels of an order book, at most 20 a side, best first.
package struct MarketBook: LogEvent, Equatable, Sendable {
    package static let typeName = "mkt.BookSeen"
    package static let version: UInt16 = 1
    package static let documentation = "The best levels of both sides of an order book; event time is the venue's"
    /// Most levels of a side.
    package static let levelsMax = 20

    /// Number of the instrument.
    package var instrument: Int32 = 0
    /// When it reached us.
    package var receivedNanos: Int64 = 0
    /// Levels in use on the bid side.
    package var bidCount: Int32 = 0
    /// Levels in use on the ask side.
    package var askCount: Int32 = 0
    /// Bid prices in steps of the instrument, falling; 0 behind the last level.
    package var bidPrices = InlineArray<20, Int32>(repeating: 0)
    /// Bid sizes in steps of the instrument.
    package var bidSizes = InlineArray<20, Int32>(repeating: 0)
    /// Ask prices in steps of the instrument, rising; 0 behind the last level.
    package var askPrices = InlineArray<20, Int32>(repeating: 0)
    /// Ask sizes in steps of the instrument.
    package var askSizes = InlineArray<20, Int32>(repeating: 0)

    /// An empty event.
    @inlinable
    package init() {}

    /// Visits the fields.
    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        v.i32("instrument", &instrument, isKey: true)
        v.time("received", &receivedNanos, encoding: .eventDelta, "When it reached us")
        v.i32("bid_count", &bidCount)
        v.i32("ask_count", &askCount)
        v.i32List("bid_px", &bidPrices, unit: "price_step", step: 1, "Bid prices, falling")
        v.i32List("bid_sz", &bidSizes, unit: "size_step", step: 1, "Bid sizes")
        v.i32List("ask_px", &askPrices, unit: "price_step", step: 1, "Ask prices, rising")
        v.i32List("ask_sz", &askSizes, unit: "size_step", step: 1, "Ask sizes")
    }

    /// Equal in every level.
    package static func == (a: MarketBook, b: MarketBook) -> Bool {
        guard a.instrument == b.instrument, a.receivedNanos == b.receivedNanos, a.bidCount == b.bidCount,
            a.askCount == b.askCount
        else { return false }
        return (0..<levelsMax).allSatisfy { index in
            a.bidPrices[index] == b.bidPrices[index] && a.bidSizes[index] == b.bidSizes[index]
                && a.askPrices[index] == b.askPrices[index] && a.askSizes[index] == b.askSizes[index]
        }
    }
}

/// The best bid and ask.
package struct MarketQuote: LogEvent, Equatable, Sendable {
    package static let typeName = "mkt.QuoteSeen"
    package static let version: UInt16 = 1
    package static let documentation = "The best bid and ask; a size of 0 means that the side is empty"

    /// Number of the instrument.
    package var instrument: Int32 = 0
    /// When it reached us.
    package var receivedNanos: Int64 = 0
    /// Best bid in 1e-8 of the quote currency.
    package var bidPrice: Int64 = 0
    /// Size at the best bid in 1e-8 of the base currency, 0 for an empty side.
    package var bidSize: Int64 = 0
    /// Best ask in 1e-8 of the quote currency.
    package var askPrice: Int64 = 0
    /// Size at the best ask in 1e-8 of the base currency, 0 for an empty side.
    package var askSize: Int64 = 0

    /// An empty event.
    @inlinable
    package init() {}

    /// Visits the fields.
    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        v.i32("instrument", &instrument, isKey: true)
        v.time("received", &receivedNanos, encoding: .eventDelta, "When it reached us")
        v.decimal("bid_px", &bidPrice, scale: 8, unit: "quote", encoding: .keyDelta, step: 1_000_000, "Best bid")
        v.decimal("bid_sz", &bidSize, scale: 8, unit: "base", encoding: .varint, step: 1000, "0: no bid")
        v.decimal("ask_px", &askPrice, scale: 8, unit: "quote", encoding: .keyDelta, step: 1_000_000, "Best ask")
        v.decimal("ask_sz", &askSize, scale: 8, unit: "base", encoding: .varint, step: 1000, "0: no ask")
    }
}

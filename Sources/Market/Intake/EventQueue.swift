package import Events

/// Kinds of market events, in the order of summaries.
package enum MarketEventKind: UInt8, CaseIterable, Sendable {
    case instrument, trade, book, quote, candle, context, funding, gap

    /// Name of the event type.
    package var typeName: String {
        switch self {
        case .instrument: MarketInstrument.typeName
        case .trade: MarketTrade.typeName
        case .book: MarketBook.typeName
        case .quote: MarketQuote.typeName
        case .candle: MarketCandle.typeName
        case .context: MarketContext.typeName
        case .funding: MarketFunding.typeName
        case .gap: MarketGap.typeName
        }
    }
}

/// Events that an intake made and nobody took yet, in their order.
///
/// One array for each type, so that nothing is boxed and the memory is used again.
package struct EventQueue: Sendable {
    /// Where one event stands.
    package struct Slot: Sendable {
        /// Which array.
        package var kind: MarketEventKind
        /// Place in it.
        package var index: Int32
        /// Event time.
        package var eventNanos: Int64
    }

    /// The order.
    package private(set) var slots: [Slot] = []
    package private(set) var instruments: [MarketInstrument] = []
    package private(set) var trades: [MarketTrade] = []
    package private(set) var books: [MarketBook] = []
    package private(set) var quotes: [MarketQuote] = []
    package private(set) var candles: [MarketCandle] = []
    package private(set) var contexts: [MarketContext] = []
    package private(set) var fundings: [MarketFunding] = []
    package private(set) var gaps: [MarketGap] = []

    /// An empty queue.
    package init() {}

    /// Number of events.
    package var count: Int { slots.count }

    /// Forgets all events and keeps the memory.
    package mutating func removeAll() {
        slots.removeAll(keepingCapacity: true)
        instruments.removeAll(keepingCapacity: true)
        trades.removeAll(keepingCapacity: true)
        books.removeAll(keepingCapacity: true)
        quotes.removeAll(keepingCapacity: true)
        candles.removeAll(keepingCapacity: true)
        contexts.removeAll(keepingCapacity: true)
        fundings.removeAll(keepingCapacity: true)
        gaps.removeAll(keepingCapacity: true)
    }

    mutating func add(_ event: MarketInstrument, _ eventNanos: Int64) {
        slot(.instrument, instruments.count, eventNanos)
        instruments.append(event)
    }
    mutating func add(_ event: MarketTrade, _ eventNanos: Int64) {
        slot(.trade, trades.count, eventNanos)
        trades.append(event)
    }
    mutating func add(_ event: MarketBook, _ eventNanos: Int64) {
        slot(.book, books.count, eventNanos)
        books.append(event)
    }
    mutating func add(_ event: MarketQuote, _ eventNanos: Int64) {
        slot(.quote, quotes.count, eventNanos)
        quotes.append(event)
    }
    mutating func add(_ event: MarketCandle, _ eventNanos: Int64) {
        slot(.candle, candles.count, eventNanos)
        candles.append(event)
    }
    mutating func add(_ event: MarketContext, _ eventNanos: Int64) {
        slot(.context, contexts.count, eventNanos)
        contexts.append(event)
    }
    mutating func add(_ event: MarketFunding, _ eventNanos: Int64) {
        slot(.funding, fundings.count, eventNanos)
        fundings.append(event)
    }
    mutating func add(_ event: MarketGap, _ eventNanos: Int64) {
        slot(.gap, gaps.count, eventNanos)
        gaps.append(event)
    }

    private mutating func slot(_ kind: MarketEventKind, _ index: Int, _ eventNanos: Int64) {
        slots.append(Slot(kind: kind, index: Int32(truncatingIfNeeded: index), eventNanos: eventNanos))
    }
}

package import Events
package import LogEngine
package import Runtime

/// An event of a market, of whatever kind.
package enum AnyMarketEvent: Sendable {
    case listed(MarketInstrument)
    case traded(MarketTrade)
    case book(MarketBook)
    case quote(MarketQuote)
    case candle(MarketCandle)
    case context(MarketContext)
    case funding(MarketFunding)
    case gap(MarketGap)

    /// Whether it is a listing, which is no news of the market and does not move time.
    package var isListing: Bool { if case .listed = self { true } else { false } }

    /// Number of the instrument that it is about; 0 for all.
    package var instrument: Int32 {
        switch self {
        case .listed(let event): event.instrument
        case .traded(let event): event.instrument
        case .book(let event): event.instrument
        case .quote(let event): event.instrument
        case .candle(let event): event.instrument
        case .context(let event): event.instrument
        case .funding(let event): event.instrument
        case .gap(let event): event.instrument
        }
    }

    /// Tells a handler the event.
    package func tell<Handler: MarketHandler>(_ handler: inout Handler, _ head: MarketHead) throws(LogError) {
        switch self {
        case .listed(let event): try handler.listed(event, head)
        case .traded(let event): try handler.traded(event, head)
        case .book(let event): try handler.book(event, head)
        case .quote(let event): try handler.quote(event, head)
        case .candle(let event): try handler.candle(event, head)
        case .context(let event): try handler.context(event, head)
        case .funding(let event): try handler.funding(event, head)
        case .gap(let event): try handler.gap(event, head)
        }
    }
}

/// A handler for which all kinds of events go the same way.
package protocol AnyMarketHandler: MarketHandler {
    /// Takes an event of any kind.
    mutating func take(_ event: AnyMarketEvent, _ head: MarketHead) throws(LogError)
}

extension AnyMarketHandler {
    package mutating func listed(_ event: borrowing MarketInstrument, _ head: MarketHead) throws(LogError) {
        try take(.listed(copy event), head)
    }

    package mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) throws(LogError) {
        try take(.traded(copy event), head)
    }

    package mutating func book(_ event: borrowing MarketBook, _ head: MarketHead) throws(LogError) {
        try take(.book(copy event), head)
    }

    package mutating func quote(_ event: borrowing MarketQuote, _ head: MarketHead) throws(LogError) {
        try take(.quote(copy event), head)
    }

    package mutating func candle(_ event: borrowing MarketCandle, _ head: MarketHead) throws(LogError) {
        try take(.candle(copy event), head)
    }

    package mutating func context(_ event: borrowing MarketContext, _ head: MarketHead) throws(LogError) {
        try take(.context(copy event), head)
    }

    package mutating func funding(_ event: borrowing MarketFunding, _ head: MarketHead) throws(LogError) {
        try take(.funding(copy event), head)
    }

    package mutating func gap(_ event: borrowing MarketGap, _ head: MarketHead) throws(LogError) {
        try take(.gap(copy event), head)
    }
}

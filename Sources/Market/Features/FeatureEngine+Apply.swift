package import Events

extension FeatureEngine {
    /// Whether an event's own time can be: not before 1970, not far ahead of our clock.
    @inline(__always)
    private func isPlausible(_ eventNanos: Int64) -> Bool {
        eventNanos >= 0 && eventNanos <= saturatingSum(max(0, nowNanos), limits.futureNanosMax)
    }

    /// Takes an instrument and its grids of prices and sizes.
    package mutating func apply(_ listed: borrowing MarketInstrument, eventNanos: Int64) {
        guard listed.priceStep > 0, listed.sizeStep > 0, let index = place(of: listed.instrument) else {
            refusedCount &+= 1
            return
        }
        instruments[index].take(priceStep: listed.priceStep, sizeStep: listed.sizeStep)
    }

    /// Takes a trade.
    package mutating func apply(_ trade: borrowing MarketTrade, eventNanos: Int64) {
        guard trade.price > 0, trade.size > 0, isPlausible(eventNanos), let index = place(of: trade.instrument) else {
            refusedCount &+= 1
            return
        }
        if !instruments[index].take(trade, eventNanos: eventNanos, now: nowNanos) { lateTradeCount &+= 1 }
    }

    /// Takes the best levels of a book.
    package mutating func apply(_ book: borrowing MarketBook, eventNanos: Int64) {
        guard isPlausible(eventNanos), let index = place(of: book.instrument),
            instruments[index].take(book, now: nowNanos)
        else {
            refusedCount &+= 1
            return
        }
    }

    /// Takes the best bid and ask.
    package mutating func apply(_ quote: borrowing MarketQuote, eventNanos: Int64) {
        guard isPlausible(eventNanos), let index = place(of: quote.instrument),
            instruments[index].take(quote, now: nowNanos)
        else {
            refusedCount &+= 1
            return
        }
    }

    /// Takes a closed candle; it is known from its end on, so a row of that moment does not hold it.
    package mutating func apply(_ candle: borrowing MarketCandle, eventNanos: Int64) {
        guard isPlausible(eventNanos), let index = place(of: candle.instrument),
            instruments[index].take(candle, now: nowNanos)
        else {
            refusedCount &+= 1
            return
        }
    }

    /// Takes funding, open interest and reference prices.
    package mutating func apply(_ context: borrowing MarketContext, eventNanos: Int64) {
        guard isPlausible(eventNanos), let index = place(of: context.instrument) else {
            refusedCount &+= 1
            return
        }
        instruments[index].take(context, now: nowNanos)
    }

    /// Takes a settled funding.
    package mutating func apply(_ funding: borrowing MarketFunding, eventNanos: Int64) {
        guard isPlausible(eventNanos), let index = place(of: funding.instrument) else {
            refusedCount &+= 1
            return
        }
        instruments[index].take(funding, eventNanos: eventNanos, now: nowNanos)
    }

    /// Takes a gap, of one instrument or, with number 0, of all.
    package mutating func apply(_ gap: borrowing MarketGap, eventNanos: Int64) {
        guard gap.instrument != 0 else {
            for index in instruments.indices where instruments[index].isUsed { instruments[index].takeGap() }
            return
        }
        guard let index = place(of: gap.instrument) else {
            refusedCount &+= 1
            return
        }
        instruments[index].takeGap()
    }
}

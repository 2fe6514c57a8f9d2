package import Events

extension Intake {
    /// Learns an instrument that stands on the log.
    ///
    /// - Returns: false if its number or venue is none that this program gives: another wrote the log.
    package mutating func learn(_ event: MarketInstrument) -> Bool {
        guard let venue = Venue.allCases.first(where: { $0.name == event.venue }), event.priceStep > 0,
            event.sizeStep > 0
        else { return false }
        let bytes = Array(event.symbol.utf8)
        let token = Token(start: 0, count: bytes.count)
        let grid = Grid(price: event.priceStep, size: event.sizeStep)
        let known = instruments.find(venue, bytes.span, token)
        if known != 0 {
            guard known == event.instrument else { return false }
            instruments.setGrid(known, grid)
            return true
        }
        let added = try? instruments.add(venue, bytes.span, token, grid)
        return added == event.instrument
    }

    /// Learns a trade that stands on the log.
    package mutating func learn(_ event: MarketTrade, eventNanos: Int64) {
        guard event.tradeID != 0 else { return }
        _ = recentTrades.insert(nanos: eventNanos, instrument: event.instrument, tradeID: event.tradeID)
    }

    /// Learns a bar that stands on the log.
    package mutating func learn(_ event: MarketCandle) {
        covered.add(SpanKey(instrument: event.instrument, seconds: event.seconds), event.openNanos)
    }

    /// Learns a funding payment that stands on the log.
    package mutating func learn(_ event: MarketFunding, eventNanos: Int64) {
        covered.add(SpanKey(instrument: event.instrument, seconds: 0), eventNanos)
    }

    /// Learns that a session began.
    package mutating func learnSession() { covered.beginSession() }

    /// Trades that are remembered, so that a reader of a log need not go back further.
    package static var rememberedTradesMax: Int { RecentTrades.countMax }
}

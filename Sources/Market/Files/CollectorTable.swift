import Events

/// Reads the tables of the Hyperliquid collector.
///
/// Rows that came at the same moment belong to one frame: the trades of one message, the two sides of one quote. So a
/// row counts when its frame ends.
package struct CollectorTable: Sendable {
    /// Which table.
    package enum Kind: String, Sendable {
        case books, quotes, trades

        init?(header: String) {
            if header.hasPrefix("timestamp,sequence,exchange_timestamp,bid_price_0,bid_size_0,ask_price_0,ask_size_0") {
                self = .books
            } else if header == "timestamp,price,size,side,exchange_timestamp" {
                self = .quotes
            } else if header == "timestamp,price,size,side,trade_id,exchange_timestamp" {
                self = .trades
            } else {
                return nil
            }
        }
    }

    /// The coin that the name of a table says: `trades_BTC.csv`.
    static func symbol(_ name: SourceName) -> String? {
        guard let part = name.stem.split(separator: "_").last, name.stem.contains("_"), !part.isEmpty else {
            return nil
        }
        return String(part)
    }

    private let kind: Kind
    private let symbol: [UInt8]
    private var token: Token { Token(start: 0, count: symbol.count) }
    private var quote = QuoteFact()
    /// Sides of the quote that came: 1 bid, 2 ask.
    private var sides = 0

    /// A reader of one table.
    package init(_ kind: Kind, symbol: String) {
        self.kind = kind
        self.symbol = Array(symbol.utf8)
    }

    /// Reads one row, whose receive time is known.
    package mutating func line(_ text: Span<UInt8>, receivedNanos: Int64, into intake: inout Intake) {
        intake.received(receivedNanos)
        do throws(RejectReason) {
            var fields = LineFields(text)
            _ = try fields.fixed(text, scale: FixedPoint.secondScale)
            switch kind {
            case .books: try book(&fields, text, receivedNanos, &intake)
            case .quotes: try side(&fields, text, receivedNanos, &intake)
            case .trades: try trade(&fields, text, &intake)
            }
            intake.note(.rounded, fields.roundedCount)
        } catch { intake.reject(error) }
    }

    /// Ends the frame of the rows since the last end.
    package mutating func endFrame(receivedNanos: Int64, into intake: inout Intake) {
        do throws(RejectReason) {
            switch kind {
            case .books: break
            case .quotes: try tellQuote(receivedNanos, &intake)
            case .trades:
                // The rows' symbol is the table's.
                defer { intake.beginTrades() }
                try intake.endTrades(.hyperliquid, symbol.span, receivedNanos: receivedNanos)
            }
        } catch { intake.reject(error) }
    }

    private func book(
        _ fields: inout LineFields, _ text: Span<UInt8>, _ receivedNanos: Int64, _ intake: inout Intake
    ) throws(RejectReason) {
        _ = try fields.whole(text)
        let eventNanos = try fields.milliseconds(text)
        var fact = BookFact()
        while !fields.isAtEnd {
            // A missing level of one side is two empty fields.
            if fields.takeEmpty(text) {
                guard fields.takeEmpty(text) || fields.isAtEnd else { throw .badColumns }
            } else {
                let price = try fields.fixed(text)
                try fact.add(isBid: true, price: price, size: try fields.fixed(text))
            }
            if fields.isAtEnd || fields.takeEmpty(text) {
                guard fields.isAtEnd || fields.takeEmpty(text) else { throw .badColumns }
            } else {
                let price = try fields.fixed(text)
                try fact.add(isBid: false, price: price, size: try fields.fixed(text))
            }
        }
        try intake.book(
            .hyperliquid, symbol.span, token, fact, eventNanos: eventNanos, receivedNanos: receivedNanos)
    }

    private mutating func side(
        _ fields: inout LineFields, _ text: Span<UInt8>, _ receivedNanos: Int64, _ intake: inout Intake
    ) throws(RejectReason) {
        let price = try fields.fixed(text)
        let size = try fields.fixed(text)
        let side = try fields.token(text)
        let eventNanos = try fields.milliseconds(text)
        guard fields.isAtEnd else { throw .badColumns }
        guard price > 0 else { throw .priceNotPositive }
        guard size > 0 else { throw .sizeNotPositive }
        let bit: Int
        if side.reads("bid", in: text) {
            bit = 1
        } else if side.reads("ask", in: text) {
            bit = 2
        } else {
            throw .badSide
        }
        // Another quote of the same moment.
        if sides & bit != 0 || (sides != 0 && quote.eventNanos != eventNanos) {
            try tellQuote(receivedNanos, &intake)
        }
        quote.eventNanos = eventNanos
        sides |= bit
        if bit == 1 {
            (quote.bidPrice, quote.bidSize) = (price, size)
        } else {
            (quote.askPrice, quote.askSize) = (price, size)
        }
    }

    private mutating func tellQuote(_ receivedNanos: Int64, _ intake: inout Intake) throws(RejectReason) {
        guard sides != 0 else { return }
        let told = quote
        quote = QuoteFact()
        sides = 0
        try intake.quote(.hyperliquid, symbol.span, token, told, receivedNanos: receivedNanos)
    }

    private func trade(
        _ fields: inout LineFields, _ text: Span<UInt8>, _ intake: inout Intake
    ) throws(RejectReason) {
        var trade = TradeFact()
        trade.price = try fields.fixed(text)
        trade.size = try fields.fixed(text)
        let side = try fields.token(text)
        if side.reads("buy", in: text) {
            trade.side = .buy
        } else if side.reads("sell", in: text) {
            trade.side = .sell
        } else {
            throw .badSide
        }
        trade.tradeID = UInt64(try fields.whole(text))
        trade.eventNanos = try fields.milliseconds(text)
        guard fields.isAtEnd else { throw .badColumns }
        try intake.add(trade, symbol: token)
    }
}

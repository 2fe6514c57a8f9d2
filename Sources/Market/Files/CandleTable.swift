import Events

/// Reads tables of bars.
package struct CandleTable: Sendable {
    /// What the columns are.
    package enum Columns: Sendable {
        /// Close time as a calendar text one second early, open, high, low, close, volume, asset, symbol.
        case closeTime
        /// Open time in ms, open, high, low, close, volume.
        case openMillis
        /// Calendar time, open, high, low, close, volume in the quote currency.
        case calendarQuoteVolume
        /// Milliseconds of the day, open, high, low, close, volume; minutes without trades are absent.
        case leanTrades
        /// Open time as a calendar text with the day first, UTC; open, high, low, close of quotes of one side; the
        /// liquidity that was quoted. Hours in which nobody quoted are absent.
        case dayFirstQuotes
        /// Milliseconds of the day, then open, high, low, close, size of the bid and of the ask.
        case leanQuotes
    }

    /// What a table is of.
    package struct Layout: Equatable, Sendable {
        package var venue: Venue
        package var symbol: String
        package var seconds: Int32
        package var columns: Columns
        /// First moment of the day of a LEAN file.
        package var dayNanos: Int64 = 0

        /// Whether it is of one day, which has passed.
        package var isOfOneDay: Bool { columns == .leanTrades || columns == .leanQuotes }
    }

    private let layout: Layout
    private let symbol: [UInt8]

    /// A reader of one table.
    package init(_ layout: Layout) {
        self.layout = layout
        symbol = Array(layout.symbol.utf8)
    }

    /// Reads one row.
    package func line(_ text: Span<UInt8>, into intake: inout Intake) {
        do throws(RejectReason) {
            var fields = LineFields(text)
            switch layout.columns {
            case .leanQuotes: try quote(&fields, text, &intake)
            default: try candle(&fields, text, &intake)
            }
            intake.note(.rounded, fields.roundedCount)
        } catch { intake.reject(error) }
    }

    private func candle(
        _ fields: inout LineFields, _ text: Span<UInt8>, _ intake: inout Intake
    ) throws(RejectReason) {
        var fact = CandleFact()
        fact.seconds = layout.seconds
        fact.openNanos = try openNanos(&fields, text)
        guard fact.openNanos >= 0, fact.openNanos % lengthNanos == 0 else { throw .badTime }
        fact.open = try fields.fixed(text)
        fact.high = try fields.fixed(text)
        fact.low = try fields.fixed(text)
        fact.close = try fields.fixed(text)
        // Quoted liquidity goes beyond what 64 bits hold in 1e-8: it is kept in millions.
        let scale = layout.columns == .dayFirstQuotes ? FixedPoint.priceScale - 6 : FixedPoint.priceScale
        fact.volume = try fields.fixed(text, scale: scale)
        var token = Token(start: 0, count: symbol.count)
        switch layout.columns {
        case .closeTime:
            _ = try fields.token(text)
            token = try fields.token(text)
        case .calendarQuoteVolume: fact.volume = try Self.baseVolume(fact)
        default: break
        }
        guard fields.isAtEnd else { throw .badColumns }
        // A file of a past day is complete; of other tables only a later row shows that a bar is finished.
        let isPast = layout.columns == .leanTrades
        let isGapless = !isPast && layout.columns != .dayFirstQuotes
        if layout.columns == .closeTime {
            try intake.candle(layout.venue, text, token, fact, isClosed: false, isGapless: true)
        } else {
            try intake.candle(layout.venue, symbol.span, token, fact, isClosed: isPast, isGapless: isGapless)
        }
    }

    private var lengthNanos: Int64 { Int64(layout.seconds) * 1_000_000_000 }

    /// First moment of a row's stretch, before anything else of the row.
    private func openNanos(_ fields: inout LineFields, _ text: Span<UInt8>) throws(RejectReason) -> Int64 {
        switch layout.columns {
        case .openMillis: try fields.milliseconds(text)
        // The source does not say whether it is the open or the close time; taken as the open time a bar is known
        // a minute late at worst, and never early.
        case .calendarQuoteVolume: try fields.calendar(text)
        case .dayFirstQuotes: try fields.dayFirst(text)
        // The venue's close time lies 1 ms before the end, here cut to the second.
        case .closeTime: try fields.calendar(text) + 1_000_000_000 - lengthNanos
        case .leanTrades, .leanQuotes: try dayTime(&fields, text)
        }
    }

    /// When what a row makes known becomes known, and the end of the row's own stretch; nil for a row without a time.
    ///
    /// A row of a day that has passed tells its own bar; one of other tables tells that the bar before it is finished.
    ///
    /// - Parameter lastEndNanos: end of the stretch of the row before, nil for the first.
    package func times(_ text: Span<UInt8>, after lastEndNanos: Int64?) -> (knownNanos: Int64, endNanos: Int64)? {
        var fields = LineFields(text)
        guard let open = try? openNanos(&fields, text), open >= 0 else { return nil }
        let end = open + lengthNanos
        return (layout.isOfOneDay ? end : lastEndNanos ?? open, end)
    }

    /// A bar of quotes: the best bid and ask at its end.
    private func quote(
        _ fields: inout LineFields, _ text: Span<UInt8>, _ intake: inout Intake
    ) throws(RejectReason) {
        var quote = QuoteFact()
        quote.eventNanos = try dayTime(&fields, text) + lengthNanos
        (quote.bidPrice, quote.bidSize) = try quoteSide(&fields, text)
        (quote.askPrice, quote.askSize) = try quoteSide(&fields, text)
        guard fields.isAtEnd else { throw .badColumns }
        try intake.quote(
            layout.venue, symbol.span, Token(start: 0, count: symbol.count), quote, receivedNanos: quote.eventNanos)
    }

    /// Open, high, low, close, size; an empty side is five empty fields.
    private func quoteSide(
        _ fields: inout LineFields, _ text: Span<UInt8>
    ) throws(RejectReason) -> (price: Int64, size: Int64) {
        if fields.takeEmpty(text) {
            for _ in 0..<4 where !fields.takeEmpty(text) && !fields.isAtEnd { throw .badColumns }
            return (0, 0)
        }
        for _ in 0..<3 {
            guard try fields.fixed(text) > 0 else { throw .priceNotPositive }
        }
        return (try fields.fixed(text), try fields.fixed(text))
    }

    private func dayTime(_ fields: inout LineFields, _ text: Span<UInt8>) throws(RejectReason) -> Int64 {
        let millis = try fields.whole(text)
        guard millis < 86_400_000 else { throw .badTime }
        return layout.dayNanos + millis * 1_000_000
    }

    /// A volume in the quote currency as base units: over the mean of open, high, low and close.
    private static func baseVolume(_ fact: CandleFact) throws(RejectReason) -> Int64 {
        let sum = [fact.open, fact.high, fact.low, fact.close].reduce(0) { $0 + Int128($1) }
        guard sum > 0 else { throw .priceNotPositive }
        let scaled = Int128(fact.volume) * 400_000_000
        let (quotient, remainder) = scaled.quotientAndRemainder(dividingBy: sum)
        let rounded = quotient + (remainder * 2 >= sum ? 1 : 0)
        guard let value = Int64(exactly: rounded) else { throw .numberOverflow }
        return value
    }
}

extension CandleTable.Layout {
    /// The layout of a table with this header and name; nil if it is none.
    init?(header: String, _ name: SourceName) {
        let stem = name.stem
        switch header {
        case "timestamp,open,high,low,close,volume,asset,hl_symbol":
            // BTC_ohlc_30: minutes.
            guard let part = stem.split(separator: "_").last, let minutes = Int32(part), minutes > 0,
                minutes <= 10_080
            else { return nil }
            self.init(venue: .hyperliquid, symbol: "", seconds: minutes * 60, columns: .closeTime)
        case "open_time_ms,open,high,low,close,volume":
            let parts = stem.split(separator: "-").map(String.init)
            guard parts.count == 3, let venue = Self.venue(parts[0]), let seconds = try? Interval.seconds(parts[2])
            else { return nil }
            self.init(venue: venue, symbol: parts[1], seconds: seconds, columns: .openMillis)
        case "timestamp,open,high,low,close,volume":
            // btc-perp-20211231-20220201_1m
            let parts = stem.split(separator: "_").map(String.init)
            let words = parts.first.map { $0.split(separator: "-").map(String.init) } ?? []
            guard parts.count == 2, words.count >= 2, let seconds = try? Interval.seconds(parts[1]) else { return nil }
            self.init(
                venue: .ftx, symbol: "\(words[0])-\(words[1])".uppercased(), seconds: seconds,
                columns: .calendarQuoteVolume)
        case "Time,Open,High,Low,Close,Volume":
            // FOREX_EURUSD_1H_ASK
            let parts = stem.split(separator: "_").map(String.init)
            guard parts.count == 4, parts[0] == "FOREX", parts[3] == "ASK" || parts[3] == "BID",
                let seconds = try? Interval.seconds(parts[2].lowercased())
            else { return nil }
            self.init(venue: .forex, symbol: parts[1], seconds: seconds, columns: .dayFirstQuotes)
        default: return nil
        }
    }

    /// The venue that the first part of a derived file's name means.
    static func venue(_ text: String) -> Venue? {
        switch text {
        case "hl": .hyperliquid
        // The derived files are of USD-M futures.
        case "binance": .binanceUSDM
        default: nil
        }
    }
}

/// What the path of a LEAN file says: `crypto/coinbase/minute/btcusd/20161007_trade.zip`.
struct LeanName {
    let venue: Venue
    let symbol: String
    let seconds: Int32
    let isQuote: Bool
    let dayNanos: Int64

    init?(_ name: SourceName) {
        let parts = name.stem.split(separator: "_").map(String.init)
        guard parts.count == 2, parts[1] == "trade" || parts[1] == "quote", parts[0].utf8.count == 8 else { return nil }
        let digits = Array("\(parts[0]) 00:00:00".utf8)
        var at = 0
        guard let day = try? Moment.calendar(digits.span, &at) else { return nil }
        switch name.parent(2) {
        case "minute": seconds = 60
        case "second": seconds = 1
        default: return nil
        }
        guard let venue = Venue.allCases.first(where: { $0.name == name.parent(3) }) else { return nil }
        self.venue = venue
        symbol = name.parent(1).uppercased()
        isQuote = parts[1] == "quote"
        dayNanos = day
    }
}

import Events

/// Reads sources that are one JSON document.
package struct DocumentReader: Sendable {
    /// Largest document in bytes.
    package static let bytesMax = 64 << 20

    /// What the document is.
    package enum Kind: Equatable, Sendable {
        /// Recorded `/info` exchanges: `[{"request","date","response"},…]`.
        case exchanges
        /// One frame of the socket.
        case frame
        /// One `l2Book` answer.
        case book
        /// Coinbase bars as ta4j keeps them.
        case coinbaseBars(symbol: String, seconds: Int32)
        /// Binance bars as ta4j keeps them; the document names the symbol and the length.
        case ta4jBars
        /// Trades or bars of Kraken's public HTTP side.
        case kraken

        /// The name of the kind of source.
        package var name: String {
            switch self {
            case .exchanges: "hyperliquid-exchanges"
            case .frame: "hyperliquid-frame"
            case .book: "hyperliquid-book"
            case .coinbaseBars: "ta4j-coinbase"
            case .ta4jBars: "ta4j-binance"
            case .kraken: "kraken-answer"
            }
        }

        /// Finds out by the first names in it.
        init(_ head: [UInt8], _ name: SourceName) throws(UnknownSource) {
            let text = String(decoding: head.prefix(256).filter { $0 > 0x20 }, as: UTF8.self)
            if text.hasPrefix("[{\"request\":") {
                self = .exchanges
            } else if text.hasPrefix("{\"channel\":") {
                self = .frame
            } else if text.hasPrefix("{\"coin\":"), text.contains("\"levels\":") {
                self = .book
            } else if text.hasPrefix("{\"candles\":[") {
                // Coinbase-BTC-USD-PT4H-…
                let parts = name.stem.split(separator: "-").map(String.init)
                guard parts.count >= 4, parts[0] == "Coinbase", parts[3].hasPrefix("PT"),
                    let seconds = try? Interval.seconds(parts[3].dropFirst(2).lowercased())
                else { throw UnknownSource(found: "Coinbase bars whose name is not Coinbase-ASSET-CUR-PT4H-….json") }
                self = .coinbaseBars(symbol: "\(parts[1])\(parts[2])", seconds: seconds)
            } else if text.hasPrefix("{\"name\":"), text.contains("\"ohlc\":[") {
                self = .ta4jBars
            } else if text.hasPrefix("{\"error\":["), text.contains("\"result\":{") {
                self = .kraken
            } else {
                throw UnknownSource(found: "a JSON document that begins with \(text.prefix(60))")
            }
        }
    }

    private let kind: Kind
    private var hyperliquid = HyperliquidReader()

    /// A reader of one document.
    package init(_ kind: Kind) { self.kind = kind }

    /// Reads the whole document.
    package mutating func read(_ text: Span<UInt8>, into intake: inout Intake) {
        var cursor = JSONCursor()
        do throws(RejectReason) {
            switch kind {
            case .exchanges:
                try cursor.expect(UInt8(ascii: "["), text)
                var isFirst = true
                while try cursor.element(text, &isFirst) {
                    try hyperliquid.exchange(&cursor, text, into: &intake)
                }
                try cursor.end(text)
            case .frame: hyperliquid.frame(text, receivedNanos: nil, into: &intake)
            case .book: try hyperliquid.readBook(&cursor, text, nil, &intake)
            case .coinbaseBars(let symbol, let seconds):
                try coinbase(&cursor, text, Array(symbol.utf8), seconds, &intake)
            case .ta4jBars: try ta4j(&cursor, text, &intake)
            case .kraken: try KrakenAnswer().read(&cursor, text, into: &intake)
            }
        } catch { intake.reject(error) }
        intake.note(.rounded, cursor.roundedCount)
    }

    /// `{"candles":[{"start","low","high","open","close","volume"},…]}`, start in seconds.
    private func coinbase(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ symbol: [UInt8], _ seconds: Int32, _ intake: inout Intake
    ) throws(RejectReason) {
        try cursor.expect(UInt8(ascii: "{"), text)
        var isFirst = true
        while let name = try cursor.member(text, &isFirst) {
            guard name.reads("candles", in: text) else {
                try cursor.skip(text)
                continue
            }
            try bars(&cursor, text, &intake) { (cursor, text, intake) throws(RejectReason) in
                var fact = CandleFact()
                fact.seconds = seconds
                let found = try Self.fields(&cursor, text, &fact) { (name, cursor, fact) throws(RejectReason) in
                    guard name.reads("start", in: text) else { return false }
                    fact.openNanos = try Moment.nanos(ofMillis: min(try cursor.whole(text), Moment.millisMax) * 1000)
                    return true
                }
                guard found == 63 else { throw .missingField }
                try intake.candle(
                    .coinbase, symbol.span, Token(start: 0, count: symbol.count), fact, isClosed: false,
                    isGapless: true)
            }
        }
        try cursor.end(text)
    }

    /// `{"name":"ETH/USD_PT5M@BinanceUS","ohlc":[{"endTime","openPrice",…},…]}`, end in ms, one before the next bar.
    private func ta4j(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ intake: inout Intake
    ) throws(RejectReason) {
        var symbol: [UInt8] = []
        var seconds: Int32 = 0
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            if name.reads("name", in: text) {
                let title = try cursor.string(text)
                let words = String(decoding: (title.start..<title.end).map { text[$0] }, as: UTF8.self)
                    .split(whereSeparator: { $0 == "_" || $0 == "@" })
                guard words.count == 3, words[1].hasPrefix("PT"), words[2] == "BinanceUS" else { throw .badSymbol }
                seconds = try Interval.seconds(words[1].dropFirst(2).lowercased())
                symbol = words[0].utf8.filter { $0 != UInt8(ascii: "/") }
            } else if name.reads("ohlc", in: text) {
                guard seconds > 0 else { throw .badInterval }
                let length = Int64(seconds) * 1_000_000_000
                try bars(&cursor, text, &intake) { (cursor, text, intake) throws(RejectReason) in
                    var fact = CandleFact()
                    fact.seconds = seconds
                    let found = try Self.fields(&cursor, text, &fact) { (name, cursor, fact) throws(RejectReason) in
                        guard name.reads("endTime", in: text) else { return false }
                        fact.openNanos = try cursor.milliseconds(text) + 1_000_000 - length
                        return true
                    }
                    guard found == 63 else { throw .missingField }
                    guard fact.openNanos >= 0, fact.openNanos % length == 0 else { throw .badTime }
                    try intake.candle(
                        .binanceUS, symbol.span, Token(start: 0, count: symbol.count), fact, isClosed: false,
                        isGapless: true)
                }
            } else {
                try cursor.skip(text)
            }
        }
        try cursor.end(text)
    }

    /// Goes through an array of bars; one that is refused does not end it.
    private func bars(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ intake: inout Intake,
        _ body: (inout JSONCursor, Span<UInt8>, inout Intake) throws(RejectReason) -> Void
    ) throws(RejectReason) {
        try cursor.expect(UInt8(ascii: "["), text)
        var isFirst = true
        while try cursor.element(text, &isFirst) {
            let start = cursor.at
            do throws(RejectReason) {
                try body(&cursor, text, &intake)
            } catch {
                intake.reject(error)
                cursor.at = start
                try cursor.skip(text)
            }
        }
    }

    /// Reads the prices and the volume of one bar.
    ///
    /// - Parameter time: reads the member that tells when.
    /// - Returns: 63 if all members were there.
    private static func fields(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ fact: inout CandleFact,
        _ time: (Token, inout JSONCursor, inout CandleFact) throws(RejectReason) -> Bool
    ) throws(RejectReason) -> Int {
        var found = 0
        var isFirst = true
        try cursor.expect(UInt8(ascii: "{"), text)
        while let name = try cursor.member(text, &isFirst) {
            if try time(name, &cursor, &fact) {
                found |= 1
            } else if name.reads("open", in: text) || name.reads("openPrice", in: text) {
                fact.open = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 2
            } else if name.reads("high", in: text) || name.reads("highPrice", in: text) {
                fact.high = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 4
            } else if name.reads("low", in: text) || name.reads("lowPrice", in: text) {
                fact.low = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 8
            } else if name.reads("close", in: text) || name.reads("closePrice", in: text) {
                fact.close = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 16
            } else if name.reads("volume", in: text) {
                fact.volume = try cursor.fixed(text, scale: FixedPoint.priceScale)
                found |= 32
            } else {
                try cursor.skip(text)
            }
        }
        return found
    }
}

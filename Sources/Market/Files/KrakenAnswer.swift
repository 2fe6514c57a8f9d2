import Events

/// Reads answers of Kraken's public HTTP side: `{"error":[],"result":{"XBTUSDT":[[…],…],"last":…}}`.
///
/// Rows of `Trades` are `[price, size, time, side, order type, text, id]` and begin with a text; rows of `OHLC` are
/// `[time, open, high, low, close, mean, volume, count]` and begin with a number. How long a bar is follows from the
/// times of the rows; the last bar may be open and is held back.
struct KrakenAnswer {
    /// Where the next field of a row is.
    private struct Row {
        var isFirst = true

        /// Moves to the next field.
        mutating func next(_ cursor: inout JSONCursor, _ text: Span<UInt8>) throws(RejectReason) {
            guard try cursor.element(text, &isFirst) else { throw .missingField }
        }

        /// Passes over what is left.
        mutating func end(_ cursor: inout JSONCursor, _ text: Span<UInt8>) throws(RejectReason) {
            while try cursor.element(text, &isFirst) { try cursor.skip(text) }
        }
    }

    /// Reads a whole answer.
    func read(_ cursor: inout JSONCursor, _ text: Span<UInt8>, into intake: inout Intake) throws(RejectReason) {
        try cursor.expect(UInt8(ascii: "{"), text)
        var isFirst = true
        var isFound = false
        while let name = try cursor.member(text, &isFirst) {
            guard name.reads("result", in: text) else {
                try cursor.skip(text)
                continue
            }
            isFound = true
            try cursor.expect(UInt8(ascii: "{"), text)
            var isFirstPair = true
            while let pair = try cursor.member(text, &isFirstPair) {
                if pair.reads("last", in: text) {
                    try cursor.skip(text)
                } else {
                    try rows(&cursor, text, pair, &intake)
                }
            }
        }
        try cursor.end(text)
        guard isFound else { throw .missingField }
    }

    /// The rows of one pair; one that is refused does not end them.
    private func rows(
        _ cursor: inout JSONCursor, _ text: Span<UInt8>, _ pair: Token, _ intake: inout Intake
    ) throws(RejectReason) {
        var bars: [CandleFact] = []
        var isFirst = true
        intake.beginTrades()
        try cursor.expect(UInt8(ascii: "["), text)
        while try cursor.element(text, &isFirst) {
            let start = cursor.at
            do throws(RejectReason) {
                try cursor.expect(UInt8(ascii: "["), text)
                if cursor.peek(text) == UInt8(ascii: "\"") {
                    try intake.add(try trade(&cursor, text), symbol: pair)
                } else {
                    bars.append(try bar(&cursor, text))
                }
            } catch {
                intake.reject(error)
                cursor.at = start
                try cursor.skip(text)
            }
        }
        // An answer does not say when it was received: a trade is known at its own time.
        try intake.endTrades(.kraken, text, receivedNanos: 0)
        emit(bars, text, pair, &intake)
    }

    private func trade(_ cursor: inout JSONCursor, _ text: Span<UInt8>) throws(RejectReason) -> TradeFact {
        var row = Row()
        var fact = TradeFact()
        try row.next(&cursor, text)
        fact.price = try cursor.fixed(text, scale: FixedPoint.priceScale)
        try row.next(&cursor, text)
        fact.size = try cursor.fixed(text, scale: FixedPoint.priceScale)
        try row.next(&cursor, text)
        fact.eventNanos = try cursor.fixed(text, scale: 9)
        guard fact.eventNanos >= 0 else { throw .badTime }
        try row.next(&cursor, text)
        let side = try cursor.string(text)
        guard side.reads("b", in: text) || side.reads("s", in: text) else { throw .badSide }
        fact.side = side.reads("b", in: text) ? .buy : .sell
        for _ in 0..<2 {
            try row.next(&cursor, text)
            try cursor.skip(text)
        }
        try row.next(&cursor, text)
        fact.tradeID = UInt64(clamping: try cursor.whole(text))
        try row.end(&cursor, text)
        return fact
    }

    private func bar(_ cursor: inout JSONCursor, _ text: Span<UInt8>) throws(RejectReason) -> CandleFact {
        var row = Row()
        var fact = CandleFact()
        try row.next(&cursor, text)
        let seconds = try cursor.whole(text)
        guard (0...Moment.millisMax / 1000).contains(seconds) else { throw .badTime }
        fact.openNanos = seconds * 1_000_000_000
        try row.next(&cursor, text)
        fact.open = try cursor.fixed(text, scale: FixedPoint.priceScale)
        try row.next(&cursor, text)
        fact.high = try cursor.fixed(text, scale: FixedPoint.priceScale)
        try row.next(&cursor, text)
        fact.low = try cursor.fixed(text, scale: FixedPoint.priceScale)
        try row.next(&cursor, text)
        fact.close = try cursor.fixed(text, scale: FixedPoint.priceScale)
        try row.next(&cursor, text)
        try cursor.skip(text)
        try row.next(&cursor, text)
        fact.volume = try cursor.fixed(text, scale: FixedPoint.priceScale)
        try row.next(&cursor, text)
        fact.tradeCount = try cursor.whole(text)
        try row.end(&cursor, text)
        return fact
    }

    /// Hands the bars over, as long as the smallest distance between two of them.
    private func emit(_ bars: [CandleFact], _ text: Span<UInt8>, _ pair: Token, _ intake: inout Intake) {
        let steps = zip(bars, bars.dropFirst()).map { $1.openNanos - $0.openNanos }.filter { $0 > 0 }
        let length = steps.min() ?? 0
        for var bar in bars {
            do throws(RejectReason) {
                guard length > 0, length <= 31 * TimeText.dayNanos, bar.openNanos % length == 0 else {
                    throw .badInterval
                }
                bar.seconds = Int32(length / 1_000_000_000)
                try intake.candle(.kraken, text, pair, bar, isClosed: false, isGapless: true)
            } catch { intake.reject(error) }
        }
    }
}

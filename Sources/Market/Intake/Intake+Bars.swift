import Events

/// A bar whose end nothing shows yet.
struct HeldCandle: Sendable {
    var instrument: Int32
    var seconds: Int32
    var candle: MarketCandle
    var source: Int
}

/// A bar that a reader found.
package struct CandleFact: Sendable {
    /// First moment.
    package var openNanos: Int64 = 0
    /// Length in seconds.
    package var seconds: Int32 = 60
    package var open: Int64 = 0
    package var high: Int64 = 0
    package var low: Int64 = 0
    package var close: Int64 = 0
    /// In 1e-8 of the base currency.
    package var volume: Int64 = 0
    package var tradeCount: Int64?

    /// An empty bar.
    package init() {}
}

extension Intake {
    /// Takes a bar.
    ///
    /// - Parameters:
    ///   - isClosed: whether the source shows that the bar is finished; if not it is held until a later one comes, and
    ///     a newer state of the same bar takes its place.
    ///   - isGapless: whether the source has a bar for every stretch, so that a hole is a gap.
    package mutating func candle(
        _ venue: Venue, _ text: Span<UInt8>, _ symbol: Token, _ fact: CandleFact, isClosed: Bool, isGapless: Bool
    ) throws(RejectReason) {
        guard fact.low > 0 else { throw .priceNotPositive }
        guard fact.low <= min(fact.open, fact.close), fact.high >= max(fact.open, fact.close), fact.volume >= 0,
            (fact.tradeCount ?? 0) >= 0
        else { throw .badCandle }
        guard fact.seconds > 0, fact.openNanos >= 0 else { throw .badInterval }
        let number = try instrument(
            venue, text, symbol, price: fact.close, eventNanos: fact.openNanos)
        var candle = MarketCandle()
        candle.instrument = number
        candle.seconds = fact.seconds
        candle.openNanos = fact.openNanos
        candle.open = fact.open
        candle.high = fact.high
        candle.low = fact.low
        candle.close = fact.close
        candle.volume = fact.volume
        candle.tradeCount = fact.tradeCount
        if let index = heldCandles.firstIndex(where: { $0.instrument == number && $0.seconds == fact.seconds }) {
            let held = heldCandles[index].candle
            if fact.openNanos < held.openNanos { throw .candleOutOfOrder }
            if fact.openNanos == held.openNanos {
                if held == candle { duplicate() }
                heldCandles[index].candle = candle
                if isClosed { heldCandles.remove(at: index) }
                if isClosed { try close(candle, isGapless) }
                return
            }
            heldCandles.remove(at: index)
            try close(held, isGapless)
        }
        if isClosed { return try close(candle, isGapless) }
        heldCandles.append(
            HeldCandle(instrument: number, seconds: fact.seconds, candle: candle, source: source))
    }

    private mutating func close(_ candle: MarketCandle, _ isGapless: Bool) throws(RejectReason) {
        let key = SpanKey(instrument: candle.instrument, seconds: candle.seconds)
        let length = Int64(candle.seconds) * 1_000_000_000
        let last = covered.lastOfSession(key)
        if let last, candle.openNanos <= last {
            guard candle.openNanos < last else { return duplicate() }
            throw .candleOutOfOrder
        }
        guard !covered.contains(key, candle.openNanos) else { return duplicate() }
        if isGapless, let last, candle.openNanos - last > length {
            var gap = MarketGap()
            gap.instrument = candle.instrument
            gap.channel = "candles"
            gap.fromNanos = last + length
            gap.reason = .sequence
            gap.missingCount = (candle.openNanos - last) / length - 1
            // The hole is known when the bar behind it closes.
            emit(gap, candle.openNanos + length)
        }
        covered.add(key, candle.openNanos)
        count(.candle, candle.openNanos + length)
        queue.add(candle, candle.openNanos + length)
    }

    /// Takes a settled funding rate.
    package mutating func funding(
        _ venue: Venue, _ text: Span<UInt8>, _ symbol: Token, rate: Int64, premium: Int64?, eventNanos: Int64
    ) throws(RejectReason) {
        let number = try instrument(venue, text, symbol, price: nil, eventNanos: eventNanos)
        let key = SpanKey(instrument: number, seconds: 0)
        let last = covered.lastOfSession(key)
        if let last, eventNanos <= last {
            guard eventNanos < last else { return duplicate() }
            throw .candleOutOfOrder
        }
        guard !covered.contains(key, eventNanos) else { return duplicate() }
        covered.add(key, eventNanos)
        var event = MarketFunding()
        event.instrument = number
        event.rate = rate
        event.premium = premium
        count(.funding, eventNanos)
        queue.add(event, eventNanos)
    }
}

/// What a series is of: the bars of one length of an instrument, or its funding (0 seconds).
struct SpanKey: Equatable, Sendable {
    var instrument: Int32
    var seconds: Int32
}

/// Which stretches of bars and funding stand on the log: one interval for each series and session.
///
/// A record inside an interval is known before; two sources of the same series thus give each record once, even when
/// the files are not equal.
struct CoveredSpans: Sendable {
    private struct Span: Sendable {
        var key: SpanKey
        var first: Int64
        var last: Int64
    }
    private var spans: [Span] = []
    private var sessionStart = 0

    mutating func beginSession() { sessionStart = spans.count }

    /// The last record of a series in this session.
    func lastOfSession(_ key: SpanKey) -> Int64? {
        for span in spans[sessionStart...] where span.key == key { return span.last }
        return nil
    }

    /// Whether an earlier session covers a moment of a series.
    func contains(_ key: SpanKey, _ nanos: Int64) -> Bool {
        for span in spans[..<sessionStart] where span.key == key && (span.first...span.last).contains(nanos) {
            return true
        }
        return false
    }

    mutating func add(_ key: SpanKey, _ nanos: Int64) {
        for index in spans.indices[sessionStart...] where spans[index].key == key {
            spans[index].first = min(spans[index].first, nanos)
            spans[index].last = max(spans[index].last, nanos)
            return
        }
        spans.append(Span(key: key, first: nanos, last: nanos))
    }
}

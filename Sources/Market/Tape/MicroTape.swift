package import Events

/// The tape of tokens: every tenth of a second in which something happened, what it was (DSI-03 to DSI-07).
///
/// Every such stretch gives a TICK token, a DERIVED token where anything of it is known, and a CANDLE token when a bar
/// was closed since the last one. The values are features of a window as long as the cadence, with the definitions and
/// the contract of `FeatureEngine`: time first, then the event.
package struct MicroTape: Sendable {
    /// Tokens that an instrument's tape holds.
    package static let tokensMax = 256
    /// Cadences that are allowed, in milliseconds (DSI-03, THR-10).
    package static let cadenceMillis: ClosedRange<Int64> = 50...200
    /// Tokens of a sealed batch.
    package static let batchTokensMax = 64

    private var engine: FeatureEngine
    private var rings = TapeRings()

    /// Makes a tape that sums up every `cadenceMillis` and tells the bars of a timeframe.
    ///
    /// Throws when the cadence is not 50 to 200 ms or a batch does not have 1 to 64 tokens.
    package init(
        cadenceMillis: Int64 = 100, timeframe: Timeframe = .minute1, batchTokens: Int = MicroTape.batchTokensMax,
        limits: FeatureLimits = FeatureLimits()
    ) throws(FeatureError) {
        guard Self.cadenceMillis.contains(cadenceMillis) else {
            throw FeatureError(
                found: "a cadence of \(cadenceMillis) ms",
                expected: "\(Self.cadenceMillis.lowerBound) to \(Self.cadenceMillis.upperBound) ms")
        }
        guard (1...Self.batchTokensMax).contains(batchTokens) else {
            throw FeatureError(
                found: "batches of \(batchTokens) tokens", expected: "1 to \(Self.batchTokensMax) tokens")
        }
        rings.batchTokens = batchTokens
        engine = FeatureEngine(
            kinds: [WindowKind(timeframe, everySeconds: 1)], everyNanos: [cadenceMillis * 1_000_000],
            isOnlyWhenTouched: true, limits: limits)
    }

    /// Events that were refused.
    package var refusedCount: Int64 { engine.refusedCount }

    /// The last tokens of an instrument, oldest first.
    package func tokens(of instrument: Int32) -> [TapeEntry] {
        rings.tokens(of: instrument)
    }

    /// Lets time pass, as `FeatureEngine.advance`; `sealed` gets every batch that became full, without a lineage;
    /// tokens of one that is not full yet wait, so that what was sealed does not depend on where a run ended.
    package mutating func advance<E: Error>(
        to nanos: Int64, _ sealed: (MicroTapeSealed) throws(E) -> Void
    ) throws(E) {
        guard nanos >= engine.nextStepNanos else {
            engine.advance(to: nanos) { _ in }
            return
        }
        // The rings are moved out and back, since the engine's closure may not touch `self`; nothing is copied.
        var rings = TapeRings()
        swap(&rings, &self.rings)
        defer { swap(&rings, &self.rings) }
        try engine.pass(to: nanos) { (row: borrowing FeatureRow, bars: Int64) throws(E) in
            let index = rings.place(of: row.instrument)
            try rings.add(Self.entry(.tick, row), to: index, sealed)
            if rings.hasNewBar(bars, at: index) { try rings.add(Self.entry(.candle, row), to: index, sealed) }
            let derived = Self.entry(.derived, row)
            if derived.known != 0 { try rings.add(derived, to: index, sealed) }
        }
    }

    private static func entry(_ kind: TapeTokenKind, _ row: borrowing FeatureRow) -> TapeEntry {
        var entry = TapeEntry()
        entry.kind = kind
        entry.nanos = row.asofNanos
        for (index, feature) in kind.features.enumerated() {
            guard let value = row[feature] else { continue }
            entry.known |= 1 << Int64(index)
            entry.values[index] = value
        }
        return entry
    }

    // MARK: Events

    /// Takes an instrument, its grids and the asset that its batches name.
    package mutating func apply(_ listed: borrowing MarketInstrument, eventNanos: Int64) {
        let before = engine.refusedCount
        engine.apply(listed, eventNanos: eventNanos)
        guard engine.refusedCount == before else { return }
        rings.name(listed.instrument, listed.asset)
    }

    /// Takes a trade.
    package mutating func apply(_ trade: borrowing MarketTrade, eventNanos: Int64) {
        engine.apply(trade, eventNanos: eventNanos)
    }

    /// Takes the best levels of a book.
    package mutating func apply(_ book: borrowing MarketBook, eventNanos: Int64) {
        engine.apply(book, eventNanos: eventNanos)
    }

    /// Takes the best bid and ask.
    package mutating func apply(_ quote: borrowing MarketQuote, eventNanos: Int64) {
        engine.apply(quote, eventNanos: eventNanos)
    }

    /// Takes a closed candle.
    package mutating func apply(_ candle: borrowing MarketCandle, eventNanos: Int64) {
        engine.apply(candle, eventNanos: eventNanos)
    }

    /// Takes funding, open interest and reference prices.
    package mutating func apply(_ context: borrowing MarketContext, eventNanos: Int64) {
        engine.apply(context, eventNanos: eventNanos)
    }

    /// Takes a settled funding.
    package mutating func apply(_ funding: borrowing MarketFunding, eventNanos: Int64) {
        engine.apply(funding, eventNanos: eventNanos)
    }

    /// Takes a gap.
    package mutating func apply(_ gap: borrowing MarketGap, eventNanos: Int64) {
        engine.apply(gap, eventNanos: eventNanos)
    }
}

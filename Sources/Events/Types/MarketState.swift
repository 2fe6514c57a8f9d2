package import LogFormat

/// A closed bar; event time is its end.
package struct MarketCandle: LogEvent, Equatable, Sendable {
    package static let typeName = "mkt.CandleClosed"
    package static let version: UInt16 = 1
    package static let documentation = "A closed bar of the venue; event time is its end, so that it is known only then"

    /// Number of the instrument.
    package var instrument: Int32 = 0
    /// Length of the bar in seconds.
    package var seconds: Int32 = 60
    /// First moment of the bar.
    package var openNanos: Int64 = 0
    /// First price in 1e-8 of the quote currency.
    package var open: Int64 = 0
    /// Highest price.
    package var high: Int64 = 0
    /// Lowest price.
    package var low: Int64 = 0
    /// Last price.
    package var close: Int64 = 0
    /// Size traded in 1e-8 of the base currency.
    package var volume: Int64 = 0
    /// Number of trades; nil where the source does not say.
    package var tradeCount: Int64?

    /// An empty event.
    @inlinable
    package init() {}

    /// Visits the fields.
    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        v.i32("instrument", &instrument, isKey: true)
        v.i32("seconds", &seconds, unit: "s", isKey: false, encoding: .varint, step: 1, "Length of the bar")
        v.time("open_time", &openNanos, encoding: .eventDelta, "First moment of the bar")
        v.decimal("open", &open, scale: 8, unit: "quote", encoding: .keyDelta, step: 1_000_000, "First price")
        v.decimal("high", &high, scale: 8, unit: "quote", encoding: .keyDelta, step: 1_000_000, "Highest price")
        v.decimal("low", &low, scale: 8, unit: "quote", encoding: .keyDelta, step: 1_000_000, "Lowest price")
        v.decimal("close", &close, scale: 8, unit: "quote", encoding: .keyDelta, step: 1_000_000, "Last price")
        v.decimal("volume", &volume, scale: 8, unit: "base", encoding: .varint, step: 1000, "Size traded")
        v.i64("trades", &tradeCount, "Number of trades")
    }
}

/// What a perpetual's venue says about it besides trades and books.
package struct MarketContext: LogEvent, Equatable, Sendable {
    package static let typeName = "mkt.ContextSeen"
    package static let version: UInt16 = 1
    package static let documentation = "Funding, open interest and reference prices of a perpetual"

    /// Number of the instrument.
    package var instrument: Int32 = 0
    /// When it reached us.
    package var receivedNanos: Int64 = 0
    /// Funding rate of the current hour, as a fraction in 1e-12.
    package var fundingRate: Int64?
    /// Open interest in 1e-8 of the base currency.
    package var openInterest: Int64?
    /// Oracle price in 1e-8 of the quote currency.
    package var oraclePrice: Int64?
    /// Mark price in 1e-8 of the quote currency.
    package var markPrice: Int64?
    /// Mid price in 1e-8 of the quote currency.
    package var midPrice: Int64?

    /// An empty event.
    @inlinable
    package init() {}

    /// Visits the fields.
    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        v.i32("instrument", &instrument, isKey: true)
        v.time("received", &receivedNanos, encoding: .eventDelta, "When it reached us")
        v.decimal("funding", &fundingRate, scale: 12, "Funding rate of the current hour")
        v.decimal("open_interest", &openInterest, scale: 8, unit: "base", "Open interest")
        v.decimal("oracle_px", &oraclePrice, scale: 8, unit: "quote", "Oracle price")
        v.decimal("mark_px", &markPrice, scale: 8, unit: "quote", "Mark price")
        v.decimal("mid_px", &midPrice, scale: 8, unit: "quote", "Mid price")
    }
}

/// A funding payment that was settled.
package struct MarketFunding: LogEvent, Equatable, Sendable {
    package static let typeName = "mkt.FundingSettled"
    package static let version: UInt16 = 1
    package static let documentation = "A funding rate as it was settled; event time is the settlement"

    /// Number of the instrument.
    package var instrument: Int32 = 0
    /// Rate of the period, as a fraction in 1e-12; longs pay when it is positive.
    package var rate: Int64 = 0
    /// Premium of mark over oracle, as a fraction in 1e-12.
    package var premium: Int64?

    /// An empty event.
    @inlinable
    package init() {}

    /// Visits the fields.
    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        v.i32("instrument", &instrument, isKey: true)
        v.decimal("rate", &rate, scale: 12, "Longs pay when it is positive")
        v.decimal("premium", &premium, scale: 12, "Mark over oracle")
    }
}

/// Why market data is missing.
package enum GapReason: UInt8, EventSymbol {
    case reconnect, sequence, sourceEnded, stalled, rejected

    /// The reasons as written.
    package static let symbols = ["RECONNECT", "SEQUENCE", "SOURCE_ENDED", "STALLED", "REJECTED"]
}

/// A stretch of market data that nobody saw: nothing may be concluded from its silence (SEC-12).
package struct MarketGap: LogEvent, Equatable, Sendable {
    package static let typeName = "mkt.Gap"
    package static let version: UInt16 = 1
    package static let documentation = "A stretch of market data that is missing; event time is its end"

    /// Number of the instrument; 0 for all.
    package var instrument: Int32 = 0
    /// The feed, such as `trades`.
    package var channel = ""
    /// Last moment that was seen before it.
    package var fromNanos: Int64 = 0
    /// Why.
    package var reason = GapReason.reconnect
    /// Messages known to be missing.
    package var missingCount: Int64?

    /// An empty event.
    @inlinable
    package init() {}

    /// Visits the fields.
    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        v.i32("instrument", &instrument, isKey: true)
        v.field("channel", &channel, "The feed")
        v.time("from", &fromNanos, encoding: .eventDelta, "Last moment seen before it")
        v.field("reason", &reason, "Why")
        v.i64("missing", &missingCount, "Messages known to be missing")
    }
}

/// Reading a source into the log began; until its `mkt.SourceRead` follows it is unfinished.
///
/// The sources of one session (files that one connection was recorded in) are announced one after another before the
/// first of their events, so that an ingest that was killed is found and continued (LOG-20).
package struct MarketSourceOpened: LogEvent, Equatable, Sendable {
    package static let typeName = "mkt.SourceOpened"
    package static let version: UInt16 = 1
    package static let documentation = "Reading a source began; its events follow up to its mkt.SourceRead"

    /// What kind of source.
    package var kind = ""
    /// Its name, without its folder.
    package var name = ""
    /// SHA-256 of its bytes.
    package var hash = PayloadHash()
    /// Place among the sources of the session, from 1.
    package var index: Int32 = 1
    /// Number of sources of the session.
    package var count: Int32 = 1

    /// An empty event.
    package init() {}

    /// Visits the fields.
    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("kind", &kind, "What kind of source")
        v.field("name", &name, "Its name, without its folder")
        v.field("hash", &hash, "SHA-256 of its bytes")
        v.i32("index", &index, unit: "", isKey: false, encoding: .varint, step: 1, "Place among the session's sources")
        v.i32("count", &count, unit: "", isKey: false, encoding: .varint, step: 1, "Sources of the session")
    }
}

/// A source of market data was read into the log, whole; reading it again adds nothing (LOG-20).
package struct MarketSourceRead: LogEvent, Equatable, Sendable {
    package static let typeName = "mkt.SourceRead"
    package static let version: UInt16 = 1
    package static let documentation = "A source was read to its end, with what was taken and what was refused"

    /// What kind of source.
    package var kind = ""
    /// Its name, without its folder.
    package var name = ""
    /// SHA-256 of its bytes.
    package var hash = PayloadHash()
    /// Events taken.
    package var eventCount: Int64 = 0
    /// Events known before.
    package var duplicateCount: Int64 = 0
    /// Records refused.
    package var rejects: [Tally] = []

    /// An empty event.
    package init() {}

    /// Visits the fields.
    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        v.field("kind", &kind, "What kind of source")
        v.field("name", &name, "Its name, without its folder")
        v.field("hash", &hash, "SHA-256 of its bytes")
        v.i64("events", &eventCount)
        v.i64("duplicates", &duplicateCount)
        v.list("rejects", &rejects, "Records refused, by reason")
    }
}

/// How often something happened.
package struct Tally: EventRecord, Equatable, Sendable {
    /// What.
    package var name = ""
    /// How often.
    package var count: Int64 = 0

    /// An empty tally.
    package init() {}

    /// Makes a tally.
    package init(_ name: String, _ count: Int64) {
        self.name = name
        self.count = count
    }

    /// Visits the fields.
    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("name", &name)
        v.i64("count", &count)
    }
}

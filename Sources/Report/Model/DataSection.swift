/// What the market data held, lacked and refused.
package struct DataSection: Equatable, Sendable {
    /// The instruments, in the order of the run.
    package var instruments: [InstrumentData] = []
    /// Events by type.
    package var eventCounts: [ReasonCount] = []
    /// Stretches without data, in time order.
    package var gaps: [DataGap] = []
    /// What was refused at ingest, by reason.
    package var rejects: [ReasonCount] = []

    /// Makes an empty section.
    package init() {}

    /// Events of all types.
    package var events: Int { eventCounts.reduce(0) { $0 &+ $1.count } }
}

/// What there was of one instrument.
package struct InstrumentData: Equatable, Sendable {
    /// Name, such as "BTC-USD".
    package let name: String
    /// Venue, such as "hyperliquid".
    package let venue: String
    /// Number of its events.
    package let events: Int
    /// From its first event to its last; nil without events.
    package let span: TimeSpan?

    /// Makes a summary.
    package init(name: String, venue: String, events: Int, span: TimeSpan?) {
        self.name = name
        self.venue = venue
        self.events = events
        self.span = span
    }
}

/// A stretch without data.
package struct DataGap: Equatable, Sendable {
    /// Instrument, or "*" for all.
    package let instrument: String
    /// From the last event before to the first event after.
    package let span: TimeSpan
    /// Why, such as "reconnect".
    package let reason: String

    /// Makes a gap.
    package init(instrument: String, span: TimeSpan, reason: String) {
        self.instrument = instrument
        self.span = span
        self.reason = reason
    }
}

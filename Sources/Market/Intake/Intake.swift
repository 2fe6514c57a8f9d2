import Events

/// Makes typed market events of what the readers of sources found, in the order of receipt (ARC-16).
///
/// A pure state machine: it knows no clock and no disk. What it learned before it knows from the log
/// (`learn`), so that an ingest that was interrupted, or runs again, makes the same events (LOG-20).
package struct Intake: Sendable {
    /// Silence of all feeds of a connection that counts as a reconnect: Hyperliquid sends a book every 0.5 to 5.4 s.
    package static let connectionSilenceNanos: Int64 = 10_000_000_000
    /// Silence of a feed of books that counts as a stall while the connection lives.
    package static let bookSilenceNanos: Int64 = 10_000_000_000
    /// Most trades of one frame.
    package static let frameTradesMax = 16_384

    /// Events that were made and not taken yet.
    package var queue = EventQueue()
    /// What became of the records, by source of the session.
    package var counts: [SourceCounts] = [SourceCounts()]
    /// The source that the next records come from: an index of `counts`.
    package var source = 0
    /// The instruments of the log.
    package internal(set) var instruments = InstrumentTable()
    /// Decimals of sizes that the venue's own list told, by symbol; only looked up.
    package var sizeDecimals: [String: Int] = [:]

    var recentTrades = RecentTrades()
    var covered = CoveredSpans()
    var feeds: [FeedState] = []
    var frame: [PendingTrade] = []
    var frameNumber = 0
    var heldCandles: [HeldCandle] = []
    /// Connections so far; a long silence begins a new one.
    var epoch = 0
    var lastReceivedNanos: Int64?
    var lastEventNanos: Int64?

    /// An intake for an empty log.
    package init() {}

    /// Begins a session of `sourceCount` sources: what the feeds were last seen doing is forgotten, trades, bars and
    /// payments that are on the log are not.
    package mutating func beginSession(sourceCount: Int) {
        counts = Array(repeating: SourceCounts(), count: sourceCount)
        source = 0
        feeds.removeAll()
        frame.removeAll()
        heldCandles.removeAll()
        epoch = 0
        lastReceivedNanos = nil
        lastEventNanos = nil
        covered.beginSession()
    }

    /// Ends a session: open bars are dropped, and a stream of frames leaves a gap behind it (SEC-12).
    package mutating func endSession(isStream: Bool) {
        for held in heldCandles {
            source = held.source
            note(.openCandle)
        }
        heldCandles.removeAll()
        guard isStream, let lastEventNanos else { return }
        var gap = MarketGap()
        gap.fromNanos = lastEventNanos
        gap.reason = .sourceEnded
        emit(gap, lastEventNanos)
    }

    /// Counts a record that is refused.
    package mutating func reject(_ reason: RejectReason) { counts[source].add(reason) }
    /// Counts what gives no event.
    package mutating func note(_ note: IntakeNote, _ count: Int = 1) {
        if count > 0 { counts[source].add(note, Int64(count)) }
    }
    /// Counts a record that was known before.
    package mutating func duplicate() { counts[source].duplicateCount &+= 1 }

    /// Tells that something arrived from the connection, whatever it was.
    package mutating func received(_ nanos: Int64) {
        if let last = lastReceivedNanos, nanos &- last > Self.connectionSilenceNanos { epoch += 1 }
        lastReceivedNanos = max(lastReceivedNanos ?? nanos, nanos)
    }

    /// The number of an instrument, which is listed if it is new.
    ///
    /// - Parameter price: a price of it, by which its grid is chosen; nil if none is known.
    package mutating func instrument(
        _ venue: Venue, _ text: Span<UInt8>, _ token: Token, price: Int64?, eventNanos: Int64
    ) throws(RejectReason) -> Int32 {
        let known = instruments.find(venue, text, token)
        if known != 0 { return known }
        let number = try instruments.add(venue, text, token, .finest)
        let decimals = sizeDecimals.isEmpty ? nil : sizeDecimals[instruments.symbol(number)]
        let grid = price.map { Grid(price: $0, sizeDecimals: decimals) } ?? .finest
        instruments.setGrid(number, grid)
        list(number, eventNanos)
        return number
    }

    mutating func list(_ number: Int32, _ eventNanos: Int64) {
        let entry = instruments.entries[Int(number) - 1]
        var event = MarketInstrument()
        event.instrument = number
        event.venue = entry.venue.name
        event.symbol = instruments.symbol(number)
        event.asset = entry.venue.asset(event.symbol)
        event.priceStep = entry.grid.price
        event.sizeStep = entry.grid.size
        counts[source].add(.instrument, eventNanos)
        queue.add(event, eventNanos)
    }

    mutating func emit(_ gap: MarketGap, _ eventNanos: Int64) {
        counts[source].add(.gap, eventNanos)
        queue.add(gap, eventNanos)
    }

    /// Remembers the time of an event that stands on the log.
    mutating func count(_ kind: MarketEventKind, _ eventNanos: Int64) {
        counts[source].add(kind, eventNanos)
        lastEventNanos = max(lastEventNanos ?? eventNanos, eventNanos)
    }

    /// The place of a feed in `feeds`.
    @inline(__always)
    mutating func feed(_ instrument: Int32, _ channel: Channel) -> Int {
        let index = Int(instrument) &* Channel.allCases.count &+ Int(channel.rawValue)
        while feeds.count <= index { feeds.append(FeedState()) }
        return index
    }

    /// Types the gap before a message of a feed, if one is there, and remembers the message.
    ///
    /// - Returns: whether a gap was typed.
    @discardableResult
    mutating func checkGap(
        _ instrument: Int32, _ channel: Channel, eventNanos: Int64, receivedNanos: Int64, stallNanos: Int64 = .max
    ) -> Bool {
        let index = feed(instrument, channel)
        let state = feeds[index]
        feeds[index].epoch = epoch
        feeds[index].receivedNanos = receivedNanos
        feeds[index].eventNanos = max(state.eventNanos, eventNanos)
        guard state.isSeen else {
            feeds[index].isSeen = true
            return false
        }
        let isStalled = state.isStale || receivedNanos &- state.receivedNanos > stallNanos
        feeds[index].isStale = false
        guard state.epoch != epoch || isStalled else { return false }
        var gap = MarketGap()
        gap.instrument = instrument
        gap.channel = channel.name
        gap.fromNanos = state.eventNanos
        gap.reason = state.epoch != epoch ? .reconnect : .stalled
        emit(gap, max(eventNanos, state.eventNanos))
        return true
    }
}

/// Feeds of an instrument.
package enum Channel: UInt8, CaseIterable, Sendable {
    case trades, books, quotes, contexts

    /// The name in `mkt.Gap`.
    package var name: String {
        switch self {
        case .trades: "trades"
        case .books: "books"
        case .quotes: "quotes"
        case .contexts: "contexts"
        }
    }
}

/// What a feed of an instrument was last seen doing.
struct FeedState: Sendable {
    var isSeen = false
    /// The connection it was last seen on; `interruptedEpoch` if messages are known to be missing behind it.
    var epoch = 0
    /// Whether it is known to have stalled since it was last seen.
    var isStale = false
    var receivedNanos: Int64 = 0
    /// Latest event time.
    var eventNanos: Int64 = 0
    /// Last id of a trade.
    var tradeID: UInt64 = 0
    /// The frame that last held a trade of it.
    var frameNumber = 0
    /// The last quote; the last book is told by its hash.
    var quote: QuoteFact?
    var bookHash: UInt64 = 0
}

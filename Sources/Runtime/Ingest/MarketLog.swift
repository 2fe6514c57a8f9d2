package import Events
package import LogEngine
import LogFormat
package import Market

/// The `mkt` log of a root, written so that an ingest that was killed goes on where it stood (LOG-20).
///
/// Opening reads what the log tells of: its instruments, the last trades, the stretches of bars and funding, which
/// sources were read. If it ends within a session (`mkt.SourceOpened` without its `mkt.SourceRead`), that session has
/// to
/// be read again: its events are compared with those on the log as long as there are any, and only then appended.
/// A live session cannot be read again: one that was broken off is closed with a gap behind it (`closeBrokenLive`).
package final class MarketLog {
    /// What is known from the log, before an unfinished session.
    package var intake = Intake()
    /// Hashes of the sources that were read, whole.
    package private(set) var readHashes: Set<[UInt8]> = []
    /// The sources of a session that the log ends in, in their order; empty if it ends between sessions.
    package private(set) var unfinished: [MarketSourceOpened] = []
    /// Events that stood on the log already, of the unfinished session.
    package private(set) var matchedCount: UInt64 = 0
    /// Events that were appended.
    package private(set) var appendedCount: UInt64 = 0
    /// Events that were appended and are not committed.
    package private(set) var pendingCount = 0

    /// The root's logs, under their one owner.
    package let root: Root
    private let path: String
    private let environment: LogEnvironment
    private var history: MarketHistory?
    private let canonical = CanonicalBytes()
    private var brokenLive: BrokenLive?

    /// A live session that the log ends in.
    private struct BrokenLive {
        let opened: MarketSourceOpened
        /// Place and time of its `mkt.SourceOpened`.
        let seq: UInt64
        let openedNanos: Int64
    }

    /// How the kinds of live sessions begin.
    private static let livePrefix = "live-"
    /// Kind of a live session with Hyperliquid.
    package static let liveHyperliquid = "live-hyperliquid"

    /// Events that are committed together: large batches, since a source can be read again.
    private static let commitEvents = 200_000

    /// Opens a root, which is made if its parent is there.
    ///
    /// - Parameter others: logs that are written beside `mkt`; those that the root has already are opened anyway.
    /// - Throws: the errors of `Root`; `unsupported` if another program's instruments stand on the log.
    package init(
        _ directory: String, others: [Module] = [], options: LogOptions = LogOptions(),
        environment: LogEnvironment = .real()
    ) throws(LogError) {
        self.environment = environment
        do throws(FSError) { try environment.fileSystem.createDirectory(directory) } catch { throw LogError(error) }
        let modules = Set(EventScan.modules(in: directory, environment: environment)).union(others + [.mkt])
        root = try Root(directory, modules: modules.sorted(), options: options, environment: environment)
        path = "\(directory)/\(Module.mkt.text)"
        try learn()
    }

    // MARK: What the log says

    private func learn() throws(LogError) {
        let firstUnfinished = try learnSources()
        try learnFacts(before: firstUnfinished ?? UInt64.max)
        if let firstUnfinished {
            history = try MarketHistory(path, from: firstUnfinished, environment: environment)
        }
    }

    /// Which sources were read; the place of the first event of an unfinished session.
    private func learnSources() throws(LogError) -> UInt64? {
        let walk = try EventWalk(
            path, types: [MarketSourceOpened.typeName, MarketSourceRead.typeName], environment: environment)
        var opened = try decoder(MarketSourceOpened.self)
        var read = try decoder(MarketSourceRead.self)
        var session: [MarketSourceOpened] = []
        var sessionSeq: UInt64 = 0
        var done: [[UInt8]] = []
        while try walk.next() {
            if walk.schema?.name == MarketSourceOpened.typeName {
                var event = MarketSourceOpened()
                try walk.read { batch throws(FormatError) in try opened.decode(&batch, into: &event) }
                if event.index == 1 {
                    (session, sessionSeq, done) = ([], walk.seq, [])
                }
                if event.kind.hasPrefix(Self.livePrefix) {
                    brokenLive = BrokenLive(opened: event, seq: walk.seq, openedNanos: walk.head.eventNanos)
                } else {
                    session.append(event)
                }
            } else {
                var event = MarketSourceRead()
                try walk.read { batch throws(FormatError) in try read.decode(&batch, into: &event) }
                if event.kind.hasPrefix(Self.livePrefix) {
                    brokenLive = nil
                    if event.hash != PayloadHash() { readHashes.insert(event.hash.digest.bytes) }
                    continue
                }
                done.append(event.hash.digest.bytes)
                if let count = session.first?.count, done.count == Int(count) {
                    readHashes.formUnion(done)
                    (session, done) = ([], [])
                }
            }
        }
        unfinished = session
        return session.isEmpty ? nil : sessionSeq
    }

    private func learnFacts(before limit: UInt64) throws(LogError) {
        let names: Set<String> = [
            MarketInstrument.typeName, MarketCandle.typeName, MarketFunding.typeName, MarketSourceOpened.typeName,
        ]
        let walk = try EventWalk(path, types: names, environment: environment)
        var instruments = try decoder(MarketInstrument.self)
        var candles = try decoder(MarketCandle.self)
        var fundings = try decoder(MarketFunding.self)
        while try walk.next(), walk.seq < limit {
            switch walk.schema?.name {
            case MarketInstrument.typeName:
                var event = MarketInstrument()
                try walk.read { batch throws(FormatError) in try instruments.decode(&batch, into: &event) }
                guard intake.learn(event) else {
                    throw LogError(
                        .unsupported,
                        "\(path): instrument \(event.instrument) (\(event.venue) \(event.symbol)) is not one that "
                            + "lotus ingest lists; ingest into a new root")
                }
            case MarketCandle.typeName:
                var event = MarketCandle()
                try walk.read { batch throws(FormatError) in try candles.decode(&batch, into: &event) }
                intake.learn(event)
            case MarketFunding.typeName:
                var event = MarketFunding()
                try walk.read { batch throws(FormatError) in try fundings.decode(&batch, into: &event) }
                intake.learn(event, eventNanos: walk.head.eventNanos)
            default: intake.learnSession()
            }
        }
        try learnTrades(before: limit)
    }

    /// The last trades; those of the distant past cannot be replayed.
    private func learnTrades(before limit: UInt64) throws(LogError) {
        let walk = try EventWalk(path, types: [MarketTrade.typeName], environment: environment)
        guard walk.mayHoldWanted, let end = try walk.end() else { return }
        let last = min(end.seq, limit - 1)
        // Of a stretch this long at least one in eight events is taken to be a trade.
        let window = UInt64(8 * Intake.rememberedTradesMax)
        try walk.seek(toSeq: last > window ? last - window : 1)
        var trades = try decoder(MarketTrade.self)
        var event = MarketTrade()
        while try walk.next(), walk.seq < limit {
            try walk.read { batch throws(FormatError) in try trades.decode(&batch, into: &event) }
            intake.learn(event, eventNanos: walk.head.eventNanos)
        }
    }

    private func decoder<Event: LogEvent>(_ type: Event.Type) throws(LogError) -> EventDecoder<Event> {
        do throws(FormatError) { return try EventDecoder<Event>() } catch {
            throw LogError(.badEvent, "\(Event.typeName): \(error)")
        }
    }

    // MARK: A live session that was broken off

    /// Writes the end of a live session that a crash broke off: the gap behind its last event, and its
    /// `mkt.SourceRead` without a hash, because nobody knows all of its bytes.
    ///
    /// Its messages that were not durable are lost, and the venue does not send them again. Does nothing if the log
    /// does not end in one.
    package func closeBrokenLive() throws(LogError) {
        guard let broken = brokenLive else { return }
        var lastNanos: Int64?
        var count: Int64 = 0
        let walk = try EventWalk(path, environment: environment)
        try walk.seek(toSeq: broken.seq + 1)
        while try walk.next() {
            count += 1
            // Neither has a time of its own.
            guard let name = walk.schema?.name, name != MarketInstrument.typeName, name != MarketGap.typeName else {
                continue
            }
            lastNanos = max(lastNanos ?? .min, walk.head.eventNanos)
        }
        if let lastNanos {
            var gap = MarketGap()
            gap.fromNanos = lastNanos
            gap.reason = .sourceEnded
            try append(gap, lastNanos)
        }
        var read = MarketSourceRead()
        read.kind = broken.opened.kind
        read.name = broken.opened.name
        read.eventCount = count + (lastNanos == nil ? 0 : 1)
        try append(read, lastNanos ?? broken.openedNanos)
        brokenLive = nil
        try commit()
    }

    // MARK: Writing

    /// Writes everything that the intake made and empties its queue.
    package func drain(_ intake: inout Intake) throws(LogError) {
        let count = intake.queue.count
        guard count > 0 else { return }
        for place in 0..<count {
            let slot = intake.queue.slots[place]
            let index = Int(slot.index)
            switch slot.kind {
            case .instrument: try append(intake.queue.instruments[index], slot.eventNanos)
            case .trade: try append(intake.queue.trades[index], slot.eventNanos)
            case .book: try append(intake.queue.books[index], slot.eventNanos)
            case .quote: try append(intake.queue.quotes[index], slot.eventNanos)
            case .candle: try append(intake.queue.candles[index], slot.eventNanos)
            case .context: try append(intake.queue.contexts[index], slot.eventNanos)
            case .funding: try append(intake.queue.fundings[index], slot.eventNanos)
            case .gap: try append(intake.queue.gaps[index], slot.eventNanos)
            }
        }
        intake.queue.removeAll()
        if pendingCount >= Self.commitEvents { try commit() }
    }

    /// Announces a source.
    package func open(_ event: MarketSourceOpened, eventNanos: Int64) throws(LogError) {
        try append(event, eventNanos)
    }

    /// Notes that a source was read.
    package func finish(_ event: MarketSourceRead, eventNanos: Int64) throws(LogError) {
        try append(event, eventNanos)
    }

    /// Ends a session, durably.
    package func endSession(_ hashes: [[UInt8]]) throws(LogError) {
        if let history, !history.isAtEnd { throw differs(history.seq, "more events than this reading makes") }
        history = nil
        unfinished = []
        try commit()
        readHashes.formUnion(hashes)
    }

    private func append<Event: LogEvent>(_ given: Event, _ eventNanos: Int64) throws(LogError) {
        var event = given
        if let history, !history.isAtEnd {
            let made: [UInt8]
            do throws(FormatError) {
                made = try unsafe canonical.encode(&event, eventNanos: eventNanos) { stable, _ in
                    unsafe [UInt8](stable)
                }
            } catch { throw LogError(.badEvent, "\(error)") }
            guard made == history.stable else { throw differs(history.seq, Event.typeName) }
            matchedCount += 1
            return try history.advance()
        }
        try root.append(&event, to: .mkt, eventNanos: eventNanos)
        appendedCount += 1
        pendingCount += 1
    }

    private func differs(_ seq: UInt64, _ what: String) -> LogError {
        LogError(
            .damaged,
            "\(path): event \(seq) is not what this reading makes there (\(what)): the source or the program differs "
                + "from the ingest that was interrupted; give the same files to the same program, or use a new root")
    }

    /// Makes everything durable.
    package func commit() throws(LogError) {
        try root.commit()
        pendingCount = 0
    }

    /// Ends the log cleanly.
    ///
    /// - Parameter seal: whether its last segment is closed for good.
    package func close(seal: Bool = false) throws(LogError) { try root.close(seal: seal) }
}

/// The events of a log from one place to the end that it had when it was opened.
final class MarketHistory {
    private(set) var stable: [UInt8] = []
    private(set) var isAtEnd = false
    private let events: EventWalk
    private let lastSeq: UInt64

    init(_ path: String, from seq: UInt64, environment: LogEnvironment) throws(LogError) {
        events = try EventWalk(path, environment: environment)
        lastSeq = try events.end()?.seq ?? 0
        try events.seek(toSeq: seq)
        try advance()
    }

    var seq: UInt64 { events.seq }

    func advance() throws(LogError) {
        guard events.seq < lastSeq, try events.next() else {
            isAtEnd = true
            return
        }
        stable = unsafe try events.withCanonical { stable, _ in unsafe [UInt8](stable) }
    }
}

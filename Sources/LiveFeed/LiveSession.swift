import Events
import LogEngine
import LogFormat
import Market
import Runtime
import VenueFeed

/// What a feed hands over, made into events of a market log in the order of receipt.
///
/// Knows no clock: gaps are typed by what the connection says. The messages pass through the same reader and intake as
/// a recording of them, so both give the same events but for gaps that only the connection knows of.
final class LiveSession {
    private(set) var report = LiveReport()
    private(set) var status = LiveStatus()

    private let log: MarketLog
    private let recording: Recording
    private let plan: FeedPlan
    private var reader = HyperliquidReader()
    private var recorder: FrameRecorder
    private var gaps = GapTracker()
    private var intake: Intake
    private var isOpen = false
    private var openedNanos: Int64 = 0
    /// Receipt of the oldest message that is not committed.
    private var oldestNanos: Int64?

    /// Events that are collected before they are written.
    private static let drainEvents = 256
    /// Venue of all live sessions.
    private static let venue = Venue.hyperliquid

    init(_ log: MarketLog, _ recording: Recording, _ plan: FeedPlan) {
        self.log = log
        self.recording = recording
        self.plan = plan
        recorder = FrameRecorder { line in recording.add(line) }
        intake = log.intake
        intake.beginSession(sourceCount: 1)
    }

    /// Whether something has come since the last commit.
    var isPending: Bool { oldestNanos != nil }
    /// Events that wait for a commit.
    var pendingCount: Int { log.pendingCount + intake.queue.count }

    /// Takes the next item.
    func take(_ item: FeedItem) throws(LogError) {
        for gap in gaps.observe(item) { interrupt(gap) }
        switch item {
        case .frame(let frame): try take(frame)
        case .event(let event, _): take(event)
        }
    }

    private func take(_ frame: FeedFrame) throws(LogError) {
        if !isOpen { try open(frame.receivedNanos) }
        do { try recorder.record(frame) } catch {
            throw LogError(.fileSystem, "the recording failed: \(error)")
        }
        report.frameCount += 1
        status.frameCount += 1
        status.byteCount += UInt64(frame.bytes.count)
        if oldestNanos == nil { oldestNanos = frame.receivedNanos }
        reader.frame(frame.bytes.span, receivedNanos: frame.receivedNanos, into: &intake)
        if intake.queue.count >= Self.drainEvents { try log.drain(&intake) }
    }

    /// Announces the session, with a hash that nobody knows yet.
    private func open(_ nanos: Int64) throws(LogError) {
        isOpen = true
        openedNanos = max(0, nanos)
        var opened = MarketSourceOpened()
        opened.kind = MarketLog.liveHyperliquid
        opened.name = plan.socketAddress.host
        try log.open(opened, eventNanos: openedNanos)
    }

    /// A connection ended, and the first message after it has come.
    private func interrupt(_ gap: FeedGap) {
        // Stalls are told when they begin: their end is known only behind the message that ends them.
        guard case .closed = gap.cause else { return }
        for subscription in plan.sockets[gap.socket] { interrupt(subscription, isStall: false) }
    }

    private func interrupt(_ subscription: Subscription, isStall: Bool) {
        guard let coin = subscription.coin, let channel = subscription.channel.feed else { return }
        intake.interrupted(Self.venue, symbol: coin, channel, isStall: isStall)
    }

    private func take(_ event: FeedEvent) {
        switch event.kind {
        case .connected:
            report.connections.openedCount += 1
            status.connectedCount += 1
        case .closed(let closing):
            status.connectedCount -= 1
            guard closing.cause != .shutDown else { return }
            report.connections.closedCount += 1
            report.connections.add(
                "connection \(event.epoch) ended (\(closing.cause), \(closing.code)): \(closing.reason)")
        case .connectFailed(let failure):
            report.connections.failedCount += 1
            report.connections.add(failure.description)
        case .stalled(let subscription, _):
            interrupt(subscription, isStall: true)
            report.connections.stalledCount += 1
        case .rejectedFrame(let frame):
            report.connections.rejectedCount += 1
            report.connections.add("a message was refused: \(frame.text)")
        case .held(let nanos): report.connections.heldNanos += nanos
        case .unanswered(let subscription, _): report.connections.add("no answer to the subscription \(subscription)")
        case .refused(let text): report.connections.add("the venue refused: \(text)")
        case .coinsGone(let coins): report.connections.add("the venue no longer lists \(coins.joined(separator: ", "))")
        case .gaveUp(let reason): report.end = .feedEnded(reason)
        case .subscribed, .recovered, .reconnecting: break
        }
    }

    /// Makes everything durable that has come, and then what follows from it.
    ///
    /// - Parameter wallNanos: the wall clock, asked once all of it is done.
    func commit(_ follower: (any RootFollower)?, wallNanos: () -> Int64) throws(LogError) {
        try log.drain(&intake)
        try recording.flush()
        try log.commit()
        try follower?.goOn()
        status.eventCount = log.appendedCount
        status.gapCount = intake.counts[0][.gap]
        if let oldestNanos { status.lagNanos = max(0, wallNanos() &- oldestNanos) }
        oldestNanos = nil
        report.commitCount += 1
    }

    /// Ends the session: the gap behind it, and its `mkt.SourceRead` with the hash of its lines.
    func finish() throws(LogError) {
        defer { report.counts = intake.counts[0] }
        guard isOpen else {
            _ = try recording.finish()
            return
        }
        intake.endInterruptions()
        intake.endSession(isStream: true)
        try log.drain(&intake)
        report.digest = try recording.finish()
        report.recordedBytes = recording.byteCount
        let counts = intake.counts[0]
        var read = MarketSourceRead()
        read.kind = MarketLog.liveHyperliquid
        read.name = plan.socketAddress.host
        read.hash = PayloadHash(report.digest)
        read.eventCount = counts.eventCount
        read.duplicateCount = counts.duplicateCount
        read.rejects = counts.tallies
        try log.finish(read, eventNanos: counts.lastNanos ?? openedNanos)
        try log.endSession([report.digest.bytes])
        log.intake = intake
        report.appendedCount = log.appendedCount
    }

    /// Notes why it ended, unless the feed gave up by itself.
    func end(_ end: LiveReport.End) { if report.end == .stopped { report.end = end } }
}

extension FeedChannel {
    /// The feed of an instrument whose gaps are typed; nil for streams whose silence loses nothing that is recorded.
    var feed: Channel? {
        switch self {
        case .trades: .trades
        case .book: .books
        case .bestPrices: .quotes
        case .assetContext: .contexts
        case .candle, .allMids: nil
        }
    }
}

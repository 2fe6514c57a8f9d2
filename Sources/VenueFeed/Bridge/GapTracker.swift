/// A span of time in which messages may be missing.
///
/// Times are receive times, nanoseconds since 1970.
package struct FeedGap: Equatable, Sendable {
    /// Why messages may be missing.
    package enum Cause: Equatable, Sendable {
        /// The connection ended in this way.
        case closed(Closing.Cause)
        /// The stream was silent for longer than its limit although the connection stood.
        case stalled
    }

    /// Which of the plan's sockets.
    package var socket: Int
    /// Which stream; nil for all streams of the socket.
    package var subscription: Subscription?
    /// Of the last message before.
    package var fromNanos: Int64
    /// Of the first message after.
    package var toNanos: Int64
    /// The connection that the first message after came on.
    package var epochAfter: Int
    /// Why.
    package var cause: Cause

    /// Makes a gap.
    package init(
        socket: Int, subscription: Subscription?, fromNanos: Int64, toNanos: Int64, epochAfter: Int, cause: Cause
    ) {
        self.socket = socket
        self.subscription = subscription
        self.fromNanos = fromNanos
        self.toNanos = toNanos
        self.epochAfter = epochAfter
        self.cause = cause
    }
}

/// Finds the gaps in what a feed hands over: fed with every item in order, it says where one has just ended.
///
/// Acknowledgements count as messages, so a gap of a quiet stream ends when its connection is up again, not when it
/// next has
/// something to say.
package struct GapTracker: Sendable {
    private struct Line: Sendable {
        var lastNanos: Int64?
        /// Since when and why messages are missing.
        var open: (fromNanos: Int64, cause: Closing.Cause)?
        /// Streams that were silent when the connection ended or still are, and since when; in order of their stalls.
        var stalled: [(subscription: Subscription, fromNanos: Int64)] = []
    }

    private var lines: [Int: Line] = [:]
    /// Which socket an epoch belongs to; an entry lives as long as its connection.
    private var socketOfEpoch: [Int: Int] = [:]

    /// Knows of nothing yet.
    package init() {}

    /// Takes the next item; the gaps that end with it, in a fixed order: the whole socket's, then those of streams.
    package mutating func observe(_ item: FeedItem) -> [FeedGap] {
        switch item {
        case .frame(let frame): return observe(frame)
        case .event(let event, let nanos): return observe(event, nanos)
        }
    }

    private mutating func observe(_ frame: FeedFrame) -> [FeedGap] {
        guard let socket = socketOfEpoch[frame.epoch] else { return [] }
        var line = lines[socket] ?? Line()
        defer { lines[socket] = line }
        line.lastNanos = frame.receivedNanos
        guard let open = line.open else { return [] }
        line.open = nil
        var gaps = [
            FeedGap(
                socket: socket, subscription: nil, fromNanos: open.fromNanos, toNanos: frame.receivedNanos,
                epochAfter: frame.epoch, cause: .closed(open.cause))
        ]
        // A stream that had stalled has missed more than the rest.
        for stream in line.stalled {
            gaps.append(
                FeedGap(
                    socket: socket, subscription: stream.subscription, fromNanos: stream.fromNanos,
                    toNanos: frame.receivedNanos, epochAfter: frame.epoch, cause: .stalled))
        }
        line.stalled = []
        return gaps
    }

    private mutating func observe(_ event: FeedEvent, _ nanos: Int64) -> [FeedGap] {
        var line = lines[event.socket] ?? Line()
        defer { lines[event.socket] = line }
        switch event.kind {
        case .connected: socketOfEpoch[event.epoch] = event.socket
        case .closed(let closing):
            socketOfEpoch[event.epoch] = nil
            // A connection that brought nothing makes the gap before it longer.
            guard closing.cause != .shutDown, line.open == nil, let last = closing.lastFrameNanos ?? line.lastNanos
            else { break }
            line.open = (last, closing.cause)
        case .stalled(let subscription, let silent):
            line.stalled.append((subscription, nanos - silent))
        case .recovered(let subscription, _):
            guard let index = line.stalled.firstIndex(where: { $0.subscription == subscription }) else { break }
            let from = line.stalled.remove(at: index).fromNanos
            return [
                FeedGap(
                    socket: event.socket, subscription: subscription, fromNanos: from, toNanos: nanos,
                    epochAfter: event.epoch, cause: .stalled)
            ]
        default: break
        }
        return []
    }

    /// Gaps that have not ended, in order of their sockets: where a session ends inside one.
    package var open: [(socket: Int, fromNanos: Int64, cause: Closing.Cause)] {
        lines.keys.sorted().compactMap { socket in
            lines[socket]?.open.map { (socket, $0.fromNanos, $0.cause) }
        }
    }
}

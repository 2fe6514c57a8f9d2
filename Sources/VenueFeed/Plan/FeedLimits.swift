/// How much at most: of what the venue allows from one address, and of what this side holds in memory.
package struct FeedLimits: Equatable, Sendable {
    /// Subscriptions over all sockets.
    package var subscriptionsMax = 1_000
    /// Sockets at once; older pages of the venue say 100, newer ones 10.
    package var socketsMax = 10
    /// Connections begun within any minute.
    package var connectsPerMinuteMax = 30
    /// Messages sent within any minute, over all sockets.
    package var messagesPerMinuteMax = 2_000
    /// Price of all questions to the HTTP side within any minute.
    package var pricePerMinuteMax = 1_200
    /// Subscriptions sent in one burst.
    package var subscriptionsPerBurst = 20
    /// From one burst to the next.
    package var burstGapNanos: Int64 = 100_000_000
    /// Bytes of one message, whole; a larger one ends the connection.
    package var messageBytesMax = 4 << 20
    /// Pieces of one message.
    package var fragmentsMax = 1_024
    /// Bytes read from a socket at once: what may still arrive after the receiver said that it is full.
    package var readBytesMax = 64 << 10
    /// Bytes of one answer of the HTTP side.
    package var answerBytesMax = 32 << 20

    /// The venue's own limits, and generous ones for memory.
    package init() {}

    func check() throws(FeedError) {
        let counts = [
            subscriptionsMax, socketsMax, connectsPerMinuteMax, messagesPerMinuteMax, subscriptionsPerBurst,
            messageBytesMax, fragmentsMax, readBytesMax, answerBytesMax, pricePerMinuteMax,
        ]
        guard counts.allSatisfy({ (1...(1 << 30)).contains($0) }), (0...FeedTiming.nanosMax).contains(burstGapNanos)
        else { throw .badPlan("a limit of the feed is below 1 or above 2^30") }
    }
}

/// How long and how often.
///
/// All times are nanoseconds.
package struct FeedTiming: Equatable, Sendable {
    /// From one application ping to the next; the venue closes a socket to which it has sent nothing for 60 s.
    package var pingNanos: Int64 = 25_000_000_000
    /// How long the answer to a ping may take.
    package var pongTimeoutNanos: Int64 = 10_000_000_000
    /// How long connecting, TLS and the WebSocket handshake may take together.
    package var connectTimeoutNanos: Int64 = 10_000_000_000
    /// How long the server may take to answer our closing frame.
    package var closeTimeoutNanos: Int64 = 1_000_000_000
    /// How long an answer of the HTTP side may take.
    package var answerTimeoutNanos: Int64 = 20_000_000_000
    /// After how long without acknowledgement and without a frame a subscription is reported as unanswered.
    package var acknowledgeNanos: Int64 = 10_000_000_000
    /// First and shortest wait before a connection is tried again.
    package var backoffNanosMin: Int64 = 250_000_000
    /// Longest wait.
    package var backoffNanosMax: Int64 = 30_000_000_000
    /// A connection that lasted as long as this starts the waits from the shortest again.
    package var steadyNanos: Int64 = 60_000_000_000
    /// Failed attempts in a row after which the feed gives up, as long as it was never connected.
    package var firstAttemptsMax = 5
    /// Failed attempts in a row after which the feed gives up later on; nil never gives up.
    package var attemptsMax: Int?
    /// How long a stream of a channel may be silent before it counts as stalled; a channel that is not named has no
    /// limit.
    ///
    /// Trades and best prices cannot be judged by silence.
    package var stallNanos: [FeedChannel: Int64] = [
        .book(fast: true): 10_000_000_000, .book(fast: false): 60_000_000_000, .assetContext: 30_000_000_000,
        .allMids: 60_000_000_000,
    ]
    /// A stop of reading that is shorter than this is not reported.
    package var heldReportNanos: Int64 = 250_000_000
    /// A stream that stays silent for this many times its limit costs the connection.
    package var stallsBeforeReconnect: Int64 = 3

    /// Times that suit the venue as of 2026.
    package init() {}

    /// A day: longer than any sensible time here, and far from overflow.
    static let nanosMax: Int64 = 86_400_000_000_000
    /// Longest time between pings: the venue closes after 60 s.
    package static let pingNanosMax: Int64 = 50_000_000_000

    func check() throws(FeedError) {
        let all = [
            pingNanos, pongTimeoutNanos, connectTimeoutNanos, closeTimeoutNanos, answerTimeoutNanos, acknowledgeNanos,
            backoffNanosMin, backoffNanosMax, steadyNanos, heldReportNanos,
        ]
        let stalls = stallNanos.values.sorted()
        guard (all + stalls).allSatisfy({ (1...Self.nanosMax).contains($0) }) else {
            throw .badPlan("a time of the feed is below 1 ns or above a day")
        }
        guard pingNanos <= Self.pingNanosMax else {
            throw .badPlan(
                "pings every \(pingNanos / 1_000_000_000) s: the venue closes after 60 s without traffic, take "
                    + "50 s at most"
            )
        }
        guard backoffNanosMin <= backoffNanosMax else { throw .badPlan("the shortest wait is longer than the longest") }
        guard firstAttemptsMax >= 1, attemptsMax ?? 1 >= 1, (1...1_000).contains(stallsBeforeReconnect) else {
            throw .badPlan("attempts and stalls before a reconnection must be at least 1")
        }
    }
}

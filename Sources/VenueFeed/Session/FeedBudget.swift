/// What the venue allows one address within a minute, shared by all sockets of a feed.
package struct FeedBudget: Sendable {
    /// Connections begun.
    package var connects: SlidingCount
    /// Subscriptions and their ends sent.
    ///
    /// Pings come on top at their own pace, so their share is kept free.
    package var subscriptions: SlidingCount
    /// Number of the newest connection.
    package var lastEpoch = 0

    package static let windowNanos: Int64 = 60_000_000_000

    package init(limits: FeedLimits, timing: FeedTiming, sockets: Int) {
        connects = SlidingCount(countMax: limits.connectsPerMinuteMax, windowNanos: Self.windowNanos)
        let pings = sockets * (Int(min(Self.windowNanos / timing.pingNanos, 1 << 20)) + 1)
        subscriptions = SlidingCount(
            countMax: max(1, limits.messagesPerMinuteMax - pings), windowNanos: Self.windowNanos)
    }
}

/// At most so many within any window: a ring of the times of the last ones.
package struct SlidingCount: Sendable {
    private let windowNanos: Int64
    private var times: [Int64]
    private var next = 0

    package init(countMax: Int, windowNanos: Int64) {
        self.windowNanos = windowNanos
        times = [Int64](repeating: .min, count: countMax)
    }

    /// When the next one is allowed, if it is asked for at `now`.
    package func allowed(at now: Int64) -> Int64 {
        let oldest = times[next]
        return oldest == .min ? now : max(now, oldest + windowNanos)
    }

    /// Counts one at `now` if it is allowed.
    package mutating func take(at now: Int64) -> Bool {
        guard allowed(at: now) <= now else { return false }
        times[next] = now
        next = (next + 1) % times.count
        return true
    }
}

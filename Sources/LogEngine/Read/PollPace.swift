/// How long a tail sleeps between looks when nobody wakes it: short at first, longer while nothing changes.
struct PollPace {
    /// The first sleep after something changed.
    static let shortestNanos: Int64 = 5_000_000
    /// The longest sleep: what an event waits at most when its writer cannot wake the tail.
    static let longestNanos: Int64 = 100_000_000

    /// The next sleep.
    private(set) var napNanos = shortestNanos

    /// Nothing changed: sleeps longer next time.
    mutating func slowDown() { napNanos = min(2 * napNanos, Self.longestNanos) }

    /// Something changed, so that more may come soon.
    mutating func hurry() { napNanos = Self.shortestNanos }
}

internal import Glibc

/// The machine's clock.
package struct SystemFeedClock: FeedClock {
    /// Makes one.
    package init() {}

    package func wallNanos() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

import Events
package import LogEngine
import Runtime
package import VenueFeed

/// A feed of the venue into the `mkt` log of a root, on the calling thread.
///
/// Every message that came before the end is on the log when `run` returns, durable, and closed by the hash of the
/// session's lines; after a crash the next session closes the one that was broken off and goes on behind it.
package enum LiveIngest {
    /// Longest time until a request to stop is seen; nanoseconds.
    private static let lookNanos: Int64 = 50_000_000

    /// Runs a session to its end.
    ///
    /// The coins are checked against the venue first: a wrong one makes neither a root nor a recording.
    ///
    /// - Parameters:
    ///   - root: the root; made if its parent is there.
    ///   - clock: what messages are stamped with.
    ///   - stop: ends the session from elsewhere.
    ///   - committed: called on this thread after each commit; may read the root, and may ask for the end.
    package static func run(
        _ plan: FeedPlan, root: String, options: LiveOptions = LiveOptions(), logOptions: LogOptions = LogOptions(),
        environment: LogEnvironment = .real(), clock: any FeedClock = SystemFeedClock(), stop: LiveStop,
        committed: (LiveStatus) throws(LogError) -> Void = { _ in }
    ) throws(LiveError) -> LiveReport {
        if let path = options.recording {
            do throws(LogError) { try Recording.check(path, environment.fileSystem) } catch { throw .log(error) }
        }
        let bridge = FrameBridge()
        let feed: VenueFeed
        do throws(FeedError) {
            feed = try VenueFeed.start(plan, into: bridge, clock: clock)
        } catch { throw .feed(error) }
        defer { feed.shutDown() }
        do throws(LogError) {
            let log = try MarketLog(root, options: logOptions, environment: environment)
            do throws(LogError) {
                let report = try run(plan, log, options, environment, bridge, feed, stop, committed)
                try log.close(seal: options.seal)
                return report
            } catch {
                // What was committed stays; the first error is the one that is told.
                try? log.close()
                throw error
            }
        } catch { throw .log(error) }
    }

    private static func run(
        _ plan: FeedPlan, _ log: MarketLog, _ options: LiveOptions, _ environment: LogEnvironment,
        _ bridge: FrameBridge, _ feed: VenueFeed, _ stop: LiveStop,
        _ committed: (LiveStatus) throws(LogError) -> Void
    ) throws(LogError) -> LiveReport {
        if let first = log.unfinished.first {
            throw LogError(
                .usage,
                "the log ends in an ingest of files that was interrupted, \(log.unfinished.map(\.name)); give all "
                    + "\(first.count) files of it to lotus ingest first, or use a new root")
        }
        try log.closeBrokenLive()
        let recording = try Recording(options.recording, environment.fileSystem)
        let session = LiveSession(log, recording, plan)
        let clock = environment.clock
        let start = clock.monotonicNanos()
        var commitNanos = start
        var isEnding = false
        func commit() throws(LogError) {
            try session.commit { clock.wallNanos() }
            commitNanos = clock.monotonicNanos()
            try committed(session.status)
        }
        // Nil: the feed has ended and everything was taken.
        while let items = bridge.take(waitNanos: lookNanos) {
            for item in items {
                try session.take(item)
                if session.pendingCount >= options.commitEvents { try commit() }
            }
            let now = clock.monotonicNanos()
            if session.isPending, now - commitNanos >= options.commitNanos { try commit() }
            guard !isEnding else { continue }
            let isTimeOver = options.durationNanos.map { now - start >= $0 } ?? false
            if stop.isRequested || isTimeOver {
                isEnding = true
                session.end(isTimeOver && !stop.isRequested ? .timeOver : .stopped)
                // Waits for the closing handshake; what still comes meanwhile is taken afterwards.
                feed.shutDown()
            }
        }
        if session.isPending { try commit() }
        try session.finish()
        return session.report
    }
}

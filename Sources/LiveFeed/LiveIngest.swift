import Events
package import LogEngine
package import Runtime
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
    /// The coins are checked against the venue first: a wrong one makes neither a root nor a recording. The connection
    /// is made last, when everything can be taken.
    ///
    /// - Parameters:
    ///   - root: the root; made if its parent is there.
    ///   - clock: what messages are stamped with.
    ///   - follower: writes onto other logs of the root what follows from each commit.
    ///   - stop: ends the session from elsewhere.
    ///   - committed: called on this thread after each commit; may read the root, and may ask for the end.
    package static func run(
        _ plan: FeedPlan, root: String, options: LiveOptions = LiveOptions(), logOptions: LogOptions = LogOptions(),
        environment: LogEnvironment = .real(), clock: any FeedClock = SystemFeedClock(),
        follower: (any RootFollower)? = nil, stop: LiveStop,
        committed: (LiveStatus) throws(LogError) -> Void = { _ in }
    ) throws(LiveError) -> LiveReport {
        if let path = options.recording {
            do throws(LogError) { try Recording.check(path, environment.fileSystem) } catch { throw .log(error) }
        }
        do throws(FeedError) { try VenueFeed.check(plan) } catch { throw .feed(error) }
        let log: MarketLog
        do throws(LogError) {
            log = try MarketLog(
                root, others: follower?.modules ?? [], options: logOptions, environment: environment)
        } catch { throw .log(error) }
        do throws(LiveError) {
            let report = try run(plan, log, options, environment, clock, follower, stop, committed)
            do throws(LogError) { try log.close(seal: options.seal) } catch { throw .log(error) }
            return report
        } catch {
            // What was committed stays; the first error is the one that is told.
            try? log.close()
            throw error
        }
    }

    private static func run(
        _ plan: FeedPlan, _ log: MarketLog, _ options: LiveOptions, _ environment: LogEnvironment,
        _ clock: any FeedClock, _ follower: (any RootFollower)?, _ stop: LiveStop,
        _ committed: (LiveStatus) throws(LogError) -> Void
    ) throws(LiveError) -> LiveReport {
        let session: LiveSession
        do throws(LogError) {
            guard try prepare(log, follower, environment) else { return LiveReport() }
            session = LiveSession(log, try Recording(options.recording, environment.fileSystem), plan)
        } catch { throw .log(error) }
        let bridge = FrameBridge()
        let feed: VenueFeed
        do throws(FeedError) {
            feed = try VenueFeed.start(plan, into: bridge, clock: clock, checksCoins: false)
        } catch { throw .feed(error) }
        defer { feed.shutDown() }
        do throws(LogError) {
            try take(bridge, into: session, options, environment.clock, follower, feed, stop, committed)
            try session.finish()
            try follower?.finish()
            return session.report
        } catch { throw .log(error) }
    }

    /// Brings the root to where a session can begin; false if the follower was asked to stop meanwhile.
    private static func prepare(
        _ log: MarketLog, _ follower: (any RootFollower)?, _ environment: LogEnvironment
    ) throws(LogError) -> Bool {
        if let first = log.unfinished.first {
            throw LogError(
                .usage,
                "the log ends in an ingest of files that was interrupted, \(log.unfinished.map(\.name)); give all "
                    + "\(first.count) files of it to lotus ingest first, or use a new root")
        }
        // Before the market goes on: a crash may have come between a commit and what follows from it.
        if let follower, !(try follower.begin(log.root, environment: environment)) { return false }
        try log.closeBrokenLive()
        return true
    }

    private static func take(
        _ bridge: FrameBridge, into session: LiveSession, _ options: LiveOptions, _ clock: any LogClock,
        _ follower: (any RootFollower)?, _ feed: VenueFeed, _ stop: LiveStop,
        _ committed: (LiveStatus) throws(LogError) -> Void
    ) throws(LogError) {
        let start = clock.monotonicNanos()
        var commitNanos = start
        var isEnding = false
        func commit() throws(LogError) {
            try session.commit(follower) { clock.wallNanos() }
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
    }
}

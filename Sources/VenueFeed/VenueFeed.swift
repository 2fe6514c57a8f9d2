internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// Live market data: sockets to the venue that stay up, and their messages byte for byte to a receiver.
///
/// It owns one thread. Everything here may be called from any thread but that one; nothing here may be called from a
/// task of
/// Swift's concurrency, because it blocks.
package final class VenueFeed: Sendable {
    fileprivate let group: MultiThreadedEventLoopGroup
    private let driver: FeedDriver
    private let isOpen = NIOLockedValueBox(true)

    private init(group: MultiThreadedEventLoopGroup, driver: FeedDriver) {
        self.group = group
        self.driver = driver
    }

    /// Checks every coin of the plan against the venue's `meta`, without connecting.
    ///
    /// Throws if a coin is unknown or the venue's HTTP side does not answer.
    package static func check(_ plan: FeedPlan) throws(FeedError) {
        guard !plan.coins.isEmpty else { return }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        do {
            let loop = group.next()
            let rest = RESTClient(loop: loop, connector: try Connector(loop: loop, plan: plan), plan: plan)
            try rest.directory(of: plan.coins).wait().check(plan.coins)
        } catch { throw FeedError(any: error) }
    }

    /// Connects; what comes of the connections is told to the receiver.
    ///
    /// - Parameter checksCoins: whether `check` is done first; nothing is subscribed if it throws.
    package static func start(
        _ plan: FeedPlan, into sink: any FrameSink, clock: any FeedClock = SystemFeedClock(), checksCoins: Bool = true
    ) throws(FeedError) -> VenueFeed {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let loop = group.next()
            let connector = try Connector(loop: loop, plan: plan)
            let rest = RESTClient(loop: loop, connector: connector, plan: plan)
            if checksCoins, !plan.coins.isEmpty { try rest.directory(of: plan.coins).wait().check(plan.coins) }
            let driver = FeedDriver(
                loop: loop, plan: plan, sink: sink, clock: clock, connector: connector, rest: rest)
            driver.start()
            return VenueFeed(group: group, driver: driver)
        } catch {
            try? group.syncShutdownGracefully()
            throw FeedError(any: error)
        }
    }

    /// Closes all sockets, ends the receiver, and gives the thread back; a second call does nothing.
    ///
    /// Takes at most twice `closeTimeoutNanos` and a little, however the venue behaves.
    package func shutDown() {
        // A future of an event loop that is gone never answers.
        let isFirst = isOpen.withLockedValue { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        guard isFirst else { return }
        driver.shutDown()
        try? driver.ended.wait()
        try? group.syncShutdownGracefully()
    }

    /// A feed that is let go closes its sockets and ends its receiver too, but nobody waits for it: this may run on any
    /// thread, also on the feed's own.
    deinit {
        guard isOpen.withLockedValue({ $0 }) else { return }
        let (group, driver) = (group, driver)
        driver.shutDown()
        // The driver is nobody else's, and has to see its sockets end.
        driver.ended.whenComplete { _ in withExtendedLifetime(driver) { group.shutdownGracefully { _ in } } }
    }
}

/// Questions to the venue's HTTP side, for what a gap has taken: candles, funding and the newest trades come back as
/// the
/// bytes that the venue sent.
///
/// It owns one thread and blocks the caller's.
package final class VenueHistory: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let rest: RESTClient
    private let isOpen = NIOLockedValueBox(true)

    /// Takes address, limits and certificates of the plan; connects when asked.
    package init(plan: FeedPlan) throws(FeedError) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let connector = try Connector(loop: group.next(), plan: plan)
            rest = RESTClient(loop: group.next(), connector: connector, plan: plan)
        } catch {
            try? group.syncShutdownGracefully()
            throw error
        }
        self.group = group
    }

    /// The answer, byte for byte.
    ///
    /// Waits if the venue's minute is used up.
    package func ask(_ question: VenueQuestion) throws(FeedError) -> [UInt8] {
        if let coin = question.coin { try FeedPlan.check(coin: coin) }
        if case .meta(let exchange) = question, !exchange.isEmpty { try FeedPlan.check(coin: exchange) }
        do {
            return try rest.post(question.body, price: question.priceMax).wait()
        } catch {
            throw FeedError(any: error)
        }
    }

    /// Gives the thread back; a second call does nothing.
    package func close() {
        let isFirst = isOpen.withLockedValue { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if isFirst { try? group.syncShutdownGracefully() }
    }

    deinit {
        guard isOpen.withLockedValue({ $0 }) else { return }
        group.shutdownGracefully { _ in }
    }
}

extension FeedError {
    /// What came out of the event loop.
    fileprivate init(any error: any Error) {
        self = error as? FeedError ?? .badAnswer("\(error)")
    }
}

extension VenueFeed {
    /// Waits until the event loop has gone round once; for tests that show that something does not happen.
    package func turn() { try? group.next().submit {}.wait() }
}

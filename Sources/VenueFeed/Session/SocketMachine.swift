/// The life of one socket as a function of what happens to it and of time: it owns no socket and reads no clock, so
/// every
/// path through it can be tested without waiting.
///
/// Times called `now` are nanoseconds of a clock that never goes back; `wallNanos` are nanoseconds since 1970.
package struct SocketMachine {
    /// What the owner has to do, in this order.
    package enum Action: Equatable {
        /// Open a connection; answer with `opened` or `connectFailed`.
        case connect
        /// Send a text message.
        case send(String)
        /// Send a closing frame and wait for the server's; `disconnected` follows.
        case close(code: UInt16)
        /// Cut the connection or the attempt.
        case abort
        /// Look at the venue's `meta` again; answer with `coinsChecked`.
        case recheckCoins
        /// Tell the receiver.
        case report(FeedEvent)
        /// Nothing will follow.
        case end
    }

    package enum Phase: Equatable {
        case idle
        case waiting(until: Int64)
        case connecting
        case open
        case closing(until: Int64)
        case rechecking
        case ended
    }

    /// One subscription on the present connection.
    package struct Stream {
        package var subscription: Subscription
        package var sentAt: Int64?
        package var isAcknowledged = false
        package var lastAt: Int64?
        package var isStalled = false
        package var isReportedUnanswered = false
    }

    package let socket: Int
    package let limits: FeedLimits
    package let timing: FeedTiming
    package var phase: Phase = .idle
    package var streams: [Stream]
    /// Only ever looked up: its order is never seen.
    package var streamIndex: [StreamKey: Int] = [:]
    package var backoff: Backoff
    private(set) var actions: [Action] = []

    package var epoch = 0
    package var failedAttempts = 0
    package var openedAt: Int64 = 0
    package var lastFrameNanos: Int64?
    package var frameCount = 0
    package var nextToSend = 0
    package var nextBurstAt: Int64 = 0
    package var nextPingAt: Int64 = 0
    package var pongAwaitedSince: Int64?
    package var lastMessageAt: Int64 = 0
    package var nextCheckAt: Int64 = 0
    package var heldSince: Int64?
    /// Why we close, once we do; the server's code once it has sent one.
    package var closing: (cause: Closing.Cause, code: UInt16, reason: String)?

    package init(plan: FeedPlan, socket: Int) {
        self.socket = socket
        limits = plan.limits
        timing = plan.timing
        streams = plan.sockets[socket].map { Stream(subscription: $0) }
        // Sockets of one plan must not wait alike.
        backoff = Backoff(timing: plan.timing, seed: plan.seed &+ UInt64(socket) &* 0xA076_1D64_78BD_642F)
        indexStreams()
    }

    /// Hands out what is to be done and forgets it.
    package mutating func takeActions() -> [Action] {
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    package mutating func act(_ action: Action) { actions.append(action) }

    package mutating func report(_ kind: FeedEvent.Kind) {
        actions.append(.report(FeedEvent(socket: socket, epoch: epoch, kind: kind)))
    }

    package mutating func indexStreams() {
        streamIndex = [:]
        for (index, stream) in streams.enumerated() { streamIndex[stream.subscription.key] = index }
    }

    // MARK: - What happens

    /// The feed begins.
    package mutating func start(now: Int64) {
        guard phase == .idle else { return }
        phase = .waiting(until: now)
    }

    /// The handshake is done.
    package mutating func opened(now: Int64, budget: inout FeedBudget) {
        guard phase == .connecting else { return act(.abort) }
        budget.lastEpoch += 1
        epoch = budget.lastEpoch
        phase = .open
        failedAttempts = 0
        openedAt = now
        lastFrameNanos = nil
        lastMessageAt = now
        frameCount = 0
        nextToSend = 0
        nextBurstAt = now
        nextPingAt = now + timing.pingNanos
        pongAwaitedSince = nil
        nextCheckAt = now + checkGapNanos
        heldSince = nil
        closing = nil
        for index in streams.indices { streams[index] = Stream(subscription: streams[index].subscription) }
        report(.connected)
    }

    /// The attempt failed.
    package mutating func connectFailed(_ failure: ConnectFailure, now: Int64, budget: FeedBudget) {
        guard phase == .connecting else { return }
        report(.connectFailed(failure))
        failedAttempts += 1
        // Before the first connection a wrong address is likelier than an outage.
        let most = epoch == 0 ? min(timing.firstAttemptsMax, timing.attemptsMax ?? .max) : timing.attemptsMax
        if let most, failedAttempts >= most {
            report(.gaveUp(reason: "\(failedAttempts) attempts failed, the last one: \(failure)"))
            return end()
        }
        var waitMin: Int64 = 0
        if case .handshakeRefused(_, let seconds?, _) = failure {
            waitMin = Int64(max(0, min(seconds, Self.retryAfterSecondsMax))) * 1_000_000_000
        }
        wait(atLeast: waitMin, now: now, budget: budget)
    }

    /// Longest wait that a server's `Retry-After` can ask for.
    package static let retryAfterSecondsMax = 300

    /// A whole message came.
    package mutating func received(_ glance: FrameGlance, now: Int64, wallNanos: Int64) {
        guard epoch > 0 else { return }
        frameCount += 1
        lastFrameNanos = wallNanos
        lastMessageAt = now
        switch glance {
        case .stream(let key):
            guard let index = streamIndex[key] else { return }
            let before = streams[index].lastAt ?? streams[index].sentAt ?? now
            streams[index].lastAt = now
            guard streams[index].isStalled else { return }
            streams[index].isStalled = false
            report(.recovered(streams[index].subscription, silentNanos: now - before))
        case .acknowledged(let key):
            guard let index = streamIndex[key], !streams[index].isAcknowledged else { return }
            streams[index].isAcknowledged = true
            report(.subscribed(streams[index].subscription))
        case .refused(let text): report(.refused(text: text))
        case .pong: pongAwaitedSince = nil
        case .other: break
        }
    }

    /// A message came that cannot be delivered.
    package mutating func rejected(_ frame: RejectedFrame, now: Int64) {
        report(.rejectedFrame(frame))
        if frame.isFatal { close(.protocolError, code: frame.closeCode, reason: frame.text, now: now) }
    }

    /// The server sent a closing frame.
    package mutating func serverCloses(code: UInt16, reason: String, now: Int64) {
        if closing == nil { closing = (.server, code, reason) }
        if phase == .open { phase = .closing(until: now + timing.closeTimeoutNanos) }
    }

    /// The connection is gone.
    package mutating func disconnected(detail: String, now: Int64, budget: FeedBudget) {
        switch phase {
        case .open, .closing: break
        default: return
        }
        let ending = closing ?? (.noCloseFrame, Closing.noCloseFrameCode, detail)
        let coins = coinsSent(since: now - Self.justSentNanos)
        release(now: now)
        report(
            .closed(
                Closing(
                    cause: ending.0, code: ending.1, reason: ending.2, lastFrameNanos: lastFrameNanos,
                    coinsJustSent: coins, frameCount: frameCount)))
        if ending.0 == .shutDown { return end() }
        if now - openedAt >= timing.steadyNanos { backoff.reset() }
        if ending.0 == .noCloseFrame, !coins.isEmpty {
            // What an unknown coin looks like: ask before trying the same again.
            phase = .rechecking
            return act(.recheckCoins)
        }
        wait(atLeast: 0, now: now, budget: budget)
    }

    /// How long before a close a subscription may have caused it: the venue needs 90 to 155 ms.
    package static let justSentNanos: Int64 = 1_000_000_000

    /// The venue's `meta` was looked at; nil if it could not be read.
    package mutating func coinsChecked(_ directory: CoinDirectory?, now: Int64, budget: FeedBudget) {
        guard phase == .rechecking else { return }
        if let directory {
            var gone: [String] = []
            for coin in streams.compactMap({ $0.subscription.coin })
            where !directory.holds(coin) && !gone.contains(coin) {
                gone.append(coin)
            }
            if !gone.isEmpty {
                streams.removeAll { $0.subscription.coin.map(gone.contains) ?? false }
                indexStreams()
                report(.coinsGone(gone))
                guard !streams.isEmpty else {
                    report(.gaveUp(reason: "the venue's meta names none of the coins of this socket any more"))
                    return end()
                }
            }
        }
        wait(atLeast: 0, now: now, budget: budget)
    }

    /// The receiver is full: silence is ours from now on.
    package mutating func hold(now: Int64) {
        if phase == .open, heldSince == nil { heldSince = now }
    }

    /// The receiver has room: waits begin where they stood.
    package mutating func release(now: Int64) {
        guard let since = heldSince else { return }
        heldSince = nil
        let held = now - since
        for index in streams.indices {
            if let last = streams[index].lastAt { streams[index].lastAt = last + (now - max(since, last)) }
            if let sent = streams[index].sentAt { streams[index].sentAt = sent + (now - max(since, sent)) }
        }
        lastMessageAt += now - max(since, lastMessageAt)
        if let awaited = pongAwaitedSince { pongAwaitedSince = awaited + (now - max(since, awaited)) }
        if held >= timing.heldReportNanos { report(.held(nanos: held)) }
    }

    /// The feed is to end.
    package mutating func shutDown(now: Int64) {
        switch phase {
        case .ended: break
        case .open: close(.shutDown, code: 1000, reason: "shut down", now: now)
        case .closing: closing = (.shutDown, 1000, "shut down")
        case .connecting:
            act(.abort)
            end()
        case .idle, .waiting, .rechecking: end()
        }
    }

    // MARK: - Steps

    package mutating func close(_ cause: Closing.Cause, code: UInt16, reason: String, now: Int64) {
        guard phase == .open else { return }
        closing = (cause, code, reason)
        phase = .closing(until: now + timing.closeTimeoutNanos)
        act(.close(code: code))
    }

    package mutating func end() {
        phase = .ended
        act(.end)
    }

    package mutating func wait(atLeast nanos: Int64, now: Int64, budget: FeedBudget) {
        let until = budget.connects.allowed(at: now + max(nanos, backoff.next()))
        report(.reconnecting(inNanos: until - now, attempt: backoff.failures))
        phase = .waiting(until: until)
    }

    private func coinsSent(since: Int64) -> [String] {
        var coins: [String] = []
        for stream in streams {
            guard let sent = stream.sentAt, sent >= since, let coin = stream.subscription.coin, coins.last != coin,
                !coins.contains(coin)
            else { continue }
            coins.append(coin)
        }
        return coins
    }
}

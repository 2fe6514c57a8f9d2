/// The life of one socket as a function of what happens to it and of time: it owns no socket and reads no clock, so
/// every
/// path through it can be tested without waiting.
///
/// Times called `now` are nanoseconds of a clock that never goes back; `wallNanos` are nanoseconds since 1970.
struct SocketMachine {
    /// What the owner has to do, in this order.
    enum Action: Equatable {
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

    enum Phase: Equatable {
        case idle
        case waiting(until: Int64)
        case connecting
        case open
        case closing(until: Int64)
        case rechecking
        case ended
    }

    /// One subscription on the present connection.
    struct Stream {
        var subscription: Subscription
        var sentAt: Int64?
        var isAcknowledged = false
        var lastAt: Int64?
        var isStalled = false
        var isReportedUnanswered = false
    }

    let socket: Int
    let limits: FeedLimits
    let timing: FeedTiming
    var phase: Phase = .idle
    var streams: [Stream]
    /// Only ever looked up: its order is never seen.
    var streamIndex: [StreamKey: Int] = [:]
    var backoff: Backoff
    private(set) var actions: [Action] = []

    var epoch = 0
    var failedAttempts = 0
    var openedAt: Int64 = 0
    var lastFrameNanos: Int64?
    var frameCount = 0
    var nextToSend = 0
    var nextBurstAt: Int64 = 0
    var nextPingAt: Int64 = 0
    var pongAwaitedSince: Int64?
    var lastMessageAt: Int64 = 0
    var nextCheckAt: Int64 = 0
    var heldSince: Int64?
    /// Why we close, once we do; the server's code once it has sent one.
    var closing: (cause: Closing.Cause, code: UInt16, reason: String)?

    init(plan: FeedPlan, socket: Int) {
        self.socket = socket
        limits = plan.limits
        timing = plan.timing
        streams = plan.sockets[socket].map { Stream(subscription: $0) }
        // Sockets of one plan must not wait alike.
        backoff = Backoff(timing: plan.timing, seed: plan.seed &+ UInt64(socket) &* 0xA076_1D64_78BD_642F)
        indexStreams()
    }

    /// Hands out what is to be done and forgets it.
    mutating func takeActions() -> [Action] {
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    mutating func act(_ action: Action) { actions.append(action) }

    mutating func report(_ kind: FeedEvent.Kind) {
        actions.append(.report(FeedEvent(socket: socket, epoch: epoch, kind: kind)))
    }

    mutating func indexStreams() {
        streamIndex = [:]
        for (index, stream) in streams.enumerated() { streamIndex[stream.subscription.key] = index }
    }

    // MARK: - What happens

    /// The feed begins.
    mutating func start(now: Int64) {
        guard phase == .idle else { return }
        phase = .waiting(until: now)
    }

    /// The handshake is done.
    mutating func opened(now: Int64, budget: inout FeedBudget) {
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
    mutating func connectFailed(_ failure: ConnectFailure, now: Int64, budget: FeedBudget) {
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
    static let retryAfterSecondsMax = 300

    /// A whole message came.
    mutating func received(_ glance: FrameGlance, now: Int64, wallNanos: Int64) {
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
    mutating func rejected(_ frame: RejectedFrame, now: Int64) {
        report(.rejectedFrame(frame))
        if frame.isFatal { close(.protocolError, code: frame.closeCode, reason: frame.text, now: now) }
    }

    /// The server sent a closing frame.
    mutating func serverCloses(code: UInt16, reason: String, now: Int64) {
        if closing == nil { closing = (.server, code, reason) }
        if phase == .open { phase = .closing(until: now + timing.closeTimeoutNanos) }
    }

    /// The connection is gone.
    mutating func disconnected(detail: String, now: Int64, budget: FeedBudget) {
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
    static let justSentNanos: Int64 = 1_000_000_000

    /// The venue's `meta` was looked at; nil if it could not be read.
    mutating func coinsChecked(_ directory: CoinDirectory?, now: Int64, budget: FeedBudget) {
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
    mutating func hold(now: Int64) {
        if phase == .open, heldSince == nil { heldSince = now }
    }

    /// The receiver has room: waits begin where they stood.
    mutating func release(now: Int64) {
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
    mutating func shutDown(now: Int64) {
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

    mutating func close(_ cause: Closing.Cause, code: UInt16, reason: String, now: Int64) {
        guard phase == .open else { return }
        closing = (cause, code, reason)
        phase = .closing(until: now + timing.closeTimeoutNanos)
        act(.close(code: code))
    }

    mutating func end() {
        phase = .ended
        act(.end)
    }

    mutating func wait(atLeast nanos: Int64, now: Int64, budget: FeedBudget) {
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

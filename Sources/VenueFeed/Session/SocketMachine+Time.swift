/// What becomes due as time passes.
extension SocketMachine {
    /// From one look at silent streams to the next: an eighth of the shortest limit, so that a stall is found at most
    /// that
    /// much late and a look at a thousand streams costs next to nothing.
    package var checkGapNanos: Int64 {
        var shortest = timing.acknowledgeNanos
        for stream in streams { shortest = min(shortest, timing.stallNanos[stream.subscription.channel] ?? shortest) }
        return max(1, shortest / 8)
    }

    /// Does everything that is due at `now`.
    package mutating func advance(now: Int64, budget: inout FeedBudget) {
        switch phase {
        case .waiting(let until):
            guard now >= until, budget.connects.take(at: now) else { return }
            phase = .connecting
            act(.connect)
        case .open:
            checkPong(now)
            checkStreams(now)
            sendSubscriptions(now, &budget)
            sendPing(now)
        case .closing(let until):
            guard now >= until, until != .max else { return }
            phase = .closing(until: .max)
            act(.abort)
        case .idle, .connecting, .rechecking, .ended: break
        }
    }

    /// When `advance` has something to do next; nil if only something from outside can change anything.
    package func nextDue(now: Int64, budget: FeedBudget) -> Int64? {
        switch phase {
        case .waiting(let until): return budget.connects.allowed(at: max(until, now))
        case .closing(let until): return until == .max ? nil : until
        case .open:
            var due = min(nextPingAt, nextCheckAt)
            if nextToSend < streams.count {
                due = min(due, budget.subscriptions.allowed(at: max(nextBurstAt, now)))
            }
            if let pongDue, heldSince == nil { due = min(due, pongDue) }
            return due
        case .idle, .connecting, .rechecking, .ended: return nil
        }
    }

    /// When the connection counts as dead: an answer may stand behind much data, so anything that comes counts as life.
    private var pongDue: Int64? { pongAwaitedSince.map { max($0, lastMessageAt) + timing.pongTimeoutNanos } }

    private mutating func checkPong(_ now: Int64) {
        guard phase == .open, heldSince == nil, let pongDue, now >= pongDue else { return }
        let seconds = timing.pongTimeoutNanos / 1_000_000_000
        // Whoever does not answer will not answer a closing frame either.
        closing = (.pongTimeout, Closing.noCloseFrameCode, "no answer to a ping and nothing else for \(seconds) s")
        phase = .closing(until: .max)
        act(.abort)
    }

    private mutating func checkStreams(_ now: Int64) {
        guard phase == .open, now >= nextCheckAt else { return }
        nextCheckAt = now + checkGapNanos
        guard heldSince == nil else { return }
        for index in streams.indices {
            guard let sent = streams[index].sentAt else { continue }
            let subscription = streams[index].subscription
            let silent = now - (streams[index].lastAt ?? sent)
            if !streams[index].isAcknowledged, streams[index].lastAt == nil, !streams[index].isReportedUnanswered,
                silent >= timing.acknowledgeNanos
            {
                streams[index].isReportedUnanswered = true
                report(.unanswered(subscription, waitedNanos: silent))
            }
            guard let limit = timing.stallNanos[subscription.channel], silent >= limit else { continue }
            if !streams[index].isStalled {
                streams[index].isStalled = true
                report(.stalled(subscription, silentNanos: silent))
            }
            if silent / limit >= timing.stallsBeforeReconnect {
                let reason = "\(subscription) was silent for \(silent / 1_000_000_000) s"
                return close(.stalled, code: 1000, reason: reason, now: now)
            }
        }
    }

    private mutating func sendSubscriptions(_ now: Int64, _ budget: inout FeedBudget) {
        guard phase == .open, now >= nextBurstAt, nextToSend < streams.count else { return }
        var sent = 0
        while sent < limits.subscriptionsPerBurst, nextToSend < streams.count, budget.subscriptions.take(at: now) {
            streams[nextToSend].sentAt = now
            act(.send(streams[nextToSend].subscription.subscribeFrame))
            nextToSend += 1
            sent += 1
        }
        if sent > 0 { nextBurstAt = now + limits.burstGapNanos }
    }

    private mutating func sendPing(_ now: Int64) {
        guard phase == .open, now >= nextPingAt else { return }
        act(.send(Self.pingFrame))
        nextPingAt = now + timing.pingNanos
        if pongAwaitedSince == nil { pongAwaitedSince = now }
    }

    /// The venue counts what it sends: only this makes it answer, protocol pings do not.
    package static let pingFrame = #"{"method":"ping"}"#
}

package import Events
import LogFormat

/// What Herald decided; its owner writes the record to the herald log before it acts on it.
package enum HeraldAction: Equatable, Sendable {
    /// The message is good; its targets follow.
    case picked(MessagePicked)
    /// Hand the message to a target, as try number `attempt`.
    case deliver(EventID, to: Module, attempt: Int64)
    /// A step of a delivery.
    case record(DeliveryRecorded)
    /// A message, or one target of it, ended.
    case dead(DeadLettered)
}

/// How a receiver answered.
package enum DeliveryAnswer: Equatable, Sendable {
    /// Taken, or known already: either way it is there.
    case taken
    /// Refused by contract: trying again would not help.
    case refused(String)
    /// Could not be handled now.
    case failed(String)
}

/// Settings of the router.
package struct HeraldSettings: Equatable, Sendable {
    /// Messages a second that a pair may send on (HER-10).
    package var quotaPerSecond: Int64 = 50
    /// Messages that a pair may send at once (HER-10).
    package var quotaBurst: Int64 = 500
    /// First wait before another try (HER-09).
    package var backOffFirstNanos: Int64 = 1_000_000_000
    /// Longest wait before another try (HER-09).
    package var backOffMaxNanos: Int64 = 60_000_000_000
    /// Whether every message must be signed (SEC-01).
    package var requiresSignatures = false

    /// The defaults.
    package init() {}
}

/// The router: validates, delivers once per target, tries again, gives up with a reason (HER-01…20).
///
/// A pure reducer over virtual time. Its state is a fold of its own log and of the messages in the modules' logs, so a
/// crash at any step costs at most another delivery of the same message, which receivers ignore.
package struct Herald {
    /// Who may say what to whom.
    package let map: ModelMap
    /// The settings.
    package let settings: HeraldSettings

    /// A target that has not ended.
    struct Pending: Equatable {
        var attempt: Int64
        var nextTryNanos: Int64
    }

    /// A message with targets that have not ended.
    struct Open: Equatable {
        var message: Message
        var targets: [Module: Pending]
    }

    private var open: [EventID: Open] = [:]
    /// Messages that were picked or refused, until they expire.
    private var seen: [EventID: Int64] = [:]
    private var quotas = QuotaTable()

    /// A router that has seen nothing.
    package init(_ map: ModelMap, settings: HeraldSettings = HeraldSettings()) {
        self.map = map
        self.settings = settings
    }

    /// Targets that have not ended.
    package var pendingCount: Int { open.values.reduce(0) { $0 + $1.targets.count } }

    /// When something is due next, nil if nothing is.
    package var nextDueNanos: Int64? {
        var due: Int64?
        for id in open.keys.sorted() {
            guard let entry = open[id] else { continue }
            for target in entry.targets.keys.sorted() {
                let next = min(entry.targets[target]?.nextTryNanos ?? .max, entry.message.expiresNanos)
                due = min(due ?? .max, next)
            }
        }
        return due
    }

    /// Takes a message from a module's log.
    package mutating func accept(
        _ message: Message, now: Int64, checker: some SignatureChecker
    ) -> [HeraldAction] {
        guard seen[message.id] == nil else { return [] }
        seen[message.id] = message.expiresNanos
        if let refusal = MessageRules.refusal(of: message, map: map, settings: settings, checker: checker) {
            return [.dead(letter(message, nil, refusal.reason, refusal.detail, attempts: 0, now: now))]
        }
        var picked = MessagePicked()
        picked.lineage = lineage(message, "picked", now: now)
        picked.messageID = message.id
        picked.from = message.envelope.from
        picked.to = message.envelope.to
        picked.intent = message.envelope.intent
        picked.seq = message.seq
        picked.dedupeKey = message.envelope.dedupeKey
        picked.expiresNanos = message.expiresNanos
        var actions: [HeraldAction] = [.picked(picked)]
        var targets: [Module: Pending] = [:]
        for target in message.envelope.to {
            if let refusal = MessageRules.refusal(of: message, to: target, map: map) {
                actions.append(.dead(letter(message, target, refusal.reason, refusal.detail, attempts: 0, now: now)))
            } else if now >= message.expiresNanos {
                actions += expire(message, target, attempts: 0, now: now)
            } else if !quotas.take(from: message.envelope.from, to: target, now: now, settings: settings) {
                let detail =
                    "more than \(settings.quotaPerSecond) messages a second after a burst of \(settings.quotaBurst)"
                actions.append(.dead(letter(message, target, .quotaExceeded, detail, attempts: 0, now: now)))
            } else {
                targets[target] = Pending(attempt: 1, nextTryNanos: .max)
                actions.append(.deliver(message.id, to: target, attempt: 1))
            }
        }
        if !targets.isEmpty { open[message.id] = Open(message: message, targets: targets) }
        return actions
    }

    /// Takes a receiver's answer to a delivery.
    package mutating func answer(
        _ id: EventID, from target: Module, _ answer: DeliveryAnswer, now: Int64
    ) -> [HeraldAction] {
        guard var entry = open[id], var pending = entry.targets[target] else { return [] }
        let message = entry.message
        var actions: [HeraldAction] = []
        switch answer {
        case .taken:
            actions.append(.record(step(message, target, .delivered, pending.attempt, nil, now: now)))
            entry.targets[target] = nil
        case .refused(let detail):
            actions.append(
                .dead(letter(message, target, .schemaInvalid, detail, attempts: pending.attempt, now: now)))
            entry.targets[target] = nil
        case .failed(let detail):
            let next = now + backOff(after: pending.attempt)
            if next >= message.expiresNanos {
                let text = "\(detail); the next try would come after the end of its time to live"
                actions.append(
                    .dead(letter(message, target, .retriesExhausted, text, attempts: pending.attempt, now: now)))
                entry.targets[target] = nil
            } else {
                pending.nextTryNanos = next
                actions.append(.record(step(message, target, .retried, pending.attempt, next, now: now)))
                pending.attempt += 1
                entry.targets[target] = pending
            }
        }
        close(id, entry, &actions, now: now)
        return actions
    }

    /// Does what is due: tries again, and lets expire.
    package mutating func advance(to now: Int64) -> [HeraldAction] {
        var actions: [HeraldAction] = []
        let due = open.values.filter { entry in
            now >= entry.message.expiresNanos || entry.targets.values.contains { $0.nextTryNanos <= now }
        }
        for entry in due.sorted(by: { $0.message.globalSeq < $1.message.globalSeq }) {
            var entry = entry
            for target in entry.targets.keys.sorted() {
                guard var pending = entry.targets[target] else { continue }
                if now >= entry.message.expiresNanos {
                    actions += expire(entry.message, target, attempts: pending.attempt - 1, now: now)
                    entry.targets[target] = nil
                } else if pending.nextTryNanos <= now {
                    pending.nextTryNanos = .max
                    entry.targets[target] = pending
                    actions.append(.deliver(entry.message.id, to: target, attempt: pending.attempt))
                }
            }
            close(entry.message.id, entry, &actions, now: now)
        }
        seen = seen.filter { $0.value > now || open[$0.key] != nil }
        return actions
    }

    private mutating func close(_ id: EventID, _ entry: Open, _ actions: inout [HeraldAction], now: Int64) {
        guard entry.targets.isEmpty else {
            open[id] = entry
            return
        }
        open[id] = nil
        let last = entry.message.envelope.to.last ?? .herald
        actions.append(.record(step(entry.message, last, .dispatched, 0, nil, now: now)))
    }

    private func expire(_ message: Message, _ target: Module, attempts: Int64, now: Int64) -> [HeraldAction] {
        let detail = "its time to live of \(message.envelope.ttlSeconds) s ended at \(message.expiresNanos)"
        return [
            .record(step(message, target, .expired, attempts, nil, now: now)),
            .dead(letter(message, target, .expired, detail, attempts: attempts, now: now)),
        ]
    }

    /// 1 s, 2 s, 4 s … at most 60 s (HER-09).
    private func backOff(after attempt: Int64) -> Int64 {
        let doubled = attempt > 30 ? Int64.max : settings.backOffFirstNanos << (attempt - 1)
        return min(doubled, settings.backOffMaxNanos)
    }

    private func lineage(_ message: Message, _ what: String, now: Int64) -> Lineage {
        Lineage(
            id: EventID(module: .herald, key: "\(message.id)|\(what)", eventNanos: now),
            lifecycleID: message.lifecycleID, parentID: message.id, seenGlobalSeq: message.globalSeq)
    }

    private func step(
        _ message: Message, _ target: Module, _ step: DeliveryStep, _ attempt: Int64, _ nextTry: Int64?, now: Int64
    ) -> DeliveryRecorded {
        var record = DeliveryRecorded()
        record.lineage = lineage(message, "\(target.text)|\(step.text)|\(attempt)", now: now)
        record.messageID = message.id
        record.from = message.envelope.from
        record.target = target
        record.intent = message.envelope.intent
        record.step = step
        record.attempt = attempt
        record.nextTryNanos = nextTry
        return record
    }

    private func letter(
        _ message: Message, _ target: Module?, _ reason: DeadLetterReason, _ detail: String, attempts: Int64,
        now: Int64
    ) -> DeadLettered {
        var record = DeadLettered()
        record.lineage = lineage(message, "dead|\(target?.text ?? "")", now: now)
        record.messageID = message.id
        record.from = message.log
        record.target = target
        record.intent = message.envelope.intent
        record.reason = reason
        record.detail = detail
        record.attempts = attempts
        record.firstNanos = message.sentNanos
        record.lastNanos = now
        record.seq = message.seq
        return record
    }
}

package import Events
import LogFormat

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
        var attempt: Int64 = 1
        var nextTryNanos = Int64.max
        /// When it is given up; later than the message's own end where an operator sent it again.
        var expiresNanos: Int64
        /// The dead letter that was sent again, nil on the first way.
        var letterID: EventID?
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
    private var letters: DeadLetterBox
    /// The keys of the modules (SEC-07).
    package private(set) var keys = KeyBook()

    /// A router that has seen nothing.
    package init(_ map: ModelMap, settings: HeraldSettings = HeraldSettings()) {
        self.map = map
        self.settings = settings
        letters = DeadLetterBox(limit: settings.deadLettersMax)
    }

    /// Dead letters that can be sent again, oldest first.
    package var deadLetters: [DeadLettered] { letters.records }

    /// Takes in a key of a module.
    package mutating func apply(_ key: KeyRotated, eventNanos: Int64) { keys.apply(key, eventNanos: eventNanos) }

    /// Targets that have not ended.
    package var pendingCount: Int { open.values.reduce(0) { $0 + $1.targets.count } }

    /// When something is due next, nil if nothing is.
    package var nextDueNanos: Int64? {
        var due: Int64?
        for id in open.keys.sorted() {
            guard let entry = open[id] else { continue }
            for target in entry.targets.keys.sorted() {
                guard let pending = entry.targets[target] else { continue }
                due = min(due ?? .max, pending.nextTryNanos, pending.expiresNanos)
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
        if let refusal = wholeRefusal(message, checker) {
            return [bury(message, nil, refusal, attempts: 0, letterID: nil, now: now)]
        }
        var actions: [HeraldAction] = [.picked(HeraldRecords.picked(message, now: now))]
        for target in message.envelope.to {
            actions += start(message, target, expiresNanos: message.expiresNanos, letterID: nil, now: now)
        }
        return actions
    }

    /// Sends dead letters again for an operator: the records first, then whatever still holds good (HER-12).
    ///
    /// The time to live begins anew, for an operator decided now. What expired is not sent again: it spoke of a moment
    /// that has passed (EX-21). A letter goes out once; if it fails again, that is a new letter.
    ///
    /// - Parameters:
    ///   - ids: dead letters; those that are unknown, expired or taken meanwhile are passed over.
    ///   - isTaken: whether the inbox of a module knows a message already.
    package mutating func redrive(
        _ ids: [EventID], by operatorID: OperatorID, now: Int64, seenGlobalSeq: UInt64,
        checker: some SignatureChecker, isTaken: (Message, Module) -> Bool
    ) -> [HeraldAction] {
        var records: [HeraldAction] = []
        var deliveries: [HeraldAction] = []
        for id in ids {
            guard let letter = letters.take(id, where: { $0.record.reason != .expired }) else { continue }
            let message = letter.message
            let targets = (letter.record.target.map { [$0] } ?? message.envelope.to).filter {
                !isTaken(message, $0) && open[message.id]?.targets[$0] == nil
            }
            if targets.isEmpty { continue }
            records.append(
                .redriven(
                    HeraldRecords.redriven(letter.record, by: operatorID, now: now, seenGlobalSeq: seenGlobalSeq)))
            if let refusal = wholeRefusal(message, checker) {
                deliveries.append(bury(message, letter.record.target, refusal, attempts: 0, letterID: id, now: now))
                continue
            }
            let end = now.addingReportingOverflow(message.expiresNanos - message.sentNanos)
            for target in targets {
                deliveries += start(
                    message, target, expiresNanos: end.overflow ? .max : end.partialValue, letterID: id, now: now)
            }
        }
        return records + deliveries
    }

    /// Takes a receiver's answer to a delivery.
    package mutating func answer(
        _ id: EventID, from target: Module, _ answer: DeliveryAnswer, now: Int64
    ) -> [HeraldAction] {
        guard let entry = open[id], var pending = entry.targets[target] else { return [] }
        let message = entry.message
        var actions: [HeraldAction] = []
        switch answer {
        case .taken:
            actions.append(.record(HeraldRecords.step(message, target, .delivered, pending, now: now)))
            end(message, target, pending, &actions, now: now)
        case .refused(let detail):
            let refusal = MessageRules.Refusal(reason: .schemaInvalid, detail: detail)
            actions.append(
                bury(message, target, refusal, attempts: pending.attempt, letterID: pending.letterID, now: now))
            end(message, target, pending, &actions, now: now)
        case .failed(let detail):
            let next = now + settings.backOff(after: pending.attempt)
            if next >= pending.expiresNanos {
                let text = "\(detail); the next try would come after the end of its time to live"
                let refusal = MessageRules.Refusal(reason: .retriesExhausted, detail: text)
                actions.append(
                    bury(message, target, refusal, attempts: pending.attempt, letterID: pending.letterID, now: now))
                end(message, target, pending, &actions, now: now)
            } else {
                pending.nextTryNanos = next
                actions.append(.record(HeraldRecords.step(message, target, .retried, pending, now: now)))
                pending.attempt += 1
                open[id]?.targets[target] = pending
            }
        }
        return actions
    }

    /// Does what is due: tries again, and lets expire.
    package mutating func advance(to now: Int64) -> [HeraldAction] {
        var actions: [HeraldAction] = []
        let due = open.values.filter { entry in
            entry.targets.values.contains { min($0.nextTryNanos, $0.expiresNanos) <= now }
        }
        for entry in due.sorted(by: { $0.message.globalSeq < $1.message.globalSeq }) {
            for target in entry.targets.keys.sorted() {
                guard var pending = entry.targets[target] else { continue }
                if now >= pending.expiresNanos {
                    actions += expire(entry.message, target, pending, attempts: pending.attempt - 1, now: now)
                    end(entry.message, target, pending, &actions, now: now)
                } else if pending.nextTryNanos <= now {
                    pending.nextTryNanos = .max
                    open[entry.message.id]?.targets[target] = pending
                    actions.append(.deliver(entry.message, to: target, attempt: pending.attempt))
                }
            }
        }
        seen = seen.filter { $0.value > now || open[$0.key] != nil }
        return actions
    }

    private func wholeRefusal(_ message: Message, _ checker: some SignatureChecker) -> MessageRules.Refusal? {
        MessageRules.refusal(of: message, map: map, keys: keys, settings: settings, checker: checker)
    }

    /// Sets a message on its way to a target, or says why not.
    private mutating func start(
        _ message: Message, _ target: Module, expiresNanos: Int64, letterID: EventID?, now: Int64
    ) -> [HeraldAction] {
        let pending = Pending(expiresNanos: expiresNanos, letterID: letterID)
        let refusal: MessageRules.Refusal
        if let broken = MessageRules.refusal(of: message, to: target, map: map) {
            refusal = broken
        } else if now >= expiresNanos {
            return expire(message, target, pending, attempts: 0, now: now)
        } else if quotas.take(from: message.envelope.from, to: target, now: now, settings: settings) {
            open[message.id, default: Open(message: message, targets: [:])].targets[target] = pending
            return [.deliver(message, to: target, attempt: 1)]
        } else {
            let detail =
                "more than \(settings.quotaPerSecond) messages a second after a burst of \(settings.quotaBurst)"
            refusal = MessageRules.Refusal(reason: .quotaExceeded, detail: detail)
        }
        return [bury(message, target, refusal, attempts: 0, letterID: letterID, now: now)]
    }

    /// Ends a target; with the last one the message is dispatched.
    private mutating func end(
        _ message: Message, _ target: Module, _ pending: Pending, _ actions: inout [HeraldAction], now: Int64
    ) {
        open[message.id]?.targets[target] = nil
        guard let entry = open[message.id], entry.targets.isEmpty else { return }
        open[message.id] = nil
        let last = message.envelope.to.last ?? .herald
        let whole = Pending(attempt: 0, expiresNanos: .max, letterID: pending.letterID)
        actions.append(.record(HeraldRecords.step(message, last, .dispatched, whole, now: now)))
    }

    private mutating func expire(
        _ message: Message, _ target: Module, _ pending: Pending, attempts: Int64, now: Int64
    ) -> [HeraldAction] {
        let detail = "its time to live of \(message.envelope.ttlSeconds) s ended at \(pending.expiresNanos)"
        var tried = pending
        tried.attempt = attempts
        return [
            .record(HeraldRecords.step(message, target, .expired, tried, now: now)),
            bury(
                message, target, MessageRules.Refusal(reason: .expired, detail: detail), attempts: attempts,
                letterID: pending.letterID, now: now),
        ]
    }

    private mutating func bury(
        _ message: Message, _ target: Module?, _ refusal: MessageRules.Refusal, attempts: Int64, letterID: EventID?,
        now: Int64
    ) -> HeraldAction {
        let record = HeraldRecords.letter(
            message, target, refusal, attempts: attempts, letterID: letterID, now: now)
        letters.add(DeadLetterBox.Letter(record: record, message: message))
        return .dead(record)
    }
}

import Events
import LogFormat

/// The records that Herald writes.
enum HeraldRecords {
    /// The lineage of a record about a message; on a second way the key names the letter that was sent again.
    private static func lineage(_ message: Message, _ what: String, _ letterID: EventID? = nil, now: Int64) -> Lineage {
        let key = "\(message.id)|\(what)" + (letterID.map { "|\($0)" } ?? "")
        return Lineage(
            id: EventID(module: .herald, key: key, eventNanos: now), lifecycleID: message.lifecycleID,
            parentID: message.id, seenGlobalSeq: message.globalSeq)
    }

    static func picked(_ message: Message, now: Int64) -> MessagePicked {
        var record = MessagePicked()
        record.lineage = lineage(message, "picked", now: now)
        record.messageID = message.id
        record.from = message.envelope.from
        record.to = message.envelope.to
        record.intent = message.envelope.intent
        record.seq = message.seq
        record.dedupeKey = message.envelope.dedupeKey
        record.expiresNanos = message.expiresNanos
        return record
    }

    static func step(
        _ message: Message, _ target: Module, _ step: DeliveryStep, _ pending: Herald.Pending, now: Int64
    ) -> DeliveryRecorded {
        var record = DeliveryRecorded()
        record.lineage = lineage(
            message, "\(target.text)|\(step.text)|\(pending.attempt)", pending.letterID, now: now)
        record.messageID = message.id
        record.from = message.envelope.from
        record.target = target
        record.intent = message.envelope.intent
        record.step = step
        record.attempt = pending.attempt
        record.nextTryNanos = step == .retried ? pending.nextTryNanos : nil
        return record
    }

    static func letter(
        _ message: Message, _ target: Module?, _ refusal: MessageRules.Refusal, attempts: Int64, letterID: EventID?,
        now: Int64
    ) -> DeadLettered {
        var record = DeadLettered()
        record.lineage = lineage(message, "dead|\(target?.text ?? "")", letterID, now: now)
        record.messageID = message.id
        record.from = message.log
        record.target = target
        record.intent = message.envelope.intent
        record.reason = refusal.reason
        record.detail = refusal.detail
        record.attempts = attempts
        record.firstNanos = message.sentNanos
        record.lastNanos = now
        record.seq = message.seq
        return record
    }

    static func redriven(_ letter: DeadLettered, by operatorID: OperatorID, now: Int64, seenGlobalSeq: UInt64)
        -> Redriven
    {
        var record = Redriven()
        record.lineage = Lineage(
            id: EventID(module: .herald, key: "redriven|\(letter.lineage.id)", eventNanos: now),
            lifecycleID: letter.lineage.lifecycleID, parentID: letter.lineage.id, seenGlobalSeq: seenGlobalSeq)
        record.messageID = letter.messageID
        record.deadLetterID = letter.lineage.id
        record.target = letter.target
        record.by = operatorID
        return record
    }
}

/// Dead letters with their messages, oldest first, at most a number of them.
struct DeadLetterBox {
    /// A dead letter and the message that it is about.
    struct Letter {
        var record: DeadLettered
        var message: Message
    }

    private let limit: Int
    private var letters: [EventID: Letter] = [:]
    /// Ids in order; those before `start` are gone.
    private var order: [EventID] = []
    private var start = 0

    init(limit: Int) { self.limit = limit }

    var records: [DeadLettered] { order[start...].compactMap { letters[$0]?.record } }

    mutating func add(_ letter: Letter) {
        letters[letter.record.lineage.id] = letter
        order.append(letter.record.lineage.id)
        while letters.count > limit, start < order.count {
            letters[order[start]] = nil
            start += 1
        }
        // Ids of letters that were sent again stay in the list until it is mostly made of them.
        if order.count > 2 * limit + 16 {
            order = order[start...].filter { letters[$0] != nil }
            start = 0
        }
    }

    /// Takes a letter out if it is there and good.
    mutating func take(_ id: EventID, where isGood: (Letter) -> Bool) -> Letter? {
        guard let letter = letters[id], isGood(letter) else { return nil }
        letters[id] = nil
        return letter
    }
}

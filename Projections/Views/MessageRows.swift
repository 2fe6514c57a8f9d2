package import Events
package import LogFormat

/// A message as its sender wrote it (outbox, SCH-HER-2).
package struct MessageRow: ViewRow {
    package static let typeName = "messages"
    package static let documentation = "Messages as their senders wrote them, and when Herald took them (SCH-HER-2)"
    package static let keyColumnCount = 1
    package static let view = View.messages
    package static let sources = [
        "sig.SignalPublished", "learn.BraidProposed", "priors.PatchProposed", "priors.PatchApplied",
        "priors.PatchRejected", "wdg.AlertRaised", "sig.MetaSignalPublished", "herald.Picked",
    ]
    package static func risingID(_ key: EventID) -> ULID? { key.ulid }

    package var key = EventID()
    package var from = Module.sig
    package var to = "[]"
    package var intent = Intent.alphaProposed
    package var schemaRef = ""
    package var dedupeKey = ""
    package var eventNanos: Int64 = 0
    package var ttlSeconds: Int64 = 0
    package var tags = "[]"
    package var hash = ""
    package var pickedNanos: Int64?
    package var expiresNanos: Int64?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: EventID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("message_id", &key, "Id of the event that is the message")
        v.field("from_mod", &from, "The sender")
        v.field("to_mods", &to, "Receivers, as a JSON list")
        v.field("intent", &intent, "What is wanted")
        v.field("schema_ref", &schemaRef, "Schema of the payload")
        v.field("dedupe_key", &dedupeKey, "What makes two messages the same")
        v.moment("event_ts", &eventNanos, "When it was sent")
        v.number("ttl_sec", &ttlSeconds, unit: "s", "Time to live")
        v.field("tags", &tags, "Labels, as a JSON list")
        v.field("hash", &hash, "SHA-256 of the payload")
        v.moment("picked_ts", &pickedNanos, "When Herald took it")
        v.moment("expires_ts", &expiresNanos, "When it expires")
        v.place(&globalSeq)
    }
}

/// A message on its way to one receiver (inbox, SCH-HER-2).
package struct DeliveryRow: ViewRow {
    package static let typeName = "deliveries"
    package static let documentation = "Messages by receiver: how the delivery stands and what the receiver did"
    package static let keyColumnCount = 2
    package static let view = View.messages
    package static let sources = ["herald.DeliveryRecorded", "herald.DeadLettered", "herald.Redriven", "msg.Received"]
    package static func risingID(_ key: Key) -> ULID? { key.first.ulid }

    package var key = Pair(EventID(), Module.dm)
    package var from = Module.sig
    package var intent: Intent?
    package var step: DeliveryStep?
    package var attempts: Int64 = 0
    package var nextTryNanos: Int64?
    package var deliveredNanos: Int64?
    package var consumedNanos: Int64?
    package var result: ReceiptResult?
    package var duplicates: UInt64 = 0
    package var strandID: EventID?
    package var detail: String?
    package var redrives: UInt64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<EventID, Module>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("message_id", &key.first, "The message")
        v.field("target", &key.second, "The receiver")
        v.field("from_mod", &from, "The sender")
        v.field("intent", &intent, "What is wanted")
        v.field("step", &step, "Latest step of the delivery")
        v.number("attempts", &attempts, "Tries so far")
        v.moment("next_try_ts", &nextTryNanos, "When the next try is due")
        v.moment("delivered_ts", &deliveredNanos, "When it reached the receiver")
        v.moment("consumed_at", &consumedNanos, "When the receiver took it")
        v.field("result", &result, "What the receiver did first")
        v.count("duplicates", &duplicates, "Deliveries that the receiver ignored as repeated")
        v.field("strand_id", &strandID, "The strand that it became")
        v.field("detail", &detail, "What was done, or why not")
        v.count("redrives", &redrives, "How often an operator sent it again")
        v.place(&globalSeq)
    }
}

/// A message that could not be delivered (SCH-HER-3).
package struct DeadLetterRow: ViewRow {
    package static let typeName = "dead_letters"
    package static let documentation = "Messages that were refused or given up (SCH-HER-3)"
    package static let keyColumnCount = 1
    package static let view = View.messages
    package static let sources = ["herald.DeadLettered", "herald.Redriven"]
    package static func risingID(_ key: EventID) -> ULID? { key.ulid }

    package var key = EventID()
    package var messageID = EventID()
    package var from = Module.sig
    package var target: Module?
    package var intent: Intent?
    package var reason = DeadLetterReason.schemaInvalid
    package var detail = ""
    package var attempts: Int64 = 0
    package var firstNanos: Int64 = 0
    package var lastNanos: Int64 = 0
    package var redrivenBy: OperatorID?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: EventID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("event_id", &key, "The record of Herald")
        v.field("message_id", &messageID, "The message")
        v.field("from_mod", &from, "The sender")
        v.field("target", &target, "The receiver; nil when the message as a whole was refused")
        v.field("intent", &intent, "What was wanted")
        v.field("reason", &reason, "Why (ENUM-15)")
        v.field("detail", &detail, "What was found and what was expected")
        v.number("attempts", &attempts, "Tries")
        v.moment("first_ts", &firstNanos, "First try")
        v.moment("last_ts", &lastNanos, "Last try")
        v.field("redriven_by", &redrivenBy, "Operator who sent it again")
        v.place(&globalSeq)
    }
}

package import LogFormat

/// A step of a delivery (EVT-45); one type, so that the story of a message reads in one stream.
package enum DeliveryStep: UInt8, EventSymbol {
    case picked, delivered, retried, expired, deadLettered, dispatched

    package static let symbols = ["PICKED", "DELIVERED", "RETRIED", "EXPIRED", "DEAD_LETTERED", "DISPATCHED"]
}

/// Herald found a message in a module's log (HER-02).
package struct MessagePicked: DomainEvent {
    package static let typeName = "herald.Picked"
    package static let version: UInt16 = 1
    package static let documentation = "A message was found in its sender's log and its contract holds"

    package var lineage = Lineage()
    package var messageID = EventID()
    package var from = Module.sig
    package var to: [Module] = []
    package var intent = Intent.alphaProposed
    /// Where it stands in the sender's log.
    package var seq: UInt64 = 0
    package var dedupeKey = ""
    package var expiresNanos: Int64 = 0

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("message_id", &messageID)
        v.field("from", &from)
        v.list("to", &to, "")
        v.field("intent", &intent)
        v.u64("seq", &seq, unit: "", isKey: false, encoding: .delta, step: 1, "Place in the sender's log")
        v.field("dedupe_key", &dedupeKey)
        v.time("expires", &expiresNanos, encoding: .eventDelta, "")
    }
}

/// A message reached one receiver, or another try is due, or it ended (HER-03).
package struct DeliveryRecorded: DomainEvent {
    package static let typeName = "herald.DeliveryRecorded"
    package static let version: UInt16 = 1
    package static let documentation = "One step of the delivery of a message to one receiver"

    package var lineage = Lineage()
    package var messageID = EventID()
    package var from = Module.sig
    package var target = Module.dm
    package var intent = Intent.alphaProposed
    package var step = DeliveryStep.delivered
    /// Tries so far.
    package var attempt: Int64 = 1
    /// When the next try is due, in virtual time.
    package var nextTryNanos: Int64?

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("message_id", &messageID)
        v.field("from", &from)
        v.field("target", &target)
        v.field("intent", &intent)
        v.field("step", &step)
        v.i64("attempt", &attempt)
        v.time("next_try", &nextTryNanos)
    }
}

/// A message could not be delivered (SCH-HER-3).
package struct DeadLettered: DomainEvent {
    package static let typeName = "herald.DeadLettered"
    package static let version: UInt16 = 1
    package static let documentation = "A message was refused or given up, with its reason"

    package var lineage = Lineage()
    package var messageID = EventID()
    package var from = Module.sig
    /// Nil when the message as a whole was refused.
    package var target: Module?
    package var intent: Intent?
    package var reason = DeadLetterReason.schemaInvalid
    package var detail = ""
    package var attempts: Int64 = 0
    package var firstNanos: Int64 = 0
    package var lastNanos: Int64 = 0
    /// Where the message stands in the sender's log.
    package var seq: UInt64 = 0

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("message_id", &messageID)
        v.field("from", &from)
        v.field("target", &target, "Nil when the message as a whole was refused")
        v.field("intent", &intent)
        v.field("reason", &reason)
        v.field("detail", &detail, "What was found and what was expected")
        v.i64("attempts", &attempts)
        v.time("first_ts", &firstNanos, encoding: .eventDelta, "")
        v.time("last_ts", &lastNanos, encoding: .eventDelta, "")
        v.u64("seq", &seq, unit: "", isKey: false, encoding: .delta, step: 1, "Place in the sender's log")
    }
}

/// An operator sent a dead letter again (HER-12).
package struct Redriven: DomainEvent {
    package static let typeName = "herald.Redriven"
    package static let version: UInt16 = 1
    package static let documentation = "A dead letter was sent again; the old record stays"

    package var lineage = Lineage()
    package var messageID = EventID()
    package var deadLetterID = EventID()
    package var target: Module?
    package var by = OperatorID()

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("message_id", &messageID)
        v.field("dead_letter", &deadLetterID)
        v.field("target", &target)
        v.field("by", &by)
    }
}

/// How far a receiver is behind (HER-11).
package struct LagReported: DomainEvent {
    package static let typeName = "herald.LagReported"
    package static let version: UInt16 = 1
    package static let documentation = "Lag and success of a pair over a period"

    package var lineage = Lineage()
    package var from = Module.sig
    package var target = Module.dm
    package var intent = Intent.alphaProposed
    package var delivered: Int64 = 0
    package var dead: Int64 = 0
    package var lagMillisP95 = 0.0
    package var depth: Int64 = 0

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("from", &from)
        v.field("target", &target)
        v.field("intent", &intent)
        v.i64("delivered", &delivered)
        v.i64("dead", &dead)
        v.f64("lag_p95", &lagMillisP95, in: 0...1e15, unit: "ms")
        v.i64("depth", &depth)
    }
}

/// A module's contract was registered (HER-07, SEC-07).
package struct ManifestRegistered: DomainEvent {
    package static let typeName = "herald.ManifestRegistered"
    package static let version: UInt16 = 1
    package static let documentation = "The manifest of a module, by its hash, from this record on"

    package var lineage = Lineage()
    package var owner = Module.sig
    package var manifestHash = PayloadHash()
    package var manifestVersion = ""

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("owner", &owner)
        v.field("manifest_hash", &manifestHash)
        v.field("manifest_version", &manifestVersion)
    }
}

/// A signing key came into use; the old one stays good for what it signed before (SEC-07).
package struct KeyRotated: DomainEvent {
    package static let typeName = "herald.KeyRotated"
    package static let version: UInt16 = 1
    package static let documentation = "A module's signing key, valid for messages from this event time on"

    package var lineage = Lineage()
    package var owner = Module.sig
    package var keyID = KeyID()
    /// ed25519 public key.
    package var publicKey = PayloadHash()

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("owner", &owner)
        v.field("key_id", &keyID)
        v.field("public_key", &publicKey, "ed25519, 32 bytes")
    }
}

/// What a receiver did with a message.
package enum ReceiptResult: UInt8, EventSymbol {
    case consumed, duplicateIgnored, refused

    package static let symbols = ["CONSUMED", "DUPLICATE_IGNORED", "REFUSED"]
}

/// A receiver took, ignored or refused a message (EVT-32); it stands in the receiver's own log.
package struct MessageReceived: DomainEvent {
    package static let typeName = "msg.Received"
    package static let version: UInt16 = 1
    package static let documentation = "A receiver's own record of a message: consumed, a duplicate, or refused"

    package var lineage = Lineage()
    package var messageID = EventID()
    package var from = Module.sig
    package var intent = Intent.alphaProposed
    package var result = ReceiptResult.consumed
    package var dedupeKey = ""
    /// The strand that it became.
    package var strandID: EventID?
    /// What was done, or why not.
    package var detail = ""

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("message_id", &messageID)
        v.field("from", &from)
        v.field("intent", &intent)
        v.field("result", &result)
        v.field("dedupe_key", &dedupeKey)
        v.field("strand_id", &strandID, "The strand that it became")
        v.field("detail", &detail, "What was done, or why not")
    }
}

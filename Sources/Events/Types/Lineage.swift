package import LogFormat

/// Where a domain event stands in the story of its lifecycle; its fields come first in every domain event.
package struct Lineage: Equatable, Sendable {
    /// Id of the event, derived (GEN-03).
    package var id = EventID()
    /// The story it belongs to (VOC-11).
    package var lifecycleID: LifecycleID?
    /// The event that caused it.
    package var parentID: EventID?
    /// Highest global sequence number that its author had seen: the cursor of its inputs (design §2.4).
    package var seenGlobalSeq: UInt64 = 0

    /// An empty lineage.
    @inlinable
    package init() {}

    /// Makes a lineage.
    package init(id: EventID, lifecycleID: LifecycleID? = nil, parentID: EventID? = nil, seenGlobalSeq: UInt64 = 0) {
        self.id = id
        self.lifecycleID = lifecycleID
        self.parentID = parentID
        self.seenGlobalSeq = seenGlobalSeq
    }

    /// Visits the fields among those of the event.
    @inlinable
    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("id", &id, "Derived from author, key and event time")
        v.field("lifecycle_id", &lifecycleID, "The story across modules that it belongs to")
        v.field("parent_id", &parentID, "The event that caused it")
        v.u64(
            "seen_gsn", &seenGlobalSeq, unit: "", isKey: false, encoding: .delta, step: 1,
            "Inputs seen up to this place")
    }
}

/// An event of a module that takes part in a story.
package protocol DomainEvent: LogEvent, Equatable, Sendable {
    /// Where it stands in its story.
    var lineage: Lineage { get set }
}

/// A domain event that may be addressed to other modules.
package protocol MessageEvent: DomainEvent {
    /// To whom and how; nil while it is addressed to nobody.
    var envelope: Envelope? { get set }
}

/// The envelope of a message (SCH-HER-1); what the event says besides is the payload.
package struct Envelope: EventRecord, Equatable, Sendable {
    /// The sender; must own the log that the message stands in.
    package var from = Module.sig
    /// Receivers, at least one, none twice.
    package var to: [Module] = []
    /// What is wanted.
    package var intent = Intent.alphaProposed
    /// `urn:schema:<module>.<name>:v<major>`, registered in the manifest.
    package var schemaRef = ""
    /// The sender's priors version; nil only if the module has none.
    package var priorsVersion: PriorsVersion?
    /// What makes two messages the same, at most 256 bytes.
    package var dedupeKey = ""
    /// Seconds until it expires, from the event time.
    package var ttlSeconds: Int64 = Self.ttlSecondsDefault
    /// Labels `key:value`, at most 32; never routing.
    package var tags: [String] = []
    /// SHA-256 of the canonical payload.
    package var hash = PayloadHash()
    /// The key that signed.
    package var keyID: KeyID?
    /// Signature over the signed bytes; nil in development.
    package var signature: Signature?

    /// Default time to live (HER-19).
    package static let ttlSecondsDefault: Int64 = 600
    /// Longest dedupe key, in bytes.
    package static let dedupeKeyBytesMax = 256
    /// Most labels of a message.
    package static let tagsMax = 32

    /// An empty envelope.
    @inlinable
    package init() {}

    /// Visits the fields.
    @inlinable
    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("from", &from, "The sender; owns the log that the message stands in")
        v.list("to", &to, "Receivers")
        v.field("intent", &intent, "What is wanted")
        v.field("schema_ref", &schemaRef, "urn:schema:<module>.<name>:v<major>")
        v.field("priors_ver", &priorsVersion, "The sender's priors version")
        v.field("dedupe_key", &dedupeKey, "What makes two messages the same")
        v.i64("ttl_sec", &ttlSeconds, unit: "s", isKey: false, encoding: .varint, step: 1, "Time to live")
        v.list("tags", &tags, "Labels, never routing")
        v.field("hash", &hash, "SHA-256 of the canonical payload")
        v.field("key_id", &keyID, "The key that signed")
        v.field("sig", &signature, "ed25519 signature")
    }
}

/// SHA-256 of a payload; written `sha256:<hex>` (GEN-08).
package struct PayloadHash: EventElement, Equatable, Sendable, CustomStringConvertible {
    /// The 32 bytes, eight a word, the first ones first and least significant: decoding one allocates nothing.
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// The hash of all zeros, to decode into.
    package init() {}

    /// Wraps a digest.
    package init(_ digest: Digest) { self.digest = digest }

    /// The digest that it wraps.
    package var digest: Digest {
        get {
            let bytes = inlineBytes
            return Digest((0..<32).map { bytes[$0] })
        }
        set {
            var bytes = InlineArray<32, UInt8>(repeating: 0)
            for index in 0..<32 { bytes[index] = newValue.bytes[index] }
            inlineBytes = bytes
        }
    }

    /// Whether all bytes are the same.
    package static func == (a: PayloadHash, b: PayloadHash) -> Bool { a.words == b.words }

    @inline(__always)
    private var inlineBytes: InlineArray<32, UInt8> {
        get {
            let ordered = (
                words.0.littleEndian, words.1.littleEndian, words.2.littleEndian, words.3.littleEndian
            )
            // SAFETY: both are 32 bytes of which any are allowed.
            return unsafe unsafeBitCast(ordered, to: InlineArray<32, UInt8>.self)
        }
        set {
            // SAFETY: as above.
            let ordered = unsafe unsafeBitCast(newValue, to: (UInt64, UInt64, UInt64, UInt64).self)
            words = (
                UInt64(littleEndian: ordered.0), UInt64(littleEndian: ordered.1), UInt64(littleEndian: ordered.2),
                UInt64(littleEndian: ordered.3)
            )
        }
    }

    /// `sha256:<hex>`.
    package var description: String {
        let bytes = inlineBytes
        return "sha256:" + hex((0..<32).map { bytes[$0] })
    }

    /// Visits the hash as 32 bytes.
    package mutating func visit(
        _ name: StaticString, _ documentation: StaticString, _ visitor: inout some FieldVisitor
    ) {
        var bytes = inlineBytes
        visitor.fixed(name, &bytes, unit: "", isKey: false, documentation)
        inlineBytes = bytes
    }
}

/// An ed25519 signature; written `ed25519:<base64>` (GEN-08).
package struct Signature: EventElement, Equatable, Sendable {
    /// The 64 bytes.
    package var bytes: [UInt8]

    /// The signature of all zeros, to decode into.
    package init() { bytes = [UInt8](repeating: 0, count: 64) }

    /// Wraps 64 bytes; nil for another number.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 64 else { return nil }
        self.bytes = bytes
    }

    /// Visits the signature as 64 bytes.
    package mutating func visit(
        _ name: StaticString, _ documentation: StaticString, _ visitor: inout some FieldVisitor
    ) {
        var fixed = InlineArray<64, UInt8>(repeating: 0)
        for index in 0..<64 { fixed[index] = bytes[index] }
        visitor.fixed(name, &fixed, unit: "", isKey: false, documentation)
        for index in 0..<64 { bytes[index] = fixed[index] }
    }
}

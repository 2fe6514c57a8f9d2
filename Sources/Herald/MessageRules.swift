import Events
import LogFormat

/// What a message must satisfy (HER-07, HER-13, SEC-01, SEC-02); each failure has its own reason (ENUM-15).
enum MessageRules {
    /// Why a message was refused.
    struct Refusal: Equatable {
        var reason: DeadLetterReason
        var detail: String
    }

    /// Why a message as a whole is refused, nil if it is good.
    static func refusal(
        of message: Message, map: ModelMap, keys: KeyBook, settings: HeraldSettings, checker: some SignatureChecker
    ) -> Refusal? {
        let envelope = message.envelope
        if envelope.from != message.log {
            return Refusal(
                reason: .accessDenied,
                detail: "says that it is from \(envelope.from.text), stands in the log of \(message.log.text)")
        }
        let hash = PayloadHash(Digest(hashing: message.payload))
        if hash != envelope.hash {
            return Refusal(reason: .hashMismatch, detail: "payload is \(hash), the envelope says \(envelope.hash)")
        }
        if let refusal = signatureRefusal(message, keys, settings, checker) { return refusal }
        if let detail = envelopeFault(envelope) { return Refusal(reason: .schemaInvalid, detail: detail) }
        guard let manifest = map.manifest(envelope.from) else {
            return Refusal(reason: .schemaInvalid, detail: "\(envelope.from.text) has no manifest")
        }
        let outbound = manifest.outbound.filter { $0.intent == envelope.intent }
        if outbound.isEmpty {
            let known = manifest.outbound.map(\.intent.text).joined(separator: ", ")
            return Refusal(
                reason: .unknownIntent,
                detail: "\(envelope.from.text) does not send \(envelope.intent.text); it sends \(known)")
        }
        if !outbound.contains(where: { $0.schemaRef == envelope.schemaRef }) {
            let known = outbound.map(\.schemaRef).joined(separator: ", ")
            return Refusal(
                reason: .schemaInvalid,
                detail: "\(envelope.intent.text) of \(envelope.from.text) is \(known), found \(envelope.schemaRef)")
        }
        return nil
    }

    /// Why a message does not go to one of its targets, nil if it may.
    static func refusal(of message: Message, to target: Module, map: ModelMap) -> Refusal? {
        let envelope = message.envelope
        guard let manifest = map.manifest(target) else {
            return Refusal(reason: .unknownTarget, detail: "\(target.text) has no manifest")
        }
        if !map.mayAddress(envelope.from, target) {
            return Refusal(
                reason: .accessDenied, detail: "\(envelope.from.text) may not address \(target.text)")
        }
        let inbound = manifest.inbound.filter { $0.intent == envelope.intent }
        if inbound.isEmpty {
            let known = manifest.inbound.map(\.intent.text).joined(separator: ", ")
            return Refusal(
                reason: .unknownIntent,
                detail: "\(target.text) does not listen to \(envelope.intent.text); it listens to \(known)")
        }
        if !inbound.contains(where: { $0.schemaRef == envelope.schemaRef }) {
            let known = inbound.map(\.schemaRef).joined(separator: ", ")
            return Refusal(
                reason: .schemaInvalid, detail: "\(target.text) expects \(known), found \(envelope.schemaRef)")
        }
        return nil
    }

    /// Each fault has its own word, first in the detail; the reason code is one for all of them (ENUM-15).
    private static func signatureRefusal(
        _ message: Message, _ keys: KeyBook, _ settings: HeraldSettings, _ checker: some SignatureChecker
    ) -> Refusal? {
        let envelope = message.envelope
        if envelope.signature == nil, envelope.keyID == nil, !settings.requiresSignatures { return nil }
        let fault: (SignatureFault, String)
        if let signature = envelope.signature, let keyID = envelope.keyID {
            switch keys.find(keyID, of: envelope.from, at: message.sentNanos) {
            case .inForce(let publicKey):
                if checker.isValid(signature, of: message.signedBytes, publicKey: publicKey) { return nil }
                fault = (.forged, "the signature is not that of \(envelope.from.text) under key \(keyID)")
            case .unknown(let known):
                let list = known.map(\.text).joined(separator: ", ")
                fault = (
                    .unknownKey,
                    "\(envelope.from.text) has no key \(keyID), it has \(list.isEmpty ? "none" : list): "
                        + "record the key first"
                )
            case .retired(let endNanos):
                fault = (
                    .retiredKey,
                    "key \(keyID) of \(envelope.from.text) ended \(TimeText.text(endNanos)), the message is of "
                        + "\(TimeText.text(message.sentNanos)): sign with the key that followed"
                )
            case .early(let fromNanos):
                fault = (
                    .earlyKey,
                    "key \(keyID) of \(envelope.from.text) is valid from \(TimeText.text(fromNanos)), the message "
                        + "is of \(TimeText.text(message.sentNanos)): sign with the key before it"
                )
            }
        } else {
            fault = (.unsigned, "the message has no signature or does not name its key: sign it")
        }
        return Refusal(reason: .signatureInvalid, detail: "\(fault.0.rawValue): \(fault.1)")
    }

    /// A field of the envelope that is outside of its limits (SCH-HER-1).
    private static func envelopeFault(_ envelope: Envelope) -> String? {
        if envelope.to.isEmpty { return "names no receiver" }
        if Set(envelope.to).count != envelope.to.count { return "names a receiver twice" }
        if envelope.ttlSeconds <= 0 { return "time to live is \(envelope.ttlSeconds) s, expected above 0" }
        if envelope.dedupeKey.isEmpty || envelope.dedupeKey.utf8.count > Envelope.dedupeKeyBytesMax {
            return "dedupe key has \(envelope.dedupeKey.utf8.count) bytes, expected 1 … \(Envelope.dedupeKeyBytesMax)"
        }
        if envelope.tags.count > Envelope.tagsMax {
            return "has \(envelope.tags.count) labels, the limit is \(Envelope.tagsMax)"
        }
        if let bad = envelope.tags.first(where: { !$0.contains(":") }) { return "label '\(bad)' is not key:value" }
        return nil
    }
}

/// How much each pair of sender and receiver may still send (HER-10): a bucket that fills with virtual time, in
/// integers.
struct QuotaTable {
    private struct Pair: Hashable {
        var from: Module
        var to: Module
    }

    private struct Bucket {
        /// Room in nanoseconds of filling: one message costs a second over the rate.
        var room: Int64
        var filledNanos: Int64
    }

    private var buckets: [Pair: Bucket] = [:]

    /// Takes room for one message; false if there is none.
    mutating func take(from: Module, to: Module, now: Int64, settings: HeraldSettings) -> Bool {
        let cost = 1_000_000_000 / max(settings.quotaPerSecond, 1)
        let full = cost * settings.quotaBurst
        let pair = Pair(from: from, to: to)
        var bucket = buckets[pair] ?? Bucket(room: full, filledNanos: now)
        let elapsed = max(0, now - bucket.filledNanos)
        bucket.room = min(full, bucket.room + min(elapsed, full))
        bucket.filledNanos = max(now, bucket.filledNanos)
        let isAllowed = bucket.room >= cost
        if isAllowed { bucket.room -= cost }
        buckets[pair] = bucket
        return isAllowed
    }
}

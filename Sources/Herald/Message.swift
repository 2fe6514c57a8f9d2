package import Events
import LogFormat

/// A message as it stands in its sender's log.
package struct Message: Equatable, Sendable {
    /// Its id.
    package var id: EventID
    /// The log that it stands in.
    package var log: Module
    /// Its place there.
    package var seq: UInt64
    /// Its place among all logs.
    package var globalSeq: UInt64
    /// The sender's clock: event time.
    package var sentNanos: Int64
    /// The story that it belongs to.
    package var lifecycleID: LifecycleID?
    /// To whom and how.
    package var envelope: Envelope
    /// Canonical payload bytes (GEN-07); opaque to Herald (HER-14).
    package var payload: [UInt8]

    /// Makes a message.
    package init(
        id: EventID, log: Module, seq: UInt64, globalSeq: UInt64, sentNanos: Int64, lifecycleID: LifecycleID? = nil,
        envelope: Envelope, payload: [UInt8]
    ) {
        self.id = id
        self.log = log
        self.seq = seq
        self.globalSeq = globalSeq
        self.sentNanos = sentNanos
        self.lifecycleID = lifecycleID
        self.envelope = envelope
        self.payload = payload
    }

    /// When it expires (HER-19).
    package var expiresNanos: Int64 {
        let span = envelope.ttlSeconds.multipliedReportingOverflow(by: 1_000_000_000)
        let end = sentNanos.addingReportingOverflow(span.overflow ? .max : span.partialValue)
        return end.overflow ? .max : end.partialValue
    }

    /// The bytes that a signature covers: id, sender, receivers, intent, time, time to live, dedupe key and payload
    /// hash, each with its length.
    package var signedBytes: [UInt8] { Self.signedBytes(id: id, sentNanos: sentNanos, envelope: envelope) }

    /// The bytes that the signature of a message with this envelope covers.
    package static func signedBytes(id: EventID, sentNanos: Int64, envelope: Envelope) -> [UInt8] {
        let parts = [
            "lotus-message-1", id.description, envelope.from.text, envelope.to.map(\.text).joined(separator: ","),
            envelope.intent.text, "\(sentNanos)", "\(envelope.ttlSeconds)", envelope.schemaRef, envelope.dedupeKey,
            envelope.priorsVersion?.text ?? "", envelope.hash.description,
        ]
        return parts.flatMap { part in Array("\(part.utf8.count):".utf8) + Array(part.utf8) }
    }
}

package import Events
package import Herald
internal import LogFormat

/// Messages between four modules, and what a router made of them.
package enum SampleMessages {
    package static let second: Int64 = 1_000_000_000
    /// 2025-09-05T12:34:56Z, the time of EX-21.
    package static let sent: Int64 = 1_757_075_696_000_000_000
    package static let urn = "urn:schema:sig.signal_published:v1"

    package static let map = ModelMap(
        [
            ModuleManifest(
                .sig, version: "1", outbound: [Outbound(.alphaProposed, urn), Outbound(.lessonPublished, "urn:l")]),
            ModuleManifest(
                .dm, version: "1", outbound: [Outbound(.decision, "urn:schema:dm.decision_issued:v1")],
                inbound: [Inbound(.alphaProposed, urn, action: "strand")]),
            ModuleManifest(
                .tr, version: "1", inbound: [Inbound(.decision, "urn:schema:dm.decision_issued:v1", action: "ticket")]),
            ModuleManifest(.vis, version: "1", inbound: [Inbound(.alphaProposed, "urn:other", action: "look")]),
        ],
        mayAddress: [(.sig, [.dm, .tr, .vis, .ops]), (.dm, [.tr, .sig])])

    package static func message(_ number: Int = 0, to: [Module] = [.dm], sent: Int64 = sent) -> Message {
        var envelope = Envelope()
        envelope.from = .sig
        envelope.to = to
        envelope.intent = .alphaProposed
        envelope.schemaRef = urn
        envelope.dedupeKey = "sig|ALPHA_PROPOSED|BTC-1h|\(number)"
        let payload = Array("{\"signal\":0.37}".utf8)
        envelope.hash = PayloadHash(Digest(hashing: payload))
        return Message(
            id: EventID(module: .sig, key: "\(number)", eventNanos: sent), log: .sig, seq: UInt64(number + 1),
            globalSeq: UInt64(number + 1), sentNanos: sent, envelope: envelope, payload: payload)
    }

    package static func reasons(_ actions: [HeraldAction]) -> [DeadLetterReason] {
        actions.compactMap { if case .dead(let letter) = $0 { letter.reason } else { nil } }
    }

    package static func deliveries(_ actions: [HeraldAction]) -> [Module] {
        actions.compactMap { if case .deliver(_, let to, _) = $0 { to } else { nil } }
    }
}

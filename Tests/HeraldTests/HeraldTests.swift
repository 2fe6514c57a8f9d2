import Events
import LogFormat
import Testing

@testable import Herald

/// Signatures that are hashes of key and bytes.
struct HashChecker: SignatureChecker {
    static let publicKey = [UInt8](repeating: 7, count: 32)

    func isValid(_ signature: Signature, of bytes: [UInt8], publicKey: [UInt8]) -> Bool {
        signature == Self.signature(of: bytes, publicKey)
    }

    private static func signature(of bytes: [UInt8], _ publicKey: [UInt8]) -> Signature? {
        Signature(Digest(hashing: publicKey + bytes).bytes + [UInt8](repeating: 1, count: 32))
    }

    /// What a good signer would write.
    static func sign(_ message: inout Message, key: KeyID = "k1") {
        message.envelope.keyID = key
        message.envelope.signature = signature(of: message.signedBytes, publicKey)
    }
}

/// The router: every refusal has its own reason, every message ends (HER-01…20).
@Suite struct HeraldTests {
    static let second: Int64 = 1_000_000_000
    /// 2025-09-05T12:34:56Z, the time of EX-21.
    static let sent: Int64 = 1_757_075_696_000_000_000
    static let urn = "urn:schema:sig.signal_published:v1"

    static let map = ModelMap(
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

    /// A router that knows one key of sig.
    static func herald(_ settings: HeraldSettings = HeraldSettings()) -> Herald {
        var herald = Herald(map, settings: settings)
        var key = KeyRotated()
        key.keyID = "k1"
        key.publicKey = PayloadHash(Digest(HashChecker.publicKey))
        herald.apply(key, eventNanos: sent - 3600 * second)
        return herald
    }

    static func message(_ number: Int = 0, to: [Module] = [.dm], sent: Int64 = sent) -> Message {
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

    static func reasons(_ actions: [HeraldAction]) -> [DeadLetterReason] {
        actions.compactMap { if case .dead(let letter) = $0 { letter.reason } else { nil } }
    }

    static func deliveries(_ actions: [HeraldAction]) -> [Module] {
        actions.compactMap { if case .deliver(_, let to, _) = $0 { to } else { nil } }
    }

    @Test func `a good message is picked, delivered and dispatched`() {
        var herald = Self.herald()
        let message = Self.message()
        let first = herald.accept(message, now: Self.sent, checker: HashChecker())
        guard case .picked(let picked) = first.first else {
            Issue.record("not picked: \(first)")
            return
        }
        #expect(picked.expiresNanos == Self.sent + 600 * Self.second)
        #expect(Self.deliveries(first) == [.dm])
        let last = herald.answer(message.id, from: .dm, .taken, now: Self.sent)
        let steps = last.compactMap { if case .record(let record) = $0 { record.step } else { nil } }
        #expect(steps == [.delivered, .dispatched])
        #expect(herald.pendingCount == 0 && herald.nextDueNanos == nil)
        #expect(herald.accept(message, now: Self.sent, checker: HashChecker()).isEmpty)
        #expect(herald.answer(message.id, from: .dm, .taken, now: Self.sent).isEmpty)
    }

    /// One fault a case, each with its own reason.
    @Test(arguments: [
        ("wrong hash", DeadLetterReason.hashMismatch), ("wrong module in from", .accessDenied),
        ("unknown intent", .unknownIntent), ("unlisted pair", .accessDenied), ("unknown target", .unknownTarget),
        ("forged signature", .signatureInvalid), ("wrong key", .signatureInvalid), ("wrong schema", .schemaInvalid),
        ("receiver expects another schema", .schemaInvalid), ("receiver does not listen", .unknownIntent),
        ("no receiver", .schemaInvalid), ("receiver twice", .schemaInvalid), ("no time to live", .schemaInvalid),
        ("expired", .expired), ("bare label", .schemaInvalid), ("no dedupe key", .schemaInvalid),
    ])
    func `a fault is refused with its own reason`(fault: String, reason: DeadLetterReason) {
        var herald = Self.herald()
        var message = Self.message()
        var now = Self.sent
        switch fault {
        case "wrong hash": message.payload.append(32)
        case "wrong module in from": message.log = .dm
        case "unknown intent": message.envelope.intent = .execReport
        case "unlisted pair":
            message.envelope.from = .dm
            message.log = .dm
            message.envelope.intent = .decision
            message.envelope.schemaRef = "urn:schema:dm.decision_issued:v1"
            message.envelope.to = [.vis]
        case "unknown target": message.envelope.to = [.ops]
        case "forged signature":
            HashChecker.sign(&message)
            message.envelope.dedupeKey += "x"
        case "wrong key": HashChecker.sign(&message, key: "k2")
        case "wrong schema": message.envelope.schemaRef = "urn:schema:sig.signal_published:v2"
        case "receiver expects another schema": message.envelope.to = [.vis]
        case "receiver does not listen": message.envelope.to = [.tr]
        case "no receiver": message.envelope.to = []
        case "receiver twice": message.envelope.to = [.dm, .dm]
        case "no time to live": message.envelope.ttlSeconds = 0
        case "expired": now = Self.sent + 600 * Self.second
        case "bare label": message.envelope.tags = ["weekend"]
        case "no dedupe key": message.envelope.dedupeKey = ""
        default: Issue.record("no such case: \(fault)")
        }
        let actions = herald.accept(message, now: now, checker: HashChecker())
        #expect(Self.reasons(actions) == [reason], "\(fault): \(actions)")
        #expect(Self.deliveries(actions).isEmpty)
        #expect(herald.pendingCount == 0)
    }

    @Test func `signatures are needed where the settings say so, and rightly signed messages pass`() {
        var settings = HeraldSettings()
        settings.requiresSignatures = true
        var herald = Self.herald(settings)
        #expect(
            Self.reasons(herald.accept(Self.message(), now: Self.sent, checker: HashChecker())) == [.signatureInvalid])
        var signed = Self.message(1)
        HashChecker.sign(&signed)
        #expect(Self.deliveries(herald.accept(signed, now: Self.sent, checker: HashChecker())) == [.dm])
    }

    @Test func `EX-21 a message of 12 34 56 with 600 s is undelivered at 12 44 56 and never delivered later`() {
        var herald = Self.herald()
        let message = Self.message()
        _ = herald.accept(message, now: Self.sent, checker: HashChecker())
        var now = Self.sent
        var tries = 1
        while now < Self.sent + 599 * Self.second {
            _ = herald.answer(message.id, from: .dm, .failed("busy"), now: now)
            guard let next = herald.nextDueNanos, next < Self.sent + 600 * Self.second else { break }
            now = next
            tries += Self.deliveries(herald.advance(to: now)).count
        }
        let end = herald.advance(to: Self.sent + 600 * Self.second)
        #expect(herald.pendingCount == 0)
        let letters = Self.reasons(end)
        #expect(letters == [.expired] || letters.isEmpty)
        #expect(herald.advance(to: Self.sent + 10_000 * Self.second).isEmpty)
        // 1, 2, 4, 8, 16, 32 s, then one a minute.
        #expect(tries == 15)
    }

    @Test func `a message nobody answered for expires at the end of its time`() {
        var herald = Self.herald()
        _ = herald.accept(Self.message(), now: Self.sent, checker: HashChecker())
        #expect(herald.nextDueNanos == Self.sent + 600 * Self.second)
        #expect(herald.advance(to: Self.sent + 600 * Self.second - 1).isEmpty)
        #expect(Self.reasons(herald.advance(to: Self.sent + 600 * Self.second)) == [.expired])
        #expect(herald.answer(Self.message().id, from: .dm, .taken, now: Self.sent + 601 * Self.second).isEmpty)
    }

    @Test func `back-off is 1, 2, 4 up to 60 s`() {
        var herald = Self.herald()
        var message = Self.message()
        message.envelope.ttlSeconds = 86_400
        _ = herald.accept(message, now: Self.sent, checker: HashChecker())
        var now = Self.sent
        var waits: [Int64] = []
        for _ in 0..<9 {
            _ = herald.answer(message.id, from: .dm, .failed("busy"), now: now)
            guard let next = herald.nextDueNanos else { break }
            waits.append((next - now) / Self.second)
            now = next
            #expect(Self.deliveries(herald.advance(to: now)) == [.dm])
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test func `a pair sends 500 at once, then 50 a second`() {
        var herald = Self.herald()
        var delivered = 0
        for number in 0..<600 {
            delivered +=
                Self.deliveries(herald.accept(Self.message(number), now: Self.sent, checker: HashChecker())).count
        }
        #expect(delivered == 500)
        let later = Self.sent + Self.second
        var more = 0
        for number in 600..<700 {
            let actions = herald.accept(Self.message(number, sent: later), now: later, checker: HashChecker())
            more += Self.deliveries(actions).count
            if Self.deliveries(actions).isEmpty { #expect(Self.reasons(actions) == [.quotaExceeded]) }
        }
        #expect(more == 50)
    }

    @Test func `one bad target does not keep a message from the others`() {
        var herald = Self.herald()
        let actions = herald.accept(Self.message(0, to: [.dm, .tr]), now: Self.sent, checker: HashChecker())
        #expect(Self.deliveries(actions) == [.dm])
        #expect(Self.reasons(actions) == [.unknownIntent])
    }

    @Test func `EX-22 the same message three times is one strand and two duplicates`() {
        var inbox = Inbox(.dm)
        let message = Self.message()
        var results: [ReceiptResult] = []
        for _ in 0..<3 {
            let result: ReceiptResult = inbox.knows(message) ? .duplicateIgnored : .consumed
            let receipt = inbox.receipt(message, result, now: Self.sent)
            inbox.apply(receipt)
            results.append(receipt.result)
        }
        #expect(results == [.consumed, .duplicateIgnored, .duplicateIgnored])
        // Another message that says the same is no second effect either.
        var same = Self.message(1)
        same.envelope.dedupeKey = message.envelope.dedupeKey
        #expect(inbox.knows(same))
    }
}

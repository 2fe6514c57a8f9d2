import Events
import HeraldTesting
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
    /// A router that knows one key of sig.
    static func herald(_ settings: HeraldSettings = HeraldSettings()) -> Herald {
        var herald = Herald(SampleMessages.map, settings: settings)
        var key = KeyRotated()
        key.keyID = "k1"
        key.publicKey = PayloadHash(Digest(HashChecker.publicKey))
        herald.apply(key, eventNanos: SampleMessages.sent - 3600 * SampleMessages.second)
        return herald
    }

    @Test func `a good message is picked, delivered and dispatched`() {
        var herald = Self.herald()
        let message = SampleMessages.message()
        let first = herald.accept(message, now: SampleMessages.sent, checker: HashChecker())
        guard case .picked(let picked) = first.first else {
            Issue.record("not picked: \(first)")
            return
        }
        #expect(picked.expiresNanos == SampleMessages.sent + 600 * SampleMessages.second)
        #expect(SampleMessages.deliveries(first) == [.dm])
        let last = herald.answer(message.id, from: .dm, .taken, now: SampleMessages.sent)
        let steps = last.compactMap { if case .record(let record) = $0 { record.step } else { nil } }
        #expect(steps == [.delivered, .dispatched])
        #expect(herald.pendingCount == 0 && herald.nextDueNanos == nil)
        #expect(herald.accept(message, now: SampleMessages.sent, checker: HashChecker()).isEmpty)
        #expect(herald.answer(message.id, from: .dm, .taken, now: SampleMessages.sent).isEmpty)
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
        var message = SampleMessages.message()
        var now = SampleMessages.sent
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
        case "expired": now = SampleMessages.sent + 600 * SampleMessages.second
        case "bare label": message.envelope.tags = ["weekend"]
        case "no dedupe key": message.envelope.dedupeKey = ""
        default: Issue.record("no such case: \(fault)")
        }
        let actions = herald.accept(message, now: now, checker: HashChecker())
        #expect(SampleMessages.reasons(actions) == [reason], "\(fault): \(actions)")
        #expect(SampleMessages.deliveries(actions).isEmpty)
        #expect(herald.pendingCount == 0)
    }

    @Test func `signatures are needed where the settings say so, and rightly signed messages pass`() {
        var settings = HeraldSettings()
        settings.requiresSignatures = true
        var herald = Self.herald(settings)
        #expect(
            SampleMessages.reasons(
                herald.accept(SampleMessages.message(), now: SampleMessages.sent, checker: HashChecker())) == [
                    .signatureInvalid
                ])
        var signed = SampleMessages.message(1)
        HashChecker.sign(&signed)
        #expect(
            SampleMessages.deliveries(herald.accept(signed, now: SampleMessages.sent, checker: HashChecker())) == [.dm])
    }

    @Test func `EX-21 a message of 12 34 56 with 600 s is undelivered at 12 44 56 and never delivered later`() {
        var herald = Self.herald()
        let message = SampleMessages.message()
        _ = herald.accept(message, now: SampleMessages.sent, checker: HashChecker())
        var now = SampleMessages.sent
        var tries = 1
        while now < SampleMessages.sent + 599 * SampleMessages.second {
            _ = herald.answer(message.id, from: .dm, .failed("busy"), now: now)
            guard let next = herald.nextDueNanos, next < SampleMessages.sent + 600 * SampleMessages.second else {
                break
            }
            now = next
            tries += SampleMessages.deliveries(herald.advance(to: now)).count
        }
        let end = herald.advance(to: SampleMessages.sent + 600 * SampleMessages.second)
        #expect(herald.pendingCount == 0)
        let letters = SampleMessages.reasons(end)
        #expect(letters == [.expired] || letters.isEmpty)
        #expect(herald.advance(to: SampleMessages.sent + 10_000 * SampleMessages.second).isEmpty)
        // 1, 2, 4, 8, 16, 32 s, then one a minute.
        #expect(tries == 15)
    }

    @Test func `a message nobody answered for expires at the end of its time`() {
        var herald = Self.herald()
        _ = herald.accept(SampleMessages.message(), now: SampleMessages.sent, checker: HashChecker())
        #expect(herald.nextDueNanos == SampleMessages.sent + 600 * SampleMessages.second)
        #expect(herald.advance(to: SampleMessages.sent + 600 * SampleMessages.second - 1).isEmpty)
        #expect(
            SampleMessages.reasons(herald.advance(to: SampleMessages.sent + 600 * SampleMessages.second)) == [.expired])
        #expect(
            herald.answer(
                SampleMessages.message().id, from: .dm, .taken, now: SampleMessages.sent + 601 * SampleMessages.second
            ).isEmpty)
    }

    @Test func `back-off is 1, 2, 4 up to 60 s`() {
        var herald = Self.herald()
        var message = SampleMessages.message()
        message.envelope.ttlSeconds = 86_400
        _ = herald.accept(message, now: SampleMessages.sent, checker: HashChecker())
        var now = SampleMessages.sent
        var waits: [Int64] = []
        for _ in 0..<9 {
            _ = herald.answer(message.id, from: .dm, .failed("busy"), now: now)
            guard let next = herald.nextDueNanos else { break }
            waits.append((next - now) / SampleMessages.second)
            now = next
            #expect(SampleMessages.deliveries(herald.advance(to: now)) == [.dm])
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test func `a pair sends 500 at once, then 50 a second`() {
        var herald = Self.herald()
        var delivered = 0
        for number in 0..<600 {
            delivered +=
                SampleMessages.deliveries(
                    herald.accept(SampleMessages.message(number), now: SampleMessages.sent, checker: HashChecker())
                ).count
        }
        #expect(delivered == 500)
        let later = SampleMessages.sent + SampleMessages.second
        var more = 0
        for number in 600..<700 {
            let actions = herald.accept(SampleMessages.message(number, sent: later), now: later, checker: HashChecker())
            more += SampleMessages.deliveries(actions).count
            if SampleMessages.deliveries(actions).isEmpty {
                #expect(SampleMessages.reasons(actions) == [.quotaExceeded])
            }
        }
        #expect(more == 50)
    }

    @Test func `one bad target does not keep a message from the others`() {
        var herald = Self.herald()
        let actions = herald.accept(
            SampleMessages.message(0, to: [.dm, .tr]), now: SampleMessages.sent, checker: HashChecker())
        #expect(SampleMessages.deliveries(actions) == [.dm])
        #expect(SampleMessages.reasons(actions) == [.unknownIntent])
    }

    @Test func `EX-22 the same message three times is one strand and two duplicates`() {
        var inbox = Inbox(.dm)
        let message = SampleMessages.message()
        var results: [ReceiptResult] = []
        for _ in 0..<3 {
            let result: ReceiptResult = inbox.knows(message) ? .duplicateIgnored : .consumed
            let receipt = inbox.receipt(message, result, now: SampleMessages.sent)
            inbox.apply(receipt)
            results.append(receipt.result)
        }
        #expect(results == [.consumed, .duplicateIgnored, .duplicateIgnored])
        // Another message that says the same is no second effect either.
        var same = SampleMessages.message(1)
        same.envelope.dedupeKey = message.envelope.dedupeKey
        #expect(inbox.knows(same))
    }
}

import Events
import Herald
import HeraldTesting
import LogFormat
import Signing
import Testing

/// ed25519 signatures and the keys behind them (SEC-01, SEC-07, GEN-08).
@Suite struct SignatureTests {
    static let sent = SampleMessages.sent
    static let hour: Int64 = 3_600_000_000_000

    static func key(_ id: KeyID, _ byte: UInt8, fromHours: Int64) throws -> SigningKey {
        try SigningKey(id, seed: [UInt8](repeating: byte, count: 32), fromNanos: sent + fromHours * hour)
    }

    /// Keys k1 and, from an hour before the time of EX-21, k2.
    static func keys() throws -> [SigningKey] {
        [try key("k1", 1, fromHours: -24), try key("k2", 2, fromHours: -1)]
    }

    static func herald() throws -> Herald {
        var settings = HeraldSettings()
        settings.requiresSignatures = true
        var herald = Herald(SampleMessages.map, settings: settings)
        for key in try keys() { herald.apply(key.record(owner: .sig), eventNanos: key.fromNanos) }
        return herald
    }

    /// A message of a time, signed with a key.
    static func message(_ key: SigningKey, sentHours: Int64 = 0, number: Int = 0) throws -> Message {
        var message = SampleMessages.message(number, sent: sent + sentHours * hour)
        let signed = try Ed25519Signer([try Self.key(key.keyID, key.keyID == "k2" ? 2 : 1, fromHours: -48)])
            .sign(message.signedBytes, nanos: message.sentNanos)
        message.envelope.keyID = signed?.keyID
        message.envelope.signature = signed?.signature
        return message
    }

    static func detail(_ actions: [HeraldAction]) -> String {
        for case .dead(let letter) in actions { return letter.detail }
        return "delivered"
    }

    /// RFC 8032 section 7.1, test 1: seed, public key and signature of the empty message.
    @Test func `keys and signatures are those of RFC 8032`() throws {
        let seed = try bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
        let key = try SigningKey("rfc", seed: seed, fromNanos: 0)
        let publicKey = try bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        #expect(key.record(owner: .sig).publicKey.digest.bytes == publicKey)
        let signed = try Ed25519Signer([key]).sign([], nanos: 0)
        let expected = try bytes(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")
        #expect(signed?.signature.bytes == expected)
        #expect(Ed25519Checker().isValid(try #require(signed?.signature), of: [], publicKey: publicKey))
        #expect(!Ed25519Checker().isValid(try #require(signed?.signature), of: [0], publicKey: publicKey))
        #expect(!Ed25519Checker().isValid(try #require(signed?.signature), of: [], publicKey: []))
    }

    private func bytes(_ hex: String) throws -> [UInt8] {
        let digits = Array(hex)
        return try stride(from: 0, to: digits.count, by: 2).map {
            try #require(UInt8(String(digits[$0...($0 + 1)]), radix: 16))
        }
    }

    /// What is run again must give the same log (design section 3).
    @Test func `the same bytes under the same key give the same signature`() throws {
        let keys = try Self.keys()
        let message = Array("the same bytes".utf8)
        let first = try Ed25519Signer(keys).sign(message, nanos: Self.sent)
        for _ in 0..<50 { #expect(try Ed25519Signer(keys).sign(message, nanos: Self.sent) == first) }
        #expect(first?.keyID == "k2")
        #expect(try Ed25519Signer(keys).sign(message, nanos: Self.sent - 2 * Self.hour)?.keyID == "k1")
        #expect(try Ed25519Signer(keys).sign(message, nanos: Self.sent - 25 * Self.hour) == nil)
    }

    @Test func `a good signature passes, and an old key is good for what it signed in its time`() throws {
        let keys = try Self.keys()
        var herald = try Self.herald()
        let new = herald.accept(try Self.message(keys[1]), now: Self.sent, checker: Ed25519Checker())
        #expect(SampleMessages.deliveries(new) == [.dm], "\(Self.detail(new))")
        // Sent a second before the rotation, looked at afterwards.
        var old = try Self.message(keys[0], sentHours: -1, number: 1)
        old.sentNanos -= 1_000_000_000
        let signed = try Ed25519Signer([keys[0]]).sign(old.signedBytes, nanos: old.sentNanos)
        old.envelope.signature = signed?.signature
        let late = herald.accept(old, now: old.sentNanos + 60_000_000_000, checker: Ed25519Checker())
        #expect(SampleMessages.deliveries(late) == [.dm], "\(Self.detail(late))")
    }

    @Test(arguments: ["unsigned", "forged", "other bytes", "unknown", "other module", "retired", "early"])
    func `each bad signature is refused with its own word`(_ fault: String) throws {
        let keys = try Self.keys()
        var herald = try Self.herald()
        var message = try Self.message(keys[1])
        let word: SignatureFault
        switch fault {
        case "unsigned":
            message.envelope.signature = nil
            word = .unsigned
        case "forged":
            message.envelope.signature?.bytes[5] ^= 1
            word = .forged
        case "other bytes":
            message.envelope.dedupeKey += "x"
            word = .forged
        case "unknown":
            message.envelope.keyID = "k9"
            word = .unknownKey
        case "other module":
            var key = try Self.key("k3", 3, fromHours: -24).record(owner: .dm)
            key.owner = .dm
            herald.apply(key, eventNanos: Self.sent - 24 * Self.hour)
            message.envelope.keyID = "k3"
            word = .unknownKey
        case "retired":
            message = try Self.message(keys[0])
            word = .retiredKey
        default:
            message = try Self.message(keys[1], sentHours: -2)
            word = .earlyKey
        }
        let actions = herald.accept(message, now: message.sentNanos, checker: Ed25519Checker())
        #expect(SampleMessages.reasons(actions) == [.signatureInvalid])
        #expect(Self.detail(actions).hasPrefix("\(word.rawValue): "), "\(Self.detail(actions))")
    }

    @Test func `a key id is not given twice, and keys follow each other in time`() throws {
        var book = KeyBook()
        let first = try Self.key("k1", 1, fromHours: 0)
        #expect(book.fault(of: first.record(owner: .sig), eventNanos: first.fromNanos) == nil)
        book.apply(first.record(owner: .sig), eventNanos: first.fromNanos)
        let twin = try Self.key("k1", 9, fromHours: 1).record(owner: .sig)
        #expect(book.fault(of: twin, eventNanos: first.fromNanos + Self.hour)?.contains("already") == true)
        let early = try Self.key("k2", 2, fromHours: 0).record(owner: .sig)
        #expect(book.fault(of: early, eventNanos: first.fromNanos)?.contains("rotate later") == true)
        let before = book
        book.apply(twin, eventNanos: first.fromNanos + Self.hour)
        book.apply(early, eventNanos: first.fromNanos)
        #expect(book == before)
        #expect(book.find("k1", of: .sig, at: first.fromNanos - 1) == .early(fromNanos: first.fromNanos))
        #expect(book.find("k1", of: .dm, at: first.fromNanos) == .unknown([]))
    }

    @Test func `a seed of another length is refused`() {
        #expect(throws: SigningError.self) { try SigningKey("k1", seed: [1, 2, 3], fromNanos: 0) }
    }
}

internal import Crypto
package import Events
package import Herald
internal import LogFormat

/// Checks ed25519 signatures (SEC-01).
package struct Ed25519Checker: SignatureChecker, Sendable {
    /// Makes a checker.
    package init() {}

    package func isValid(_ signature: Signature, of bytes: [UInt8], publicKey: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature.bytes, for: bytes)
    }
}

/// A private key of a module with the time from which it signs.
package struct SigningKey: Sendable {
    /// Its id.
    package let keyID: KeyID
    /// When it comes into force.
    package let fromNanos: Int64
    let key: Curve25519.Signing.PrivateKey

    /// Makes a key of its seed of 32 bytes.
    package init(_ keyID: KeyID, seed: [UInt8], fromNanos: Int64) throws(SigningError) {
        self.keyID = keyID
        self.fromNanos = fromNanos
        do {
            key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        } catch {
            throw SigningError(
                "key \(keyID): a seed of \(seed.count) bytes was found, 32 were expected: read the key file anew")
        }
    }

    /// The record that makes the key known; its event time is `fromNanos` (SEC-07).
    package func record(owner: Module) -> KeyRotated {
        var record = KeyRotated()
        record.lineage = Lineage(
            id: EventID(module: .herald, key: "key|\(owner.text)|\(keyID)", eventNanos: fromNanos))
        record.owner = owner
        record.keyID = keyID
        record.publicKey = PayloadHash(Digest(Array(key.publicKey.rawRepresentation)))
        return record
    }
}

/// Signs for one module with the key that is in force (SEC-01, SEC-07).
///
/// RFC 8032 draws nothing by chance and neither does the library behind this on Linux: the same bytes under the same
/// key give the same signature. Where CryptoKit stands behind it signatures differ each time and runs would not repeat.
package struct Ed25519Signer: MessageSigner, Sendable {
    private let keys: [SigningKey]

    /// Makes a signer with the keys of a module.
    package init(_ keys: [SigningKey]) { self.keys = keys.sorted { $0.fromNanos < $1.fromNanos } }

    package func sign(_ bytes: [UInt8], nanos: Int64) throws(SigningError) -> SignedBy? {
        guard let inForce = keys.last(where: { $0.fromNanos <= nanos }) else { return nil }
        do {
            let written = try inForce.key.signature(for: bytes)
            guard let signature = Signature(Array(written)) else {
                throw SigningError("key \(inForce.keyID) wrote \(written.count) bytes, 64 were expected")
            }
            return SignedBy(inForce.keyID, signature)
        } catch {
            throw SigningError("key \(inForce.keyID) could not sign: \(error)")
        }
    }
}

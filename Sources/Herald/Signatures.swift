package import Events

/// Checks signatures; the cryptography stays outside of Herald.
package protocol SignatureChecker {
    /// Whether `signature` is that of `bytes` under a public key of 32 bytes.
    func isValid(_ signature: Signature, of bytes: [UInt8], publicKey: [UInt8]) -> Bool
}

/// Signs what a module sends; the private keys stay with it and never reach a log (SEC-09).
package protocol MessageSigner {
    /// The signature of `bytes` at `nanos` and the key that made it, nil if no key is in force then.
    ///
    /// The same bytes and key must give the same signature: what is run again has to give the same log.
    func sign(_ bytes: [UInt8], nanos: Int64) throws(SigningError) -> SignedBy?
}

/// A signature with the id of its key.
package struct SignedBy: Equatable, Sendable {
    /// The key that signed.
    package var keyID: KeyID
    /// What it wrote.
    package var signature: Signature

    /// Makes a pair.
    package init(_ keyID: KeyID, _ signature: Signature) {
        self.keyID = keyID
        self.signature = signature
    }
}

/// Why something could not be signed.
package struct SigningError: Error, CustomStringConvertible {
    /// What was found, what was expected, what to do.
    package var description: String

    /// Makes an error.
    package init(_ description: String) { self.description = description }
}

/// What is wrong with a signature; the word comes first in the detail of the dead letter.
package enum SignatureFault: String, CaseIterable, Sendable {
    /// There is none, or it does not name its key.
    case unsigned = "UNSIGNED"
    /// Another key, or other bytes.
    case forged = "FORGED"
    /// The module never had such a key.
    case unknownKey = "UNKNOWN_KEY"
    /// Another key had followed when the message was sent.
    case retiredKey = "RETIRED_KEY"
    /// The key was not valid yet when the message was sent.
    case earlyKey = "EARLY_KEY"
}

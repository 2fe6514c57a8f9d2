internal import Crypto
package import Events
package import Herald
internal import LogFormat

/// The private signing key of a module, as it lies in a file of its owner; it never comes onto a log (SEC-09).
///
/// Four lines: what it is, the module, the id of the key, and the seed as 64 hexadecimal digits.
package struct KeyFile: Sendable {
    /// Whose key it is.
    package let module: Module
    /// Its id, which messages name (SEC-07).
    package let keyID: KeyID
    private let seed: [UInt8]

    /// First line of a file.
    package static let title = "lotus ed25519 private key 1"
    /// Longest file that is read, in bytes; a good one is far shorter.
    package static let byteCountMax = 1024
    /// Longest id of a key, in bytes.
    package static let keyIDBytesMax = 64

    /// Makes a new key out of the randomness of the machine.
    ///
    /// - Throws: when the id is empty, longer than the limit or not made of letters, digits, `-`, `_` and `.`.
    package init(new module: Module, keyID: KeyID) throws(SigningError) {
        try Self.check(keyID)
        self.module = module
        self.keyID = keyID
        seed = Array(Curve25519.Signing.PrivateKey().rawRepresentation)
    }

    /// Reads what `text` writes.
    ///
    /// - Throws: naming the line, never what stands in it.
    package init(parsing bytes: [UInt8]) throws(SigningError) {
        guard bytes.count <= Self.byteCountMax else {
            throw SigningError("found \(bytes.count) bytes, a key file has at most \(Self.byteCountMax)")
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 5, lines[4].isEmpty, lines[0] == Self.title else {
            throw SigningError("is no key file: expected '\(Self.title)' and three more lines; make one with keys new")
        }
        guard let module = Self.value("module", lines[1]).flatMap(Module.init(text:)) else {
            throw SigningError("line 2: expected 'module ' and one of \(Module.symbols.joined(separator: ", "))")
        }
        guard let keyID = Self.value("key_id", lines[2]) else {
            throw SigningError("line 3: expected 'key_id ' and an id")
        }
        try Self.check(KeyID(keyID))
        guard let seed = Self.value("seed", lines[3]).flatMap(Self.unhex) else {
            throw SigningError("line 4: expected 'seed ' and 64 hexadecimal digits")
        }
        self.module = module
        self.keyID = KeyID(keyID)
        self.seed = seed
    }

    private init(_ module: Module, _ keyID: KeyID, _ seed: [UInt8]) {
        self.module = module
        self.keyID = keyID
        self.seed = seed
    }

    /// The same key under another id.
    package func named(_ keyID: String) throws(SigningError) -> KeyFile {
        try Self.check(KeyID(keyID))
        return KeyFile(module, KeyID(keyID), seed)
    }

    /// The file: secret.
    package var text: String {
        "\(Self.title)\nmodule \(module.text)\nkey_id \(keyID)\nseed \(Digest(seed))\n"
    }

    /// The key for signing from a moment on.
    package func signingKey(fromNanos: Int64) throws(SigningError) -> SigningKey {
        try SigningKey(keyID, seed: seed, fromNanos: fromNanos)
    }

    /// The public key, 32 bytes: no secret.
    package var publicKey: PayloadHash {
        get throws(SigningError) { try signingKey(fromNanos: 0).record(owner: module).publicKey }
    }

    private static func check(_ keyID: KeyID) throws(SigningError) {
        let bytes = Array(keyID.text.utf8)
        let isGood = bytes.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        guard isGood, !bytes.isEmpty, bytes.count <= keyIDBytesMax else {
            throw SigningError(
                "the id of a key is \(bytes.count) bytes, or holds others than letters, digits, '-', '_' and '.': "
                    + "expected 1 … \(keyIDBytesMax) of them")
        }
    }

    private static func value(_ name: String, _ line: Substring) -> String? {
        line.hasPrefix("\(name) ") ? String(line.dropFirst(name.utf8.count + 1)) : nil
    }

    private static func unhex(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in 0..<32 {
            guard let high = nibble(digits[2 * index]), let low = nibble(digits[2 * index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 97...102: digit - 87
        default: nil
        }
    }
}

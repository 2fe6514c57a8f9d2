internal import CLotus

/// SHA-256 (FIPS 180-4), hardware accelerated where the CPU can.
public struct SHA256Hasher {
    var context = clotus_sha256()

    /// Starts a digest of nothing.
    public init() { unsafe clotus_sha256_init(&context) }

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        unsafe clotus_sha256_update(&context, bytes.baseAddress, bytes.count)
    }

    /// Adds bytes.
    public mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// Adds the bytes of a digest.
    public mutating func update(_ digest: Digest) { update(digest.bytes) }

    /// Adds the UTF-8 bytes of a text.
    public mutating func update(utf8 text: String) {
        var text = text
        text.withUTF8 { utf8 in unsafe update(UnsafeRawBufferPointer(utf8)) }
    }

    /// Adds bytes.
    public mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { bytes in unsafe update(bytes) }
    }

    /// Adds an integer, little-endian.
    public mutating func update<T: FixedWidthInteger>(_ value: T) {
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe update($0) }
    }

    /// The first 16 bytes of the digest of all that was added, the first byte highest: `digest` without an allocation.
    public func leadingWords() -> (UInt64, UInt64) {
        var copy = context
        var bytes = InlineArray<32, UInt8>(repeating: 0)
        var span = bytes.mutableSpan
        // SAFETY: the C function writes 32 bytes, which is what the array holds.
        unsafe span.withUnsafeMutableBufferPointer { buffer in
            unsafe clotus_sha256_final(&copy, buffer.baseAddress)
        }
        var words: (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            words.0 = words.0 << 8 | UInt64(bytes[index])
            words.1 = words.1 << 8 | UInt64(bytes[index + 8])
        }
        return words
    }

    /// The digest of all that was added; adding may go on after it.
    public func digest() -> Digest {
        var copy = context
        var bytes = [UInt8](repeating: 0, count: 32)
        unsafe clotus_sha256_final(&copy, &bytes)
        return Digest(bytes)
    }
}

extension SHA256Hasher {
    /// SHA-256 of `bytes` as four numbers, the least significant one first, each of eight bytes with the least
    /// significant one first: what `digest` says, without memory of its own.
    public static func words(of bytes: UnsafeRawBufferPointer) -> InlineArray<4, UInt64> {
        var context = clotus_sha256()
        var words = InlineArray<4, UInt64>(repeating: 0)
        unsafe clotus_sha256_init(&context)
        unsafe clotus_sha256_update(&context, bytes.baseAddress, bytes.count)
        unsafe withUnsafeMutableBytes(of: &words) { digest in
            // SAFETY: the four words are 32 bytes.
            unsafe clotus_sha256_final(&context, digest.bindMemory(to: UInt8.self).baseAddress)
        }
        for index in 0..<4 { words[index] = UInt64(littleEndian: words[index]) }
        return words
    }
}

/// A SHA-256 digest: 32 bytes.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// 32 zero bytes: "none".
    public static let zero = Digest([UInt8](repeating: 0, count: 32))

    /// Wraps exactly 32 bytes.
    public init(_ bytes: [UInt8]) {
        precondition(bytes.count == 32, "Invariant: a digest has 32 bytes")
        self.bytes = bytes
    }

    /// The digest of `bytes`.
    public init(hashing bytes: [UInt8]) {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        self = hasher.digest()
    }

    /// 64 hexadecimal digits.
    public var description: String { hex(bytes) }
}

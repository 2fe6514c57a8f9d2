package import LogFormat

/// Base64 with the standard alphabet and padding (RFC 4648).
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Appends the text of `bytes`.
    package static func append(_ bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        var at = 0
        while at < bytes.count {
            let left = bytes.count - at
            let second = left > 1 ? unsafe UInt32(bytes[at + 1]) : 0
            let third = left > 2 ? unsafe UInt32(bytes[at + 2]) : 0
            let group = unsafe UInt32(bytes[at]) << 16 | second << 8 | third
            buffer.append(alphabet[Int(group >> 18)])
            buffer.append(alphabet[Int(group >> 12 & 63)])
            buffer.append(left > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
            buffer.append(left > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "="))
            at += 3
        }
    }

    /// The bytes of a text; nil if it is not exactly what `append` would write for them.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var padding = 0
        while padding < 2, padding < text.count, text[text.count - 1 - padding] == UInt8(ascii: "=") { padding += 1 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        for index in 0..<text.count - padding {
            guard let digit = digit(text[index]) else { return nil }
            group = group << 6 | digit
            guard index % 4 == 3 else { continue }
            bytes.append(UInt8(group >> 16 & 255))
            bytes.append(UInt8(group >> 8 & 255))
            bytes.append(UInt8(group & 255))
            group = 0
        }
        switch padding {
        case 1:
            guard group & 3 == 0 else { return nil }
            bytes.append(UInt8(group >> 10 & 255))
            bytes.append(UInt8(group >> 2 & 255))
        case 2:
            guard group & 15 == 0 else { return nil }
            bytes.append(UInt8(group >> 4 & 255))
        default: break
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - 65)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - 97 + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - 48 + 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

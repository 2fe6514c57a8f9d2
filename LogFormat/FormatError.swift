/// What a decoder found wrong with bytes, or an encoder with a value.
///
/// Every case says what was found and, where it helps, what was expected. No decoder of this module traps.
public enum FormatError: Error, Equatable, Sendable {
    /// The bytes end before the value does.
    case truncated(what: String, needed: Int, available: Int)
    /// A fixed marker is wrong.
    case badMagic(what: String, found: UInt64, expected: UInt64)
    /// A checksum does not match.
    case badHash(what: String, found: UInt64, expected: UInt64)
    /// The format is newer than this reader.
    case unsupported(what: String, found: UInt64, supported: UInt64)
    /// A length or count is above its limit.
    case limit(what: String, found: Int, limit: Int)
    /// A field holds a value that the format does not allow.
    case invalid(what: String, detail: String)
    /// The LZ4 frame does not decode to what its header says.
    case badCompression(code: Int)
    /// A record uses a type that is described nowhere.
    case unknownType(typeID: UInt16)
}

extension FormatError: CustomStringConvertible {
    /// One sentence for a person.
    public var description: String {
        switch self {
        case .truncated(let what, let needed, let available):
            "\(what): needs \(needed) bytes, \(available) are left"
        case .badMagic(let what, let found, let expected):
            "\(what): magic is 0x\(hex(found)), expected 0x\(hex(expected))"
        case .badHash(let what, let found, let expected):
            "\(what): checksum is \(hex(found)), expected \(hex(expected))"
        case .unsupported(let what, let found, let supported):
            "\(what) is \(found), this build reads up to \(supported): use a newer lotus"
        case .limit(let what, let found, let limit):
            "\(what) is \(found), the limit is \(limit)"
        case .invalid(let what, let detail):
            "\(what): \(detail)"
        case .badCompression(let code):
            "LZ4 frame does not decode to what its header says (code \(code))"
        case .unknownType(let typeID):
            "type id \(typeID) is described neither in the segment nor in the manifest"
        }
    }
}

/// Lower-case hexadecimal digits of a value, without leading zeros.
public func hex(_ value: UInt64) -> String { String(value, radix: 16) }

/// Lower-case hexadecimal digits of bytes.
@inlinable
public func hex(_ bytes: some Collection<UInt8>) -> String {
    unsafe String(unsafeUninitializedCapacity: 2 * bytes.count) { digits in
        var at = 0
        for byte in bytes {
            let (high, low) = (byte >> 4, byte & 15)
            unsafe digits[at] = high < 10 ? 48 + high : 87 + high
            unsafe digits[at + 1] = low < 10 ? 48 + low : 87 + low
            at += 2
        }
        return at
    }
}

/// A walk over JSON that finds members without building anything.
///
/// The bytes are handed to each call; the walk itself is two numbers.
/// Total: any bytes give an answer or nil, in one pass and without recursion, so that depth costs nothing. It checks
/// only
/// what it needs to stay in step (strings, brackets, commas and colons); the parser of the market checks the rest.
struct JSONWalk {
    /// Where the walk stands.
    private(set) var at: Int
    private let end: Int

    init(_ range: Range<Int>) {
        at = range.lowerBound
        end = range.upperBound
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while at < end {
            let byte = bytes[at]
            guard byte == 0x20 || (0x09...0x0D).contains(byte) else { return }
            at += 1
        }
    }

    /// The next byte that is no space, without taking it.
    mutating func peek(_ bytes: Span<UInt8>) -> UInt8? {
        skipSpace(bytes)
        return at < end ? bytes[at] : nil
    }

    /// Takes `byte` if it comes next.
    mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard peek(bytes) == byte else { return false }
        at += 1
        return true
    }

    /// Takes a string: the range of what stands between the quotes, escapes left as they are.
    mutating func string(_ bytes: Span<UInt8>) -> Range<Int>? {
        guard take(UInt8(ascii: "\""), bytes) else { return nil }
        let start = at
        while at < end {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                return start..<at - 1
            case UInt8(ascii: "\\"): at += 2
            default: at += 1
            }
        }
        at = end
        return nil
    }

    /// Skips one value of any kind: its range, or nil if it does not end.
    mutating func value(_ bytes: Span<UInt8>) -> Range<Int>? {
        guard let first = peek(bytes) else { return nil }
        let start = at
        switch first {
        case UInt8(ascii: "\""):
            guard string(bytes) != nil else { return nil }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var depth = 0
            repeat {
                guard at < end else { return nil }
                switch bytes[at] {
                case UInt8(ascii: "\""):
                    guard string(bytes) != nil else { return nil }
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                at += 1
            } while depth > 0
        default:
            while at < end, !Self.endsScalar(bytes[at]) { at += 1 }
            guard at > start else { return nil }
        }
        return start..<at
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: ":")
            || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
            || byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    /// The next member of an object that was entered with `take`: nil at its end or where it is broken.
    mutating func member(_ bytes: Span<UInt8>) -> (name: Range<Int>, value: Range<Int>)? {
        _ = take(UInt8(ascii: ","), bytes)
        guard let name = string(bytes), take(UInt8(ascii: ":"), bytes), let value = value(bytes) else { return nil }
        return (name, value)
    }

    /// The next element of an array that was entered with `take`: nil at its end or where it is broken.
    mutating func element(_ bytes: Span<UInt8>) -> Range<Int>? {
        _ = take(UInt8(ascii: ","), bytes)
        guard peek(bytes) != UInt8(ascii: "]") else { return nil }
        return value(bytes)
    }
}

extension Span<UInt8> {
    /// Whether the bytes in `range` are `text`.
    func holds(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { expected in
            for offset in 0..<expected.count where unsafe self[range.lowerBound + offset] != expected[offset] {
                return false
            }
            return true
        }
    }

    /// The bytes in `range` as text, at most `bytesMax` of them; what is no UTF-8 becomes replacement characters.
    func text(in range: Range<Int>, bytesMax: Int) -> String {
        let kept = range.lowerBound..<Swift.min(range.upperBound, range.lowerBound + bytesMax)
        var copy: [UInt8] = []
        copy.reserveCapacity(kept.count)
        for index in kept { copy.append(self[index]) }
        return String(decoding: copy, as: UTF8.self)
    }
}

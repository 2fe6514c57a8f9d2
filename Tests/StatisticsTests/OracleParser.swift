/// Reads JSON with the standard library's conversion of numbers, which rounds correctly; Foundation's is off by a unit
/// in the last place for some.
struct OracleParser {
    private let bytes: [UInt8]
    private var at = 0

    /// What stood where something else was expected.
    struct Failure: Error {
        let offset: Int
        let expected: String
    }

    static func parse(_ bytes: [UInt8]) throws -> OracleValue {
        var parser = OracleParser(bytes: bytes)
        let value = try parser.value()
        parser.skipSpace()
        guard parser.at == bytes.count else { throw Failure(offset: parser.at, expected: "the end") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func value() throws -> OracleValue {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try table()
        case UInt8(ascii: "["): return try list()
        case UInt8(ascii: "\""):
            let text = try string()
            return text == "inf" ? .number(.infinity) : text == "-inf" ? .number(-.infinity) : .text(text)
        default: return try word()
        }
    }

    private var peek: UInt8 { at < bytes.count ? bytes[at] : 0 }

    private mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x0A || bytes[at] == 0x0D || bytes[at] == 0x09 {
            at += 1
        }
    }

    /// Takes a byte if it is next, after any space.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func table() throws -> OracleValue {
        at += 1
        var result: [String: OracleValue] = [:]
        if take("}") { return .table(result) }
        repeat {
            skipSpace()
            let key = try string()
            guard take(":") else { throw Failure(offset: at, expected: ":") }
            result[key] = try value()
        } while take(",")
        guard take("}") else { throw Failure(offset: at, expected: "}") }
        return .table(result)
    }

    private mutating func list() throws -> OracleValue {
        at += 1
        var result: [OracleValue] = []
        if take("]") { return .list(result) }
        repeat { result.append(try value()) } while take(",")
        guard take("]") else { throw Failure(offset: at, expected: "]") }
        return .list(result)
    }

    /// A string; an escape stays as the character after the backslash, which is all that these files need.
    private mutating func string() throws -> String {
        guard peek == UInt8(ascii: "\"") else { throw Failure(offset: at, expected: "a string") }
        at += 1
        var text: [UInt8] = []
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
            if bytes[at] == UInt8(ascii: "\\") { at += 1 }
            text.append(peek)
            at += 1
        }
        at += 1
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func word() throws -> OracleValue {
        let start = at
        while at < bytes.count, !",]} \n\r\t".utf8.contains(bytes[at]) { at += 1 }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        switch text {
        case "null": return .number(.nan)
        case "true": return .flag(true)
        case "false": return .flag(false)
        default:
            guard let number = Double(text) else { throw Failure(offset: start, expected: "a number, found \(text)") }
            return .number(number)
        }
    }
}

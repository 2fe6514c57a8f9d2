/// JSON as far as RUN.json and the description of the verbs need it; numbers stay text.
package indirect enum PlainJSON: Equatable, Sendable {
    case null
    case truth(Bool)
    case number(String)
    case string(String)
    case array([PlainJSON])
    case object([(name: String, value: PlainJSON)])

    /// Why a text is no such value.
    package struct Failure: Error {
        package let offset: Int
        package let what: String
    }

    /// Deepest nesting.
    static let depthMax = 16

    package static func == (a: PlainJSON, b: PlainJSON) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.truth(let a), .truth(let b)): a == b
        case (.number(let a), .number(let b)), (.string(let a), .string(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a.map(\.name) == b.map(\.name) && a.map(\.value) == b.map(\.value)
        default: false
        }
    }

    /// The member of an object; nil for anything else.
    package subscript(_ name: String) -> PlainJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// A scalar as people read it.
    package var text: String {
        switch self {
        case .null: "null"
        case .truth(let value): "\(value)"
        case .number(let text), .string(let text): text
        case .array(let values): "[\(values.map(\.text).joined(separator: ", "))]"
        case .object(let members): "{\(members.map { "\($0.name): \($0.value.text)" }.joined(separator: ", "))}"
        }
    }

    package init(parsing bytes: [UInt8]) throws(Failure) {
        var cursor = Cursor(bytes: bytes)
        self = try cursor.value(depth: 0)
        cursor.skipSpace()
        guard cursor.offset == bytes.count else { throw cursor.failure("goes on behind its end") }
    }

    private struct Cursor {
        let bytes: [UInt8]
        var offset = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

        func failure(_ what: String) -> Failure { Failure(offset: offset, what: what) }

        mutating func skipSpace() {
            while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
        }

        mutating func take(_ byte: UInt8) throws(Failure) {
            skipSpace()
            guard next == byte else { throw failure("lacks '\(Character(UnicodeScalar(byte)))'") }
            offset += 1
        }

        mutating func has(_ byte: UInt8) -> Bool {
            skipSpace()
            guard next == byte else { return false }
            offset += 1
            return true
        }

        mutating func value(depth: Int) throws(Failure) -> PlainJSON {
            guard depth < PlainJSON.depthMax else { throw failure("is nested deeper than \(PlainJSON.depthMax)") }
            skipSpace()
            switch next {
            case UInt8(ascii: "{"): return try object(depth)
            case UInt8(ascii: "["): return try array(depth)
            case UInt8(ascii: "\""): return .string(try string())
            default: return try word()
            }
        }

        private mutating func object(_ depth: Int) throws(Failure) -> PlainJSON {
            try take(UInt8(ascii: "{"))
            var members: [(name: String, value: PlainJSON)] = []
            if has(UInt8(ascii: "}")) { return .object(members) }
            repeat {
                skipSpace()
                let name = try string()
                try take(UInt8(ascii: ":"))
                members.append((name, try value(depth: depth + 1)))
            } while has(UInt8(ascii: ","))
            try take(UInt8(ascii: "}"))
            return .object(members)
        }

        private mutating func array(_ depth: Int) throws(Failure) -> PlainJSON {
            try take(UInt8(ascii: "["))
            var values: [PlainJSON] = []
            if has(UInt8(ascii: "]")) { return .array(values) }
            repeat { values.append(try value(depth: depth + 1)) } while has(UInt8(ascii: ","))
            try take(UInt8(ascii: "]"))
            return .array(values)
        }

        private mutating func string() throws(Failure) -> String {
            try take(UInt8(ascii: "\""))
            var text: [UInt8] = []
            while let byte = next {
                offset += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\") else {
                    text.append(byte)
                    continue
                }
                guard let escape = next else { break }
                offset += 1
                switch escape {
                case UInt8(ascii: "n"): text.append(0x0A)
                case UInt8(ascii: "r"): text.append(0x0D)
                case UInt8(ascii: "t"): text.append(0x09)
                case UInt8(ascii: "b"): text.append(0x08)
                case UInt8(ascii: "f"): text.append(0x0C)
                case UInt8(ascii: "u"):
                    let digits = bytes[offset..<min(offset + 4, bytes.count)]
                    guard digits.count == 4, let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
                        let scalar = UnicodeScalar(code)
                    else { throw failure("has a broken escape") }
                    text += Array(String(Character(scalar)).utf8)
                    offset += 4
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
                default: throw failure("has an unknown escape")
                }
            }
            throw failure("ends inside a string")
        }

        private mutating func word() throws(Failure) -> PlainJSON {
            let start = offset
            while let byte = next, !",]}: \n\r\t".utf8.contains(byte) { offset += 1 }
            let text = String(decoding: bytes[start..<offset], as: UTF8.self)
            switch text {
            case "null": return .null
            case "true": return .truth(true)
            case "false": return .truth(false)
            default:
                guard let number = Double(text), number.isFinite else {
                    throw Failure(offset: start, what: "has '\(text)', expected a value")
                }
                return .number(text)
            }
        }
    }
}

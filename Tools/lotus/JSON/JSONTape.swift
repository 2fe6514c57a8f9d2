/// What a JSON value is.
enum JSONKind: UInt8 {
    case null, no, yes
    /// A number without fraction and exponent.
    case integer
    /// Any other number.
    case number
    /// Text that stands for itself.
    case string
    /// Text with escapes.
    case escaped
    case array, object
}

/// One value of a parsed text.
struct JSONNode {
    var kind: JSONKind
    /// First byte of the value; of a string, behind its quote.
    var start: Int32
    /// Behind its last byte; of a string, its closing quote.
    var end: Int32
    /// Index of the node behind this value and all that is inside it.
    var next: Int32
}

/// Why a text is not JSON, or not what is asked for, and where.
struct JSONError: Error {
    /// Byte offset in the text.
    var offset: Int
    var detail: String

    /// Message with the column, counted in characters from 1.
    func description(in text: Span<UInt8>) -> String {
        var column = 1
        for index in 0..<min(offset, text.count) where text[index] & 0xC0 != 0x80 { column += 1 }
        return "column \(column): \(detail)"
    }
}

/// A strict JSON parser (RFC 8259): one flat list of nodes a text, in order, reused from line to line.
///
/// Members of an object are pairs of nodes: a string, then its value. Numbers stay text, so that none is rounded.
struct JSONTape {
    var nodes: [JSONNode] = []
    var at = 0

    /// Deepest nesting of arrays and objects.
    static let depthMax = 64
    /// Most values in a text: bounds memory for lines made of nothing but brackets.
    static let nodesMax = 1 << 24

    /// Parses a text of at most 2 GiB that holds exactly one value, which becomes node 0.
    mutating func parse(_ text: Span<UInt8>) throws(JSONError) {
        nodes.removeAll(keepingCapacity: nodes.count < 1 << 16)
        at = 0
        do {
            _ = try UTF8Span(validating: text)
        } catch {
            throw JSONError(offset: error.byteOffsets.lowerBound, detail: "the text is not UTF-8")
        }
        skipSpace(text)
        try value(text, depth: 0)
        skipSpace(text)
        guard at == text.count else { throw found(text, expected: "the end of the line") }
    }

    private mutating func skipSpace(_ text: Span<UInt8>) {
        while at < text.count {
            switch text[at] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): at += 1
            default: return
            }
        }
    }

    func found(_ text: Span<UInt8>, expected: String) -> JSONError {
        guard at < text.count else { return JSONError(offset: at, detail: "the line ends, expected \(expected)") }
        let byte = text[at]
        let shown = (0x21..<0x7F).contains(byte) ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
        return JSONError(offset: at, detail: "found \(shown), expected \(expected)")
    }

    mutating func open(_ kind: JSONKind) throws(JSONError) -> Int {
        guard nodes.count < Self.nodesMax else {
            throw JSONError(offset: at, detail: "more than \(Self.nodesMax) values in one line")
        }
        nodes.append(JSONNode(kind: kind, start: Int32(at), end: Int32(at), next: 0))
        return nodes.count - 1
    }

    mutating func close(_ index: Int, end: Int) {
        nodes[index].end = Int32(end)
        nodes[index].next = Int32(nodes.count)
    }

    private mutating func value(_ text: Span<UInt8>, depth: Int) throws(JSONError) {
        guard at < text.count else { throw found(text, expected: "a value") }
        switch text[at] {
        case UInt8(ascii: "\""): try string(text)
        case UInt8(ascii: "{"): try object(text, depth: depth)
        case UInt8(ascii: "["): try array(text, depth: depth)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(text)
        case UInt8(ascii: "t"): try word(text, "true", .yes)
        case UInt8(ascii: "f"): try word(text, "false", .no)
        case UInt8(ascii: "n"): try word(text, "null", .null)
        default: throw found(text, expected: "a value")
        }
    }

    private mutating func word(_ text: Span<UInt8>, _ word: StaticString, _ kind: JSONKind) throws(JSONError) {
        let index = try open(kind)
        for offset in 0..<word.utf8CodeUnitCount {
            guard at < text.count, unsafe text[at] == word.utf8Start[offset] else {
                throw found(text, expected: "\(word)")
            }
            at += 1
        }
        close(index, end: at)
    }

    private mutating func digits(_ text: Span<UInt8>) throws(JSONError) {
        let start = at
        while at < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[at]) { at += 1 }
        guard at > start else { throw found(text, expected: "a digit") }
    }

    private mutating func number(_ text: Span<UInt8>) throws(JSONError) {
        let index = try open(.integer)
        if text[at] == UInt8(ascii: "-") { at += 1 }
        let leading = at
        try digits(text)
        if text[leading] == UInt8(ascii: "0"), at > leading + 1 {
            throw JSONError(offset: leading, detail: "a number may not begin with 0")
        }
        if at < text.count, text[at] == UInt8(ascii: ".") {
            nodes[index].kind = .number
            at += 1
            try digits(text)
        }
        if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
            nodes[index].kind = .number
            at += 1
            if at < text.count, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") { at += 1 }
            try digits(text)
        }
        close(index, end: at)
    }

    private mutating func array(_ text: Span<UInt8>, depth: Int) throws(JSONError) {
        let index = try enter(.array, depth)
        skipSpace(text)
        if at < text.count, text[at] == UInt8(ascii: "]") {
            at += 1
            return close(index, end: at)
        }
        while true {
            skipSpace(text)
            try value(text, depth: depth + 1)
            skipSpace(text)
            guard at < text.count else { throw found(text, expected: "',' or ']'") }
            at += 1
            if text[at - 1] == UInt8(ascii: "]") { return close(index, end: at) }
            guard text[at - 1] == UInt8(ascii: ",") else {
                at -= 1
                throw found(text, expected: "',' or ']'")
            }
        }
    }

    private mutating func enter(_ kind: JSONKind, _ depth: Int) throws(JSONError) -> Int {
        guard depth < Self.depthMax else {
            throw JSONError(offset: at, detail: "nested more than \(Self.depthMax) deep")
        }
        let index = try open(kind)
        at += 1
        return index
    }

    private mutating func object(_ text: Span<UInt8>, depth: Int) throws(JSONError) {
        let index = try enter(.object, depth)
        skipSpace(text)
        if at < text.count, text[at] == UInt8(ascii: "}") {
            at += 1
            return close(index, end: at)
        }
        while true {
            skipSpace(text)
            guard at < text.count, text[at] == UInt8(ascii: "\"") else {
                throw found(text, expected: "a name in quotes")
            }
            try string(text)
            skipSpace(text)
            guard at < text.count, text[at] == UInt8(ascii: ":") else { throw found(text, expected: "':'") }
            at += 1
            skipSpace(text)
            try value(text, depth: depth + 1)
            skipSpace(text)
            guard at < text.count else { throw found(text, expected: "',' or '}'") }
            at += 1
            if text[at - 1] == UInt8(ascii: "}") { break }
            guard text[at - 1] == UInt8(ascii: ",") else {
                at -= 1
                throw found(text, expected: "',' or '}'")
            }
        }
        close(index, end: at)
        try checkNames(index, text)
    }
}

/// The value of a hexadecimal digit.
func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}

/// One word of a filter.
struct Token: Equatable {
    enum Kind: Equatable {
        /// A name, a keyword, a number, a time, an id: whatever stands without quotes.
        case word(String)
        /// A text in quotes, as it reads without them.
        case quoted(String)
        case comparator(Comparator)
        case like, open, close, comma, end
    }

    let kind: Kind
    /// Offset of its first byte.
    let at: Int

    /// The token for messages.
    var shown: String {
        switch kind {
        case .word(let text): "'\(text)'"
        case .quoted(let text): "the text '\(text)'"
        case .comparator(let comparator): "'\(comparator.rawValue)'"
        case .like: "'~'"
        case .open: "'('"
        case .close: "')'"
        case .comma: "','"
        case .end: "the end"
        }
    }
}

/// Cuts the text of a filter into words; total over any text.
struct FilterLexer {
    private let text: String
    private let bytes: [UInt8]
    private var at = 0

    private init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// The words, the last of which is the end.
    static func tokens(_ text: String) throws(FilterError) -> [Token] {
        var lexer = FilterLexer(text)
        guard lexer.bytes.count <= FilterLimits.bytesMax else {
            throw FilterError(
                text, at: 0, "the filter has \(lexer.bytes.count) bytes, the limit is \(FilterLimits.bytesMax)")
        }
        var tokens: [Token] = []
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private func error(_ at: Int, _ message: String) -> FilterError { FilterError(text, at: at, message) }

    private mutating func next() throws(FilterError) -> Token {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
        let start = at
        guard at < bytes.count else { return Token(kind: .end, at: start) }
        let byte = bytes[at]
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            return Token(kind: .quoted(try quoted(byte)), at: start)
        }
        if Self.isWordByte(byte) {
            while at < bytes.count, Self.isWordByte(bytes[at]) { at += 1 }
            return Token(kind: .word(String(decoding: bytes[start..<at], as: UTF8.self)), at: start)
        }
        at += 1
        let isPair = at < bytes.count && bytes[at] == UInt8(ascii: "=")
        switch byte {
        case UInt8(ascii: "("): return Token(kind: .open, at: start)
        case UInt8(ascii: ")"): return Token(kind: .close, at: start)
        case UInt8(ascii: ","): return Token(kind: .comma, at: start)
        case UInt8(ascii: "~"): return Token(kind: .like, at: start)
        case UInt8(ascii: "=") where isPair:
            throw error(start, "found '==': equality is written with one '='")
        case UInt8(ascii: "="): return Token(kind: .comparator(.equal), at: start)
        case UInt8(ascii: "<"): return comparator(start, isPair ? .atMost : .less, isPair)
        case UInt8(ascii: ">"): return comparator(start, isPair ? .atLeast : .greater, isPair)
        case UInt8(ascii: "!") where isPair: return comparator(start, .notEqual, isPair)
        default:
            let character = String(decoding: bytes[start...], as: UTF8.self).unicodeScalars.first ?? " "
            throw error(
                start,
                "found '\(character)': expected a field, a value, = != < <= > >= ~ ( ) or ','; texts with other "
                    + "characters than letters, digits and _ . : @ * / + - stand in quotes")
        }
    }

    private mutating func comparator(_ start: Int, _ comparator: Comparator, _ isPair: Bool) -> Token {
        if isPair { at += 1 }
        return Token(kind: .comparator(comparator), at: start)
    }

    /// Reads a text up to its closing quote, with the escapes of JSON and `\'`.
    private mutating func quoted(_ quote: UInt8) throws(FilterError) -> String {
        let start = at
        at += 1
        var result: [UInt8] = []
        while at < bytes.count, bytes[at] != quote {
            guard bytes[at] == UInt8(ascii: "\\") else {
                result.append(bytes[at])
                at += 1
                continue
            }
            let escape = at
            at += 1
            guard at < bytes.count else { break }
            let letter = bytes[at]
            at += 1
            switch letter {
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(letter)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "b"): result.append(8)
            case UInt8(ascii: "f"): result.append(12)
            case UInt8(ascii: "u"): result += try unicode(escape)
            default:
                throw error(escape, "unknown escape: expected \\\" \\' \\\\ \\/ \\n \\t \\r \\b \\f or \\u0041")
            }
        }
        guard at < bytes.count else { throw error(start, "the text that begins here has no closing quote") }
        at += 1
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func unicode(_ escape: Int) throws(FilterError) -> [UInt8] {
        let digits = bytes[at..<min(at + 4, bytes.count)]
        guard digits.count == 4, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16), let scalar = UnicodeScalar(value)
        else {
            throw error(escape, "\\u takes four hexadecimal digits of a character; write others as they are")
        }
        at += 4
        return Array(String(Character(scalar)).utf8)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"),
            UInt8(ascii: "@"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

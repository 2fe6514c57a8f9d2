/// A piece of an expression.
struct Token: Equatable {
    enum Kind: Equatable {
        case number(Double)
        case name(String)
        case symbol(String)
        case end
    }

    var kind: Kind
    /// Byte at which it begins.
    var offset: Int

    /// As shown in an error.
    var shown: String {
        switch kind {
        case .number(let value): "the number \(value)"
        case .name(let name): "'\(name)'"
        case .symbol(let text): "'\(text)'"
        case .end: "the end"
        }
    }
}

/// Cuts an expression into tokens; total.
enum Lexer {
    /// Longest expression, in bytes.
    static let bytesMax = 4096
    /// Longest number or name, in bytes.
    static let wordBytesMax = 64

    private static let pairs = ["<=", ">=", "==", "!="]
    private static let singles = "+-*/<>(),"

    /// The tokens, the last of which is the end.
    static func tokens(_ source: SourceText) throws(LanguageError) -> [Token] {
        let bytes = Array(source.text.utf8)
        guard bytes.count <= bytesMax else {
            throw source.error(
                "the expression has \(bytes.count) bytes, expected at most \(bytesMax): split it by 'let'")
        }
        var tokens: [Token] = []
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte == 32 || byte == 9 || byte == 10 || byte == 13 {
                at += 1
                continue
            }
            let start = at
            if isDigit(byte) || (byte == UInt8(ascii: ".") && at + 1 < bytes.count && isDigit(bytes[at + 1])) {
                at = endOfNumber(bytes, from: at)
                let text = String(decoding: bytes[start..<at], as: UTF8.self)
                guard at - start <= wordBytesMax, let value = Double(text), value.isFinite else {
                    throw source.error(at: start, "'\(text.prefix(wordBytesMax))' is not a finite number")
                }
                if at < bytes.count, isLetter(bytes[at]) {
                    throw source.error(at: at, "a letter follows a number: put an operator between them")
                }
                tokens.append(Token(kind: .number(value), offset: start))
            } else if isLetter(byte) {
                while at < bytes.count, isLetter(bytes[at]) || isDigit(bytes[at]) { at += 1 }
                let text = String(decoding: bytes[start..<at], as: UTF8.self)
                guard at - start <= wordBytesMax else {
                    throw source.error(at: start, "a name of \(at - start) bytes, expected at most \(wordBytesMax)")
                }
                tokens.append(Token(kind: .name(text), offset: start))
            } else {
                let pair = at + 1 < bytes.count ? String(decoding: bytes[at...(at + 1)], as: UTF8.self) : ""
                if pairs.contains(pair) {
                    tokens.append(Token(kind: .symbol(pair), offset: start))
                    at += 2
                } else if singles.utf8.contains(byte) {
                    tokens.append(Token(kind: .symbol(String(UnicodeScalar(byte))), offset: start))
                    at += 1
                } else {
                    let shown = byte > 32 && byte < 127 ? "'\(UnicodeScalar(byte))'" : "a byte \(byte)"
                    throw source.error(
                        at: start,
                        "\(shown) has no meaning here, expected numbers, names, \(singles) <= >= == !=, "
                            + "and, or, not")
                }
            }
        }
        tokens.append(Token(kind: .end, offset: bytes.count))
        return tokens
    }

    /// Digits, a fraction and an exponent.
    private static func endOfNumber(_ bytes: [UInt8], from start: Int) -> Int {
        var at = start
        while at < bytes.count, isDigit(bytes[at]) { at += 1 }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            while at < bytes.count, isDigit(bytes[at]) { at += 1 }
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            var end = at + 1
            if end < bytes.count, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") { end += 1 }
            if end < bytes.count, isDigit(bytes[end]) {
                while end < bytes.count, isDigit(bytes[end]) { end += 1 }
                at = end
            }
        }
        return at
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 97 && (byte | 0x20) <= 122 || byte == 95 }
}

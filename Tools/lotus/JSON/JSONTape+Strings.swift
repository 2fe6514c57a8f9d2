extension JSONTape {
    /// Takes a string and checks its escapes.
    mutating func string(_ text: Span<UInt8>) throws(JSONError) {
        at += 1
        let index = try open(.string)
        while at < text.count {
            let byte = text[at]
            if byte == UInt8(ascii: "\"") {
                close(index, end: at)
                at += 1
                return
            }
            if byte < 0x20 { throw JSONError(offset: at, detail: "control character \(byte) in a string: escape it") }
            at += 1
            if byte == UInt8(ascii: "\\") {
                nodes[index].kind = .escaped
                try escape(text)
            }
        }
        throw found(text, expected: "a closing quote")
    }

    /// Checks one escape; the backslash has been read.
    private mutating func escape(_ text: Span<UInt8>) throws(JSONError) {
        guard at < text.count else { throw found(text, expected: "an escape") }
        at += 1
        switch text[at - 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            let start = at - 2
            let first = try hexadecimal(text)
            guard (0xD800..<0xE000).contains(first) else { return }
            let isPair =
                first < 0xDC00 && at + 1 < text.count && text[at] == UInt8(ascii: "\\")
                && text[at + 1] == UInt8(ascii: "u")
            if isPair {
                at += 2
                if (0xDC00..<0xE000).contains(try hexadecimal(text)) { return }
            }
            throw JSONError(offset: start, detail: "half of a surrogate pair stands for no character")
        default:
            at -= 1
            throw found(text, expected: "one of \" \\ / b f n r t u behind a backslash")
        }
    }

    private mutating func hexadecimal(_ text: Span<UInt8>) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard at < text.count, let digit = hexadecimalDigit(text[at]) else {
                throw found(text, expected: "four hexadecimal digits")
            }
            value = value << 4 | digit
            at += 1
        }
        return value
    }
}

/// A stretch of a text.
package struct Token: Equatable, Sendable {
    /// Where it begins.
    package var start: Int
    /// Its length in bytes.
    package var count: Int

    /// The place behind it.
    package var end: Int { start &+ count }

    /// No text.
    package static let none = Token(start: 0, count: 0)

    /// Whether it reads `name`, which is ASCII.
    @inline(__always)
    package func reads(_ name: StaticString, in text: Span<UInt8>) -> Bool {
        guard count == name.utf8CodeUnitCount else { return false }
        let wanted = unsafe name.utf8Start
        for index in 0..<count {
            let byte = unsafe wanted[index]
            if text[start &+ index] != byte { return false }
        }
        return true
    }
}

/// Walks through one JSON text from the front, without a tree and without memory of its own.
///
/// The caller asks for what it expects; what it does not know it skips. Total: any bytes give values or a reason.
/// What is
/// skipped is only checked as far as finding its end needs it.
package struct JSONCursor {
    /// Next byte.
    package var at: Int
    /// Numbers that lost digits.
    package var roundedCount = 0

    /// Most levels of nesting in what is skipped.
    package static let depthMax = 64

    /// Stands at byte `at`.
    package init(at: Int = 0) { self.at = at }

    /// Passes white space and gives the next byte; 0 at the end.
    @inline(__always)
    package mutating func peek(_ text: Span<UInt8>) -> UInt8 {
        while at < text.count {
            let byte = text[at]
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            at &+= 1
        }
        return 0
    }

    /// Takes one structural byte.
    @inline(__always)
    package mutating func expect(_ byte: UInt8, _ text: Span<UInt8>) throws(RejectReason) {
        let found = peek(text)
        guard found == byte else { throw found == 0 && at >= text.count ? .truncated : .notJSON }
        at &+= 1
    }

    /// Takes `null` if it stands there.
    package mutating func takeNull(_ text: Span<UInt8>) -> Bool {
        guard peek(text) == UInt8(ascii: "n"), at + 4 <= text.count,
            Token(start: at, count: 4).reads("null", in: text)
        else { return false }
        at &+= 4
        return true
    }

    /// Moves to the next member of an object whose `{` was taken: its name, or nil behind the `}`.
    @inline(__always)
    package mutating func member(_ text: Span<UInt8>, _ isFirst: inout Bool) throws(RejectReason) -> Token? {
        guard try advance(text, &isFirst, closing: UInt8(ascii: "}")) else { return nil }
        let name = try string(text)
        try expect(UInt8(ascii: ":"), text)
        return name
    }

    /// Moves to the next element of an array whose `[` was taken; false behind the `]`.
    @inline(__always)
    package mutating func element(_ text: Span<UInt8>, _ isFirst: inout Bool) throws(RejectReason) -> Bool {
        try advance(text, &isFirst, closing: UInt8(ascii: "]"))
    }

    @inline(__always)
    private mutating func advance(
        _ text: Span<UInt8>, _ isFirst: inout Bool, closing: UInt8
    ) throws(RejectReason) -> Bool {
        let byte = peek(text)
        if byte == closing {
            at &+= 1
            return false
        }
        if isFirst {
            isFirst = false
            guard byte != 0 || at < text.count else { throw .truncated }
            return true
        }
        try expect(UInt8(ascii: ","), text)
        return true
    }

    /// Takes a string: the bytes between its quotes, with escapes as they stand.
    @inline(__always)
    package mutating func string(_ text: Span<UInt8>) throws(RejectReason) -> Token {
        guard peek(text) == UInt8(ascii: "\"") else { throw at < text.count ? .wrongType : .truncated }
        at &+= 1
        let start = at
        while true {
            at = quoteOrBackslash(text, from: at)
            guard at < text.count else { throw .truncated }
            if text[at] == UInt8(ascii: "\"") { break }
            at &+= 2
        }
        at &+= 1
        return Token(start: start, count: at &- start &- 1)
    }

    /// Takes a number that stands bare or in quotes.
    @inline(__always)
    package mutating func fixed(_ text: Span<UInt8>, scale: Int) throws(RejectReason) -> Int64 {
        let isQuoted = peek(text) == UInt8(ascii: "\"")
        if isQuoted { at &+= 1 }
        guard at < text.count else { throw .truncated }
        if scale == FixedPoint.priceScale, let quick = QuickRead.price(text, &at) {
            try endNumber(text, isQuoted)
            return quick
        }
        let number = try FixedPoint.read(text, &at, scale: scale)
        if number.isRounded { roundedCount &+= 1 }
        try endNumber(text, isQuoted)
        return number.value
    }

    /// Takes a number or null.
    package mutating func optionalFixed(_ text: Span<UInt8>, scale: Int) throws(RejectReason) -> Int64? {
        takeNull(text) ? nil : try fixed(text, scale: scale)
    }

    /// Takes a whole number that stands bare or in quotes and is not negative.
    @inline(__always)
    package mutating func whole(_ text: Span<UInt8>) throws(RejectReason) -> Int64 {
        let isQuoted = peek(text) == UInt8(ascii: "\"")
        if isQuoted { at &+= 1 }
        guard at < text.count else { throw .truncated }
        let value = try readDigits(text, &at)
        try endNumber(text, isQuoted)
        return value
    }

    @inline(__always)
    private mutating func endNumber(_ text: Span<UInt8>, _ isQuoted: Bool) throws(RejectReason) {
        guard at < text.count else {
            if isQuoted { throw .truncated }
            return
        }
        let byte = text[at]
        if isQuoted {
            guard byte == UInt8(ascii: "\"") else { throw .badNumber }
            at &+= 1
        } else if byte > 0x20, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}"), byte != UInt8(ascii: "]") {
            throw .badNumber
        }
    }

    /// Takes milliseconds since 1970 as nanoseconds.
    @inline(__always)
    package mutating func milliseconds(_ text: Span<UInt8>) throws(RejectReason) -> Int64 {
        try Moment.nanos(ofMillis: try whole(text))
    }

    /// Takes `true` or `false`.
    package mutating func bool(_ text: Span<UInt8>) throws(RejectReason) -> Bool {
        let byte = peek(text)
        let word = Token(start: at, count: byte == UInt8(ascii: "t") ? 4 : 5)
        guard word.end <= text.count else { throw .truncated }
        guard word.reads("true", in: text) || word.reads("false", in: text) else { throw .wrongType }
        at = word.end
        return word.count == 4
    }

    /// Passes over one value of any kind.
    package mutating func skip(_ text: Span<UInt8>) throws(RejectReason) {
        var depth = 0
        repeat {
            let byte = peek(text)
            switch byte {
            case UInt8(ascii: "\""): _ = try string(text)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth &+= 1
                guard depth <= Self.depthMax else { throw .tooDeep }
                at &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { throw .notJSON }
                depth &-= 1
                at &+= 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { throw .notJSON }
                at &+= 1
            case 0: throw at < text.count ? .notJSON : .truncated
            default: try skipWord(text)
            }
        } while depth > 0
    }

    /// Passes over a number or a word.
    private mutating func skipWord(_ text: Span<UInt8>) throws(RejectReason) {
        let start = at
        while at < text.count {
            let byte = text[at]
            let isPart =
                (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
                || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
            guard isPart else { break }
            at &+= 1
        }
        guard at > start else { throw .notJSON }
    }

    /// Checks that only white space follows.
    package mutating func end(_ text: Span<UInt8>) throws(RejectReason) {
        guard peek(text) == 0, at >= text.count else { throw .notJSON }
    }
}

/// The first quote or backslash from `start` on, eight bytes at a time; the length of the text if there is none.
@inline(__always)
func quoteOrBackslash(_ text: Span<UInt8>, from start: Int) -> Int {
    var at = start
    let bytes = unsafe text.bytes
    while at &+ 8 <= text.count {
        // In range: at + 8 is at most the count.
        let loaded = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt64.self)
        let word = UInt64(littleEndian: loaded)
        let hits = zeroBytes(word ^ 0x2222_2222_2222_2222) | zeroBytes(word ^ 0x5c5c_5c5c_5c5c_5c5c)
        if hits != 0 { return at &+ hits.trailingZeroBitCount / 8 }
        at &+= 8
    }
    while at < text.count, text[at] != UInt8(ascii: "\""), text[at] != UInt8(ascii: "\\") { at &+= 1 }
    return min(at, text.count)
}

/// The high bit of each byte that is zero; the lowest hit is exact, later ones may be false.
@inline(__always)
private func zeroBytes(_ word: UInt64) -> UInt64 {
    (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
}

/// The fields of one line of a table, one after the other.
struct LineFields {
    private(set) var at: Int
    let end: Int
    /// Numbers that lost digits.
    var roundedCount = 0

    init(_ text: Span<UInt8>, from start: Int = 0) {
        at = start
        end = text.count
    }

    /// Takes a number and the comma behind it, or the end of the line.
    @inline(__always)
    mutating func fixed(_ text: Span<UInt8>, scale: Int = FixedPoint.priceScale) throws(RejectReason) -> Int64 {
        guard at < end else { throw .badColumns }
        let number = try FixedPoint.read(text, &at, scale: scale)
        if number.isRounded { roundedCount &+= 1 }
        try close(text)
        return number.value
    }

    /// Takes a whole number that is not negative.
    ///
    /// One that passed through a float (`123.0`) is one too.
    mutating func whole(_ text: Span<UInt8>) throws(RejectReason) -> Int64 {
        guard at < end else { throw .badColumns }
        let value = try readDigits(text, &at)
        if at < end, text[at] == UInt8(ascii: ".") {
            at &+= 1
            while at < end, text[at] == UInt8(ascii: "0") { at &+= 1 }
        }
        try close(text)
        return value
    }

    /// Takes milliseconds as nanoseconds.
    mutating func milliseconds(_ text: Span<UInt8>) throws(RejectReason) -> Int64 {
        try Moment.nanos(ofMillis: try whole(text))
    }

    /// Takes a calendar time.
    mutating func calendar(_ text: Span<UInt8>) throws(RejectReason) -> Int64 {
        let nanos = try Moment.calendar(text, &at)
        try close(text)
        return nanos
    }

    /// Takes a calendar time that is written with the day first.
    mutating func dayFirst(_ text: Span<UInt8>) throws(RejectReason) -> Int64 {
        let nanos = try Moment.dayFirst(text, &at)
        try close(text)
        return nanos
    }

    /// Takes a text.
    mutating func token(_ text: Span<UInt8>) throws(RejectReason) -> Token {
        let start = at
        while at < end, text[at] != UInt8(ascii: ",") { at &+= 1 }
        let token = Token(start: start, count: at - start)
        try close(text)
        return token
    }

    /// Whether the next field is empty, which is then taken.
    mutating func takeEmpty(_ text: Span<UInt8>) -> Bool {
        guard at < end, text[at] == UInt8(ascii: ",") else { return false }
        at &+= 1
        return true
    }

    var isAtEnd: Bool { at >= end }

    @inline(__always)
    private mutating func close(_ text: Span<UInt8>) throws(RejectReason) {
        guard at < end else { return }
        guard text[at] == UInt8(ascii: ",") else { throw .badNumber }
        at &+= 1
    }
}

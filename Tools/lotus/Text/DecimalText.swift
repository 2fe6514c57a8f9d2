/// Decimal numbers as scaled integers, exactly.
enum DecimalText {
    /// Reads `-12.50`, `1e-3` and the like as an integer number of `10^-scale`; never rounds.
    static func parse(_ text: Span<UInt8>, scale: Int) throws(LineError) -> Int64 {
        var at = 0
        let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        if isNegative { at = 1 }
        var magnitude: UInt64 = 0
        var digits = 0
        // Power of ten that the digits read so far are to be multiplied with.
        var exponent = 0
        var isBehindPoint = false
        var pendingZeros = 0
        while at < text.count {
            let byte = text[at]
            if byte == UInt8(ascii: "."), !isBehindPoint, digits > 0 {
                isBehindPoint = true
                at += 1
                guard at < text.count, isDigit(text[at]) else { throw failure(text, scale) }
                continue
            }
            guard isDigit(byte) else { break }
            digits += 1
            at += 1
            if isBehindPoint { exponent -= 1 }
            // Zeros count only once another digit follows them: 1.50 has one decimal.
            if byte == UInt8(ascii: "0") {
                if magnitude > 0 { pendingZeros += 1 }
                continue
            }
            for _ in 0..<pendingZeros { magnitude = try times(magnitude, 10, text, scale) }
            pendingZeros = 0
            let sum = try times(magnitude, 10, text, scale).addingReportingOverflow(UInt64(byte - 48))
            guard !sum.overflow else { throw failure(text, scale) }
            magnitude = sum.partialValue
        }
        guard digits > 0 else { throw failure(text, scale) }
        exponent += pendingZeros + (try readExponent(text, &at, scale))
        guard at == text.count else { throw failure(text, scale) }
        guard magnitude > 0 else { return 0 }
        let shift = exponent + scale
        guard shift >= 0 else {
            throw LineError(detail: "'\(shown(text))' has more than \(scale) decimals, and nothing is rounded")
        }
        for _ in 0..<min(shift, 20) { magnitude = try times(magnitude, 10, text, scale) }
        guard let value = Int64(exactly: isNegative ? -Int128(magnitude) : Int128(magnitude)) else {
            throw failure(text, scale)
        }
        return value
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func readExponent(_ text: Span<UInt8>, _ at: inout Int, _ scale: Int) throws(LineError) -> Int {
        guard at < text.count, text[at] | 0x20 == UInt8(ascii: "e") else { return 0 }
        at += 1
        var isNegative = false
        if at < text.count, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") {
            isNegative = text[at] == UInt8(ascii: "-")
            at += 1
        }
        guard at < text.count else { throw failure(text, scale) }
        var value = 0
        while at < text.count, isDigit(text[at]) {
            value = min(value * 10 + Int(text[at] - 48), 1_000_000)
            at += 1
        }
        return isNegative ? -value : value
    }

    private static func times(_ value: UInt64, _ factor: UInt64, _ text: Span<UInt8>, _ scale: Int) throws(LineError)
        -> UInt64
    {
        let product = value.multipliedReportingOverflow(by: factor)
        guard !product.overflow else { throw failure(text, scale) }
        return product.partialValue
    }

    private static func shown(_ text: Span<UInt8>) -> String {
        unsafe text.withUnsafeBufferPointer { unsafe String(decoding: $0.prefix(60), as: UTF8.self) }
    }

    private static func failure(_ text: Span<UInt8>, _ scale: Int) -> LineError {
        LineError(
            detail: "'\(shown(text))' is no decimal of 64 bits with \(scale) decimals, such as \"-12.5\"")
    }
}

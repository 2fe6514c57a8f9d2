package import LogFormat

extension ByteBuffer {
    /// Appends two decimal digits of a number below 100.
    @inline(__always)
    package mutating func appendTwoDigits(_ value: Int64) {
        let pair = UInt16(truncatingIfNeeded: value)
        append((pair / 10 + 48) | (pair % 10 + 48) << 8)
    }

    /// Appends a number in decimal.
    package mutating func appendDigits(_ value: UInt64) {
        if value < 10 { return append(UInt8(truncatingIfNeeded: value) + 48) }
        if value >= 100 { appendDigits(value / 100) }
        appendTwoDigits(Int64(value % 100))
    }

    /// Appends a signed number in decimal.
    package mutating func appendDigits(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude)
    }

    /// Appends `value × 10^-scale` with all its decimals.
    package mutating func appendDecimal(_ value: Int64, scale: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        guard scale > 0 else { return appendDigits(value.magnitude) }
        var unit: UInt64 = 1
        for _ in 0..<scale { unit *= 10 }
        appendDigits(value.magnitude / unit)
        append(UInt8(ascii: "."))
        var fraction = value.magnitude % unit
        unit /= 10
        while unit > 0 {
            append(UInt8(truncatingIfNeeded: fraction / unit) + 48)
            fraction %= unit
            unit /= 10
        }
    }

    /// Appends the shortest decimal that is this f64 when read.
    package mutating func appendFloat(_ value: Double) {
        let isPlain = value == 0 || (1e-4..<1e15).contains(value.magnitude)
        appendFloat(value.description, isPlain: isPlain)
    }

    /// Appends the shortest decimal that is this f32 when read.
    package mutating func appendFloat(_ value: Float) {
        let isPlain = value == 0 || (1e-4..<1e6).contains(value.magnitude)
        appendFloat(value.description, isPlain: isPlain)
    }

    /// Lays out Swift's shortest digits: `1.0`, `0.0001`, `1e-7`, `1234567890123456.0`, `1e16`.
    private mutating func appendFloat(_ description: String, isPlain: Bool) {
        if isPlain {
            var copy = description
            return copy.withUTF8 { unsafe append(contentsOf: UnsafeRawBufferPointer($0)) }
        }
        var digits: [UInt8] = []
        var exponent = 0
        var pointAt: Int?
        var rest = Substring(description)
        if rest.first == "-" {
            append(UInt8(ascii: "-"))
            rest.removeFirst()
        }
        if let mark = rest.firstIndex(of: "e") {
            exponent = Int(rest[rest.index(after: mark)...]) ?? 0
            rest = rest[..<mark]
        }
        for byte in rest.utf8 {
            if byte == UInt8(ascii: ".") { pointAt = digits.count } else { digits.append(byte) }
        }
        // The value is 0.digits × 10^exponent from here on, without zeros at either end.
        exponent += pointAt ?? digits.count
        while digits.count > 1, digits.first == UInt8(ascii: "0") {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        appendFloat(digits, exponent: exponent)
    }

    private mutating func appendFloat(_ digits: [UInt8], exponent: Int) {
        let zero = UInt8(ascii: "0")
        if (-3...0).contains(exponent) {
            append(zero)
            append(UInt8(ascii: "."))
            for _ in exponent..<0 { append(zero) }
            append(contentsOf: digits)
        } else if (1...16).contains(exponent) {
            for index in 0..<exponent { append(index < digits.count ? digits[index] : zero) }
            append(UInt8(ascii: "."))
            append(contentsOf: digits.count > exponent ? Array(digits[exponent...]) : [zero])
        } else {
            append(digits[0])
            if digits.count > 1 { append(UInt8(ascii: ".")) }
            append(contentsOf: Array(digits[1...]))
            append(UInt8(ascii: "e"))
            appendDigits(Int64(exponent - 1))
        }
    }
}

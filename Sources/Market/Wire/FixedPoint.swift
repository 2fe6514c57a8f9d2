/// A number from outside as an integer: price × 10⁸, rate × 10¹², seconds × 10⁹.
///
/// Exact: no float on the way. Digits behind the scale are rounded half to even, which the caller counts: venues send
/// float dust such as `605822.2557999999`.
package struct FixedPoint: Equatable, Sendable {
    /// The scaled value.
    package var value: Int64
    /// Whether digits behind the scale were lost.
    package var isRounded: Bool

    /// Wraps a scaled value.
    package init(value: Int64, isRounded: Bool) {
        self.value = value
        self.isRounded = isRounded
    }

    /// Decimals of prices and sizes.
    package static let priceScale = 8
    /// Decimals of rates.
    package static let rateScale = 12
    /// Decimals of seconds.
    package static let secondScale = 9
    /// Most characters of one number.
    package static let charactersMax = 64

    /// Reads the longest number at `position` and moves behind it.
    ///
    /// Takes `[-]digits[.digits][(e|E)[+|-]digits]`, more than JSON in that zeros may lead and the point may begin or
    /// end it, as printers of floats do.
    ///
    /// - Throws: `badNumber` where no number stands (`NaN`, `Infinity`, nothing), `numberOverflow` for one that 64 bits
    ///   cannot hold at that scale.
    package static func read(
        _ text: Span<UInt8>, _ position: inout Int, scale: Int
    ) throws(RejectReason) -> FixedPoint {
        let start = position
        let count = text.count
        var at = position
        var isNegative = false
        if at < count, text[at] == UInt8(ascii: "-") {
            isNegative = true
            at &+= 1
        }
        var mantissa: UInt64 = 0
        var exponent = 0
        var digitCount = 0
        var lost = Lost()
        while at < count {
            let digit = text[at] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            if mantissa < Self.mantissaMax {
                mantissa = mantissa &* 10 &+ UInt64(digit)
            } else {
                lost.add(digit)
                exponent &+= 1
            }
            digitCount &+= 1
            at &+= 1
        }
        if at < count, text[at] == UInt8(ascii: ".") {
            at &+= 1
            while at < count {
                let digit = text[at] &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                if mantissa < Self.mantissaMax {
                    mantissa = mantissa &* 10 &+ UInt64(digit)
                    exponent &-= 1
                } else {
                    lost.add(digit)
                }
                digitCount &+= 1
                at &+= 1
            }
        }
        guard digitCount > 0 else { throw .badNumber }
        if at < count, text[at] | 0x20 == UInt8(ascii: "e") { exponent += try readExponent(text, &at) }
        guard at &- start <= charactersMax else { throw .badNumber }
        position = at
        var result = try scaled(mantissa, power: scale &+ exponent, lost)
        if isNegative { result.value = -result.value }
        return result
    }

    /// Below this another digit still fits into 64 bits.
    private static let mantissaMax: UInt64 = 1_000_000_000_000_000_000

    /// What is known of digits that did not fit.
    private struct Lost {
        var first: UInt8 = 0
        var count = 0
        var isAnyBehind = false

        mutating func add(_ digit: UInt8) {
            if count == 0 { first = digit } else if digit != 0 { isAnyBehind = true }
            count &+= 1
        }
        var isAny: Bool { first != 0 || isAnyBehind }
    }

    private static func readExponent(_ text: Span<UInt8>, _ at: inout Int) throws(RejectReason) -> Int {
        at &+= 1
        var isNegative = false
        if at < text.count, text[at] == UInt8(ascii: "-") || text[at] == UInt8(ascii: "+") {
            isNegative = text[at] == UInt8(ascii: "-")
            at &+= 1
        }
        var value = 0
        var digitCount = 0
        while at < text.count {
            let digit = text[at] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            // Whatever is beyond this over- or underflows all the same.
            value = min(value * 10 + Int(digit), 100_000)
            digitCount &+= 1
            at &+= 1
        }
        guard digitCount > 0 else { throw .badNumber }
        return isNegative ? -value : value
    }

    private static func scaled(_ mantissa: UInt64, power: Int, _ lost: Lost) throws(RejectReason) -> FixedPoint {
        if mantissa == 0, !lost.isAny { return FixedPoint(value: 0, isRounded: false) }
        if power >= 0 {
            guard power < powers.count else { throw .numberOverflow }
            let (product, isOverflow) = mantissa.multipliedReportingOverflow(by: powers[power])
            guard !isOverflow, product <= UInt64(Int64.max) else { throw .numberOverflow }
            // Digits are lost only behind the eighteenth: with a power left to multiply it overflowed above.
            guard lost.isAny else { return FixedPoint(value: Int64(product), isRounded: false) }
            let isUp = lost.first > 5 || (lost.first == 5 && (lost.isAnyBehind || product & 1 == 1))
            guard product < UInt64(Int64.max) || !isUp else { throw .numberOverflow }
            return FixedPoint(value: Int64(product) + (isUp ? 1 : 0), isRounded: true)
        }
        guard -power < powers.count else { return FixedPoint(value: 0, isRounded: true) }
        let divisor = powers[-power]
        let (quotient, remainder) = mantissa.quotientAndRemainder(dividingBy: divisor)
        guard quotient <= UInt64(Int64.max) else { throw .numberOverflow }
        if remainder == 0, !lost.isAny { return FixedPoint(value: Int64(quotient), isRounded: false) }
        let half = divisor / 2
        let isUp = remainder > half || (remainder == half && (lost.isAny || quotient & 1 == 1))
        guard quotient < UInt64(Int64.max) || !isUp else { throw .numberOverflow }
        return FixedPoint(value: Int64(quotient) + (isUp ? 1 : 0), isRounded: true)
    }

    private static let powers: InlineArray<20, UInt64> = [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
        100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
        10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ]
}

/// An unsigned whole number of at most 19 digits at `position`, which moves behind it.
///
/// - Throws: `badNumber` where no digit stands, `numberOverflow` beyond Int64.
@inline(__always)
func readDigits(_ text: Span<UInt8>, _ position: inout Int) throws(RejectReason) -> Int64 {
    let start = position
    var value: UInt64 = 0
    // Up to sixteen digits by eights; the limit is held by the loop behind.
    while position &- start <= 8, let word = QuickRead.word(text, position), QuickRead.digitCount(word) == 8 {
        value = value &* 100_000_000 &+ QuickRead.value(word, 8)
        position &+= 8
    }
    while position < text.count {
        let digit = text[position] &- UInt8(ascii: "0")
        guard digit < 10 else { break }
        guard position &- start < 19 else { throw .numberOverflow }
        value = value &* 10 &+ UInt64(digit)
        position &+= 1
    }
    guard position > start else { throw .badNumber }
    guard value <= UInt64(Int64.max) else { throw .numberOverflow }
    return Int64(value)
}

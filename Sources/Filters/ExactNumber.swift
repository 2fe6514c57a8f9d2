/// A number as it is written: `digits × 10^exponent`, without any rounding.
struct ExactNumber: Equatable, Sendable {
    private var magnitude: UInt128 = 0
    private var exponent = 0
    private var isNegative = false
    /// The number as a program reads it.
    let text: String

    /// Where a number lies between integers.
    struct Place: Equatable, Sendable {
        /// The largest integer that is not above it; far numbers are held at `Place.far`.
        let floor: Int128
        /// Whether it is that integer.
        let isWhole: Bool

        /// Beyond every value of 64 bits.
        static let far = Int128(1) << 100
    }

    /// Reads `-12.50` or `1e-3`; nil for anything else, and for more than `FilterLimits.digitsMax` digits.
    init?(_ text: String) {
        self.text = text
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "-") {
            isNegative = true
            bytes.removeFirst()
        }
        guard let whole = Self.takeDigits(&bytes), !whole.isEmpty else { return nil }
        var fraction: ArraySlice<UInt8> = []
        if bytes.first == UInt8(ascii: ".") {
            bytes.removeFirst()
            guard let digits = Self.takeDigits(&bytes), !digits.isEmpty else { return nil }
            fraction = digits
        }
        if let mark = bytes.first, mark | 0x20 == UInt8(ascii: "e") {
            bytes.removeFirst()
            let sign = bytes.first
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { bytes.removeFirst() }
            guard let digits = Self.takeDigits(&bytes), !digits.isEmpty else { return nil }
            // Beyond a million it makes no difference any more.
            let value = digits.reduce(0) { min($0 * 10 + Int($1 - 48), 1_000_000) }
            exponent = sign == UInt8(ascii: "-") ? -value : value
        }
        guard bytes.isEmpty else { return nil }
        var digits = (whole + fraction).drop { $0 == UInt8(ascii: "0") }
        exponent -= fraction.count
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        guard digits.count <= FilterLimits.digitsMax else { return nil }
        for digit in digits { magnitude = magnitude * 10 + UInt128(digit - 48) }
        if magnitude == 0 { exponent = 0 }
    }

    private static func takeDigits(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let digits = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        bytes = bytes.dropFirst(digits.count)
        return digits
    }

    /// Where the number lies in units of `10^-scale`.
    func place(scale: Int) -> Place {
        var size = magnitude
        var shift = exponent + scale
        let limit = UInt128(Place.far)
        while shift > 0, size > 0, size < limit {
            size *= 10
            shift -= 1
        }
        var isWhole = true
        while shift < 0, size > 0 {
            if size % 10 != 0 { isWhole = false }
            size /= 10
            shift += 1
        }
        let whole = Int128(min(size, limit))
        guard isNegative else { return Place(floor: whole, isWhole: isWhole) }
        return Place(floor: isWhole ? -whole : -whole - 1, isWhole: isWhole)
    }
}

extension Comparator {
    /// Whether an integer stands so to a number that may lie between two.
    @inline(__always)
    func holds(_ value: Int128, _ place: ExactNumber.Place) -> Bool {
        if place.isWhole { return holds(value, place.floor) }
        return switch self {
        case .equal: false
        case .notEqual: true
        case .less, .atMost: value <= place.floor
        case .greater, .atLeast: value > place.floor
        }
    }
}

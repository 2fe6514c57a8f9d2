import Events

/// Moments as sources write them, as nanoseconds since 1970.
package enum Moment {
    /// The last millisecond that is taken: the end of the year 2200, well inside Int64 nanoseconds.
    package static let millisMax: Int64 = 7_289_654_400_000

    /// Milliseconds since 1970.
    ///
    /// - Throws: `badTime` before 1970 or after 2200.
    @inline(__always)
    package static func nanos(ofMillis millis: Int64) throws(RejectReason) -> Int64 {
        guard millis >= 0, millis <= millisMax else { throw .badTime }
        return millis &* 1_000_000
    }

    /// Seconds since 1970, with decimals, at `position`.
    package static func seconds(_ text: Span<UInt8>, _ position: inout Int) throws(RejectReason) -> Int64 {
        let nanos = try FixedPoint.read(text, &position, scale: FixedPoint.secondScale).value
        guard nanos >= 0, nanos / 1_000_000 <= millisMax else { throw .badTime }
        return nanos
    }

    /// A receive stamp at `position`: its digits say whether it counts seconds, milli-, micro- or nanoseconds.
    package static func stamp(_ text: Span<UInt8>, _ position: inout Int) throws(RejectReason) -> Int64 {
        let start = position
        guard let value = try? readDigits(text, &position) else { throw .badStamp }
        let unit: Int64
        switch position - start {
        case 10: unit = 1_000_000_000
        case 13: unit = 1_000_000
        case 16: unit = 1_000
        case 19: unit = 1
        default: throw .badStamp
        }
        let (nanos, isOverflow) = value.multipliedReportingOverflow(by: unit)
        guard !isOverflow, nanos / 1_000_000 <= millisMax else { throw .badStamp }
        return nanos
    }

    /// `2025-03-27 16:59:59[.ffffff]` or `20201229 00:00:00`, UTC, at `position`.
    package static func calendar(_ text: Span<UInt8>, _ position: inout Int) throws(RejectReason) -> Int64 {
        var at = position
        let year = try field(text, &at, digits: 4)
        let isDashed = at < text.count && text[at] == UInt8(ascii: "-")
        if isDashed { at += 1 }
        let month = try field(text, &at, digits: 2)
        if isDashed { try take(text, &at, UInt8(ascii: "-")) }
        let day = try field(text, &at, digits: 2)
        guard at < text.count, text[at] == UInt8(ascii: " ") || text[at] == UInt8(ascii: "T") else { throw .badTime }
        at += 1
        let time = try timeOfDay(text, &at)
        position = at
        return try midnight(year, month, day) + time
    }

    /// `27.03.2025 16:59:59[.fff]`, UTC, at `position`.
    package static func dayFirst(_ text: Span<UInt8>, _ position: inout Int) throws(RejectReason) -> Int64 {
        var at = position
        let day = try field(text, &at, digits: 2)
        try take(text, &at, UInt8(ascii: "."))
        let month = try field(text, &at, digits: 2)
        try take(text, &at, UInt8(ascii: "."))
        let year = try field(text, &at, digits: 4)
        try take(text, &at, UInt8(ascii: " "))
        let time = try timeOfDay(text, &at)
        position = at
        return try midnight(year, month, day) + time
    }

    /// `16:59:59[.ffffff]` at `at`, since midnight.
    private static func timeOfDay(_ text: Span<UInt8>, _ at: inout Int) throws(RejectReason) -> Int64 {
        let hour = try field(text, &at, digits: 2)
        try take(text, &at, UInt8(ascii: ":"))
        let minute = try field(text, &at, digits: 2)
        try take(text, &at, UInt8(ascii: ":"))
        let second = try field(text, &at, digits: 2)
        var fraction: Int64 = 0
        if at < text.count, text[at] == UInt8(ascii: ".") {
            guard let nanos = try? FixedPoint.read(text, &at, scale: FixedPoint.secondScale).value else {
                throw .badTime
            }
            fraction = nanos
        }
        guard hour < 24, minute < 60, second < 60 else { throw .badTime }
        return (hour * 3600 + minute * 60 + second) * 1_000_000_000 + fraction
    }

    /// The first moment of a day.
    package static func midnight(_ year: Int64, _ month: Int64, _ day: Int64) throws(RejectReason) -> Int64 {
        guard (1970...2200).contains(year), (1...12).contains(month), day >= 1, day <= length(year, month) else {
            throw .badTime
        }
        // Days from 1970, counted in years that begin in March (Hinnant, "chrono-compatible low-level date
        // algorithms").
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era * 146_097 + dayOfEra - 719_468) * TimeText.dayNanos
    }

    private static func length(_ year: Int64, _ month: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func field(
        _ text: Span<UInt8>, _ at: inout Int, digits: Int
    ) throws(RejectReason) -> Int64 {
        guard at + digits <= text.count else { throw .badTime }
        var value: Int64 = 0
        for _ in 0..<digits {
            let digit = text[at] &- UInt8(ascii: "0")
            guard digit < 10 else { throw .badTime }
            value = value * 10 + Int64(digit)
            at += 1
        }
        return value
    }

    private static func take(_ text: Span<UInt8>, _ at: inout Int, _ byte: UInt8) throws(RejectReason) {
        guard at < text.count, text[at] == byte else { throw .badTime }
        at += 1
    }
}

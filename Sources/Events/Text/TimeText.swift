package import LogFormat

/// A moment as ISO-8601 text and as nanoseconds since 1970, exact both ways, in the proleptic Gregorian calendar.
package enum TimeText {
    /// A day of 24 hours; in UTC there is no other.
    @inlinable package static var dayNanos: Int64 { 86_400_000_000_000 }

    /// Days since 1970 of a date (after Howard Hinnant's `days_from_civil`).
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The date of a day since 1970; years of `Int64` nanoseconds always have four digits.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Appends `YYYY-MM-DDThh:mm:ss.nnnnnnnnnZ`.
    package static func append(_ nanos: Int64, to buffer: inout ByteBuffer) {
        var day = nanos / dayNanos
        var rest = nanos % dayNanos
        if rest < 0 {
            rest += dayNanos
            day -= 1
        }
        let (year, month, dayOfMonth) = date(day)
        let seconds = rest / 1_000_000_000
        let fraction = rest % 1_000_000_000
        buffer.appendTwoDigits(year / 100)
        buffer.appendTwoDigits(year % 100)
        buffer.append(UInt8(ascii: "-"))
        buffer.appendTwoDigits(month)
        buffer.append(UInt8(ascii: "-"))
        buffer.appendTwoDigits(dayOfMonth)
        buffer.append(UInt8(ascii: "T"))
        buffer.appendTwoDigits(seconds / 3600)
        buffer.append(UInt8(ascii: ":"))
        buffer.appendTwoDigits(seconds / 60 % 60)
        buffer.append(UInt8(ascii: ":"))
        buffer.appendTwoDigits(seconds % 60)
        buffer.append(UInt8(ascii: "."))
        buffer.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / 100_000_000))
        buffer.appendTwoDigits(fraction / 1_000_000 % 100)
        buffer.appendTwoDigits(fraction / 10_000 % 100)
        buffer.appendTwoDigits(fraction / 100 % 100)
        buffer.appendTwoDigits(fraction % 100)
        buffer.append(UInt8(ascii: "Z"))
    }

    /// The text of a moment.
    package static func text(_ nanos: Int64) -> String {
        var buffer = ByteBuffer(capacity: 64)
        append(nanos, to: &buffer)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    /// Why a text is no moment.
    package struct Failure: Error {
        package var detail: String
    }

    /// Reads a moment; `allowsDate` also takes a date alone, as its midnight in UTC.
    package static func parse(_ text: Span<UInt8>, allowsDate: Bool = false) throws(Failure) -> Int64 {
        var reader = Reader()
        let year = try reader.number(text, digits: 4)
        try reader.expect(text, UInt8(ascii: "-"))
        let month = try reader.number(text, digits: 2)
        try reader.expect(text, UInt8(ascii: "-"))
        let day = try reader.number(text, digits: 2)
        guard (1...12).contains(month), day >= 1, day <= daysOf(month: month, year: year) else {
            throw Failure(detail: "there is no day \(day) in month \(month) of \(year)")
        }
        var seconds = days(year: year, month: month, day: day) * 86_400
        var fraction: Int64 = 0
        if !(allowsDate && reader.at == text.count) {
            guard reader.at < text.count, text[reader.at] | 0x20 == UInt8(ascii: "t") || text[reader.at] == 0x20 else {
                throw reader.failure(text)
            }
            reader.at += 1
            seconds += try reader.clock(text)
            fraction = try reader.fraction(text)
            seconds -= try reader.zone(text)
        }
        guard reader.at == text.count else { throw reader.failure(text) }
        // In parts, so that the last second before the limits is still exact.
        let whole = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let sum = whole.partialValue.addingReportingOverflow(fraction)
        if whole.overflow || sum.overflow {
            // The first second of the range begins below it.
            let next = (seconds + 1).multipliedReportingOverflow(by: 1_000_000_000)
            let exact = next.partialValue.addingReportingOverflow(fraction - 1_000_000_000)
            guard seconds < 0, !next.overflow, !exact.overflow else {
                throw Failure(detail: "is outside 1677-09-21T00:12:43.145224192Z … 2262-04-11T23:47:16.854775807Z")
            }
            return exact.partialValue
        }
        return sum.partialValue
    }

    private static func daysOf(month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private struct Reader {
        var at = 0

        func failure(_ text: Span<UInt8>) -> Failure {
            let shown = unsafe text.withUnsafeBufferPointer { unsafe String(decoding: $0.prefix(40), as: UTF8.self) }
            return Failure(
                detail:
                    "'\(shown)' is no time: expected 2026-01-02T03:04:05.123456789Z (up to nine decimals, Z or ±hh:mm)")
        }

        mutating func number(_ text: Span<UInt8>, digits: Int) throws(Failure) -> Int64 {
            var value: Int64 = 0
            for _ in 0..<digits {
                guard at < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[at]) else {
                    throw failure(text)
                }
                value = value * 10 + Int64(text[at] - UInt8(ascii: "0"))
                at += 1
            }
            return value
        }

        mutating func expect(_ text: Span<UInt8>, _ byte: UInt8) throws(Failure) {
            guard at < text.count, text[at] == byte else { throw failure(text) }
            at += 1
        }

        mutating func clock(_ text: Span<UInt8>) throws(Failure) -> Int64 {
            let hour = try number(text, digits: 2)
            try expect(text, UInt8(ascii: ":"))
            let minute = try number(text, digits: 2)
            try expect(text, UInt8(ascii: ":"))
            let second = try number(text, digits: 2)
            guard hour < 24, minute < 60, second < 60 else {
                throw Failure(detail: "\(hour):\(minute):\(second) is no time of day (a log knows no leap seconds)")
            }
            return hour * 3600 + minute * 60 + second
        }

        mutating func fraction(_ text: Span<UInt8>) throws(Failure) -> Int64 {
            guard at < text.count, text[at] == UInt8(ascii: ".") else { return 0 }
            at += 1
            var value: Int64 = 0
            var digits = 0
            while at < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[at]) {
                digits += 1
                guard digits <= 9 else { throw Failure(detail: "more than nine decimals: a log counts nanoseconds") }
                value = value * 10 + Int64(text[at] - UInt8(ascii: "0"))
                at += 1
            }
            guard digits > 0 else { throw failure(text) }
            for _ in digits..<9 { value *= 10 }
            return value
        }

        /// Seconds that the zone is ahead of UTC.
        mutating func zone(_ text: Span<UInt8>) throws(Failure) -> Int64 {
            guard at < text.count else { throw failure(text) }
            at += 1
            switch text[at - 1] {
            case UInt8(ascii: "Z"), UInt8(ascii: "z"): return 0
            case UInt8(ascii: "+"), UInt8(ascii: "-"):
                let sign: Int64 = text[at - 1] == UInt8(ascii: "-") ? -1 : 1
                let hours = try number(text, digits: 2)
                try expect(text, UInt8(ascii: ":"))
                let minutes = try number(text, digits: 2)
                guard hours < 24, minutes < 60 else { throw Failure(detail: "offset \(hours):\(minutes) is no offset") }
                return sign * (hours * 3600 + minutes * 60)
            default: throw failure(text)
            }
        }
    }
}

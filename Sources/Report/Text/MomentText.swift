import Statistics

/// Moments as people read them, always UTC.
enum MomentText {
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// A date with the time of day.
    struct Parts {
        var year: Int64
        var month: Int
        var day: Int
        var secondOfDay: Int64
        var nanos: Int64
    }

    /// Days since 1970 of a date (after Howard Hinnant's `days_from_civil`).
    static func days(year: Int64, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The parts of a moment, in the proleptic Gregorian calendar.
    static func parts(_ nanos: Int64) -> Parts {
        var day = nanos / DurationText.dayNanos
        var rest = nanos % DurationText.dayNanos
        if rest < 0 {
            rest += DurationText.dayNanos
            day -= 1
        }
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        return Parts(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1), secondOfDay: rest / 1_000_000_000,
            nanos: rest % 1_000_000_000)
    }

    private static func two(_ value: some BinaryInteger) -> String { value < 10 ? "0\(value)" : "\(value)" }

    /// `2026-03-14`.
    static func date(_ nanos: Int64) -> String {
        let parts = parts(nanos)
        return "\(parts.year)-\(two(parts.month))-\(two(parts.day))"
    }

    /// `06:30`, with seconds where there are some.
    static func time(_ nanos: Int64) -> String {
        let second = parts(nanos).secondOfDay
        let text = "\(two(second / 3600)):\(two(second / 60 % 60))"
        return second % 60 == 0 ? text : text + ":\(two(second % 60))"
    }

    /// `2026-03-14 06:30`.
    static func moment(_ nanos: Int64) -> String { "\(date(nanos)) \(time(nanos))" }

    /// `2026-03-01 to 2026-03-31`, with times of day where one is not midnight.
    static func span(_ span: TimeSpan) -> String {
        let hasTimes = span.fromNanos % DurationText.dayNanos != 0 || span.toNanos % DurationText.dayNanos != 0
        let text = hasTimes ? moment : date
        return "\(text(span.fromNanos)) to \(text(span.toNanos))"
    }

    /// `3 d 4 h`, `12 m 5 s`, `0.25 s`: the two largest units.
    static func duration(_ seconds: Double) -> String {
        if seconds < 60 { return NumberText.fixed(seconds, seconds < 10 && seconds > 0 ? 2 : 0) + " s" }
        let whole = Int64(min(seconds, 9e15).rounded())
        let units: [(Int64, String)] = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")]
        let first = units.firstIndex { whole >= $0.0 } ?? 3
        var text = "\(whole / units[first].0) \(units[first].1)"
        if first < 3 {
            let rest = whole % units[first].0 / units[first + 1].0
            if rest > 0 { text += " \(rest) \(units[first + 1].1)" }
        }
        return text
    }
}

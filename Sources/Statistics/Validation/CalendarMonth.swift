/// A month of the Gregorian calendar in UTC, counted from January 1970.
public struct CalendarMonth: Sendable, Comparable {
    /// Months since January 1970.
    public let number: Int

    /// Most months of a window: ten years.
    public static let countMax = 120

    /// Makes a month.
    public init(number: Int) { self.number = number }

    /// The first month that begins at or after a moment; O(1).
    public init(atOrAfter nanos: Int64) {
        let day = Self.floor(nanos, DurationText.dayNanos)
        // 400 years have 146,097 days; a month before that is early enough.
        var month = Self.floor(day * 4_800, 146_097) - 1
        while Self.start(month) < nanos { month += 1 }
        number = Int(month)
    }

    /// Its first moment, in nanoseconds since 1970; held at the ends of what 64 bits can say.
    public var startNanos: Int64 { Self.start(Int64(number)) }

    /// Order of time.
    public static func < (a: CalendarMonth, b: CalendarMonth) -> Bool { a.number < b.number }

    private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
        value / divisor - (value % divisor < 0 ? 1 : 0)
    }

    /// Days to the first of a month, by years that begin in March, so that the leap day comes last.
    private static func start(_ month: Int64) -> Int64 {
        let shifted = month + 1970 * 12 - 2
        let (year, place) = (floor(shifted, 12), shifted - 12 * floor(shifted, 12))
        let leaps = floor(year, 4) - floor(year, 100) + floor(year, 400)
        let days = 365 * year + leaps + (153 * place + 2) / 5 - 719_468
        let (nanos, overflow) = days.multipliedReportingOverflow(by: DurationText.dayNanos)
        return overflow ? (days < 0 ? .min : .max) : nanos
    }
}

/// Lengths of time as people write them: `7d`, `12h`, `30m`, `1d12h`; weeks, days, hours, minutes and seconds.
public enum DurationText {
    /// Longest length: ten years.
    public static let nanosMax: Int64 = 3_653 * dayNanos

    /// A day, in nanoseconds.
    public static let dayNanos: Int64 = 86_400 * second

    static let second: Int64 = 1_000_000_000
    private static let units: [(letter: Character, nanos: Int64)] = [
        ("w", 7 * dayNanos), ("d", dayNanos), ("h", 3_600 * second), ("m", 60 * second), ("s", second),
    ]

    /// Reads a length in nanoseconds, more than 0.
    ///
    /// Throws `invalidArgument` for anything else, and for more than ten years.
    public static func nanos(_ text: String) throws(StatisticsError) -> Int64 {
        var total: Int64 = 0
        var digits = ""
        var last = -1
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let place = units.firstIndex(where: { $0.letter == character }), place > last,
                let count = Int64(digits)
            else { throw refusal(text) }
            let (part, overflow) = count.multipliedReportingOverflow(by: units[place].nanos)
            guard !overflow, part <= nanosMax, total + part <= nanosMax else { throw refusal(text) }
            total += part
            (digits, last) = ("", place)
        }
        guard digits.isEmpty, total > 0 else { throw refusal(text) }
        return total
    }

    /// Writes a length as `nanos` reads it; what is less than a second is left out.
    public static func text(_ nanos: Int64) -> String {
        var left = max(nanos, 0)
        var result = ""
        // Days rather than weeks: 14d is plainer than 2w.
        for unit in units.dropFirst() where left >= unit.nanos {
            result += "\(left / unit.nanos)\(unit.letter)"
            left %= unit.nanos
        }
        return result.isEmpty ? "0s" : result
    }

    private static func refusal(_ text: String) -> StatisticsError {
        StatisticsError(
            .invalidArgument,
            "\"\(text)\" is no length of time: expected whole numbers with w, d, h, m or s, the longest first, at most "
                + "ten years, such as 7d, 12h or 1h30m")
    }
}

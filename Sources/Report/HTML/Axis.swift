import Statistics

/// A range of values with ticks.
struct Axis {
    /// A mark with its text.
    struct Tick {
        let value: Double
        let label: String
    }

    let low: Double
    let high: Double
    let ticks: [Tick]

    /// The place of a value from 0 at the low end to `size` at the high one; outside values are held at the ends.
    func place(_ value: Double, _ size: Int) -> Int {
        // Halves, because a difference of the largest numbers is not finite.
        let share = (value / 2 - low / 2) / (high / 2 - low / 2)
        guard share.isFinite else { return 0 }
        return Int((min(max(share, 0), 1) * Double(size)).rounded())
    }

    /// A span of values, a little wider than asked, with about `count` ticks at 1, 2 or 5 times a power of ten.
    static func linear(_ low: Double, _ high: Double, count: Int, plus: Bool = false, percent: Bool = false) -> Axis {
        var (low, high) = (low, high)
        if !(high > low) {
            // One value, or none: something to stand in the middle of.
            let room = max(low.magnitude * 0.1, 1)
            low -= room
            high += room
        }
        // Beyond this, differences of the ends would not be finite.
        low = max(low, -1e300)
        high = min(high, 1e300)
        let step = step((high - low) / Double(count))
        low = (low / step).rounded(.down) * step
        high = (high / step).rounded(.up) * step
        let decimals = NumberText.decimals(forStep: percent ? step * 100 : step)
        let number = Int(((high - low) / step).rounded())
        let ticks = (0...max(number, 1)).map { index in
            let value = low + Double(index) * step
            let shown = (value / step).rounded() == 0 ? 0 : value
            let label =
                percent
                ? NumberText.percent(shown, decimals) : NumberText.fixed(shown, decimals, plus: plus && shown > 0)
            return Tick(value: value, label: label)
        }
        return Axis(low: low, high: high, ticks: ticks)
    }

    /// The least of 1, 2 and 5 times a power of ten that is not below `size`.
    static func step(_ size: Double) -> Double {
        var power = 1.0
        while power < size { power *= 10 }
        while power / 10 >= size { power /= 10 }
        // Now power / 10 < size <= power.
        if power / 5 >= size { return power / 5 }
        if power / 2 >= size { return power / 2 }
        return power
    }

    /// A span of time with at most `count` ticks at whole minutes, hours, days or months.
    static func time(_ span: TimeSpan, count: Int) -> Axis {
        let low = Double(span.fromNanos)
        let high = max(Double(span.toNanos), low + 1e9)
        let seconds = (high - low) / 1e9
        let days: [Double] = [1, 2, 3, 4, 5, 7, 10, 14].map { $0 * 86_400 }
        let steps: [Double] = [1, 5, 15, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200] + days
        guard let step = steps.first(where: { seconds / $0 <= Double(count) }) else {
            return Axis(low: low, high: high, ticks: months(span, count: count))
        }
        let stepNanos = Int64(step) * 1_000_000_000
        var ticks: [Tick] = []
        var number = span.fromNanos / stepNanos + (span.fromNanos % stepNanos > 0 ? 1 : 0)
        while ticks.count <= count {
            let (value, overflow) = number.multipliedReportingOverflow(by: stepNanos)
            if overflow || value > span.toNanos { break }
            let parts = MomentText.parts(value)
            let isDay = parts.secondOfDay == 0
            let label = isDay ? "\(parts.day) \(MomentText.months[parts.month - 1])" : MomentText.time(value)
            ticks.append(Tick(value: Double(value), label: label))
            number += 1
        }
        return Axis(low: low, high: high, ticks: ticks)
    }

    private static func months(_ span: TimeSpan, count: Int) -> [Tick] {
        let first = MomentText.parts(span.fromNanos)
        let last = MomentText.parts(span.toNanos)
        let from = first.year * 12 + Int64(first.month - 1)
        let to = last.year * 12 + Int64(last.month - 1)
        let strides: [Int64] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600]
        let stride = strides.first { (to - from) / $0 <= Int64(count) } ?? 1200
        var ticks: [Tick] = []
        var month = (from / stride) * stride
        while month <= to {
            let day = MomentText.days(year: month / 12, month: Int(month % 12) + 1, day: 1)
            let (value, overflow) = day.multipliedReportingOverflow(by: DurationText.dayNanos)
            if !overflow, value >= span.fromNanos, value <= span.toNanos {
                let isYear = month % 12 == 0
                let label = isYear ? "\(month / 12)" : MomentText.months[Int(month % 12)]
                ticks.append(Tick(value: Double(value), label: label))
            }
            month += stride
        }
        return ticks
    }
}

import Events
import Statistics

/// What a strand earned and paid, summed per day for two months, and per hour for two days.
///
/// Everything but the regression needs no more than these sums (DEF-01, 03, 05); memory does not grow.
struct DayBook: Sendable {
    static let hoursKept = 48

    private struct Period {
        var index = Int64.min
        var absolute = CompensatedSum()
        var hits = CompensatedSum()
        var pnl = CompensatedSum()
        var squares = CompensatedSum()
        var outcomes = 0.0
        var turnover = CompensatedSum()
        var halfSpread = CompensatedSum()
        var windows = 0.0
    }

    private var days: [Period]
    private var hours = [Period](repeating: Period(), count: DayBook.hoursKept)
    private static let hourNanos: Int64 = 3_600_000_000_000

    init(days count: Int) { days = [Period](repeating: Period(), count: max(1, count)) }

    /// A window in which the detector spoke: how far its position moved, and the half spread in basis points.
    mutating func window(asofNanos: Int64, turnover: Double, halfSpreadBps: Double) {
        guard let place = Self.place(asofNanos / TimeText.dayNanos, &days) else { return }
        days[place].turnover.add(turnover)
        days[place].halfSpread.add(halfSpreadBps)
        days[place].windows += 1
    }

    /// An outcome of a window of that time.
    mutating func outcome(asofNanos: Int64, signal: Double, forwardReturn: Double, pnl: Double) {
        if let place = Self.place(asofNanos / TimeText.dayNanos, &days) {
            days[place].absolute.add(abs(signal))
            if signal * forwardReturn > 0 { days[place].hits.add(abs(signal)) }
            Self.add(pnl, to: &days[place])
        }
        if let place = Self.place(asofNanos / Self.hourNanos, &hours) { Self.add(pnl, to: &hours[place]) }
    }

    private static func add(_ pnl: Double, to period: inout Period) {
        period.pnl.add(pnl)
        period.squares.add(pnl * pnl)
        period.outcomes += 1
    }

    /// Where a period is kept; nil for one that is older than what its place holds.
    private static func place(_ index: Int64, _ periods: inout [Period]) -> Int? {
        let place = Int(((index % Int64(periods.count)) + Int64(periods.count)) % Int64(periods.count))
        if periods[place].index == index { return place }
        guard periods[place].index < index else { return nil }
        periods[place] = Period()
        periods[place].index = index
        return place
    }

    private func recent(_ nanos: Int64) -> [Period] {
        let today = nanos / TimeText.dayNanos
        return days.filter { $0.index > today - Int64(days.count) && $0.index <= today }.sorted { $0.index < $1.index }
    }

    /// Weighted hit rate (DEF-01), nil without a signal.
    func accuracy(at nanos: Int64) -> Double? {
        var (hits, all) = (CompensatedSum(), CompensatedSum())
        for day in recent(nanos) {
            hits.add(day.hits.value)
            all.add(day.absolute.value)
        }
        return all.value > 0 ? min(1, hits.value / all.value) : nil
    }

    /// Mean turnover per window and mean half spread in basis points (DEF-05), nil without a window.
    func turnover(at nanos: Int64) -> (turnover: Double, halfSpreadBps: Double)? {
        var (moved, spread, windows) = (CompensatedSum(), CompensatedSum(), 0.0)
        for day in recent(nanos) {
            moved.add(day.turnover.value)
            spread.add(day.halfSpread.value)
            windows += day.windows
        }
        return windows > 0 ? (moved.value / windows, spread.value / windows) : nil
    }

    /// Information ratios of the weeks (DEF-03); of the days, then of the hours, while there are fewer than two weeks.
    ///
    /// Without the shorter periods nothing could be scored in the first fortnight. A period counts with 20 outcomes.
    func ratios(at nanos: Int64) -> [Double] {
        let days = recent(nanos)
        var weeks: [Period] = []
        for day in days {
            let week = (day.index + 3) / 7
            if weeks.last?.index != week {
                weeks.append(Period())
                weeks[weeks.count - 1].index = week
            }
            weeks[weeks.count - 1].pnl.add(day.pnl.value)
            weeks[weeks.count - 1].squares.add(day.squares.value)
            weeks[weeks.count - 1].outcomes += day.outcomes
        }
        let hour = nanos / Self.hourNanos
        let latest = hours.filter { $0.index > hour - Int64(Self.hoursKept) && $0.index <= hour }
            .sorted { $0.index < $1.index }
        for periods in [weeks, days, latest] {
            let ratios = periods.compactMap(Self.ratio)
            if ratios.count >= 2 { return ratios }
        }
        return []
    }

    static let outcomesMin = 20.0

    private static func ratio(_ period: Period) -> Double? {
        guard period.outcomes >= outcomesMin else { return nil }
        let mean = period.pnl.value / period.outcomes
        let variance = (period.squares.value - period.outcomes * mean * mean) / (period.outcomes - 1)
        // Below this the difference is rounding.
        guard variance > 1e-12 * period.squares.value / period.outcomes else { return nil }
        return mean / variance.squareRoot()
    }
}

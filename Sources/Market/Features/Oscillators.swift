/// Wilder's relative strength index of closes, 0 to 100.
struct RelativeStrength: Sendable {
    private var previous = Double.nan
    private var changes = 0
    private var gain = 0.0
    private var loss = 0.0

    /// The index after the last close; not a number before 15 closes.
    private(set) var value = Double.nan

    /// Adds a close: the first 14 changes are averaged, later ones count 1/14 (Wilder 1978).
    mutating func add(_ close: Double) {
        defer { previous = close }
        guard previous.isFinite else { return }
        let length = FeatureConstants.strengthBars
        let (up, down) = (max(0, close - previous), max(0, previous - close))
        if changes < length {
            changes += 1
            gain += (up - gain) / Double(changes)
            loss += (down - loss) / Double(changes)
        } else {
            gain += (up - gain) / Double(length)
            loss += (down - loss) / Double(length)
        }
        guard changes == length else { return }
        value = gain + loss > 0 ? 100 * gain / (gain + loss) : 50
    }
}

/// Moving average convergence and divergence of closes, lengths 12, 26 and 9.
struct AverageConvergence: Sendable {
    private static let fast = 12.0
    static let slow = 26.0
    static let signal = 9.0
    /// Closes before the first answer.
    static let closesMin = 34

    private var count = 0
    private var fastLevel = 0.0
    private var slowLevel = 0.0
    private var signalLevel = 0.0

    /// Fast less slow average in basis points of the close; not a number before 34 closes.
    private(set) var lineBps = Double.nan
    /// Line less its average, in basis points of the close; not a number before 34 closes.
    private(set) var histogramBps = Double.nan

    /// Adds a close; every average starts at the first value that it sees.
    mutating func add(_ close: Double) {
        if count == 0 {
            fastLevel = close
            slowLevel = close
        } else {
            fastLevel += 2 / (Self.fast + 1) * (close - fastLevel)
            slowLevel += 2 / (Self.slow + 1) * (close - slowLevel)
        }
        let line = fastLevel - slowLevel
        signalLevel = count == 0 ? line : signalLevel + 2 / (Self.signal + 1) * (line - signalLevel)
        count = min(count + 1, Self.closesMin)
        guard count == Self.closesMin else { return }
        lineBps = line / close * 1e4
        histogramBps = (line - signalLevel) / close * 1e4
    }
}

/// Whether price and an oscillator disagree at two pivots in a row.
///
/// A pivot is a close that is lower (higher) than the two closes on each side of it. It is known two bars after it, and
/// only then does it count: nothing later than the bar just closed is looked at.
struct Divergence: Sendable {
    private var closes = NumberRing<5>()
    private var levels = NumberRing<5>()
    private var bar: Int64 = 0
    private var low: (close: Double, level: Double, bar: Int64)?
    private var high: (close: Double, level: Double, bar: Int64)?

    /// 1 when the last closed bar confirmed a lower low at a higher oscillator, -1 for a higher high at a lower one,
    /// else 0; not a number before the oscillator has five values.
    private(set) var value = Double.nan

    /// Adds a bar's close and the oscillator after it.
    mutating func add(close: Double, level: Double) {
        guard level.isFinite else { return }
        bar += 1
        closes.add(close)
        levels.add(level)
        guard closes.count == 5 else { return }
        value = 0
        let (pivot, pivotLevel) = (closes[2], levels[2])
        let at = bar - Int64(FeatureConstants.pivotSide)
        let isLow = pivot < closes[0] && pivot < closes[1] && pivot < closes[3] && pivot < closes[4]
        let isHigh = pivot > closes[0] && pivot > closes[1] && pivot > closes[3] && pivot > closes[4]
        if isLow {
            if let low, at - low.bar <= FeatureConstants.pivotAgeMax, pivot < low.close, pivotLevel > low.level {
                value = 1
            }
            low = (pivot, pivotLevel, at)
        }
        if isHigh {
            if let high, at - high.bar <= FeatureConstants.pivotAgeMax, pivot > high.close, pivotLevel < high.level {
                value = -1
            }
            high = (pivot, pivotLevel, at)
        }
    }
}

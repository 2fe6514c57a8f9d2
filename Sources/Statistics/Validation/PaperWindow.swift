/// One scored window with its outcome, as paper trading sees it.
public struct PaperWindow: Sendable, Equatable {
    /// End of the window.
    public var asofNanos: Int64
    /// Direction and strength, -1 to 1; 0 is no position.
    public var signal: Double
    /// The return that came over the horizon, a fraction.
    public var forwardReturn: Double
    /// Most favourable excursion, bps.
    public var favourableBps: Double
    /// Most adverse excursion, bps.
    public var adverseBps: Double
    /// Stratum of the regime, such as `L`; nil where it is not known.
    public var regime: String?
    /// Stratum of the time of day, such as `ASIA`.
    public var session: String
    /// The venue.
    public var venue: String

    /// Makes a window.
    public init(
        asofNanos: Int64, signal: Double, forwardReturn: Double, favourableBps: Double, adverseBps: Double,
        regime: String? = nil, session: String, venue: String
    ) {
        self.asofNanos = asofNanos
        self.signal = signal
        self.forwardReturn = forwardReturn
        self.favourableBps = favourableBps
        self.adverseBps = adverseBps
        self.regime = regime
        self.session = session
        self.venue = venue
    }

    /// Paper profit: signal times return, less the cost of a position of that size.
    func profit(_ cost: Double) -> Double { signal * forwardReturn - abs(signal) * cost }
}

/// How paper results are measured; all of it is on the record of the run.
public struct PaperRules: Sendable, Equatable {
    /// Length of the horizon.
    public var horizonNanos: Int64
    /// Length of the periods that ratios are made of; at least the horizon.
    public var periodNanos: Int64
    /// Cost of a position of size 1, in and out, as a fraction.
    public var cost: Double
    /// Random arrangements of the signals.
    public var permutations = 1_000
    /// Bootstrap replicates.
    public var replicates = 1_000
    /// Two-sided confidence of intervals.
    public var confidence = 0.95
    /// Seed of permutations and bootstrap (GEN-13).
    public var seed: UInt64
    /// Windows below which nothing but counts is given.
    public var windowsMin = 30

    /// Most periods of one series.
    public static let periodsMax = 1_000_000

    /// Makes rules.
    ///
    /// Throws `invalidArgument` for a horizon of 0 or less, a period shorter than the horizon, a negative cost.
    public init(horizonNanos: Int64, periodNanos: Int64, cost: Double, seed: UInt64) throws(StatisticsError) {
        try Require.argument(
            horizonNanos > 0 && periodNanos >= horizonNanos && periodNanos <= DurationText.nanosMax,
            "horizon \(horizonNanos) ns, period \(periodNanos) ns: expected a period of at least the horizon")
        try Require.argument(cost >= 0 && cost < 1, "cost is \(cost), expected a fraction from 0 to 1")
        self.horizonNanos = horizonNanos
        self.periodNanos = periodNanos
        self.cost = cost
        self.seed = seed
    }

    /// Periods of a year of 365.25 days: markets of this kind never close.
    public var periodsPerYear: Double { 365.25 * 86_400e9 / Double(periodNanos) }

    /// What a ratio means, to stand beside it.
    public var sharpeLabel: String {
        "Sharpe per \(DurationText.text(periodNanos)) period, after costs, arithmetic, rf 0, "
            + "\(Sharpe.Estimator.sample.text); "
            + "annual x sqrt(\(Int64(periodsPerYear.rounded())))"
    }
}

/// Paper profit of equal periods.
public struct PeriodSeries: Sendable, Equatable {
    /// Start of the first period.
    public let startNanos: Int64
    /// Length of each.
    public let periodNanos: Int64
    /// Return of each, 0 where no window was open.
    public let returns: [Double]

    /// Adds up windows by period.
    ///
    /// Capital is spread evenly over the windows of a period and turned over once a horizon, so that the return of a
    /// period is the mean profit of its windows times period / horizon, however densely windows overlap. Windows must
    /// be in order of time; those outside of `timesNanos` are left out. Throws `invalidArgument` beyond
    /// `PaperRules.periodsMax` periods.
    public init(
        _ windows: [PaperWindow], over timesNanos: Range<Int64>, rules: PaperRules
    ) throws(StatisticsError) {
        let (length, overflow) = timesNanos.upperBound.subtractingReportingOverflow(timesNanos.lowerBound)
        let count = length / rules.periodNanos + (length % rules.periodNanos > 0 ? 1 : 0)
        try Require.argument(
            !overflow && count <= Int64(PaperRules.periodsMax),
            "\(timesNanos) has more than \(PaperRules.periodsMax) periods of \(DurationText.text(rules.periodNanos)): "
                + "lengthen the period")
        var sums = [CompensatedSum](repeating: CompensatedSum(), count: Int(count))
        var counts = [Int](repeating: 0, count: Int(count))
        for window in windows where timesNanos.contains(window.asofNanos) {
            let place = Int((window.asofNanos - timesNanos.lowerBound) / rules.periodNanos)
            sums[place].add(window.profit(rules.cost))
            counts[place] += 1
        }
        let turns = Double(rules.periodNanos) / Double(rules.horizonNanos)
        startNanos = timesNanos.lowerBound
        periodNanos = rules.periodNanos
        returns = sums.indices.map { counts[$0] == 0 ? 0 : sums[$0].value / Double(counts[$0]) * turns }
    }

    /// Several stretches as one, one behind the other.
    public init(joining parts: [PeriodSeries], periodNanos: Int64) {
        startNanos = parts.first?.startNanos ?? 0
        self.periodNanos = periodNanos
        returns = parts.flatMap(\.returns)
    }

    /// Largest fall of the running sum from its highest point, 0 or more.
    public var drawdown: Double {
        var (sum, high, fall) = (0.0, 0.0, 0.0)
        for value in returns {
            sum += value
            high = max(high, sum)
            fall = max(fall, high - sum)
        }
        return fall
    }
}

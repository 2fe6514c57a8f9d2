import Events
import Statistics

/// The slow parts of a detector's resonance on an asset (SIG-08).
package struct KernelState: Equatable, Sendable {
    /// Exposure to opportunity, smoothed over 20 refreshes (DEF-10).
    package var phi: Double?
    /// Unreliability in context (DEF-11).
    package var theta: Double?
    package var rho = 0.0
    package var rawPhi: Double?
    package var information: Double?
    package var informationReference: Double?
    package var coherence: Double?
    package var novelty: Double?
    package var emergence: Double?
    /// Outcomes behind it.
    package var samples: Int64 = 0

    /// An empty state.
    package init() {}
}

/// The memory of one detector on one asset at the detector's horizon; its size is bounded.
struct Strand: Sendable {
    let detector: Int
    let asset: Int
    var pending: PendingRing
    var samples = SampleRing()
    var days: DayBook
    /// Paper P&L on a grid, for comparison with others.
    var pnl = MinuteGrid()
    var kairos = Kairos()
    var phase = SignalPhase()
    /// The last signal that was spoken.
    var position = 0.0
    var quality: QualityParts?
    var kernel = KernelState()
    /// Mean forward return in 16 bins of the signal, of length 1; zeros before the first refresh.
    var shape = [Double](repeating: 0, count: Strand.shapeBins)
    /// Mean direction of the bootstrap refits, of a detector without siblings (DEF-19).
    var refitDirection: Double?
    var outcomes: Int64 = 0
    var firstNanos: Int64?
    var nextRefreshNanos = Int64.min
    var thetaNanos: Int64?
    /// Last score of each day and information at its last refresh, oldest first.
    private(set) var daily: [Daily] = []

    /// What is kept of a day.
    struct Daily: Sendable {
        var day: Int64
        var score: Double?
        var information: Double?
    }

    static let shapeBins = 16
    /// Largest forward return that counts, as a fraction; more is a fault of the data.
    static let returnMax = 100.0
    static let dailyMax = 60

    init(detector: Int, asset: Int, recipe: Recipe, policy: ScorePolicy) {
        self.detector = detector
        self.asset = asset
        // Windows that fit into a horizon, and some more for outcomes that come late.
        let waiting = recipe.source.horizon.seconds / Int64(recipe.source.everySeconds)
        pending = PendingRing(capacity: Int(waiting) + 64)
        days = DayBook(days: policy.qualityDays)
        kernel.rho = recipe.complexity
    }

    /// A window that was spoken.
    mutating func window(
        asofNanos: Int64, signal: Double, halfSpreadBps: Double, surprise: UInt8,
        phases: InlineArray<8, Double>, policy: ScorePolicy
    ) {
        let turnover = abs(signal - position)
        position = signal
        days.window(asofNanos: asofNanos, turnover: turnover, halfSpreadBps: halfSpreadBps)
        var window = PendingWindow()
        window.asofNanos = asofNanos
        window.signal = signal
        window.cost = turnover * (policy.feeBps + halfSpreadBps) / 10_000
        window.surprise = surprise
        window.phases = phases
        pending.add(window)
    }

    /// The outcome of an earlier window; one that does not wait for it is left out.
    ///
    /// - Returns: the window beside its outcome, if it had a score and a direction, and the price moved.
    mutating func outcome(asofNanos: Int64, forwardReturn: Double) -> CalibrationBook.Sample? {
        guard let window = pending.take(asofNanos) else { return nil }
        let pnl = window.signal * forwardReturn - window.cost
        outcomes += 1
        samples.add(
            signal: window.signal, forwardReturn: forwardReturn, surprise: window.surprise, asofNanos: asofNanos)
        days.outcome(asofNanos: asofNanos, signal: window.signal, forwardReturn: forwardReturn, pnl: pnl)
        self.pnl.add(pnl, at: asofNanos)
        let isHit = window.signal * forwardReturn > 0
        if isHit { kairos.hit(window.phases, weight: abs(forwardReturn)) }
        guard window.sigma.isFinite, window.signal != 0, forwardReturn != 0 else { return nil }
        return CalibrationBook.Sample(
            asofNanos: asofNanos, sigma: window.sigma, lean: window.lean,
            evidence: window.evidence.isFinite ? window.evidence : .nan, isHit: isHit)
    }

    /// Keeps what this day has come to.
    mutating func keep(day: Int64, score: Double?, information: Double?) {
        let entry = Daily(day: day, score: score, information: information)
        if daily.last?.day == day { daily[daily.count - 1] = entry } else { daily.append(entry) }
        if daily.count > Self.dailyMax { daily.removeFirst() }
    }
}

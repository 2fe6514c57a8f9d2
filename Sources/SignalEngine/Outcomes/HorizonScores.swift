package import Events
package import Statistics

/// One outcome of a detector beside what it had forecast.
package struct JudgedWindow: Equatable, Sendable {
    /// End of the window.
    package var asofNanos: Int64
    /// Number of the instrument.
    package var instrument: Int32
    package var horizon: Horizon
    /// Direction and strength, -1 to 1.
    package var signal: Double
    /// Forecast chance of a positive return, 0 to 1.
    package var upProbability: Double
    /// Forecast mean of the return, a fraction; nil without one.
    package var meanForecast: Double?
    /// The return that came, a fraction.
    package var forwardReturn: Double
    package var favourableBps: Double
    package var adverseBps: Double

    /// Makes a window.
    ///
    /// - Parameter upProbability: (1 + signal) / 2 if nil, what a signal says by itself before it is calibrated.
    package init(
        asofNanos: Int64, instrument: Int32, horizon: Horizon, signal: Double, upProbability: Double? = nil,
        meanForecast: Double? = nil, forwardReturn: Double, favourableBps: Double, adverseBps: Double
    ) {
        self.asofNanos = asofNanos
        self.instrument = instrument
        self.horizon = horizon
        self.signal = signal
        self.upProbability = upProbability ?? (1 + signal) / 2
        self.meanForecast = meanForecast
        self.forwardReturn = forwardReturn
        self.favourableBps = favourableBps
        self.adverseBps = adverseBps
    }

    /// Makes a window of an outcome; nil for a missed one.
    package init?(_ outcome: Outcome, upProbability: Double? = nil, meanForecast: Double? = nil) {
        guard case .evaluated(let figures) = outcome.result else { return nil }
        self.init(
            asofNanos: outcome.window.asofNanos, instrument: outcome.window.instrument, horizon: outcome.horizon,
            signal: outcome.window.signal, upProbability: upProbability, meanForecast: meanForecast,
            forwardReturn: figures.forwardReturn, favourableBps: figures.favourableBps,
            adverseBps: figures.adverseBps)
    }
}

/// Proper scores of one detector over every horizon, and their composite (LRN-05, LRN-06, LRN-07).
///
/// The error of the mean result takes max(ceil(1.3 sqrt n), moments within a horizon) lags: fewer would not even span
/// the prices that neighbours share.
///
/// At 30 s and 5 m the skill is that of the direction, 1 - Brier / 0.25: 0 for a coin. At 1 h it is that of the mean,
/// 1 - squared error / squared return: 0 for the forecast "no move"; where a detector forecasts no mean, that of the
/// direction, and the part says so. The composite exists only when every horizon has its samples: none can be left out
/// to look better.
package enum HorizonScores {
    /// Weights of the composite (LRN-06), by horizon.
    package static let weights: [(horizon: Horizon, weight: Double)] = [
        (.seconds30, 0.2), (.minutes5, 0.3), (.hour1, 0.5),
    ]
    /// Penalty for a turnover share of 1 (LRN-06).
    package static let turnoverPenalty = 0.1
    /// Windows below which a horizon has no skill.
    package static let samplesMin = 30
    /// Forecasts are held this far from 0 and 1 before the logarithm, so that one certain and wrong forecast does not
    /// drown all others.
    package static let logLossFloor = 1e-6

    /// Scores the outcomes of one detector.
    ///
    /// Horizon by horizon, since what a night takes is the most memory that a run ever does.
    /// - Parameter windows: those of a horizon, in any order.
    /// - Throws: `nonFiniteInput`, `invalidProbability` for windows that hold such numbers.
    package static func event(
        detector: DetectorID, versionHash: PayloadHash = PayloadHash(), windows: (Horizon) -> [JudgedWindow],
        cutOffNanos: Int64, lineage: Lineage, samplesMin: Int = HorizonScores.samplesMin
    ) throws(StatisticsError) -> HorizonScored {
        var event = HorizonScored()
        event.lineage = lineage
        event.detectorID = detector
        event.detectorVersionHash = versionHash
        event.fromNanos = cutOffNanos
        event.cutOffNanos = cutOffNanos
        var composite: Double? = 0
        for (horizon, weight) in weights {
            var known = windows(horizon)
            // Outcomes that were not known before the cut-off do not count, whoever hands them in (LRN-64).
            known.removeAll { $0.asofNanos >= cutOffNanos || cutOffNanos - $0.asofNanos <= horizon.nanos }
            known.sort { ($0.asofNanos, $0.instrument) < ($1.asofNanos, $1.instrument) }
            let part = try part(horizon, known, samplesMin)
            event.parts.append(part)
            event.fromNanos = min(event.fromNanos, known.first?.asofNanos ?? cutOffNanos)
            composite = part.skill.flatMap { skill in composite.map { $0 + weight * skill } }
            if horizon == weights[0].horizon { event.turnoverShare = turnover(known) }
        }
        if let value = composite, let turnover = event.turnoverShare {
            event.composite = value - turnoverPenalty * turnover
        }
        return event
    }

    private static func part(
        _ horizon: Horizon, _ windows: [JudgedWindow], _ samplesMin: Int
    ) throws(StatisticsError) -> HorizonPart {
        var part = HorizonPart()
        part.horizonSeconds = horizon.seconds
        part.sampleCount = Int64(windows.count)
        let count = Double(windows.count)
        guard !windows.isEmpty else { return part }
        part.favourableBps = Sum.of(windows.map(\.favourableBps)) / count
        part.adverseBps = Sum.of(windows.map(\.adverseBps)) / count
        try scoreDirection(windows, &part)
        try scoreEdge(windows, horizon, &part)
        let withMean = windows.compactMap { window in window.meanForecast.map { (window.forwardReturn, $0) } }
        var squaredReturn = 0.0
        if withMean.count == windows.count {
            part.squaredError = Sum.of(withMean.map { ($0.0 - $0.1) * ($0.0 - $0.1) }) / count
            squaredReturn = Sum.of(withMean.map { $0.0 * $0.0 }) / count
        }
        if horizon == .hour1, let squaredError = part.squaredError {
            part.basis = .squaredError
            if windows.count >= samplesMin, squaredReturn > 0 { part.skill = 1 - squaredError / squaredReturn }
        } else if let brier = part.brier, windows.count - Int(part.tieCount) >= samplesMin {
            part.skill = 1 - brier / 0.25
        }
        return part
    }

    private static func scoreDirection(
        _ windows: [JudgedWindow], _ part: inout HorizonPart
    ) throws(StatisticsError) {
        let moved = windows.filter { $0.forwardReturn != 0 }
        part.tieCount = Int64(windows.count - moved.count)
        guard !moved.isEmpty else { return }
        let forecasts = moved.map(\.upProbability)
        let outcomes = moved.map { $0.forwardReturn > 0 ? 1.0 : 0.0 }
        part.brier = try ProperScores.brier(forecasts: forecasts, outcomes: outcomes)
        part.logLoss = try ProperScores.logLoss(forecasts: forecasts, outcomes: outcomes, floor: logLossFloor)
    }

    private static func scoreEdge(
        _ windows: [JudgedWindow], _ horizon: Horizon, _ part: inout HorizonPart
    ) throws(StatisticsError) {
        let edges = windows.map { $0.signal * $0.forwardReturn }
        part.edge = Sum.of(edges) / Double(edges.count)
        let times = windows.map(\.asofNanos)
        let (moments, overlap) = overlap(times, horizon)
        // Windows of one moment are one draw; a single moment has no error.
        guard moments >= 2 else { return }
        let lags = max(NeweyWest.decisionLags(moments), overlap)
        let mean = try NeweyWest.panelMean(edges, times: times, lags: lags)
        let interval = NeweyWest.interval(mean, level: .ninetyFive)
        part.edgeError = mean.standardError
        (part.edgeLow, part.edgeHigh) = (interval.low, interval.high)
        part.lagCount = Int64(mean.lags)
    }

    /// How many moments there are, and how many fit into one horizon at most: returns that far apart share prices.
    private static func overlap(_ times: [Int64], _ horizon: Horizon) -> (moments: Int, overlap: Int) {
        var moments: [Int64] = []
        for time in times where time != moments.last { moments.append(time) }
        var (first, overlap) = (0, 0)
        for place in moments.indices {
            // Windows are in order, and all of them had their outcomes: the sum is no later than the cut-off.
            while moments[first] + horizon.nanos <= moments[place] { first += 1 }
            overlap = max(overlap, place - first + 1)
        }
        return (moments.count, overlap)
    }

    /// Share of windows whose sign differs from that of the same instrument's window before.
    private static func turnover(_ windows: [JudgedWindow]) -> Double? {
        var last: [Int32: Int] = [:]
        var (pairs, changes) = (0, 0)
        for window in windows {
            let sign = window.signal > 0 ? 1 : window.signal < 0 ? -1 : 0
            if let before = last[window.instrument] {
                pairs += 1
                if before != sign { changes += 1 }
            }
            last[window.instrument] = sign
        }
        return pairs > 0 ? Double(changes) / Double(pairs) : nil
    }
}

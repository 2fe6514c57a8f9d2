package import Events

/// Standing of one detector, moved by median sigma and counts of windows alone (SIG-20, SIG-21).
package struct Lifecycle: Sendable {
    /// Thresholds of the register.
    package struct Thresholds: Equatable, Sendable {
        /// Windows with a score after which a candidate is on trial.
        package var trialWindows: Int64 = 200
        package var promoteSigma = 0.35
        package var promoteDays: Int64 = 30
        package var promoteWindows: Int64 = 300
        /// Largest |correlation| of paper P&L with one of the active cohort at which a detector joins it (SIG-23).
        package var correlationMax = 0.6
        package var deprecateSigma = 0.20
        package var deprecateDays: Int64 = 15
        package var retireSigma = 0.05
        package var retireDays: Int64 = 30

        /// The defaults.
        package init() {}
    }

    /// A change of standing and the numbers behind it.
    package struct Change: Equatable, Sendable {
        package var from: DetectorState
        package var to: DetectorState
        package var medianSigma: Double?
        package var windows: Int64
        package var days: Int64
        /// Largest |correlation| with the active cohort; nil where the change did not ask for it.
        package var correlation: Double?
    }

    /// Bins of sigma from 0 to 1; the median is known to 0.005, from below.
    static let bins = 200
    private static let days: Int64 = 31

    package private(set) var state: DetectorState
    /// Windows by day and bin; empty until the memory is taken.
    private var counts: [UInt32] = []
    private var dayIndex = [Int64](repeating: Int64.min, count: Int(Lifecycle.days))
    private var scored: Int64 = 0
    /// Day of the last change, or of the first score.
    private var sinceDay: Int64?
    private let thresholds: Thresholds

    /// A detector that begins in a state.
    package init(_ state: DetectorState = .candidate, thresholds: Thresholds = Thresholds()) {
        self.state = state
        self.thresholds = thresholds
    }

    /// Takes all the memory that will ever be needed.
    ///
    /// For all detectors at once, so that a long run, in which every one comes to speak, takes no more than a short
    /// one; and not when it is made, since what an engine holds that is copied is held twice.
    mutating func takeMemory() {
        if counts.isEmpty { counts = [UInt32](repeating: 0, count: Int(Self.days) * (Self.bins + 1)) }
    }

    /// A window was scored.
    package mutating func note(_ sigma: Double, at nanos: Int64) {
        takeMemory()
        let day = nanos / TimeText.dayNanos
        let place = Int(((day % Self.days) + Self.days) % Self.days)
        if dayIndex[place] != day {
            guard dayIndex[place] < day else { return }
            dayIndex[place] = day
            for bin in 0...Self.bins { counts[place * (Self.bins + 1) + bin] = 0 }
        }
        if sinceDay == nil { sinceDay = day }
        // A hair above the edge is on it: 0.35 has no exact double.
        let bin = min(Self.bins, max(0, Int(sigma * Double(Self.bins) + 1e-9)))
        counts[place * (Self.bins + 1) + bin] += 1
        scored += 1
    }

    /// Median sigma and number of windows of the last so many days, today included.
    package func median(days: Int64, at nanos: Int64) -> (sigma: Double?, windows: Int64) {
        let today = nanos / TimeText.dayNanos
        var totals = [Int64](repeating: 0, count: Self.bins + 1)
        var windows: Int64 = 0
        for place in 0..<Int(Self.days) where dayIndex[place] > today - days && dayIndex[place] <= today {
            for bin in 0...Self.bins {
                let count = Int64(counts[place * (Self.bins + 1) + bin])
                totals[bin] += count
                windows += count
            }
        }
        guard windows > 0 else { return (nil, 0) }
        // The lower median.
        var left = (windows + 1) / 2
        for bin in 0...Self.bins {
            left -= totals[bin]
            if left <= 0 { return (Double(bin) / Double(Self.bins), windows) }
        }
        return (1, windows)
    }

    /// Whether the scores would make the detector active, so that its orthogonality is worth a look.
    package func isReady(at nanos: Int64) -> Bool {
        guard state == .experimental || state == .deprecated else { return false }
        let (sigma, windows) = median(days: thresholds.promoteDays, at: nanos)
        return (sigma ?? -1) >= thresholds.promoteSigma && windows >= thresholds.promoteWindows
    }

    /// Moves the state if the numbers say so; at most one step.
    ///
    /// - Parameter correlation: largest |correlation| of paper P&L with the active cohort (SIG-23).
    package mutating func review(at nanos: Int64, correlation: Double = 0) -> Change? {
        let today = nanos / TimeText.dayNanos
        let waited = sinceDay.map { today - $0 } ?? 0
        switch state {
        case .candidate:
            guard scored >= thresholds.trialWindows else { return nil }
            let (sigma, windows) = median(days: thresholds.promoteDays, at: nanos)
            return change(to: .experimental, sigma, windows, thresholds.promoteDays, today)
        case .experimental: return promotion(nanos, today, correlation)
        case .active:
            let (sigma, windows) = median(days: thresholds.deprecateDays, at: nanos)
            guard waited >= thresholds.deprecateDays, let sigma, sigma < thresholds.deprecateSigma else { return nil }
            return change(to: .deprecated, sigma, windows, thresholds.deprecateDays, today)
        case .deprecated:
            let (sigma, windows) = median(days: thresholds.retireDays, at: nanos)
            if waited >= thresholds.retireDays, let sigma, sigma < thresholds.retireSigma {
                return change(to: .retired, sigma, windows, thresholds.retireDays, today)
            }
            return promotion(nanos, today, correlation)
        case .retired: return nil
        }
    }

    private mutating func promotion(_ nanos: Int64, _ today: Int64, _ correlation: Double) -> Change? {
        guard isReady(at: nanos), correlation <= thresholds.correlationMax else { return nil }
        let (sigma, windows) = median(days: thresholds.promoteDays, at: nanos)
        var change = change(to: .active, sigma, windows, thresholds.promoteDays, today)
        change.correlation = correlation
        return change
    }

    private mutating func change(
        to next: DetectorState, _ sigma: Double?, _ windows: Int64, _ days: Int64, _ today: Int64
    ) -> Change {
        let change = Change(from: state, to: next, medianSigma: sigma, windows: windows, days: days)
        state = next
        sinceDay = today
        return change
    }
}

/// What a more complex version must bring (DEF-13).
package enum Complexity {
    /// Sigma, out of sample, that 32 more bits of description must add.
    package static let sigmaPer32Bits = 0.01

    /// Whether a version's extra bits are paid for; a simpler one always is.
    package static func isEarned(bits: Double, sigma: Double, overBits: Double, sigma before: Double) -> Bool {
        let extra = bits - overBits
        // A hair for rounding: 0.42 - 0.41 is a little below 0.01.
        return extra <= 0 || sigma - before >= sigmaPer32Bits * extra / 32 - 1e-12
    }
}

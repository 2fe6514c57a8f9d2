package import Events
package import Statistics

/// Gathers the outcomes of a run by detector and horizon, as the statistics take them (REP-05).
///
/// Holds about 100 bytes an outcome.
package struct PaperBook: Sendable {
    private struct Key: Hashable, Sendable {
        let detector: DetectorID
        let horizon: Horizon
    }

    private var windows: [Key: [PaperWindow]] = [:]
    private var missed: [Key: [MissedReason: Int]] = [:]

    /// Makes an empty book.
    package init() {}

    /// Takes an outcome; those without figures are counted.
    ///
    /// - Parameters:
    ///   - regime: of the scored window; nil until it is known.
    ///   - venue: where the instrument trades.
    package mutating func add(_ outcome: Outcome, detector: DetectorID, regime: Regime?, venue: String) {
        let key = Key(detector: detector, horizon: outcome.horizon)
        switch outcome.result {
        case .missed(let reason): missed[key, default: [:]][reason, default: 0] += 1
        case .evaluated(let figures):
            let session = Session(nanos: outcome.window.asofNanos)
            windows[key, default: []].append(
                PaperWindow(
                    asofNanos: outcome.window.asofNanos, signal: outcome.window.signal,
                    forwardReturn: figures.forwardReturn, favourableBps: figures.favourableBps,
                    adverseBps: figures.adverseBps, regime: regime.map { Regime.symbols[Int($0.rawValue)] },
                    session: Session.symbols[Int(session.rawValue)], venue: venue))
        }
    }

    /// The detectors with outcomes at a horizon, by name; each one's windows in order of time, those of one moment in
    /// the order in which their outcomes came.
    package func detectors(_ horizon: Horizon) -> [RunSummary.Detector] {
        let keys = windows.keys.filter { $0.horizon == horizon }.sorted { $0.detector < $1.detector }
        return keys.map { key in
            let all = windows[key] ?? []
            let order = all.indices.sorted { (all[$0].asofNanos, $0) < (all[$1].asofNanos, $1) }
            return RunSummary.Detector(name: key.detector.text, windows: order.map { all[$0] })
        }
    }

    /// How many windows of a detector have no outcome at a horizon, by reason, in the order of the reasons.
    package func missed(_ detector: DetectorID, _ horizon: Horizon) -> [(reason: MissedReason, count: Int)] {
        let counts = missed[Key(detector: detector, horizon: horizon)] ?? [:]
        return MissedReason.allCases.compactMap { reason in counts[reason].map { (reason, $0) } }
    }
}

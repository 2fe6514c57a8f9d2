package import Events
import Report

/// One scored window of one detector as it is kept in memory: 56 bytes.
struct WindowRecord: Sendable {
    /// End of the window.
    var asofNanos: Int64
    /// Signal of the position that the rules allow; 0 for none.
    var signal: Double
    /// Selection score; NaN where there was none.
    var sigma: Double
    /// Outcome at the detector's own horizon; NaN while there is none.
    var forwardReturn = Double.nan
    var favourableBps = 0.0
    var adverseBps = 0.0
    var asset: UInt16
    var session: Session
    /// Regime by its raw value; 255 where it was not known.
    var regime: UInt8

    var hasOutcome: Bool { forwardReturn == forwardReturn }
}

/// Counts of values in equal bins, made without keeping the values.
struct BinCounts: Sendable {
    let low: Double
    let step: Double
    private(set) var counts: [Int]
    private(set) var below = 0
    private(set) var above = 0

    init(from low: Double, step: Double, bins: Int) {
        self.low = low
        self.step = step
        counts = [Int](repeating: 0, count: bins)
    }

    var total: Int { counts.reduce(below + above, +) }

    /// The last bin holds its upper edge, so that a score of exactly 1 has a place.
    mutating func add(_ value: Double) {
        let place = (value - low) / step
        if place < 0 {
            below += 1
        } else if place <= Double(counts.count) {
            counts[min(Int(place), counts.count - 1)] += 1
        } else {
            above += 1
        }
    }

    func histogram(_ label: String, unit: String) -> Histogram {
        Histogram(
            label: label, unit: unit, edges: (0...counts.count).map { low + step * Double($0) }, counts: counts,
            below: below, above: above)
    }
}

/// Why a window was abstained from, as far as the record tells.
package enum AbstainReason: Int, CaseIterable, Sendable {
    /// The window's data were old.
    case stale
    /// The siblings disagreed by more than the rules allow.
    case uncertain
    /// Inputs were missing or the detector held back by its own rule.
    case silent
    /// Too few outcomes were known for a selection score; a direction may have been given.
    case noScore

    /// In words.
    package var text: String {
        switch self {
        case .stale: "stale data"
        case .uncertain: "too uncertain"
        case .silent: "no signal: inputs missing or held back"
        case .noScore: "no score yet: too few outcomes"
        }
    }
}

/// What a run recorded of one detector.
package struct DetectorTape: Sendable {
    /// The detector.
    package let id: DetectorID
    /// Its family; empty where it was not registered.
    package internal(set) var family = ""
    /// Hash of its recipe.
    package internal(set) var definition = ""
    /// Standing at the end of the run.
    package internal(set) var state = DetectorState.candidate
    /// Changes of its standing.
    package internal(set) var stateChanges = 0
    /// Its horizon; nil until it scored a window.
    package internal(set) var horizon: Horizon?
    /// Windows that it scored with a selection score and did not abstain from.
    package internal(set) var scoredCount = 0
    /// Abstained windows, by the raw value of the reason.
    package internal(set) var abstainedCounts = [Int](repeating: 0, count: AbstainReason.allCases.count)
    /// Outcomes, by the raw value of the horizon.
    package internal(set) var evaluatedCounts = [Int](repeating: 0, count: Horizon.allCases.count)
    var records: [WindowRecord] = []
    var scores = BinCounts(from: 0, step: 0.05, bins: 20)
    var outcomes = Horizon.allCases.map(Self.outcomeBins)

    init(_ id: DetectorID) { self.id = id }

    /// Windows that it looked at, whether it spoke or not.
    package var windowCount: Int { records.count }
    /// Windows with a position and an outcome at the detector's own horizon.
    package var judgeableCount: Int { records.count { $0.signal != 0 && $0.hasOutcome } }

    /// Wider bins for longer horizons; the same ones for every detector, so that they can be added up.
    static func outcomeBins(_ horizon: Horizon) -> BinCounts {
        let step =
            switch horizon {
            case .seconds30: 1.0
            case .minutes5: 2.5
            case .hour1: 10.0
            }
        return BinCounts(from: -20 * step, step: step, bins: 40)
    }
}

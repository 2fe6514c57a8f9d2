package import Events
import LogFormat
package import Statistics

/// What keeps the scored windows that an engine says.
package protocol ScoredKeeper: WindowOutput, Sendable {
    init()
    /// The windows so far, in order.
    var scored: [SignalScored] { get }
}

/// A small world that is the same every time: rows of two assets, whose outcomes follow the imbalance a little.
package struct FrozenWorld<Output: ScoredKeeper>: Sendable {
    /// Seed of everything that is drawn.
    package static var seed: UInt64 { 41 }
    package static var assets: [AssetID] { ["BTC-USD", "ETH-USD"] }
    /// 2026-03-02T00:00:00Z.
    package static var start: Int64 { 1_772_409_600_000_000_000 }

    package var engine: SignalEngine
    package var output = Output()
    /// Whether detectors with the same horizon see the same outcome, as on a market; else each has one of its own.
    package var sharesOutcomes = false
    /// Effective patches, by detector.
    package var patches: [ScorePatch] = []
    /// Whether the outcomes that the engine was told are kept.
    package var keepsOutcomes = false
    package private(set) var told: [OutcomeKnown] = []
    private var rows: [[SyntheticRows]]
    /// Draws of the outcomes.
    package var random = Xoshiro256(seed: FrozenWorld.seed)
    private var shared: [String: Double] = [:]
    /// Outcomes that have not been handed over, in order of time.
    private var due: [(handover: Int64, outcome: OutcomeKnown)] = []

    package init(_ recipes: [Recipe], setup: EngineSetup = EngineSetup()) {
        engine = SignalEngine(recipes, setup: setup)
        let kinds = engine.kinds
        rows = Self.assets.indices.map { asset in
            kinds.indices.map {
                SyntheticRows(
                    seed: Self.seed + UInt64(10 * asset + $0), everySeconds: kinds[$0].everySeconds, from: Self.start,
                    missing: 0.02)
            }
        }
        engine.start(at: Self.start, seenGlobalSeq: 0, into: &output)
    }

    /// Plays so many seconds of all kinds; outcomes come `late` nanoseconds after their horizons.
    package mutating func play(seconds: Int64, from first: Int64 = 0, late: Int64 = 1) {
        for second in first..<(first + seconds) {
            let now = Self.start + second * 1_000_000_000
            while let next = due.first, next.handover <= now {
                engine.outcome(next.outcome)
                if keepsOutcomes { told.append(next.outcome) }
                due.removeFirst()
            }
            for asset in Self.assets.indices {
                for kind in engine.kinds.indices where second % Int64(engine.kinds[kind].everySeconds) == 0 {
                    var row = rows[asset][kind].next()
                    row.kind = Int32(kind)
                    let before = output.scored.count
                    var context = ScoringContext()
                    context.conditions = Horizon.allCases.map { horizon in
                        var condition = WindowContext()
                        condition.key = "h=\(horizon.text)"
                        return condition
                    }
                    context.evidence = 0.6
                    context.confirmed = true
                    context.patches = patches
                    engine.window(row, asset: Self.assets[asset], context: context, into: &output)
                    for event in output.scored[before...] { follow(event, row, late) }
                }
            }
        }
    }

    private mutating func follow(_ event: SignalScored, _ row: FeatureRow, _ late: Int64) {
        guard let strand = engine.strand(event.detectorID, event.symbol) else { return }
        var edge = 0.0004 * (row[.bookImbalance5] ?? 0) + 0.001 * random.normal()
        if sharesOutcomes {
            let key = "\(event.symbol) \(event.horizon) \(row.asofNanos)"
            edge = shared[key] ?? edge
            shared[key] = edge
        }
        let known = row.asofNanos + event.horizon.seconds * 1_000_000_000
        let outcome = OutcomeKnown(
            strand: strand, scoredID: event.lineage.id, asofNanos: row.asofNanos,
            horizon: event.horizon, signal: event.signal, forwardReturn: edge, knownNanos: known)
        var place = due.count
        while place > 0, due[place - 1].handover > known + late { place -= 1 }
        due.insert((known + late, outcome), at: place)
    }
}

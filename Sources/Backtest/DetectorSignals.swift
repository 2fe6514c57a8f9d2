package import Events
package import LogEngine
import LogFormat
import Market
package import Runtime
package import SignalEngine

/// What detectors say of a market, and nothing that is made of it: no scores, no outcomes, no standings.
///
/// For checks of their memories: scores remember sixty days and would hide everything shorter. It says
/// `SignalScored` with the signal of every detector and window; abstained means that the window was stale or the
/// detector silent in it.
package struct DetectorSignals: ReplayPipeline {
    private var features: FeatureEngine
    private var desk: Desk

    /// Makes a pipeline that has seen nothing.
    ///
    /// - Parameter engine: its cohort and its kinds of windows are looked at, and nothing else of it.
    /// - Throws: `usage` for a cohort whose windows cannot be made.
    package init(_ engine: SignalEngine, output: any EventOutput) throws(LogError) {
        do throws(FeatureError) { features = try FeatureEngine(kinds: engine.kinds) } catch {
            throw LogError(.usage, "the cohort asks for windows that cannot be made: \(error)")
        }
        desk = Desk(cohort: engine.cohort, kinds: engine.kinds, output: output)
    }

    private mutating func advance(to nanos: Int64) throws(LogError) {
        try Self.advance(&features, &desk, to: nanos)
    }

    /// Apart from the pipeline, so that features and desk are plainly two things.
    private static func advance(
        _ features: inout FeatureEngine, _ desk: inout Desk, to nanos: Int64
    ) throws(LogError) {
        try features.advance(to: nanos) { (row: borrowing FeatureRow) throws(LogError) in try desk.window(row) }
    }

    package mutating func listed(_ event: borrowing MarketInstrument, _ head: MarketHead) throws(LogError) {
        // Instruments are listed before anything became known.
        try advance(to: head.nowNanos == .min ? head.eventNanos : head.nowNanos)
        desk.list(event.instrument, event.asset)
        features.apply(event, eventNanos: head.eventNanos)
    }

    package mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) throws(LogError) {
        try advance(to: head.nowNanos)
        features.apply(event, eventNanos: head.eventNanos)
    }

    package mutating func book(_ event: borrowing MarketBook, _ head: MarketHead) throws(LogError) {
        try advance(to: head.nowNanos)
        features.apply(event, eventNanos: head.eventNanos)
    }

    package mutating func quote(_ event: borrowing MarketQuote, _ head: MarketHead) throws(LogError) {
        try advance(to: head.nowNanos)
        features.apply(event, eventNanos: head.eventNanos)
    }

    package mutating func candle(_ event: borrowing MarketCandle, _ head: MarketHead) throws(LogError) {
        try advance(to: head.nowNanos)
        features.apply(event, eventNanos: head.eventNanos)
    }

    package mutating func context(_ event: borrowing MarketContext, _ head: MarketHead) throws(LogError) {
        try advance(to: head.nowNanos)
        features.apply(event, eventNanos: head.eventNanos)
    }

    package mutating func funding(_ event: borrowing MarketFunding, _ head: MarketHead) throws(LogError) {
        try advance(to: head.nowNanos)
        features.apply(event, eventNanos: head.eventNanos)
    }

    package mutating func gap(_ event: borrowing MarketGap, _ head: MarketHead) throws(LogError) {
        try advance(to: head.nowNanos)
        features.apply(event, eventNanos: head.eventNanos)
    }

    package mutating func finish(nowNanos: Int64) throws(LogError) -> [Metric] {
        try advance(to: nowNanos)
        return []
    }

    /// The detectors of each asset, with their memories.
    private struct Desk {
        private let cohort: [Recipe]
        /// Places in the cohort, by kind of window.
        private let members: [[Int]]
        private let output: any EventOutput
        private var assets: [Asset] = []
        /// Place among the assets by number of the instrument; nil for one that was not listed.
        private var places: [Int?] = []

        private struct Asset {
            let id: AssetID
            var detectors: [RunningDetector]
            let seeds: [ULIDSeed]
        }

        init(cohort: [Recipe], kinds: [WindowKind], output: any EventOutput) {
            self.cohort = cohort
            members = kinds.map { kind in cohort.indices.filter { cohort[$0].source.windowKind == kind } }
            self.output = output
        }

        mutating func list(_ instrument: Int32, _ asset: AssetID) {
            guard (0...FeatureLimits().instrumentsMax).contains(instrument) else { return }
            while places.count <= Int(instrument) { places.append(nil) }
            if let known = assets.firstIndex(where: { $0.id == asset }) {
                places[Int(instrument)] = known
                return
            }
            places[Int(instrument)] = assets.count
            assets.append(
                Asset(
                    id: asset, detectors: cohort.map { RunningDetector($0) },
                    seeds: cohort.map { ULIDSeed(module: .sig, key: "signal|\($0.id.text)|\(asset.text)") }))
        }

        mutating func window(_ row: borrowing FeatureRow) throws(LogError) {
            let instrument = Int(row.instrument)
            guard instrument < places.count, let asset = places[instrument] else { return }
            for place in members[Int(row.kind)] {
                var scored = SignalScored()
                scored.lineage.id = EventID(assets[asset].seeds[place], eventNanos: row.asofNanos)
                scored.symbol = assets[asset].id
                scored.detectorID = cohort[place].id
                scored.abstained = true
                if !row.isStale {
                    let verdict = assets[asset].detectors[place].step(row)
                    scored.abstained = verdict.isSilent
                    scored.signal = verdict.isSilent ? 0 : verdict.signal ?? 0
                }
                _ = try output.append(&scored, to: .sig, eventNanos: row.asofNanos, flags: [])
            }
        }
    }
}

extension Recipe {
    /// For how long its signals may depend on where the market began, over the features of this program.
    package var warmUp: WarmUp { warmUp(FeatureDefinition.lookBack) }
}

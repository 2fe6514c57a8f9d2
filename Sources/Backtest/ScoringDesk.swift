import Events
import LogEngine
import LogFormat
import Market
import Runtime
import SignalEngine

/// What happens to a window once its features are known: scores, records and, later, outcomes.
final class ScoringDesk {
    private(set) var isStarted = false
    private var engine: SignalEngine
    private var tracker = OutcomeTracker()
    private let quantizer = ContextQuantizer()
    private var output: SigLog
    /// By number of the instrument.
    private var assets: [AssetID?] = []
    /// Strands of scored windows whose last outcome is still to come.
    private var open: [EventID: StrandKey] = [:]
    private let lastHorizon = Horizon.allCases.max { $0.seconds < $1.seconds } ?? .hour1
    private var seenGlobalSeq: UInt64 = 0
    private var nowNanos = Int64.min
    private var windowCount = 0

    init(_ engine: SignalEngine, output: any EventOutput) {
        self.engine = engine
        self.output = SigLog(output)
    }

    /// Registers the cohort, before anything else.
    func start(_ head: MarketHead) throws(LogError) {
        isStarted = true
        (nowNanos, seenGlobalSeq) = (head.nowNanos, head.globalSeq)
        output.begin(head.nowNanos)
        engine.start(at: head.nowNanos, seenGlobalSeq: seenGlobalSeq, into: &output)
        try output.check()
    }

    func list(_ instrument: Int32, _ asset: AssetID) {
        guard instrument >= 0, instrument <= OutcomeTracker.instrumentsMax else { return }
        while assets.count <= Int(instrument) { assets.append(nil) }
        assets[Int(instrument)] = asset
    }

    func price(_ instrument: Int32, _ price: Int64, _ head: MarketHead) {
        tracker.price(instrument, price, atNanos: head.nowNanos)
    }

    func gap(_ event: borrowing MarketGap) { tracker.gap(event.instrument, fromNanos: event.fromNanos) }

    /// Takes a window that has ended: first the outcomes that were due before it, then its scores.
    func window(_ row: borrowing FeatureRow) throws(LogError) {
        let instrument = Int(row.instrument)
        guard instrument < assets.count, let asset = assets[instrument] else { return }
        try takeOutcomes(to: row.asofNanos)
        output.begin(row.asofNanos)
        let kind = engine.kinds[Int(row.kind)]
        var facts = WindowFactsComputed(row, kind: kind, asset: asset)
        facts.lineage = Lineage(
            id: EventID(
                module: .sig, key: "facts|\(asset.text)|\(kind.timeframe.text)|\(kind.everySeconds)",
                eventNanos: row.asofNanos),
            seenGlobalSeq: seenGlobalSeq)
        output.append(facts)
        engine.window(row, asset: asset, context: context(row, kind), into: &output)
        for scored in output.scored {
            let window = ScoredWindow(
                scoredID: scored.id, instrument: row.instrument, signal: scored.signal, price: row.price,
                asofNanos: row.asofNanos)
            tracker.open(window)
            open[scored.id] = engine.strand(scored.detectorID, asset)
        }
        windowCount += 1
        try output.check()
    }

    /// Time has passed up to an event, which is about to be looked at.
    func passed(_ head: MarketHead) throws(LogError) {
        if head.nowNanos > nowNanos { try takeOutcomes(to: head.nowNanos) }
        seenGlobalSeq = head.globalSeq
    }

    func finish(_ nanos: Int64) throws(LogError) { try takeOutcomes(to: nanos) }

    var metrics: [Metric] {
        [
            Metric("windows", Double(windowCount)), Metric("scored", Double(output.scoredCount)),
            Metric("abstained", Double(output.abstainedCount)), Metric("evaluated", Double(tracker.evaluatedCount)),
            Metric("without_outcome_yet", Double(tracker.openCount)),
        ]
            + MissedReason.allCases.map {
                Metric("missed_\($0.text)", Double(tracker.missedCount($0)))
            }
    }

    private func takeOutcomes(to nanos: Int64) throws(LogError) {
        nowNanos = max(nowNanos, nanos)
        tracker.advance(to: nanos) { outcome in
            output.begin(outcome.dueNanos)
            if let event = outcome.evaluated(outcome.lineage(seenGlobalSeq: seenGlobalSeq)) { output.append(event) }
            let strand =
                outcome.horizon == lastHorizon
                ? open.removeValue(forKey: outcome.window.scoredID) : open[outcome.window.scoredID]
            guard let strand, case .evaluated(let figures) = outcome.result else { return }
            engine.outcome(
                OutcomeKnown(
                    strand: strand, scoredID: outcome.window.scoredID, asofNanos: outcome.window.asofNanos,
                    horizonSeconds: outcome.horizon.seconds, forwardReturn: figures.forwardReturn,
                    knownNanos: outcome.dueNanos))
        }
        try output.check()
    }

    /// What is known about the window beside its features.
    private func context(_ row: borrowing FeatureRow, _ kind: WindowKind) -> ScoringContext {
        var context = ScoringContext()
        for horizon in Horizon.allCases {
            context.conditions.append(quantizer.context(of: row, timeframe: kind.timeframe, horizon: horizon))
        }
        context.session = context.conditions[0].session
        context.regime = context.conditions[0].regime
        context.priorsVersion = "sig:none"
        context.seenGlobalSeq = seenGlobalSeq
        return context
    }
}

/// The `sig` log of a run, as the engine sees it; the first error is kept until it is asked for.
private struct SigLog: WindowOutput {
    private let log: any EventOutput
    private var nanos = Int64.min
    private var failure: LogError?
    private(set) var scored: [(id: EventID, detectorID: DetectorID, signal: Double)] = []
    private(set) var scoredCount = 0
    private(set) var abstainedCount = 0

    init(_ log: any EventOutput) { self.log = log }

    /// What is appended next belongs to this moment.
    mutating func begin(_ nanos: Int64) {
        self.nanos = nanos
        scored.removeAll(keepingCapacity: true)
    }

    mutating func append(_ event: some DomainEvent) {
        guard failure == nil else { return }
        if let event = event as? SignalScored {
            scored.append((event.lineage.id, event.detectorID, event.signal))
            scoredCount += 1
            if event.abstained { abstainedCount += 1 }
        }
        var event = event
        do throws(LogError) { _ = try log.append(&event, to: .sig, eventNanos: nanos, flags: []) } catch {
            failure = error
        }
    }

    mutating func check() throws(LogError) { if let failure { throw failure } }
}

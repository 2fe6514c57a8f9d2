import Events
import LogEngine
import LogFormat
import Market
import Runtime
import SignalEngine
import Weave

/// What happens to a window once its features are known: scores, records and, later, outcomes.
///
/// A value: as an object, every look at its parts would be checked for overlaps at run time.
struct ScoringDesk {
    private(set) var isStarted = false
    private var engine: SignalEngine
    private var priors: PriorsDesk
    private var patches = PatchDesk()
    private var tracker = OutcomeTracker()
    private var contexts = ContextTable()
    private var output: SigLog
    /// By number of the instrument; nil for one that was not listed.
    private var assets: [Listed?] = []
    /// What is known beside the features, by kind of window; only what has changed since the last window of the kind is
    /// set anew.
    private var known: [Known]
    private var seenGlobalSeq: UInt64 = 0
    private var nowNanos = Int64.min
    private var windowCount = 0
    private var tapeCounts = (batches: 0, tokens: 0)

    /// An asset, and the ids of its facts but for their times, by kind of window.
    private struct Listed {
        let asset: AssetID
        let factSeeds: [ULIDSeed]
    }

    /// The context of the last window of a kind.
    private struct Known {
        /// The horizons that detectors of the kind forecast.
        let horizons: [Horizon]
        /// Codes of the combinations of bins that stand in `context`, by horizon; 0 before the first window.
        var codes: [UInt64]
        var context = ScoringContext()

        init(_ kind: WindowKind, _ cohort: [Recipe]) {
            let members = cohort.filter { $0.source.windowKind == kind }
            horizons = Horizon.allCases.filter { horizon in members.contains { $0.source.horizon == horizon } }
            codes = Horizon.allCases.map { _ in 0 }
            context.conditions = Horizon.allCases.map { _ in WindowContext() }
        }
    }

    /// - Parameter adopted: records of the priors that the run begins with; none for those of the manifest.
    init(_ engine: SignalEngine, output: any EventOutput, adopted: [PriorsRecord]) {
        self.engine = engine
        priors = PriorsDesk(seed: engine.setup.seed, adopted: adopted)
        self.output = SigLog(output)
        known = engine.kinds.map { Known($0, engine.cohort) }
    }

    /// Registers the cohort, before anything else.
    mutating func start(_ head: MarketHead) throws(LogError) {
        isStarted = true
        (nowNanos, seenGlobalSeq) = (head.nowNanos, head.globalSeq)
        output.begin(head.nowNanos)
        engine.start(at: head.nowNanos, seenGlobalSeq: seenGlobalSeq, into: &output)
        try priors.start(at: head.nowNanos, seenGlobalSeq: seenGlobalSeq, into: &output)
        try takePriors()
        try output.check()
    }

    /// Lets the version of the priors that is in force now decide.
    private mutating func takePriors() throws(LogError) {
        engine.take(priors.policy(engine.setup.policy))
        try patches.take(priors.state.current)
        for kind in known.indices { known[kind].context.priorsVersion = priors.version }
    }

    mutating func list(_ instrument: Int32, _ asset: AssetID) {
        guard instrument >= 0, instrument <= OutcomeTracker.instrumentsMax else { return }
        while assets.count <= Int(instrument) { assets.append(nil) }
        guard assets[Int(instrument)]?.asset != asset else { return }
        assets[Int(instrument)] = Listed(
            asset: asset,
            factSeeds: engine.kinds.map {
                ULIDSeed(module: .sig, key: "facts|\(asset.text)|\($0.timeframe.text)|\($0.everySeconds)")
            })
    }

    mutating func price(_ instrument: Int32, _ price: Int64, _ head: MarketHead) {
        tracker.price(instrument, price, atNanos: head.nowNanos)
    }

    mutating func gap(_ event: borrowing MarketGap) { tracker.gap(event.instrument, fromNanos: event.fromNanos) }

    /// Takes a window that has ended: first the outcomes that were due before it, then its scores.
    mutating func window(_ row: borrowing FeatureRow) throws(LogError) {
        let instrument = Int(row.instrument)
        guard instrument < assets.count, let listed = assets[instrument] else { return }
        try takeOutcomes(to: row.asofNanos)
        output.begin(row.asofNanos)
        let kind = Int(row.kind)
        var facts = WindowFactsComputed(row, kind: engine.kinds[kind], asset: listed.asset)
        facts.lineage = Lineage(
            id: EventID(listed.factSeeds[kind], eventNanos: row.asofNanos), seenGlobalSeq: seenGlobalSeq)
        output.take(&facts)
        setContext(row, kind)
        if !patches.isIdle {
            known[kind].context.patches = try patches.patches(
                row, asset: listed.asset, engine, priors.version, seenGlobalSeq: seenGlobalSeq, into: &output)
        } else if !known[kind].context.patches.isEmpty {
            known[kind].context.patches = []
        }
        engine.window(row, asset: listed.asset, context: known[kind].context, into: &output)
        for scored in output.scored {
            tracker.open(
                ScoredWindow(
                    scoredID: scored.id, strand: scored.strand, instrument: row.instrument, signal: scored.signal,
                    price: row.price, asofNanos: row.asofNanos))
        }
        windowCount += 1
        try output.check()
    }

    /// Records a batch of tokens, after the outcomes that were due before its last one.
    mutating func sealed(_ batch: MicroTapeSealed) throws(LogError) {
        try takeOutcomes(to: batch.lastNanos)
        output.begin(batch.lastNanos)
        var batch = batch
        batch.lineage = Lineage(
            id: EventID(module: .sig, key: "tape|\(batch.asset.text)|\(batch.batch)", eventNanos: batch.lastNanos),
            seenGlobalSeq: seenGlobalSeq)
        output.take(&batch)
        tapeCounts.batches += 1
        tapeCounts.tokens += batch.tokens.count
        try output.check()
    }

    /// Time has passed up to an event, which is about to be looked at.
    mutating func passed(_ head: MarketHead) throws(LogError) {
        if head.nowNanos > nowNanos { try takeOutcomes(to: head.nowNanos) }
        seenGlobalSeq = head.globalSeq
    }

    mutating func finish(_ nanos: Int64) throws(LogError) { try takeOutcomes(to: nanos) }

    var metrics: [Metric] {
        [
            Metric("windows", Double(windowCount)), Metric("scored", Double(output.scoredCount)),
            Metric("abstained", Double(output.abstainedCount)), Metric("evaluated", Double(tracker.evaluatedCount)),
            Metric("without_outcome_yet", Double(tracker.openCount)),
        ]
            + tapeMetrics
            + MissedReason.allCases.map {
                Metric("missed_\($0.text)", Double(tracker.missedCount($0)))
            }
    }

    private var tapeMetrics: [Metric] {
        guard engine.setup.tapeMillis != nil else { return [] }
        return [
            Metric("tape_batches", Double(tapeCounts.batches)), Metric("tape_tokens", Double(tapeCounts.tokens)),
        ]
    }

    private mutating func takeOutcomes(to nanos: Int64) throws(LogError) {
        nowNanos = max(nowNanos, nanos)
        // A night comes after the outcomes that are due by then, and before anything else of its moment.
        while priors.nextNightNanos <= nanos, priors.nextNightNanos < .max {
            Self.takeOutcomes(of: &tracker, to: priors.nextNightNanos, seenGlobalSeq, &engine, &output)
            output.begin(priors.nextNightNanos)
            if try priors.night(&engine, seenGlobalSeq: seenGlobalSeq, into: &output) { try takePriors() }
            try output.check()
        }
        Self.takeOutcomes(of: &tracker, to: nanos, seenGlobalSeq, &engine, &output)
        try output.check()
    }

    /// Apart from the desk, so that tracker, engine and output are plainly three things.
    private static func takeOutcomes(
        of tracker: inout OutcomeTracker, to nanos: Int64, _ seenGlobalSeq: UInt64, _ engine: inout SignalEngine,
        _ output: inout SigLog
    ) {
        tracker.advance(to: nanos) { outcome in
            output.begin(outcome.dueNanos)
            let lineage = outcome.lineage(seenGlobalSeq: seenGlobalSeq)
            if var event = outcome.evaluated(lineage) { output.take(&event) }
            if var event = outcome.missed(lineage) { output.take(&event) }
            guard let strand = outcome.window.strand, case .evaluated(let figures) = outcome.result else { return }
            engine.outcome(
                OutcomeKnown(
                    strand: strand, scoredID: outcome.window.scoredID, asofNanos: outcome.window.asofNanos,
                    horizon: outcome.horizon, signal: outcome.window.signal, forwardReturn: figures.forwardReturn,
                    favourableBps: figures.favourableBps, adverseBps: figures.adverseBps,
                    knownNanos: outcome.dueNanos))
        }
    }

    /// What is known about the window beside its features.
    private mutating func setContext(_ row: borrowing FeatureRow, _ kind: Int) {
        let timeframe = engine.kinds[kind].timeframe
        known[kind].context.session = Session(nanos: row.asofNanos)
        known[kind].context.regime = row[.surprise].map(ContextQuantizer.regime)
        known[kind].context.seenGlobalSeq = seenGlobalSeq
        for horizon in known[kind].horizons {
            let place = Int(horizon.rawValue)
            let (code, context) = contexts.context(of: row, timeframe: timeframe, horizon: horizon)
            guard known[kind].codes[place] != code else { continue }
            known[kind].codes[place] = code
            known[kind].context.conditions[place] = context
        }
    }
}

/// The `sig` log of a run, as the engine sees it; the first error is kept until it is asked for.
private struct SigLog: WindowOutput {
    /// What is kept of a scored window until its outcomes are known.
    struct Scored {
        let id: EventID
        /// Nil where the detector said nothing: of such a window there is nothing to learn.
        let strand: StrandKey?
        let signal: Double
    }

    private let log: any EventOutput
    private var nanos = Int64.min
    private var failure: LogError?
    private(set) var scored: [Scored] = []
    private(set) var scoredCount = 0
    private(set) var abstainedCount = 0

    init(_ log: any EventOutput) { self.log = log }

    /// What is appended next belongs to this moment.
    mutating func begin(_ nanos: Int64) {
        self.nanos = nanos
        scored.removeAll(keepingCapacity: true)
    }

    mutating func append(_ event: some DomainEvent) {
        var event = event
        take(&event)
    }

    mutating func scored(_ event: inout SignalScored, _ strand: StrandKey, spoke: Bool) {
        guard failure == nil else { return }
        scored.append(Scored(id: event.lineage.id, strand: spoke ? strand : nil, signal: event.signal))
        scoredCount += 1
        if event.abstained { abstainedCount += 1 }
        take(&event)
    }

    /// Appends an event where it lies.
    mutating func take<Event: DomainEvent>(_ event: inout Event) {
        guard failure == nil else { return }
        do throws(LogError) { _ = try log.append(&event, to: .sig, eventNanos: nanos, flags: []) } catch {
            failure = error
        }
    }

    mutating func check() throws(LogError) { if let failure { throw failure } }
}

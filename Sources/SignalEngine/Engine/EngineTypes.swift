package import Events
import LogFormat

/// Where the engine's events go; the runtime's effects take them as they come.
package protocol WindowOutput {
    /// Takes one event.
    mutating func append(_ event: some DomainEvent)
    /// Takes the scores of one detector on one asset; the event lies in the engine's memory and becomes the next one.
    ///
    /// - Parameter spoke: whether the detector said something in this window: a direction, or that there is none.
    mutating func scored(_ event: inout SignalScored, _ strand: StrandKey, spoke: Bool)
}

extension WindowOutput {
    /// Takes the scores like any other event.
    package mutating func scored(_ event: inout SignalScored, _ strand: StrandKey, spoke: Bool) { append(event) }
}

/// What is known about a window beside its features.
package struct ScoringContext: Sendable {
    package var session = Session.asia
    package var regime: Regime?
    /// The context in bins for each horizon, in the order of `Horizon`; a detector takes that of its own (LRN-21).
    package var conditions: [WindowContext] = []
    /// Evidence of the micro-experts, nil where they are stale (DSI-14).
    package var evidence: Double?
    package var confirmed: Bool?
    package var experts: [String] = []
    /// The effective patch for each detector of the cohort, in its order; empty for none (BRD-33).
    package var patches: [ScorePatch] = []
    /// Model probability of publishing, nil without a model.
    package var propensity: Double?
    package var priorsVersion = PriorsVersion()
    /// Highest global sequence number that went into it.
    package var seenGlobalSeq: UInt64 = 0

    /// An empty context.
    package init() {}
}

/// Names a detector on an asset within one engine.
package struct StrandKey: Hashable, Sendable {
    /// Place of the detector in the cohort.
    package var detector: Int32
    /// Place of the asset in the engine's list.
    package var asset: Int32

    /// Makes a key.
    package init(detector: Int32, asset: Int32) {
        self.detector = detector
        self.asset = asset
    }
}

/// The outcome of a window in which a detector spoke, at one horizon, once it is known.
package struct OutcomeKnown: Equatable, Sendable {
    package var strand: StrandKey
    /// The scored window's event.
    package var scoredID: EventID
    /// The window's end.
    package var asofNanos: Int64
    package var horizon: Horizon
    /// What the detector had said, -1 to 1.
    package var signal: Double
    /// Forward return, as a fraction.
    package var forwardReturn: Double
    /// Largest moves for and against the signal.
    package var favourableBps: Double
    package var adverseBps: Double
    /// When it became known; scores use it strictly later.
    package var knownNanos: Int64

    /// Makes an outcome.
    package init(
        strand: StrandKey, scoredID: EventID, asofNanos: Int64, horizon: Horizon, signal: Double,
        forwardReturn: Double, favourableBps: Double = 0, adverseBps: Double = 0, knownNanos: Int64
    ) {
        self.strand = strand
        self.scoredID = scoredID
        self.asofNanos = asofNanos
        self.horizon = horizon
        self.signal = signal
        self.forwardReturn = forwardReturn
        self.favourableBps = favourableBps
        self.adverseBps = adverseBps
        self.knownNanos = knownNanos
    }
}

/// How an engine is set up.
package struct EngineSetup: Sendable {
    package var policy = ScorePolicy()
    package var thresholds = Lifecycle.Thresholds()
    /// Mutation siblings per detector; below two, uncertainty comes from bootstrap refits instead (DEF-19).
    package var siblings = 3
    /// Seed of the siblings.
    package var seed: UInt64 = 1
    /// Standing in which detectors enter; other than candidate for a root that takes over a proven cohort.
    package var initialState = DetectorState.candidate
    /// Cadence of the tape of tokens that is recorded beside the windows, in milliseconds (DSI-03); nil for no tape.
    package var tapeMillis: Int64?

    /// The defaults.
    package init() {}
}

/// What an engine keeps of one asset.
struct AssetState: Sendable {
    let id: AssetID
    /// Memory of each program: the detectors, then their siblings.
    private var memories: [[Double]]
    /// Bands of the log price, per kind of window.
    var bands: [PriceBands]
    /// Ids of the events of each detector but for their times.
    let scoredSeeds: [ULIDSeed]
    let kernelSeeds: [ULIDSeed]

    init(id: AssetID, programs: [Recipe], detectors: Int, kinds: Int) {
        self.id = id
        memories = programs.map { $0.makeMemory() }
        bands = [PriceBands](repeating: PriceBands(), count: kinds)
        func seed(_ what: String, _ recipe: Recipe) -> ULIDSeed {
            ULIDSeed(module: .sig, key: "\(what)|\(recipe.id.text)|\(id.text)|\(recipe.source.horizon.text)")
        }
        scoredSeeds = programs.prefix(detectors).map { seed("scored", $0) }
        kernelSeeds = programs.prefix(detectors).map { seed("kernel", $0) }
    }

    /// The scores of a detector on this asset with what is the same in every window.
    static func template(_ recipe: Recipe, _ asset: AssetID) -> SignalScored {
        var event = SignalScored()
        event.symbol = asset
        event.timeframe = recipe.source.timeframe
        event.horizon = recipe.source.horizon
        event.detectorID = recipe.id
        event.detectorVersionHash = recipe.hash
        event.gates = recipe.gates.map { GateResult($0.name, false) }
        if recipe.source.requiresConfirmation { event.gates.append(GateResult(SourceCheck.confirmationGate, false)) }
        return event
    }

    /// Evaluates one of the programs; no allocation.
    mutating func step(
        _ place: Int, of programs: Span<Program>, _ row: borrowing FeatureRow, confirmed: Bool?
    ) -> Verdict {
        var span = memories[place].mutableSpan
        Evaluator.step(programs[place], row, &span)
        return Evaluator.verdict(programs[place], span, confirmed: confirmed)
    }
}

import Events
import Inquiry
import LogFormat
import Runtime
import Weave

@testable import LogEngine

/// A small root with a whole story in it: a market, five versions of the priors, a signal that was published, two that
/// were held back, and messages that did not arrive. The fixture under Fixtures/priors is made of it.
struct Story {
    /// 2026-01-02T00:00:00Z.
    static let start: Int64 = 1_767_312_000_000_000_000
    static let minute: Int64 = 60_000_000_000
    static let modules: [Module] = [.mkt, .sig, .dm, .herald, .ops]
    static let rules = PriorsRules(
        owner: .sig, knobs: [Knob("sig.blend_u", .additive, base: 0.6, range: 0.4...0.8, step: 0.05)])

    let root: Root
    private(set) var priors = PriorsState(rules: Story.rules)
    private(set) var nanos = Story.start
    /// Ids of the events that tests ask for, by a short name.
    private(set) var ids: [String: EventID] = [:]

    init(_ directory: String, environment: LogEnvironment) throws {
        var options = LogOptions()
        options.reserveBytes = 0
        // One batch a commit, however slow the machine is.
        options.batchDelayNanos = 3_600_000_000_000
        options.markDelayNanos = 3_600_000_000_000
        root = try Root(directory, modules: Self.modules, options: options, environment: environment)
    }

    /// Makes the whole story.
    ///
    /// - Parameters:
    ///   - extraTrades: trades that are put in before anything is decided.
    ///   - signal: what the published window says.
    static func make(
        _ directory: String, environment: LogEnvironment, extraTrades: Int = 0, signal: Double = 0.8, seal: Bool = true
    ) throws -> Story {
        var story = try Story(directory, environment: environment)
        try story.market(extraTrades)
        try story.versions()
        try story.signals(signal)
        try story.lostMessages()
        try story.root.commit()
        try story.root.close(seal: seal)
        return story
    }

    @discardableResult
    mutating func add<Event: LogEvent>(_ event: Event, to module: Module) throws -> Place {
        var event = event
        nanos += Self.minute
        return try root.append(&event, to: module, eventNanos: nanos, appendNanos: nanos)
    }

    @discardableResult
    mutating func add<Event: DomainEvent>(
        _ event: Event, to module: Module, as name: String, parent: String? = nil, seen: UInt64 = 0
    ) throws -> Place {
        var event = event
        event.lineage = Lineage(
            id: EventID(module: module, key: name, eventNanos: nanos + Self.minute),
            parentID: parent.flatMap { ids[$0] },
            seenGlobalSeq: seen)
        ids[name] = event.lineage.id
        return try add(event, to: module)
    }

    private mutating func market(_ extraTrades: Int) throws {
        var instrument = MarketInstrument()
        instrument.instrument = 1
        instrument.asset = "BTC-USD"
        instrument.venue = "hyperliquid"
        instrument.symbol = "BTC"
        try add(instrument, to: .mkt)
        for index in 0..<3 { try trade(9_700_000_000_000 + Int64(index) * 50_000_000) }
        for index in 0..<extraTrades { try extraTrade(9_600_000_000_000 + Int64(index)) }
    }

    mutating func trade(_ price: Int64) throws {
        var trade = MarketTrade()
        trade.instrument = 1
        trade.receivedNanos = nanos
        trade.price = price
        trade.size = 25_000_000
        try add(trade, to: .mkt)
    }

    /// A trade that moves nothing else: the clock goes on as if there had been none.
    mutating func extraTrade(_ price: Int64) throws {
        try trade(price)
        nanos -= Self.minute
    }

    private mutating func versions() throws {
        try fold { state, cause in try state.genesis(cause) }
        var gate = Patch()
        gate.patchID = "P-gate"
        gate.key = "gate:breakout_v3:1h:5f3a"
        gate.effect = Effect(thetaDelta: -0.25, phiMult: 1.06, thetaMin: 0.05)
        gate.braidID = BraidID(module: .sig, key: "breakout", eventNanos: Self.start)
        gate.rule = [Literal("mx", .greater, "0.6")]
        let first = AskedPatch(gate)
        try fold { state, cause in try state.propose([first], cause) }
        var knob = Patch()
        knob.patchID = "P-blend"
        knob.key = "sig.blend_u"
        knob.effect.knobs = [KnobChange("sig.blend_u", .additive, 0.02)]
        knob.braidID = BraidID(module: .sig, key: "blend", eventNanos: Self.start)
        var endless = knob
        endless.patchID = "P-endless"
        endless.ttlDays = 0
        let second = [AskedPatch(knob), AskedPatch(endless)]
        try fold { state, cause in try state.propose(second, cause) }
        var act = OperatorActed()
        act.by = "ana"
        act.action = "attenuate"
        act.subject = "P-gate"
        act.amount = 0.8
        act.reason = "too bold after the halving"
        let seen = try add(act, to: .ops, as: "operator").globalSeq
        let record = ids["operator"] ?? EventID()
        try fold(parent: record, seen: seen) { state, cause in
            try state.attenuate("P-gate", by: 0.8, record: record, cause)
        }
        let bad = PatchEvaluation("P-blend", upliftP05: 0.01, support: 1500, stability: 0.5)
        try fold { state, cause in try state.watch([bad], cause) }
    }

    private mutating func fold(
        parent: EventID? = nil, seen: UInt64 = 0, _ ask: (PriorsState, PriorsCause) throws -> [PriorsRecord]
    ) throws {
        let cause = PriorsCause(nanos: nanos + Self.minute, parentID: parent, seenGlobalSeq: seen)
        nanos += Self.minute
        for record in try ask(priors, cause) {
            try append(record.event)
            try priors.fold(record)
        }
    }

    private mutating func append(_ event: PriorsEvent) throws {
        func put<Event: LogEvent>(_ event: Event) throws {
            var event = event
            try root.append(&event, to: .sig, eventNanos: nanos, appendNanos: nanos)
        }
        switch event {
        case .rejected(let event): try put(event)
        case .clipped(let event): try put(event)
        case .applied(let event): try put(event)
        case .watched(let event): try put(event)
        case .changed(let event): try put(event)
        case .braid(let event): try put(event)
        case .alert(let event): try put(event)
        case .compiled(let event): try put(event)
        case .minted(let event): try put(event)
        case .snapshot(let event): try put(event)
        }
    }

    private mutating func signals(_ signal: Double) throws {
        try trade(9_710_000_000_000)
        let seen = root.nextGlobalSeq - 1
        for (name, value) in [("near", 0.4), ("far", 0.3), ("good", signal)] {
            var scored = SignalScored()
            scored.symbol = "BTC-USD"
            scored.detectorID = "breakout_v3"
            scored.signal = value
            scored.sigma = 0.5
            scored.priorsVersion = priors.version ?? ""
            try add(scored, to: .sig, as: name, seen: seen)
        }
        try withhold("far", [.belowTau, .gateKairos], [Metric("tau", -0.2), Metric("kairos", -0.1)])
        try withhold("near", [.belowTau], [Metric("tau", -0.01)])
        var published = SignalPublished()
        published.scoredID = ids["good"] ?? EventID()
        published.asset = "BTC-USD"
        published.detectorID = "breakout_v3"
        published.signal = signal
        try add(published, to: .sig, as: "published", parent: "good", seen: seen)
        var received = MessageReceived()
        received.messageID = ids["published"] ?? EventID()
        received.dedupeKey = "1"
        try add(received, to: .dm, as: "received", parent: "published", seen: root.nextGlobalSeq - 1)
    }

    private mutating func withhold(_ name: String, _ reasons: [WithheldReason], _ margins: [Metric]) throws {
        var withheld = SignalWithheld()
        withheld.scoredID = ids[name] ?? EventID()
        withheld.reasons = reasons
        withheld.margins = margins
        try add(withheld, to: .sig, as: "withheld \(name)", parent: name)
    }

    private mutating func lostMessages() throws {
        var dead = DeadLettered()
        dead.messageID = ids["published"] ?? EventID()
        dead.target = .tr
        dead.reason = .accessDenied
        dead.detail = "found sig to tr, expected a pair of the list: add it to the manifest"
        try add(dead, to: .herald, as: "dead", parent: "published")
        var refused = MessageReceived()
        refused.messageID = ids["near"] ?? EventID()
        refused.result = .refused
        refused.detail = "found no window open, expected one"
        try add(refused, to: .dm, as: "refused", parent: "near")
    }
}

/// A simulated disk with an environment.
struct Bench {
    let disk = SimulatedDisk(seed: 7)
    var environment: LogEnvironment

    init() throws {
        environment = .simulated(disk: disk, clock: SimulatedClock(), seed: 11)
        environment.isProcessAlive = { _ in false }
    }

    /// Makes the story in a new folder of the disk.
    @discardableResult
    func story(
        _ name: String, extraTrades: Int = 0, signal: Double = 0.8, seal: Bool = true
    ) throws -> Story {
        try disk.createDirectory(name)
        return try Story.make(
            name, environment: environment, extraTrades: extraTrades, signal: signal, seal: seal)
    }

    func logs(_ name: String) throws -> RootLogs { try RootLogs(name, environment: environment) }
}

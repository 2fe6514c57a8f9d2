internal import Events
internal import LogEngine
internal import LogFormat
package import Runtime

/// Makes events whose ids, numbers and references hang together.
package struct HistoryGenerator {
    private var random: SeededGenerator
    private var nanos: Int64 = 1_760_000_000_000_000_000
    private var made = 0
    private var scored: [EventID] = []
    private var sent: [EventID] = []
    private var braids: [BraidID] = []
    private var lastSignal: SignalScored?

    package init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private mutating func lineage(_ module: Module) -> Lineage {
        made += 1
        return Lineage(
            id: EventID(module: module, key: "e\(made)", eventNanos: nanos),
            lifecycleID: random.chance(0.5) ? LifecycleID(module: module, key: "l\(made / 3)", eventNanos: nanos) : nil,
            parentID: scored.last, seenGlobalSeq: UInt64(made))
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[random.below(elements.count)]
    }

    private mutating func unit() -> Double { Double(random.below(1001)) / 1000 }
    private mutating func patch() -> PatchID { PatchID("p\(random.below(6))") }
    private mutating func detector() -> DetectorID { DetectorID("breakout_v\(random.below(4))") }

    private mutating func envelope(_ from: Module, _ intent: Intent) -> Envelope? {
        guard random.chance(0.7) else { return nil }
        var envelope = Envelope()
        envelope.from = from
        envelope.to = [.dm, .weave]
        envelope.intent = intent
        envelope.schemaRef = "urn:schema:test:v1"
        envelope.dedupeKey = "k\(made)"
        envelope.tags = ["asset:BTC"]
        return envelope
    }

    /// Appends one random event, or the same one again.
    package mutating func append(to root: Root) throws {
        nanos += Int64(random.below(3_000_000_000))
        switch random.below(24) {
        case 0...6: try appendScore(root)
        case 7...9: try appendOutcome(root)
        case 10: try appendPublication(root)
        case 11: try appendWithheld(root)
        case 12...14: try appendDelivery(root)
        case 15...17: try appendBraid(root)
        case 18...20: try appendPriors(root)
        case 21: try appendOperations(root)
        case 22:
            // Delivered twice: the same id at another place.
            guard var again = lastSignal else { return }
            try root.append(&again, to: .sig, eventNanos: nanos)
        default:
            var strange = StrangeEvent()
            strange.number = Int64(made)
            try root.append(&strange, to: .ops, eventNanos: nanos)
        }
    }

    private mutating func appendScore(_ root: Root) throws {
        var event = SignalScored()
        event.lineage = lineage(.sig)
        event.symbol = ["BTC-USD", "ETH-USD"][random.below(2)]
        event.horizon = Horizon.allCases[random.below(3)]
        event.regime = random.chance(0.5) ? .high : nil
        event.detectorID = detector()
        event.conditionKey = "session=US|hbar=\(random.below(5))"
        event.signal = unit() - 0.5
        event.sigma = random.chance(0.8) ? unit() : nil
        var kernel = KernelParts()
        kernel.theta = unit()
        event.kernel = random.chance(0.5) ? kernel : nil
        event.context = [ContextBin("session", "US")]
        event.priorsVersion = "sig:2025-09-05.v1"
        scored.append(event.lineage.id)
        lastSignal = event
        try root.append(&event, to: .sig, eventNanos: nanos)
    }

    private mutating func appendOutcome(_ root: Root) throws {
        guard let id = pick(scored) else { return }
        var event = SignalEvaluated()
        event.lineage = lineage(.sig)
        event.scoredID = id
        event.horizonSeconds = [30, 300, 3600][random.below(3)]
        event.forwardReturn = unit() / 100
        event.hit = random.chance(0.9) ? random.chance(0.5) : nil
        try root.append(&event, to: .sig, eventNanos: nanos)
    }

    private mutating func appendPublication(_ root: Root) throws {
        var event = SignalPublished()
        event.lineage = lineage(.sig)
        event.scoredID = pick(scored) ?? EventID()
        event.detectorID = detector()
        event.curatedSigma = unit()
        event.envelope = envelope(.sig, .alphaProposed)
        sent.append(event.lineage.id)
        try root.append(&event, to: .sig, eventNanos: nanos)
    }

    private mutating func appendWithheld(_ root: Root) throws {
        var event = SignalWithheld()
        event.lineage = lineage(.sig)
        event.scoredID = pick(scored) ?? EventID()
        event.reasons = [.veto, .belowTau]
        try root.append(&event, to: .sig, eventNanos: nanos)
    }

    private mutating func appendDelivery(_ root: Root) throws {
        guard let id = pick(sent) else { return }
        switch random.below(5) {
        case 0:
            var event = MessagePicked()
            event.lineage = lineage(.herald)
            event.messageID = id
            event.to = [.dm]
            try root.append(&event, to: .herald, eventNanos: nanos)
        case 1:
            var event = DeliveryRecorded()
            event.lineage = lineage(.herald)
            event.messageID = id
            event.step = random.chance(0.5) ? .delivered : .retried
            event.attempt = Int64(random.below(4))
            try root.append(&event, to: .herald, eventNanos: nanos)
        case 2:
            var event = MessageReceived()
            event.lineage = lineage(.dm)
            event.messageID = id
            event.result = ReceiptResult.allCases[random.below(3)]
            try root.append(&event, to: .dm, eventNanos: nanos)
        case 3:
            var event = DeadLettered()
            event.lineage = lineage(.herald)
            event.messageID = id
            event.target = random.chance(0.5) ? .dm : nil
            event.detail = "found \"x\", expected y"
            try root.append(&event, to: .herald, eventNanos: nanos)
        default:
            var event = LagReported()
            event.lineage = lineage(.herald)
            event.delivered = 3
            event.lagMillisP95 = unit()
            try root.append(&event, to: .herald, eventNanos: nanos)
        }
    }

    private mutating func appendBraid(_ root: Root) throws {
        let known = pick(braids)
        switch known == nil ? 0 : random.below(5) {
        case 0:
            var event = BraidProposed()
            event.lineage = lineage(.weave)
            event.braidID = BraidID(module: .weave, key: "b\(made)", eventNanos: nanos)
            event.parents = braids.suffix(2)
            event.rule = [Literal("hbar", .greater, "0.5")]
            event.effect.thetaDelta = -0.01
            event.envelope = envelope(.weave, .lessonPublished)
            braids.append(event.braidID)
            try root.append(&event, to: .weave, eventNanos: nanos)
        case 1:
            var event = BraidEvaluated()
            event.lineage = lineage(.weave)
            event.braidID = known ?? BraidID()
            event.quality = unit()
            event.parts = [Metric("uplift", unit()), Metric("none", nil)]
            try root.append(&event, to: .weave, eventNanos: nanos)
        case 2:
            var event = BraidActivated()
            event.lineage = lineage(.weave)
            event.braidID = known ?? BraidID()
            event.patchID = patch()
            try root.append(&event, to: .weave, eventNanos: nanos)
        case 3:
            var event = HorizonScored()
            event.lineage = lineage(.weave)
            event.detectorID = DetectorID("d\(random.below(3))")
            event.parts = [HorizonPart()]
            event.composite = random.chance(0.5) ? unit() : nil
            try root.append(&event, to: .weave, eventNanos: nanos)
        default:
            var event = AtomUpdated()
            event.lineage = lineage(.weave)
            event.atomID = AtomID("a\(random.below(9))")
            event.samples = unit() * 100
            try root.append(&event, to: .weave, eventNanos: nanos)
        }
    }

    private mutating func appendPriors(_ root: Root) throws {
        switch random.below(5) {
        case 0:
            var event = PatchProposed()
            event.lineage = lineage(.weave)
            event.patch.patchID = patch()
            event.patch.key = "gate:breakout"
            event.envelope = envelope(.weave, .priorPatch)
            try root.append(&event, to: .weave, eventNanos: nanos)
        case 1:
            var event = PatchApplied()
            event.lineage = lineage(.sig)
            event.asked.patchID = patch()
            event.priorsVersion = PriorsVersion("sig:2025-09-05.v\(random.below(5))")
            try root.append(&event, to: .sig, eventNanos: nanos)
        case 2:
            var event = PatchChanged()
            event.lineage = lineage(.sig)
            event.patchID = patch()
            event.change = PatchEnd.allCases[random.below(5)]
            event.cause = "watchdog"
            event.factor = 0.5
            try root.append(&event, to: .sig, eventNanos: nanos)
        case 3:
            var event = SnapshotTaken()
            event.lineage = lineage(.sig)
            event.priorsVersion = PriorsVersion("sig:2025-09-05.v\(random.below(5))")
            event.after = (0..<random.below(6)).map { index in
                var prior = ActivePrior()
                prior.key = PriorKey("gate:\(index)")
                prior.value = Double(made)
                return prior
            }
            try root.append(&event, to: .sig, eventNanos: nanos)
        default:
            var event = VersionMinted()
            event.lineage = lineage(.sig)
            event.priorsVersion = PriorsVersion("sig:2025-09-05.v\(random.below(5))")
            try root.append(&event, to: .sig, eventNanos: nanos)
        }
    }

    private mutating func appendOperations(_ root: Root) throws {
        if random.chance(0.5) {
            var event = AlarmRaised()
            event.lineage = lineage(.ops)
            event.subject = "feed \(random.below(3))"
            event.value = unit()
            try root.append(&event, to: .ops, eventNanos: nanos)
        } else {
            var event = RunStarted()
            event.lineage = lineage(.ops)
            event.runID = RunID(module: .ops, key: "r\(random.below(4))", eventNanos: 0)
            event.seed = .max
            try root.append(&event, to: .ops, eventNanos: nanos)
        }
    }
}

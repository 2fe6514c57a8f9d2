import Events
import Statistics
import Weave

/// Priors to test with.
enum Priors {
    /// 2026-01-01T00:00:00Z.
    static let start: Int64 = 1_767_225_600_000_000_000
    static let hour: Int64 = 3_600_000_000_000

    static func cause(hours: Int64) -> PriorsCause { PriorsCause(nanos: start + hours * hour) }

    static let sig = PriorsRules(
        owner: .sig, knobs: [Knob("sig.blend_u", .additive, base: 0.6, range: 0.4...0.8, step: 0.05)])
    static let dm = PriorsRules(
        owner: .dm,
        knobs: [
            Knob("dm.turnover_penalty", .multiplicative, base: 0.02, range: 0.01...0.04),
            Knob("dm.cash", .additive, base: 0.1, range: 0...0.5),
        ])

    static func gate(_ id: PatchID, theta: Double = -0.12, phi: Double = 1.06, braid: UInt64 = 1) -> Patch {
        var patch = Patch()
        patch.patchID = id
        patch.key = PriorKey("gate:breakout_v3:1h:\(id)")
        patch.effect = Effect(thetaDelta: theta, phiMult: phi, thetaMin: 0.05)
        patch.braidID = braidID(braid)
        patch.rule = Example.b1Rule.literals
        return patch
    }

    static func knob(_ id: PatchID, _ change: KnobChange, owner: Module, braid: UInt64 = 5) -> Patch {
        var patch = Patch()
        patch.patchID = id
        patch.key = change.knob
        patch.owner = owner
        patch.effect.knobs = [change]
        patch.braidID = braidID(braid)
        return patch
    }

    /// A log of priors with its fold.
    struct Log {
        var state: PriorsState
        var records: [PriorsRecord] = []

        init(_ rules: PriorsRules) throws {
            state = PriorsState(rules: rules)
            try add(try state.genesis(Priors.cause(hours: 0)))
        }

        @discardableResult
        mutating func add(_ new: [PriorsRecord]) throws -> [PriorsRecord] {
            try state.fold(new)
            records += new
            return new
        }

        @discardableResult
        mutating func propose(_ patches: Patch..., hours: Int64, sender: Module? = nil) throws -> [PriorsRecord] {
            try add(try state.propose(patches.map { AskedPatch($0, sender: sender) }, Priors.cause(hours: hours)))
        }
    }

    /// Names of the events, in their order.
    static func names(_ records: [PriorsRecord]) -> [String] {
        records.map { record in
            switch record.event {
            case .rejected: "rejected"
            case .clipped: "clipped"
            case .applied: "applied"
            case .watched: "watched"
            case .changed(let event): PatchEnd.symbols[Int(event.change.rawValue)]
            case .braid: "braid"
            case .alert: "alert"
            case .compiled: "compiled"
            case .minted: "minted"
            case .snapshot: "snapshot"
            }
        }
    }

    /// A random history: patches good and bad, evaluations, and what operators do.
    static func history(_ seed: UInt64, steps: Int = 40) throws -> Log {
        var draw = Draw(seed)
        var log = try Log(sig)
        for step in 1...steps {
            let cause = Priors.cause(hours: Int64(step * 17))
            let records: [PriorsRecord]
            let live = log.state.patches.map(\.asked.patchID)
            let picked = live.isEmpty ? nil : live[draw.stream.index(below: live.count)]
            switch (draw.stream.index(below: 8), picked) {
            case (0...2, _), (_, nil):
                var patch = gate(PatchID("p\(step)"), theta: draw.uniform(-0.3, 0.1), phi: draw.uniform(0.8, 1.3))
                if draw.stream.index(below: 4) == 0 { patch.ttlDays = 0 }
                let change = KnobChange("sig.blend_u", .additive, draw.uniform(-0.08, 0.08))
                let second = knob(PatchID("k\(step)"), change, owner: .sig)
                records = try log.state.propose([AskedPatch(patch), AskedPatch(second)], cause)
            case (3, let id?):
                let evaluation = PatchEvaluation(id, upliftP05: draw.uniform(-0.02, 0.02), support: 2000, stability: 2)
                records = try log.state.watch([evaluation], cause)
            case (4, let id?):
                records = try log.state.attenuate(id, by: 0.8, record: eventID(UInt64(step)), cause)
            case (5, let id?): records = try log.state.archive(id, record: eventID(UInt64(step)), cause)
            case (6, _): records = try log.state.expire(cause)
            default: records = try log.state.suspendUnwatched(cause)
            }
            try log.add(records)
        }
        return log
    }
}

import Events
import Testing
import Weave

/// What the owner of the priors allows (PRI-20, PRI-21, HER-17, NEV-14).
@Suite struct PatchCheckTests {
    static func rejection(_ patch: Patch, _ rules: PriorsRules = Priors.sig) throws -> PatchRejected? {
        let state = PriorsState(rules: rules)
        let records = try state.propose([AskedPatch(patch)], Priors.cause(hours: 1))
        guard case .rejected(let event)? = records.first?.event else { return nil }
        #expect(records.count == 1)
        return event
    }

    @Test func `EX-23: sig names theta_delta to dm: rejected as an unknown knob, and told so`() throws {
        var log = try Priors.Log(Priors.dm)
        var patch = Priors.gate("p1")
        patch.owner = .dm
        patch.key = "dm.turnover_penalty"
        let records = try log.propose(patch, hours: 1, sender: .sig)
        #expect(Priors.names(records) == ["rejected"])
        guard case .rejected(let event)? = records.first?.event else { return }
        #expect(event.reason == .unknownKnob && event.detail.contains("theta_delta"))
        #expect(event.envelope?.to == [.sig] && event.envelope?.intent == .priorPatchRejected)
        #expect(log.state.patches.isEmpty && log.state.version == "dm:2026-01-01.v1")
    }

    @Test func `EX-23: a patch on turnover_penalty within its cap is applied, and told so`() throws {
        var log = try Priors.Log(Priors.dm)
        let patch = Priors.knob("p2", KnobChange("dm.turnover_penalty", .multiplicative, 1.1), owner: .dm)
        let records = try log.propose(patch, hours: 1, sender: .sig)
        #expect(Priors.names(records) == ["applied", "minted", "snapshot"])
        guard case .applied(let event)? = records.first?.event else { return }
        #expect(event.envelope?.to == [.sig] && event.envelope?.intent == .priorPatchApplied)
        #expect(event.priorsVersion == "dm:2026-01-01.v2" && event.priorsVersion == log.state.version)
        #expect(near(log.state.current.value(of: "dm.turnover_penalty") ?? 0, 0.022))
    }

    @Test func `an unbounded, endless, irrevocable, causeless or foreign patch is refused`() throws {
        let mutations: [(PatchRejection, (inout Patch) -> Void)] = [
            (.wrongModule, { $0.owner = .tr }), (.unknownKnob, { $0.key = "dm.cash" }),
            (.unknownKnob, { $0.key = "secret" }),
            (.unknownKnob, { $0.effect.knobs = [KnobChange("dm.cash", .additive, 0.1)] }),
            (.unknownKnob, { $0.effect.knobs = [KnobChange("sig.blend_u", .multiplicative, 1.1)] }),
            (.unbounded, { $0.effect.thetaDelta = .infinity }), (.unbounded, { $0.effect.phiMult = 0 }),
            (.unbounded, { $0.effect.thetaMin = -1 }), (.noExpiry, { $0.ttlDays = 0 }),
            (.noExpiry, { $0.ttlDays = 31 }), (.noRevertRule, { $0.revertRule.supportMin = 0 }),
            (.noRevertRule, { $0.revertRule.upliftP05AtMost = -0.1 }), (.noCause, { $0.braidID = nil }),
            (.noCause, { $0.operatorEventID = eventID(1) }), (.notAllowed, { $0.rule = [] }),
        ]
        for (reason, mutate) in mutations {
            var patch = Priors.gate("p1")
            mutate(&patch)
            let event = try Self.rejection(patch)
            #expect(event?.reason == reason, "\(event?.detail ?? "applied")")
            #expect(event?.detail.contains("found") == true && event?.detail.contains("expected") == true)
        }
        #expect(try Self.rejection(Priors.gate("p1")) == nil)
    }

    @Test func `what asks for more than a cap is cut to it, asked and applied both kept`() throws {
        var log = try Priors.Log(Priors.sig)
        var patch = Priors.gate("p1", theta: -0.5, phi: 1.4)
        patch.effect.thetaMin = 0.01
        patch.effect.phiMultMax = 2
        patch.effect.knobs = [KnobChange("sig.blend_u", .additive, 0.2)]
        let records = try log.propose(patch, hours: 1)
        let clips = records.compactMap { if case .clipped(let event) = $0.event { event } else { nil } }
        #expect(clips.map(\.knob) == ["theta_delta", "phi_mult", "theta_min", "phi_mult_max", "sig.blend_u"])
        #expect(clips.map(\.asked) == [-0.5, 1.4, 0.01, 2, 0.2])
        #expect(clips.map(\.applied) == [-0.2, 1.15, 0.05, 1.15, 0.05])
        let live = try #require(log.state.live("p1"))
        #expect(live.asked == patch && live.applied.thetaDelta == -0.2 && live.applied.phiMult == 1.15)
        #expect(near(log.state.current.value(of: "sig.blend_u") ?? 0, 0.65))
    }

    @Test func `many small patches cannot move a knob out of its range`() throws {
        var log = try Priors.Log(Priors.sig)
        for number in 1...9 {
            let change = KnobChange("sig.blend_u", .additive, 0.05)
            try log.propose(Priors.knob(PatchID("p\(number)"), change, owner: .sig), hours: Int64(number))
        }
        #expect(log.state.current.value(of: "sig.blend_u") == 0.8)
    }

    @Test func `a field braid's patch may make the caps stricter by a little, not wider`() throws {
        var patch = Priors.gate("p1", theta: 0, phi: 1)
        patch.key = "policy:thin_weekend"
        patch.effect.knobs = [
            KnobChange(Caps.thetaMinKey, .additive, 0.02), KnobChange(Caps.phiMultMaxKey, .multiplicative, 1.2),
        ]
        var log = try Priors.Log(Priors.sig)
        try log.propose(patch, hours: 1)
        #expect(log.state.live("p1")?.applied.knobs.map(\.amount) == [0.02, 1])
    }
}

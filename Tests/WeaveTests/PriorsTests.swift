import Events
import LogFormat
import Testing
import Weave

/// Priors as versions (PRI-01…07, PRI-20…28) under their watchdog (WDG-01…12).
@Suite struct PriorsTests {
    @Test func `EX-16: no revert at the first failing evaluation, revert at the second in a row`() throws {
        var log = try Priors.Log(Priors.sig)
        try log.propose(Priors.gate("p1"), hours: 1)
        let evaluations = [0.020, -0.004, -0.001].map {
            PatchEvaluation("p1", upliftP05: $0, support: 1500, stability: 1.5)
        }
        let first = try log.add(log.state.watch([evaluations[0]], Priors.cause(hours: 25)))
        #expect(Priors.names(first) == ["watched"])
        let second = try log.add(log.state.watch([evaluations[1]], Priors.cause(hours: 49)))
        #expect(Priors.names(second) == ["watched"] && log.state.live("p1")?.failures == 1)
        let third = try log.add(log.state.watch([evaluations[2]], Priors.cause(hours: 73)))
        let expected = ["watched", "REVERTED", "braid", "alert", "compiled", "minted", "snapshot"]
        #expect(Priors.names(third) == expected)
        #expect(log.state.version == "sig:2026-01-04.v1" && log.state.patches.isEmpty)
        for record in third {
            switch record.event {
            case .changed(let event):
                #expect(event.evidence.first == Metric("oos_uplift_p05", -0.001) && event.cause.contains("2 in a row"))
            case .braid(let event): #expect(event.braidID == braidID(1) && event.to == .archived)
            case .snapshot(let event): #expect(event.removed == ["p1"] && event.previous == "sig:2026-01-01.v2")
            default: break
            }
        }
    }

    @Test func `a good evaluation in between starts the count anew; too little support judges nothing`() throws {
        var log = try Priors.Log(Priors.sig)
        try log.propose(Priors.gate("p1"), hours: 1)
        let series: [(Double, Int64)] = [(-0.01, 1500), (0.01, 1500), (-0.01, 1500), (-0.01, 1199), (-0.01, 1500)]
        for (index, (p05, support)) in series.enumerated() {
            #expect(log.state.live("p1") != nil, "gone before evaluation \(index)")
            let evaluation = PatchEvaluation("p1", upliftP05: p05, support: support)
            try log.add(log.state.watch([evaluation], Priors.cause(hours: Int64(25 + index))))
        }
        #expect(log.state.live("p1") == nil)
    }

    @Test func `an evaluation without numbers is refused, not passed`() throws {
        var log = try Priors.Log(Priors.sig)
        try log.propose(Priors.gate("p1"), hours: 1)
        for (p05, stability) in [(Double.nan, 2), (0.1, Double.nan), (-.infinity, 2)] {
            let evaluation = PatchEvaluation("p1", upliftP05: p05, support: 1500, stability: stability)
            let error = #expect(throws: WeaveError.self) { try log.state.watch([evaluation], Priors.cause(hours: 2)) }
            #expect(error?.code == .evaluation)
        }
        let stranger = PatchEvaluation("p2", upliftP05: 0, support: 1)
        let error = #expect(throws: WeaveError.self) { try log.state.watch([stranger], Priors.cause(hours: 2)) }
        #expect(error?.code == .notInForce && error?.description.contains("never applied") == true)
    }

    @Test func `one failure is enough at the end of its time, and instability at any time`() throws {
        var log = try Priors.Log(Priors.sig)
        try log.propose(Priors.gate("p1"), Priors.gate("p2", braid: 2), hours: 0)
        let unstable = PatchEvaluation("p2", upliftP05: 0.02, support: 1500, stability: 0.9)
        try log.add(log.state.watch([unstable], Priors.cause(hours: 24)))
        #expect(log.state.live("p2") == nil && log.state.live("p1") != nil)
        let failing = PatchEvaluation("p1", upliftP05: 0, support: 1200, stability: 2)
        try log.add(log.state.watch([failing], Priors.cause(hours: 30 * 24)))
        #expect(log.state.live("p1") == nil)
    }

    @Test func `versions count within a day, name the last one, and outlast a clock that steps back`() throws {
        var log = try Priors.Log(Priors.sig)
        #expect(log.state.version == "sig:2026-01-01.v1")
        try log.propose(Priors.gate("p1"), hours: 1)
        try log.propose(Priors.gate("p2"), hours: 2)
        #expect(log.state.version == "sig:2026-01-01.v3")
        try log.propose(Priors.gate("p3"), hours: 24)
        #expect(log.state.version == "sig:2026-01-02.v1")
        try log.propose(Priors.gate("p4"), hours: 3)
        #expect(log.state.version == "sig:2026-01-02.v2")
        let minted = log.records.compactMap { if case .minted(let event) = $0.event { event } else { nil } }
        #expect(minted.map(\.previous) == [nil] + minted.dropLast().map { Optional($0.priorsVersion) })
    }

    @Test func `the set is in force from the record after its version on`() throws {
        var log = try Priors.Log(Priors.sig)
        let records = try log.state.propose([AskedPatch(Priors.gate("p1"))], Priors.cause(hours: 1))
        #expect(Priors.names(records) == ["applied", "minted", "snapshot"])
        try log.state.fold(records[0])
        #expect(log.state.current["p1"] == nil && log.state.version == "sig:2026-01-01.v1")
        try log.state.fold(records[1])
        #expect(log.state.current["p1"] != nil && log.state.version == "sig:2026-01-01.v2")
    }

    @Test func `a patch id counts once, and never for other content`() throws {
        var log = try Priors.Log(Priors.sig)
        try log.propose(Priors.gate("p1"), hours: 1)
        #expect(try log.propose(Priors.gate("p1"), hours: 2).isEmpty)
        let other = try log.propose(Priors.gate("p1", theta: -0.1), hours: 3)
        #expect(Priors.names(other) == ["rejected"])
        #expect(try log.propose(Priors.gate("p1", theta: -0.1), hours: 4).isEmpty)
        #expect(log.state.live("p1")?.applied.thetaDelta == -0.12)
        let both = try log.propose(Priors.gate("p9"), Priors.gate("p9"), hours: 5)
        #expect(Priors.names(both) == ["applied", "minted", "snapshot"])
    }

    @Test func `reverting one patch leaves the others bit for bit`() throws {
        var log = try Priors.Log(Priors.sig)
        let change = KnobChange("sig.blend_u", .additive, 0.03)
        try log.propose(Priors.gate("p1"), Priors.knob("k1", change, owner: .sig), hours: 1)
        try log.propose(Priors.knob("k2", KnobChange("sig.blend_u", .additive, 0.01), owner: .sig), hours: 2)
        let kept = log.state.current["k2"]
        try log.add(log.state.archive("k1", record: eventID(1), Priors.cause(hours: 3)))
        #expect(log.state.current["k2"] == kept && log.state.current["k1"] == nil)
        #expect(near(log.state.current.value(of: "sig.blend_u") ?? 0, 0.61))
    }

    @Test func `an operator weakens with x 0.8, once a record`() throws {
        var log = try Priors.Log(Priors.sig)
        try log.propose(Priors.gate("p1"), hours: 1)
        try log.add(log.state.attenuate("p1", by: 0.8, record: eventID(1), Priors.cause(hours: 2)))
        let effect = try #require(log.state.current["p1"]?.effect)
        #expect(near(effect.thetaDelta, -0.096) && (effect.phiMult * 1e5).rounded() == 104_772)
        #expect(try log.state.attenuate("p1", by: 0.8, record: eventID(1), Priors.cause(hours: 3)).isEmpty)
        #expect(throws: WeaveError.self) {
            try log.state.attenuate("p1", by: 1.2, record: eventID(2), Priors.cause(hours: 3))
        }
    }

    @Test func `the board extends once; then the patch expires`() throws {
        var log = try Priors.Log(Priors.sig)
        try log.propose(Priors.gate("p1"), hours: 0)
        try log.add(log.state.extend("p1", byDays: 30, record: eventID(1), Priors.cause(hours: 24)))
        let again = #expect(throws: WeaveError.self) {
            try log.state.extend("p1", byDays: 1, record: eventID(2), Priors.cause(hours: 25))
        }
        #expect(again?.code == .alreadyExtended)
        #expect(try log.state.expire(Priors.cause(hours: 60 * 24 - 1)).isEmpty)
        let ended = try log.add(log.state.expire(Priors.cause(hours: 60 * 24)))
        #expect(Priors.names(ended) == ["EXPIRED", "braid", "compiled", "minted", "snapshot"])
        #expect(log.state.patches.isEmpty && log.state.appliedBefore("p1") != nil)
        let gone = #expect(throws: WeaveError.self) {
            try log.state.extend("p1", byDays: 1, record: eventID(3), Priors.cause(hours: 60 * 24 + 1))
        }
        #expect(gone?.code == .notInForce && gone?.description.contains("no longer in force") == true)
    }

    @Test func `48 hours without a watchdog neutralise a patch until it looks again`() throws {
        var log = try Priors.Log(Priors.sig)
        try log.propose(Priors.gate("p1"), hours: 0)
        #expect(try log.state.suspendUnwatched(Priors.cause(hours: 47)).isEmpty)
        let suspended = try log.add(log.state.suspendUnwatched(Priors.cause(hours: 48)))
        #expect(Priors.names(suspended) == ["SUSPENDED", "minted", "snapshot"])
        let neutral = try #require(log.state.current["p1"]?.effect)
        #expect(neutral.thetaDelta == 0 && neutral.phiMult == 1)
        #expect(try log.state.suspendUnwatched(Priors.cause(hours: 60)).isEmpty)
        let good = PatchEvaluation("p1", upliftP05: 0.01, support: 1500, stability: 2)
        let resumed = try log.add(log.state.watch([good], Priors.cause(hours: 61)))
        #expect(Priors.names(resumed) == ["watched", "minted", "snapshot"])
        #expect(log.state.current["p1"]?.effect.thetaDelta == -0.12)
    }

    @Test func `braids act through their patches: clipped, weakened, suspended, or not at all`() throws {
        var log = try Priors.Log(Priors.sig)
        try log.propose(Priors.gate("p1", theta: -0.5), hours: 0)
        func patch(hours: Int64) throws -> EffectivePatch {
            let braids = try log.state.braids([Example.b1(), Example.b2()], at: Priors.cause(hours: hours).nanos)
            return try EffectivePatch.compute(
                BraidGraph(braids), target: Example.target, window: Example.window, theta: 0.5)
        }
        #expect(try patch(hours: 1).scopes.flatMap(\.members).map(\.id) == [braidID(1)])
        #expect(try patch(hours: 1).asked.thetaDelta == -0.2)
        #expect(near(try patch(hours: 27 * 24).asked.thetaDelta, -0.1))
        try log.add(log.state.attenuate("p1", by: 0.8, record: eventID(1), Priors.cause(hours: 2)))
        #expect(near(try patch(hours: 3).asked.thetaDelta, -0.16))
        try log.add(log.state.suspendUnwatched(Priors.cause(hours: 48)))
        #expect(try patch(hours: 49).scopes.isEmpty)
    }

    @Test func `a reverted patch from elsewhere is told to its sender`() throws {
        var log = try Priors.Log(Priors.dm)
        let change = KnobChange("dm.turnover_penalty", .multiplicative, 1.05)
        try log.propose(Priors.knob("p1", change, owner: .dm), hours: 0, sender: .sig)
        let bad = PatchEvaluation("p1", upliftP05: 0.1, support: 1500, stability: 0.2)
        let records = try log.add(log.state.watch([bad], Priors.cause(hours: 5)))
        let alerts = records.compactMap { if case .alert(let event) = $0.event { event } else { nil } }
        #expect(alerts.first?.envelope?.to == [.sig] && alerts.first?.envelope?.intent == .watchdogAlert)
        #expect(log.state.current.value(of: "dm.turnover_penalty") == 0.02)
    }
}

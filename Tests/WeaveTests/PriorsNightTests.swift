import Events
import Testing
import Weave

/// What a learning job may do to the priors by itself: calibrations and the blend (SIG-09, SIG-11, LRN-62, JOB-13).
@Suite struct PriorsNightTests {
    static func calibration(_ id: PatchID, _ probabilities: [Double] = [0.25, 0.25, 0.75]) -> Patch {
        var patch = Patch()
        patch.patchID = id
        patch.key = "calib:breakout_v3"
        patch.jobEventID = eventID(7)
        var curve = CalibrationCurve()
        curve.input = .sigma
        curve.scores = probabilities.indices.map { 0.25 * Double($0) }
        curve.probabilities = probabilities
        curve.samples = 400
        patch.curves = [curve]
        return patch
    }

    static func blend(_ id: PatchID, _ amount: Double) -> Patch {
        var patch = Patch()
        patch.patchID = id
        patch.key = "sig.blend_u"
        patch.effect.knobs = [KnobChange("sig.blend_u", .additive, amount)]
        patch.jobEventID = eventID(8)
        return patch
    }

    @Test func `a night is one version, and a refit takes the place of the map before`() throws {
        var log = try Priors.Log(Priors.sig)
        var night = PriorsNight()
        night.refits = [Self.calibration("c1")]
        night.patches = [Self.blend("b1", 0.01)]
        try log.add(try log.state.night(night, Priors.cause(hours: 24)))
        #expect(log.state.version == "sig:2026-01-02.v1")
        #expect(log.state.current.value(of: "sig.blend_u") == 0.61)
        #expect(log.state.current["c1"]?.curves == night.refits[0].curves)
        #expect(log.state.current["c1"]?.jobEventID == eventID(7))

        var next = PriorsNight()
        next.refits = [Self.calibration("c2", [0.3, 0.5])]
        next.evaluations = [PatchEvaluation("b1", upliftP05: 0.02, support: 3000)]
        let records = try log.add(try log.state.night(next, Priors.cause(hours: 48)))
        #expect(Priors.names(records) == ["watched", "applied", "EXPIRED", "compiled", "minted", "snapshot"])
        #expect(log.state.version == "sig:2026-01-03.v1" && log.state.live("c1") == nil)
        #expect(log.state.current.priors.filter { $0.key == "calib:breakout_v3" }.map(\.patchID) == ["c2"])
        var rebuilt = PriorsState(rules: Priors.sig)
        try rebuilt.fold(log.records)
        #expect(rebuilt == log.state)
    }

    @Test func `a refit that is refused leaves the map before in force`() throws {
        var log = try Priors.Log(Priors.sig)
        var night = PriorsNight()
        night.refits = [Self.calibration("c1")]
        try log.add(try log.state.night(night, Priors.cause(hours: 24)))
        night.refits = [Self.calibration("c2", [0.5, 0.4])]
        let records = try log.add(try log.state.night(night, Priors.cause(hours: 48)))
        #expect(Priors.names(records) == ["rejected"] && log.state.live("c1") != nil)
    }

    @Test func `a night that changes nothing is no version`() throws {
        let log = try Priors.Log(Priors.sig)
        #expect(try log.state.night(PriorsNight(), Priors.cause(hours: 24)).isEmpty)
    }

    @Test func `a blend that stopped paying goes the second night, its neighbour stays (WDG-03, WDG-06)`() throws {
        var log = try Priors.Log(Priors.sig)
        var night = PriorsNight()
        night.patches = [Self.blend("b1", 0.01), Self.blend("b2", 0.01)]
        try log.add(try log.state.night(night, Priors.cause(hours: 24)))
        #expect(log.state.current.value(of: "sig.blend_u") == 0.62)
        for (hours, left) in [(48, 2), (72, 1)] {
            var watched = PriorsNight()
            watched.evaluations = [
                PatchEvaluation("b1", upliftP05: -0.01, support: 1200),
                PatchEvaluation("b2", upliftP05: 0.01, support: 1200),
            ]
            try log.add(try log.state.night(watched, Priors.cause(hours: Int64(hours))))
            #expect(log.state.patches.count == left)
        }
        #expect(log.state.current.value(of: "sig.blend_u") == 0.61)
    }

    @Test func `a map that nobody fits anew is suspended, and has no knots then (WDG-11, NEV-29)`() throws {
        var log = try Priors.Log(Priors.sig)
        var night = PriorsNight()
        night.refits = [Self.calibration("c1")]
        try log.add(try log.state.night(night, Priors.cause(hours: 24)))
        try log.add(try log.state.night(PriorsNight(), Priors.cause(hours: 48)))
        #expect(log.state.current["c1"]?.curves.count == 1)
        try log.add(try log.state.night(PriorsNight(), Priors.cause(hours: 72)))
        #expect(log.state.current["c1"]?.curves.isEmpty == true)
        night.refits = [Self.calibration("c2")]
        try log.add(try log.state.night(night, Priors.cause(hours: 96)))
        #expect(log.state.current["c2"]?.curves.count == 1 && log.state.live("c1") == nil)
    }

    @Test func `a job moves the blend by a hundredth and nothing else (SIG-11)`() throws {
        var log = try Priors.Log(Priors.sig)
        let records = try log.propose(Self.blend("b1", 0.04), hours: 24)
        #expect(Priors.names(records).prefix(2) == ["clipped", "applied"])
        #expect(log.state.current.value(of: "sig.blend_u") == 0.61)
        let cases: [(PatchRejection, Patch, (inout Patch) -> Void)] = [
            (.notAllowed, Priors.gate("p1"), { ($0.braidID, $0.jobEventID) = (nil, eventID(7)) }),
            (.notAllowed, Self.blend("b2", 0.01), { $0.effect.thetaDelta = -0.1 }),
            (.notAllowed, Self.calibration("c1"), { $0.effect.phiMult = 1.1 }),
            (.notAllowed, Self.blend("b3", 0.01), { $0.curves = Self.calibration("c").curves }),
            (.noCause, Self.calibration("c2"), { $0.jobEventID = nil }),
            (.noCause, Self.calibration("c3"), { $0.braidID = braidID(1) }),
            (.unbounded, Self.calibration("c4"), { $0.curves[0].probabilities[2] = 1.5 }),
            (.unbounded, Self.calibration("c5"), { $0.curves[0].scores[1] = 0 }),
            (.unbounded, Self.calibration("c6"), { $0.curves[0].scores.removeLast() }),
            (.unbounded, Self.calibration("c7"), { $0.curves[0].scores[2] = .infinity }),
            (.unbounded, Self.calibration("c8"), { ($0.curves[0].scores, $0.curves[0].probabilities) = ([], []) }),
        ]
        for (reason, patch, mutate) in cases {
            var patch = patch
            mutate(&patch)
            let event = try PatchCheckTests.rejection(patch)
            #expect(event?.reason == reason, "\(patch.patchID): \(event?.detail ?? "applied")")
        }
    }

    @Test func `sets without maps keep the hash that they always had`() {
        var prior = ActivePrior()
        prior.key = "sig.blend_u"
        prior.value = 0.6
        let text = prior.canonicalJSON
        #expect(!text.contains("curves") && !text.contains("job_event") && text.hasSuffix("\"confidence\":null}"))
        prior.curves = Self.calibration("c1").curves
        #expect(
            prior.canonicalJSON.hasSuffix(
                "\"confidence\":null,\"curves\":[{\"input\":\"sig_sigma\",\"scores\":[0.0,0.25,0.5],"
                    + "\"probabilities\":[0.25,0.25,0.75],\"samples\":400}]}"))
    }
}

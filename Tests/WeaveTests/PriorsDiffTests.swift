import Events
import Foundation
import Testing
import Weave

/// The difference between two versions of the priors (PRI-27, EX-38).
@Suite struct PriorsDiffTests {
    static func log() throws -> Priors.Log {
        var log = try Priors.Log(Priors.sig)
        try log.propose(Priors.gate("p1"), Priors.gate("p2", theta: -0.05, braid: 2), hours: 1)
        // This one stays as it is and must not be listed.
        try log.propose(Priors.gate("p0", theta: -0.01, braid: 9), hours: 1)
        try log.propose(Priors.knob("k1", KnobChange("sig.blend_u", .additive, 0.02), owner: .sig, braid: 3), hours: 2)
        try log.add(log.state.attenuate("p2", by: 0.8, record: eventID(8), Priors.cause(hours: 3)))
        let bad = PatchEvaluation("p1", upliftP05: 0.01, support: 1500, stability: 0.5)
        try log.add(log.state.watch([bad], Priors.cause(hours: 4)))
        return log
    }

    @Test func `EX-38: exactly the knobs changed, old and new, with patch, braid, operator and evidence`() throws {
        let log = try Self.log()
        let diff = try PriorsDiff(log.records, from: "sig:2026-01-01.v3", to: "sig:2026-01-01.v6")
        #expect(
            diff.entries.map(\.key) == [
                "gate:breakout_v3:1h:p1", "gate:breakout_v3:1h:p2", "sig.blend_u", "sig.blend_u",
            ])
        let (p1, p2, knob, k1) = (diff.entries[0], diff.entries[1], diff.entries[2], diff.entries[3])
        #expect(p1.new == nil && p1.old?.effect.thetaDelta == -0.12 && p1.braids == [braidID(1)])
        #expect(p1.causes.last == "reverted: stability 0.5 below 1.0")
        #expect(p1.evidence == [Metric("oos_uplift_p05", 0.01), Metric("support", 1500), Metric("stability", 0.5)])
        #expect(p2.old?.effect.thetaDelta == -0.05 && near(p2.new?.effect.thetaDelta ?? 0, -0.04))
        #expect(p2.operators == [eventID(8)] && p2.causes == ["attenuated: operator, factor 0.8"])
        #expect(knob.old?.value == 0.6 && near(knob.new?.value ?? 0, 0.62))
        #expect(knob.patches == ["k1"] && knob.braids == [braidID(3)] && knob.causes == ["applied"])
        #expect(k1.old == nil && k1.new?.patchID == "k1")
        // Whether it is more than noise, by the last evaluation (AT7.2).
        #expect(p1.noise.map(\.verdict) == [.beyond] && p1.noise[0].upliftP05 == 0.01 && p1.noise[0].support == 1500)
        #expect(p2.noise.map(\.verdict) == [.unknown] && knob.noise.map(\.patchID) == ["k1"])
    }

    @Test(arguments: [
        (0.01, Int64(1200), PatchNoise.Verdict.beyond), (0, 1200, .within), (-0.02, 1500, .within),
        (0.01, 1199, .tooFew), (-0.02, 10, .tooFew),
    ]) func `the last evaluation tells an effect from noise`(
        _ upliftP05: Double, _ support: Int64, _ verdict: PatchNoise.Verdict
    ) throws {
        var log = try Priors.Log(Priors.sig)
        try log.propose(Priors.gate("p1"), hours: 1)
        // What was said before counts no more.
        try log.add(log.state.watch([PatchEvaluation("p1", upliftP05: 0.5, support: 5000)], Priors.cause(hours: 2)))
        let last = PatchEvaluation("p1", upliftP05: upliftP05, support: support)
        try log.add(log.state.watch([last], Priors.cause(hours: 3)))
        try log.add(log.state.attenuate("p1", by: 0.8, record: eventID(8), Priors.cause(hours: 4)))
        let versions = log.records.compactMap { record -> PriorsVersion? in
            if case .snapshot(let event) = record.event { event.priorsVersion } else { nil }
        }
        let (before, after) = (versions[versions.count - 2], versions[versions.count - 1])
        let entry = try #require(PriorsDiff(log.records, from: before, to: after).entries.first)
        #expect(entry.noise.map(\.verdict) == [verdict] && entry.noise[0].upliftP05 == upliftP05)
    }

    @Test func `nothing changed between a version and itself`() throws {
        let log = try Self.log()
        #expect(try PriorsDiff(log.records, from: "sig:2026-01-01.v3", to: "sig:2026-01-01.v3").entries.isEmpty)
    }

    @Test func `backwards, old and new change places`() throws {
        let log = try Self.log()
        let there = try PriorsDiff(log.records, from: "sig:2026-01-01.v3", to: "sig:2026-01-01.v6")
        let back = try PriorsDiff(log.records, from: "sig:2026-01-01.v6", to: "sig:2026-01-01.v3")
        #expect(back.entries.map(\.old) == there.entries.map(\.new))
        #expect(back.entries.map(\.causes) == there.entries.map(\.causes))
    }

    @Test func `a version that was never minted is refused`() throws {
        let log = try Self.log()
        let error = #expect(throws: WeaveError.self) { try PriorsDiff(log.records, from: "sig:2026-01-01.v9", to: "x") }
        #expect(error?.description.hasPrefix("found no snapshot of sig:2026-01-01.v9") == true)
    }

    @Test func `text and JSON say the same, JSON parses`() throws {
        let log = try Self.log()
        let diff = try PriorsDiff(log.records, from: "sig:2026-01-01.v3", to: "sig:2026-01-01.v6")
        let lines = diff.text.split(separator: "\n").map(String.init)
        #expect(lines[0] == "priors sig:2026-01-01.v3 -> sig:2026-01-01.v6: 4 changed")
        #expect(lines[1] == "- gate:breakout_v3:1h:p1: (-0.12, 1.06), until 2026-01-31T01:00:00.000000000Z -> none")
        #expect(lines.contains("    operator \(eventID(8))"))
        #expect(lines.contains("    evidence oos_uplift_p05 0.01, support 1500.0, stability 0.5"))
        #expect(lines.contains("    beyond noise: p1, p05 of the uplift 0.01 over 1500 windows"))
        #expect(lines.contains("    noise not told yet: p2 was not evaluated"))
        let parsed = try JSONSerialization.jsonObject(with: Data(diff.json.utf8)) as? [String: Any]
        #expect((parsed?["changes"] as? [[String: Any]])?.count == 4)
        #expect(parsed?["from"] as? String == "sig:2026-01-01.v3")
    }
}

import Events
import LogFormat
import Runtime
import Testing

@testable import Inquiry
@testable import LogEngine

/// `lotus why-not`: what stopped a thing, the nearest miss first.
@Suite struct RefusalTests {
    let bench: Bench
    let story: Story

    init() throws {
        bench = try Bench()
        story = try bench.story("root")
    }

    private func search(_ name: String, near nanos: Int64? = nil) throws -> RefusalSearch {
        try RefusalSearch(name, near: nanos, of: try bench.logs("root"))
    }

    @Test func `of an asset, the nearest miss comes first, with its gates and by how much`() throws {
        let found = try search("BTC-USD").refusals
        #expect(found.map { $0.about?.id } == [story.ids["near"]?.ulid, story.ids["far"]?.ulid])
        try #require(found.count == 2)
        #expect(found[0].gates == [Refusal.Gate(name: "BELOW_TAU", miss: 0.01, detail: "tau -0.01")])
        #expect(
            found[1].gates.map(\.name) == ["BELOW_TAU", "GATE_KAIROS"] && found[1].gates.map(\.miss) == [0.2, 0.1])
        #expect(found[0].text.contains("BELOW_TAU, missed by 0.01: tau -0.01"))
    }

    @Test func `with a moment, the nearest in time comes first`() throws {
        let far = try #require(try search("BTC-USD").refusals.last?.event.head.eventNanos)
        let found = try search("BTC-USD", near: far).refusals
        #expect(found.map { $0.about?.id } == [story.ids["far"]?.ulid, story.ids["near"]?.ulid])
    }

    @Test func `a patch that was refused names the rule`() throws {
        let found = try search("P-endless")
        #expect(found.refusals.map { $0.gates.map(\.name) } == [["NO_EXPIRY"]] && found.passed.isEmpty)
        #expect(found.refusals.first?.gates.first?.detail.contains("expected 1 to 30: set ttl_days") == true)
    }

    @Test func `a patch that was cut and applied says both`() throws {
        let found = try search("P-gate")
        #expect(found.refusals.map { $0.gates.map(\.name) } == [["CAP"], ["ATTENUATED"]])
        let gate = try #require(found.refusals.first?.gates.first)
        #expect(gate.name == "CAP" && abs((gate.miss ?? 0) - 0.05) < 1e-12)
        #expect(found.passed.map(\.schema.name) == ["priors.PatchApplied"])
    }

    @Test func `a patch and a braid that were taken back say why, with the evidence`() throws {
        let found = try search("P-blend").refusals
        #expect(found.map { $0.gates.map(\.name) } == [["REVERTED"]])
        #expect(
            found.first?.gates.first?.detail
                == "stability 0.5 below 1.0, oos_uplift_p05 0.01, support 1500.0, stability 0.5")
        let braid = BraidID(module: .sig, key: "blend", eventNanos: Story.start)
        for name in ["\(braid)", braid.ulid.text] {
            #expect(try search(name).refusals.map { $0.gates.map(\.name) } == [["archived"]])
        }
    }

    @Test func `patches that were not chosen say what room was left`() throws {
        let bench = try Bench()
        try bench.disk.createDirectory("chosen")
        var story = try Story("chosen", environment: bench.environment)
        var compiled = SetCompiled()
        compiled.chosen = ["P-1"]
        compiled.refused = ["P-2", "P-3"]
        compiled.thetaSlack = 0.01
        compiled.method = "exact"
        try story.add(compiled, to: .sig, as: "compiled")
        // What was recompiled after a patch left is no choice.
        compiled.method = "recompiled"
        try story.add(compiled, to: .sig, as: "recompiled")
        try story.root.close()
        let found = try RefusalSearch("P-3", near: nil, of: try bench.logs("chosen")).refusals
        #expect(found.map(\.subject) == ["patches P-2, P-3"])
        #expect(found.first?.gates.first?.detail == "exact: room left: theta_slack 0.01, phi_slack 0.0")
        #expect(try RefusalSearch("P-1", near: nil, of: try bench.logs("chosen")).refusals.isEmpty)
    }

    @Test func `a message tells who took it and who did not`() throws {
        let id = try #require(story.ids["published"])
        let found = try search("\(id)")
        #expect(found.refusals.map { $0.gates.map(\.name) } == [["ACL_DENIED"]])
        #expect(found.passed.map(\.schema.name) == ["sig.SignalPublished", "msg.Received"])
        let refused = try search("\(try #require(story.ids["near"]))").refusals
        #expect(refused.flatMap { $0.gates.map(\.name) } == ["BELOW_TAU", "REFUSED by dm"])
    }

    @Test func `gates of a scored window are read besides the reasons of its record`() throws {
        let bench = try Bench()
        try bench.disk.createDirectory("gates")
        var story = try Story("gates", environment: bench.environment)
        func score(_ name: String, _ gates: [(String, Bool)], abstained: Bool = false) throws {
            var scored = SignalScored()
            scored.symbol = "BTC-USD"
            scored.detectorID = "breakout_v3"
            scored.abstained = abstained
            scored.gates = gates.map { GateResult($0.0, $0.1) }
            try story.add(scored, to: .sig, as: name)
        }
        func withhold(_ name: String) throws {
            var withheld = SignalWithheld()
            withheld.scoredID = story.ids[name] ?? EventID()
            withheld.reasons = [.gateKairos]
            withheld.margins = [Metric("kairos", -0.1)]
            try story.add(withheld, to: .sig, as: "withheld \(name)")
        }
        // No record of its own, two gates closed.
        try score("two", [("kairos", false), ("confirm", false), ("tau", true)])
        // No record of its own, one gate closed: the nearest.
        try score("one", [("confirm", false), ("kairos", true)])
        // Both: the reason and the gate of the same name are one.
        try score("both", [("kairos", false), ("confirm", false)])
        try withhold("both")
        try score("all open", [("kairos", true)])
        try score("abstained", [], abstained: true)
        // Published in spite of a gate that only counts elsewhere.
        try score("published", [("confirm", false)])
        var published = SignalPublished()
        published.scoredID = story.ids["published"] ?? EventID()
        try story.add(published, to: .sig, as: "publication")
        try story.root.close()
        let found = try RefusalSearch("BTC-USD", near: nil, of: try bench.logs("gates")).refusals
        #expect(
            found.map { $0.gates.map(\.name) } == [
                ["confirm"], ["ABSTAINED"], ["kairos", "confirm"], ["GATE_KAIROS", "confirm"],
            ])
        #expect(found.map(\.event.schema.name).last == SignalWithheld.typeName)
        let id = try #require(story.ids["one"])
        let one = try RefusalSearch("\(id)", near: nil, of: try bench.logs("gates")).refusals
        #expect(one.map(\.subject) == ["window \(id)"] && one[0].text.contains("confirm: did not let the window pass"))
        #expect(try RefusalSearch("other_v1", near: nil, of: try bench.logs("gates")).refusals.isEmpty)
    }

    @Test func `nothing of an unknown name is found`() throws {
        let found = try search("ETH-USD")
        #expect(found.refusals.isEmpty && found.passed.isEmpty)
    }
}

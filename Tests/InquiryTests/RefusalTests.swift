import Events
import LogFormat
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
        let gate = try #require(found.refusals.first?.gates.first)
        #expect(gate.name == "CAP" && abs((gate.miss ?? 0) - 0.05) < 1e-12)
        #expect(found.passed.map(\.schema.name) == ["priors.PatchApplied"])
    }

    @Test func `a message tells who took it and who did not`() throws {
        let id = try #require(story.ids["published"])
        let found = try search("\(id)")
        #expect(found.refusals.map { $0.gates.map(\.name) } == [["ACL_DENIED"]])
        #expect(found.passed.map(\.schema.name) == ["sig.SignalPublished", "msg.Received"])
        let refused = try search("\(try #require(story.ids["near"]))").refusals
        #expect(refused.flatMap { $0.gates.map(\.name) } == ["BELOW_TAU", "REFUSED by dm"])
    }

    @Test func `nothing of an unknown name is found`() throws {
        let found = try search("ETH-USD")
        #expect(found.refusals.isEmpty && found.passed.isEmpty)
    }
}

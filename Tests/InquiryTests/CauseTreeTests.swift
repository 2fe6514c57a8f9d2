import Events
import LogFormat
import Runtime
import Testing

@testable import Inquiry
@testable import LogEngine

/// `lotus why`: the causes of an event, back to the raw events.
@Suite struct CauseTreeTests {
    let bench: Bench
    let story: Story

    init() throws {
        bench = try Bench()
        story = try bench.story("root")
    }

    private func event(_ name: String) throws -> RecordedEvent {
        let id = try #require(story.ids[name])
        return try #require(try bench.logs("root").event(id.ulid, isThorough: true))
    }

    @Test func `a receipt leads over the message and the window to the last trade that was seen`() throws {
        let tree = try CauseTree(try event("received"), of: try bench.logs("root"))
        let message = try #require(tree.root.causes.first)
        #expect(message.arrow == .parent && message.event?.schema.name == "sig.SignalPublished")
        let window = try #require(message.causes.first)
        #expect(window.arrow == .parent && window.event?.id == story.ids["good"]?.ulid)
        let trade = try #require(window.causes.last)
        // The window names the version that it was scored under, which nothing caused by name.
        #expect(window.causes.first?.arrow == .field("priors_ver") && window.causes.count == 2)
        #expect(window.causes.first?.event?.text("priors_ver") == "sig:2026-01-02.v5")
        #expect(trade.event?.schema.name == "mkt.Traded" && trade.event?.text("price") == "97100.00000000")
        #expect(trade.arrow == .seen(trade.event?.head.globalSeq ?? 0) && trade.causes.isEmpty)
        // The message names the window in a field as well: it is the same arrow, told once.
        #expect(message.causes.count == 1 && tree.count == 5 && !tree.isCut)
        #expect(tree.text.contains("└─ parent: sig.SignalPublished"))
        #expect(tree.text.contains("seen up to gsn"))
    }

    @Test func `an operator's record is the cause of the patch change`() throws {
        let walk = try bench.logs("root").walk("sig", types: ["priors.PatchChanged"])
        #expect(try walk.next())
        let tree = try CauseTree(try walk.event(), of: try bench.logs("root"))
        #expect(tree.root.causes.map(\.arrow) == [.parent, .field("patch_id")])
        #expect(tree.root.causes.last?.event?.schema.name == "priors.PatchApplied")
        #expect(tree.root.causes.first?.event?.text("by") == "ana")
    }

    @Test func `a patch leads to the proposal of its braid`() throws {
        let bench = try Bench()
        try bench.disk.createDirectory("braids")
        var story = try Story("braids", environment: bench.environment)
        var proposed = BraidProposed()
        proposed.braidID = BraidID(module: .sig, key: "breakout", eventNanos: 1)
        try story.add(proposed, to: .sig, as: "proposed")
        var applied = PatchApplied()
        applied.asked.braidID = proposed.braidID
        try story.add(applied, to: .sig, as: "applied")
        try story.root.close()
        let logs = try bench.logs("braids")
        let tree = try CauseTree(try #require(try logs.event("sig", seq: 2)), of: logs)
        #expect(tree.root.causes.map(\.arrow) == [.field("asked.created_by_braid")])
        #expect(tree.root.causes.first?.event?.seq == 1)
    }

    @Test func `a cause that the root does not hold is named as missing`() throws {
        let bench = try Bench()
        try bench.disk.createDirectory("torn")
        var torn = try Story("torn", environment: bench.environment)
        var received = MessageReceived()
        received.lineage = Lineage(
            id: EventID(module: .dm, key: "x", eventNanos: 5),
            parentID: EventID(module: .sig, key: "lost", eventNanos: 4))
        received.dedupeKey = "1"
        try torn.add(received, to: .dm)
        try torn.root.close()
        let logs = try bench.logs("torn")
        let tree = try CauseTree(try #require(try logs.event("dm", seq: 1)), of: logs)
        #expect(tree.root.causes.count == 1 && tree.root.causes.first?.event == nil)
        #expect(tree.text.contains("is not in this root"))
    }

    @Test func `an id that lies about its time is found by reading all`() throws {
        let bench = try Bench()
        try bench.disk.createDirectory("lying")
        var story = try Story("lying", environment: bench.environment)
        let id = EventID(module: .dm, key: "x", eventNanos: 5)
        var received = MessageReceived()
        received.lineage = Lineage(id: id)
        try story.add(received, to: .dm)
        try story.root.close()
        let logs = try bench.logs("lying")
        #expect(try logs.event(id.ulid, isThorough: false) == nil)
        #expect(try logs.event(id.ulid, isThorough: true)?.place == "dm:1")
    }

    @Test func `an unknown id has its nearest ids`() throws {
        let logs = try bench.logs("root")
        let known = try event("near")
        #expect(try logs.event("sig", seq: known.seq) == known)
        let id = try #require(known.id)
        let unknown = ULID(high: id.high, low: id.low &+ 1)
        #expect(try logs.event(unknown, isThorough: true) == nil)
        let nearest = try logs.nearest(unknown)
        #expect(nearest.count == 4 && nearest == nearest.sorted() && nearest.dropFirst().first == id)
    }

    @Test func `every place in the order over all logs is found`() throws {
        let logs = try bench.logs("root")
        for globalSeq in 1..<story.root.nextGlobalSeq {
            #expect(try logs.event(globalSeq: globalSeq)?.head.globalSeq == globalSeq)
        }
        #expect(try logs.event(globalSeq: story.root.nextGlobalSeq) == nil)
    }
}

import Events
import Foundation
import LiveFeed
import LogEngine
import Market
import Runtime
import Testing
import VenueFeed
import VenueFeedTesting

/// What a live session refuses, how it ends, and what it leaves behind a crash.
@Suite(.serialized) struct LiveIngestTests {
    static func plan(_ venue: LocalVenue, coins: [String] = ["BTC"]) throws -> FeedPlan {
        try FeedPlan(address: venue.address, coins: coins, channels: [.trades, .bestPrices], timing: quickTiming())
    }

    static func trade(_ id: Int, millis: Int64) -> String {
        #"{"coin":"BTC","side":"B","px":"100000.0","sz":"0.5","time":\#(millis),"hash":"0x0","tid":\#(id)}"#
    }

    static func trades(_ ids: ClosedRange<Int>) -> [UInt8] {
        let start = Tape.startNanos / 1_000_000
        let all = ids.map { trade($0, millis: start + Int64($0) * 1_000) }.joined(separator: ",")
        return Array(#"{"channel":"trades","data":[\#(all)]}"#.utf8)
    }

    @Test func `an unknown coin is told with the nearest name and makes no root`() throws {
        let scratch = try Scratch()
        let venue = try LocalVenue(VenueSetup(coins: ["BTC", "ETH"]))
        defer { venue.shutDown() }
        var options = LiveOptions()
        options.recording = "\(scratch.path)/recording.txt"
        let plan = try Self.plan(venue, coins: ["btc"])
        do throws(LiveError) {
            _ = try LiveIngest.run(
                plan, root: "\(scratch.path)/root", options: options, stop: LiveStop())
            Issue.record("an unknown coin was taken")
        } catch {
            #expect(error.description.contains("'btc'") && error.description.contains("did you mean 'BTC'"))
        }
        #expect(venue.connectionCount == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    }

    @Test func `a recording never overwrites a file`() throws {
        let scratch = try Scratch()
        let venue = try LocalVenue(VenueSetup(coins: ["BTC"]))
        defer { venue.shutDown() }
        var options = LiveOptions()
        options.recording = "\(scratch.path)/recording.txt"
        try "mine".write(toFile: "\(scratch.path)/recording.txt", atomically: false, encoding: .utf8)
        #expect(throws: LiveError.self) {
            try LiveIngest.run(Self.plan(venue), root: "\(scratch.path)/root", options: options, stop: LiveStop())
        }
        #expect(try String(contentsOfFile: "\(scratch.path)/recording.txt", encoding: .utf8) == "mine")
    }

    @Test func `a feed that gives up ends the session and says why`() throws {
        let scratch = try Scratch()
        var setup = VenueSetup(coins: ["BTC"])
        setup.refusal = { _ in VenueRefusal(status: 503) }
        let venue = try LocalVenue(setup)
        defer { venue.shutDown() }
        let report = try LiveIngest.run(Self.plan(venue), root: "\(scratch.path)/root", stop: LiveStop())
        guard case .feedEnded(let reason) = report.end else {
            Issue.record("ended as \(report.end)")
            return
        }
        #expect(reason.contains("503"))
        #expect(report.connections.failedCount == 5 && report.frameCount == 0)
    }

    /// LOG-20, SEC-12.
    @Test func `a session that was broken off is closed by the next one, which goes on behind it`() throws {
        let scratch = try Scratch()
        let root = "\(scratch.path)/root"
        // The first session breaks after its first trades, the second gets some of them again.
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { connection in
                [.awaitSubscriptions(2), .text(Self.trades(connection == 0 ? 1...5 : 3...8))]
            })
        defer { venue.shutDown() }
        let clock = StepClock(Tape.startNanos, step: 1_000_000_000)
        #expect(throws: LiveError.self) {
            try LiveIngest.run(Self.plan(venue), root: root, clock: clock, stop: LiveStop()) {
                status throws(LogError) in
                if status.frameCount >= 3 { throw LogError(.fileSystem, "the test breaks off") }
            }
        }
        #expect(try events(root) { MarketSourceOpened() }.count == 1)
        #expect(try events(root) { MarketSourceRead() }.isEmpty, "the session has no end")

        let stop = LiveStop()
        let report = try LiveIngest.run(Self.plan(venue), root: root, clock: clock, stop: stop) {
            status throws(LogError) in
            if status.frameCount >= 3 { stop.request() }
        }
        #expect(report.counts.duplicateCount == 3, "trades that are on the log are dropped")
        let order = try records(root).map(\.name)
        let trades = { (count: Int) in Array(repeating: MarketTrade.typeName, count: count) }
        #expect(
            order == [MarketSourceOpened.typeName, MarketInstrument.typeName] + trades(5)
                + [MarketGap.typeName, MarketSourceRead.typeName, MarketSourceOpened.typeName] + trades(3)
                + [MarketGap.typeName, MarketSourceRead.typeName])
        let gap = try #require(try events(root) { MarketGap() }.first)
        #expect(gap.event.reason == .sourceEnded && gap.event.instrument == 0)
        #expect(gap.event.fromNanos == Tape.startNanos + 5_000_000_000 && gap.nanos == gap.event.fromNanos)
        let closed = try events(root) { MarketSourceRead() }.map(\.event)
        try #require(closed.count == 2)
        #expect(closed[0].hash == PayloadHash() && closed[0].eventCount == 7)
        #expect(closed[1].hash == PayloadHash(report.digest) && closed[1].eventCount == 4)
    }

    @Test func `an interrupted ingest of files is not buried under a live session`() throws {
        let scratch = try Scratch()
        let root = "\(scratch.path)/root"
        let log = try MarketLog(root)
        var opened = MarketSourceOpened()
        opened.kind = "frames-hyperliquid"
        opened.name = "capture.gz"
        try log.open(opened, eventNanos: 1)
        try log.commit()
        try log.close()
        let venue = try LocalVenue(VenueSetup(coins: ["BTC"]))
        defer { venue.shutDown() }
        let plan = try Self.plan(venue)
        do throws(LiveError) {
            _ = try LiveIngest.run(plan, root: root, stop: LiveStop())
            Issue.record("a live session began")
        } catch {
            #expect(error.description.contains("capture.gz"))
        }
    }

    @Test func `a feed that was interrupted types its gap before its next message`() throws {
        var intake = Intake()
        var reader = HyperliquidReader()
        var tape = Tape(seed: 5)
        var nanos = Tape.startNanos
        func take(_ count: Int) {
            for frame in tape.next(count) {
                nanos += 1_000_000
                reader.frame(frame.span, receivedNanos: nanos, into: &intake)
            }
        }
        take(16)
        let before = intake.queue.count
        intake.interrupted(.hyperliquid, symbol: "ETH", .books, isStall: true)
        intake.interrupted(.hyperliquid, symbol: "ETH", .trades, isStall: true)
        intake.interrupted(.hyperliquid, symbol: "NONE", .books, isStall: false)
        intake.interrupted(.hyperliquid, symbol: "BTC", .quotes, isStall: false)
        take(16)
        let kinds = intake.queue.slots[before...].map(\.kind)
        let gaps = intake.queue.gaps
        #expect(gaps.map(\.channel).sorted() == ["books", "quotes"])
        for gap in gaps { #expect(gap.reason == (gap.channel == "books" ? .stalled : .reconnect)) }
        for place in kinds.indices where kinds[place] == .gap {
            #expect(kinds[place + 1] == .book || kinds[place + 1] == .quote)
        }
        // One that never speaks again has its gap at the end of the session.
        intake.interrupted(.hyperliquid, symbol: "BTC", .contexts, isStall: false)
        intake.endInterruptions()
        #expect(intake.queue.gaps.count == 3 && intake.queue.gaps[2].channel == "contexts")
        intake.endInterruptions()
        #expect(intake.queue.gaps.count == 3)
    }
}

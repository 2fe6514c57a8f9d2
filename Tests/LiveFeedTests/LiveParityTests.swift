import Events
import Foundation
import LiveFeed
import LogEngine
import LogFormat
import Market
import Runtime
import Specimens
import Testing
import VenueFeed
import VenueFeedTesting

/// A live session against its own replay, and against an ingest of its recording.
///
/// Parity means three things:
///
/// 1. **Live against replay.** The Signal Engine that follows the market log while the session writes it, commit by
///    commit, writes the same `sig` records, byte for byte, as one that replays the sealed log at once. Nothing is left
///    out of this: scores, facts, outcomes and their lineage.
/// 2. **Live against recording, market events.** Root A (the session) and root B (`lotus ingest` of the session's
///    recording) hold the same events in the same order, byte for byte, but for: the events that announce and close the
///    source (kind, name, and in A no hash at the start), and gaps that only the connection knows of, which A has in
///    addition. Every gap of B is in A.
/// 3. **Live against recording, signals.** Without such a gap the `sig` records of A and B are the same, byte for byte.
///    With one they need not be: windows behind a gap know that data is missing.
@Suite(.serialized) struct LiveParityTests {
    /// What a session left behind.
    struct Outcome {
        let report: LiveReport
        let live: [MemoryOutput.Line]
        let portionCount: Int
    }

    /// Runs a session of a venue that sends portions, with the Signal Engine behind it.
    ///
    /// - Parameter portionEnds: messages after which the next portion is asked for; after the last one it ends.
    static func session(
        _ setup: VenueSetup, _ scratch: Scratch, channels: [FeedChannel], coins: [String], clock: StepClock,
        portionEnds: [Int]
    ) throws -> Outcome {
        let venue = try LocalVenue(setup)
        defer { venue.shutDown() }
        let plan = try FeedPlan(address: venue.address, coins: coins, channels: channels, timing: quickTiming())
        var options = LiveOptions()
        options.recording = "\(scratch.path)/recording.txt"
        options.seal = true
        options.commitNanos = 1
        let stop = LiveStop()
        let root = "\(scratch.path)/A"
        var signals = try Signals(root)
        var asked = 0
        let report = try LiveIngest.run(
            plan, root: root, options: options, clock: clock, stop: stop
        ) { status throws(LogError) in
            try signals.goOn()
            while asked < portionEnds.count, status.frameCount >= portionEnds[asked] {
                asked += 1
                venue.signal("portion \(asked)")
            }
            if asked == portionEnds.count { stop.request() }
        }
        let live = try signals.finish()
        return Outcome(report: report, live: live, portionCount: signals.portionCount)
    }

    /// Ingests the recording into a root of its own.
    static func ingest(_ scratch: Scratch) throws -> IngestReport {
        let ingest = try Ingest(root: "\(scratch.path)/B")
        let report = try ingest.run(["\(scratch.path)/recording.txt"])
        try ingest.close()
        return report
    }

    static let announcements: Set<String> = [MarketSourceOpened.typeName, MarketSourceRead.typeName]

    /// What must be the same in A and B.
    static func common(_ root: String) throws -> [Record] {
        try records(root).filter { $0.name != MarketGap.typeName && !announcements.contains($0.name) }
    }

    /// The parts of parity that hold whatever the connection did.
    static func check(_ scratch: Scratch, _ outcome: Outcome) throws {
        var replay = try Signals("\(scratch.path)/A")
        let replayed = try replay.finish()
        #expect(replay.portionCount == 1)
        #expect(!replayed.isEmpty)
        #expect(outcome.live.count == replayed.count)
        let place = zip(outcome.live, replayed).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        #expect(place == nil, "sig record \(place ?? 0) of the live run differs from its replay")

        let ingested = try ingest(scratch)
        #expect(ingested.total.rejectCount == outcome.report.counts.rejectCount)
        let (a, b) = (try common("\(scratch.path)/A"), try common("\(scratch.path)/B"))
        #expect(a.count == b.count && a == b)
        let gaps = try records("\(scratch.path)/A").filter { $0.name == MarketGap.typeName }
        for gap in try records("\(scratch.path)/B") where gap.name == MarketGap.typeName {
            #expect(gaps.contains(gap), "every gap of the recording is one of the session")
        }
        // The session is closed by the hash of its recording, so reading that into the same root adds nothing.
        let recorded = Array(try Data(contentsOf: URL(filePath: "\(scratch.path)/recording.txt")))
        #expect(outcome.report.recordedBytes == UInt64(recorded.count))
        var hasher = SHA256Hasher()
        hasher.update(recorded)
        let closing = try #require(try events("\(scratch.path)/A") { MarketSourceRead() }.last)
        #expect(closing.event.hash == PayloadHash(hasher.digest()) && closing.event.kind == "live-hyperliquid")
        let before = try records("\(scratch.path)/A").count
        let again = try Ingest(root: "\(scratch.path)/A")
        let known = try again.run(["\(scratch.path)/recording.txt"])
        try again.close()
        guard case .known = known.sources[0].outcome else {
            Issue.record("the recording is not known to the root of its session")
            return
        }
        #expect(try records("\(scratch.path)/A").count == before)
    }

    @Test func `a session with a lost connection replays to the same signals`() throws {
        let scratch = try Scratch()
        var tape = Tape(seed: 1)
        // What the clock gives to the beginning of a connection: `connected`, and each acknowledgement twice.
        tape.pass(1 + 2 * Tape.subscriptionCount)
        let first = [tape.next(700), tape.next(900)]
        tape.pass(3 + 2 * Tape.subscriptionCount)
        // Bitcoin's replay reaches back to known trades, Ether's does not.
        let replays = [tape.replay(0, knownCount: 3), tape.replay(1, knownCount: 0)]
        let second = [replays + tape.next(800), tape.next(1_200)]
        let setup = VenueSetup(coins: Tape.coins) { connection in
            connection == 0
                ? steps(first, firstSignal: 0, subscriptions: 8, endsWithDrop: true)
                : steps(second, firstSignal: 2, subscriptions: 8, endsWithDrop: false)
        }
        // The second portion's end needs no signal: the connection drops by itself.
        let counts = [8 + 700, 8 + 1_600, 16 + 1_600 + 802, 16 + 1_600 + 2_002]
        let outcome = try Self.session(
            setup, scratch, channels: [.trades, .bestPrices, .book(fast: true), .assetContext], coins: Tape.coins,
            clock: StepClock(Tape.startNanos, step: Tape.stepNanos), portionEnds: counts)
        #expect(outcome.report.end == .stopped)
        #expect(outcome.report.frameCount == counts[3])
        #expect(outcome.report.counts.rejectCount == 0)
        #expect(outcome.report.connections.openedCount == 2 && outcome.report.connections.closedCount == 1)
        #expect(outcome.portionCount >= 4, "the engine followed the log in portions")
        #expect(outcome.live.count { $0.name == "sig.SignalScored" } > 100)
        try Self.check(scratch, outcome)

        // What differs: the gaps that only the connection knew of, and nothing else.
        func gaps(_ root: String) throws -> [MarketGap] {
            try events("\(scratch.path)/\(root)") { MarketGap() }.map(\.event)
        }
        let (a, b) = (try gaps("A"), try gaps("B"))
        #expect(b.count == 1 && b.first?.reason == .sourceEnded && b.first?.instrument == 0)
        let only = a.filter { !b.contains($0) }
        #expect(a.count == only.count + 1)
        #expect(only.allSatisfy { $0.reason == .reconnect })
        let names = only.map { "\($0.instrument) \($0.channel)" }.sorted()
        #expect(
            names
                == [
                    "1 books", "1 contexts", "1 quotes", "2 books", "2 contexts", "2 quotes",
                    // The coin whose replayed trades did not reach back.
                    try Self.number(of: "ETH", scratch) + " trades",
                ].sorted())
        #expect(outcome.report.counts[.bridgedReconnect] == 1)
        // Each stands before the message that ends it, and begins where its feed was last seen.
        let lastBefore = Tape.startNanos + Int64(1_600 + 17) * Tape.stepNanos
        #expect(
            only.allSatisfy { $0.fromNanos <= lastBefore + Tape.stepNanos && $0.fromNanos > lastBefore - 3_000_000_000 }
        )
    }

    static func number(of symbol: String, _ scratch: Scratch) throws -> String {
        let listed = try events("\(scratch.path)/A") { MarketInstrument() }
        return "\(try #require(listed.first { $0.event.symbol == symbol }).event.instrument)"
    }

    @Test func `without a lost connection the recording gives the same signals too`() throws {
        let scratch = try Scratch()
        var tape = Tape(seed: 2)
        tape.pass(1 + 2 * Tape.subscriptionCount)
        let portions = [tape.next(600), tape.next(900)]
        let setup = VenueSetup(coins: Tape.coins) { _ in
            steps(portions, firstSignal: 0, subscriptions: 8, endsWithDrop: false)
        }
        let outcome = try Self.session(
            setup, scratch, channels: [.trades, .bestPrices, .book(fast: true), .assetContext], coins: Tape.coins,
            clock: StepClock(Tape.startNanos, step: Tape.stepNanos), portionEnds: [608, 1_508])
        try Self.check(scratch, outcome)
        let gaps = { (root: String) in try records("\(scratch.path)/\(root)").filter { $0.name == MarketGap.typeName } }
        #expect(try gaps("A") == gaps("B"))
        var other = try Signals("\(scratch.path)/B")
        #expect(try other.finish() == outcome.live)
    }

    @Test func `real messages of the venue replay to the same signals`() throws {
        guard FileManager.default.fileExists(atPath: RecordedTape.file.path) else {
            Issue.record("no messages at \(RecordedTape.file.path): set LOTUS_DATA; not tried", severity: .warning)
            return
        }
        let scratch = try Scratch()
        let lines = try RecordedFrames.load(RecordedTape.file)
        let start = try #require(lines.first).receivedNanos
        let half = lines.count / 2
        let first = [lines[..<half].map(\.bytes)]
        let second = [lines[half...].map(\.bytes)]
        let setup = VenueSetup(coins: ["BTC"]) { connection in
            steps(connection == 0 ? first : second, firstSignal: 0, subscriptions: 2, endsWithDrop: connection == 0)
        }
        let outcome = try Self.session(
            setup, scratch, channels: [.trades, .book(fast: true)], coins: ["BTC"],
            clock: StepClock(start, step: 400_000_000), portionEnds: [4 + lines.count])
        #expect(outcome.report.counts[.book] > 20)
        try Self.check(scratch, outcome)
        let gaps = try events("\(scratch.path)/A") { MarketGap() }.map(\.event)
        #expect(gaps.contains { $0.reason == .reconnect && $0.channel == "books" })
    }
}

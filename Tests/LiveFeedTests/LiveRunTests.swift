import Backtest
import DetectorYAML
import Events
import Foundation
import LiveFeed
import LogEngine
import LogFormat
import Market
import Runtime
import SignalEngine
import Specimens
import Testing
import VenueFeed
import VenueFeedTesting

/// What `lotus run` does: the market of a feed and what the detectors make of it, in one root (design §3).
@Suite(.serialized) struct LiveRunTests {
    static let channels: [FeedChannel] = [.trades, .bestPrices, .book(fast: true), .assetContext]

    static func engine(seed: UInt64 = 7) throws -> SignalEngine {
        var setup = EngineSetup()
        setup.seed = seed
        return SignalEngine(try ShippedDetectors.recipes(), setup: setup)
    }

    /// A venue that sends portions, the next one when it is asked for.
    static func venue(_ portions: [[[UInt8]]], firstSignal: Int = 0) throws -> LocalVenue {
        try LocalVenue(
            VenueSetup(coins: Tape.coins) { _ in
                steps(portions, firstSignal: firstSignal, subscriptions: 8, endsWithDrop: false)
            })
    }

    /// A session that ends once all portions have come.
    static func run(
        _ venue: LocalVenue, _ root: String, _ follower: any RootFollower, clock: StepClock, portionEnds: [Int],
        options: LiveOptions = fast(), logOptions: LogOptions = LogOptions(), environment: LogEnvironment = .real(),
        firstSignal: Int = 0, breaksOffAt: Int = .max
    ) throws -> LiveReport {
        let plan = try FeedPlan(
            address: venue.address, coins: Tape.coins, channels: channels, timing: quickTiming())
        let stop = LiveStop()
        var asked = 0
        return try LiveIngest.run(
            plan, root: root, options: options, logOptions: logOptions, environment: environment, clock: clock,
            follower: follower, stop: stop
        ) { status throws(LogError) in
            if status.frameCount >= breaksOffAt { throw LogError(.fileSystem, "the test breaks off") }
            while asked < portionEnds.count, status.frameCount >= portionEnds[asked] {
                asked += 1
                venue.signal("portion \(firstSignal + asked)")
            }
            if asked == portionEnds.count { stop.request() }
        }
    }

    static func fast(seal: Bool = false) -> LiveOptions {
        var options = LiveOptions()
        options.commitNanos = 1
        options.seal = seal
        return options
    }

    static func clock() -> StepClock { StepClock(Tape.startNanos, step: Tape.stepNanos) }

    /// A replay of the frozen market log, as `lotus replay` does it.
    static func replay(_ root: String, to run: String) throws {
        let input = "\(root)/mkt"
        let engine = try engine()
        let manifest = RunManifest(
            inputs: [try RunInput(input)], configuration: try RunConfiguration(), codeRevision: "test", seed: 7)
        var control = Unhindered()
        _ = try ReplayDriver.run(
            run, inputs: [input], manifest: manifest, modules: [.sig], control: &control
        ) { run throws(LogError) in try SignalPipeline(engine, output: run.output) }
    }

    @Test func `a run and the replay of its frozen log write the same sig log`() throws {
        let scratch = try Scratch()
        let (root, again) = ("\(scratch.path)/root", "\(scratch.path)/again")
        var tape = Tape(seed: 3)
        tape.pass(1 + 2 * Tape.subscriptionCount)
        let first = [tape.next(500), tape.next(700)]
        tape.pass(3 + 2 * Tape.subscriptionCount)
        let second = [[tape.replay(0, knownCount: 3), tape.replay(1, knownCount: 0)] + tape.next(900)]
        let venue = try LocalVenue(
            VenueSetup(coins: Tape.coins) { connection in
                connection == 0
                    ? steps(first, firstSignal: 0, subscriptions: 8, endsWithDrop: true)
                    : steps(second, firstSignal: 2, subscriptions: 8, endsWithDrop: false)
            })
        defer { venue.shutDown() }
        let follower = SignalFollower(try Self.engine())
        let report = try Self.run(
            venue, root, follower, clock: Self.clock(), portionEnds: [508, 1_208, 16 + 1_200 + 902],
            options: Self.fast(seal: true))
        #expect(report.end == .stopped && report.connections.openedCount == 2)

        try Self.replay(root, to: again)
        let (live, replayed) = (try records(root, .sig), try records(again, .sig))
        #expect(live.count { $0.name == SignalScored.typeName } > 100)
        #expect(live.contains { $0.name == SignalEvaluated.typeName })
        #expect(live.count == replayed.count)
        let place = zip(live, replayed).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        #expect(place == nil, "sig event \((place ?? 0) + 1) of the run differs from the replay's")
        let output = try #require(follower.output)
        #expect(output.appendedCount == UInt64(live.count) && output.matchedCount == 0)
        #expect(output.scoreCount == UInt64(live.count { $0.name == SignalScored.typeName }))
        // Both logs stand in one order without a hole, each window behind what it had seen.
        try Self.checkOrder(root)
    }

    /// The numbers of the root are dense over its logs, and each score names events that stood before it.
    static func checkOrder(_ root: String, environment: LogEnvironment = .real()) throws {
        var numbers: [UInt64] = []
        for module in [Module.mkt, .sig, .ops] {
            let walk = try EventWalk("\(root)/\(module.text)", environment: environment)
            while try walk.next() { numbers.append(walk.head.globalSeq) }
        }
        #expect(numbers.sorted() == numbers.indices.map { UInt64($0) + 1 })
        let walk = try EventWalk("\(root)/sig", types: [SignalScored.typeName], environment: environment)
        var decoder = try EventDecoder<SignalScored>()
        var event = SignalScored()
        while try walk.next() {
            try walk.read { batch throws(FormatError) in try decoder.decode(&batch, into: &event) }
            #expect(event.lineage.seenGlobalSeq < walk.head.globalSeq)
        }
    }

    /// REP-13: no event lost, none doubled.
    @Test func `a run that broke off goes on to what its market log alone would give`() throws {
        let scratch = try Scratch()
        let root = "\(scratch.path)/root"
        var tape = Tape(seed: 4)
        tape.pass(1 + 2 * Tape.subscriptionCount)
        let portions = [tape.next(400), tape.next(600)]
        let clock = Self.clock()
        let first = try Self.venue(portions)
        defer { first.shutDown() }
        #expect(throws: LiveError.self) {
            try Self.run(
                first, root, SignalFollower(try Self.engine()), clock: clock, portionEnds: [408, 1_008],
                breaksOffAt: 700)
        }
        let before = try records(root, .sig)
        #expect(before.count > 20)
        let second = try Self.venue([tape.next(500)])
        defer { second.shutDown() }
        let follower = SignalFollower(try Self.engine())
        _ = try Self.run(second, root, follower, clock: clock, portionEnds: [508], options: Self.fast(seal: true))
        #expect(follower.output?.matchedCount == UInt64(before.count))
        let after = try records(root, .sig)
        #expect(after.count > before.count && Array(after.prefix(before.count)) == before)
        try Self.replay(root, to: "\(scratch.path)/again")
        #expect(try records("\(scratch.path)/again", .sig) == after)
        try Self.checkOrder(root)
        // A third time without news adds nothing but the session's own end.
        let log = try MarketLog(root, others: [.sig, .ops])
        let third = SignalFollower(try Self.engine())
        #expect(try third.begin(log.root, environment: .real()))
        try third.finish()
        try log.close()
        #expect(third.output?.appendedCount == 0)
    }

    @Test func `power cuts at any write lose nothing that was durable and double nothing`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var tape = Tape(seed: 5)
        tape.pass(1 + 2 * Tape.subscriptionCount)
        let venue = try Self.venue([tape.next(300)])
        defer { venue.shutDown() }
        let disk = CopyingDisk(SimulatedDisk(seed: seed), every: 5)
        var copying = Self.environment(disk.disk)
        copying.fileSystem = disk
        var logOptions = LogOptions()
        logOptions.reserveBytes = 0
        // The simulated clock stands still.
        var options = LiveOptions()
        (options.commitNanos, options.commitEvents) = (0, 12)
        _ = try Self.run(
            venue, "root", SignalFollower(try Self.engine()), clock: Self.clock(), portionEnds: [308], options: options,
            logOptions: logOptions, environment: copying)
        let copies = disk.copies
        #expect(copies.count > 20)
        var wholeCount = 0
        for (place, copy) in copies.enumerated() {
            copy.powerCut(seed: seed &+ UInt64(place))
            let environment = Self.environment(copy)
            guard copy.kind("root/sig") == .directory, copy.kind("root/mkt") == .directory else { continue }
            let log: MarketLog
            // A folder whose files had no names yet is a new log.
            do { log = try MarketLog("root", others: [.sig, .ops], options: logOptions, environment: environment) }
            #expect(log.root.cut.isWhole, "cut \(place) of seed \(seed): the order has a hole")
            let follower = SignalFollower(try Self.engine())
            #expect(try follower.begin(log.root, environment: environment), "cut \(place) of seed \(seed)")
            try follower.finish()
            try log.closeBrokenLive()
            try follower.goOn()
            try log.close()
            if follower.output?.matchedCount ?? 0 > 0 { wholeCount += 1 }
            var replay = try Signals("root", environment: environment)
            let expected = try replay.finish().map { Record(name: $0.name, bytes: $0.bytes) }
            #expect(try records("root", .sig, environment) == expected, "cut \(place) of seed \(seed)")
            try Self.checkOrder("root", environment: environment)
        }
        #expect(wholeCount > 5, "seed \(seed): few cuts came where signals stood")
    }

    static func environment(_ disk: SimulatedDisk) -> LogEnvironment {
        var environment = LogEnvironment.simulated(disk: disk, clock: SimulatedClock(), seed: 5)
        environment.isProcessAlive = { _ in false }
        return environment
    }

    @Test func `other detectors or another seed are turned away by the log that is there`() throws {
        let scratch = try Scratch()
        let root = "\(scratch.path)/root"
        var tape = Tape(seed: 6)
        tape.pass(1 + 2 * Tape.subscriptionCount)
        let venue = try Self.venue([tape.next(200)])
        defer { venue.shutDown() }
        _ = try Self.run(venue, root, SignalFollower(try Self.engine()), clock: Self.clock(), portionEnds: [208])
        let count = try records(root).count
        let plan = try FeedPlan(address: venue.address, coins: Tape.coins, channels: Self.channels)
        let other = SignalEngine(Array(try ShippedDetectors.recipes().dropFirst()), setup: EngineSetup())
        do throws(LiveError) {
            _ = try LiveIngest.run(plan, root: root, follower: SignalFollower(other), stop: LiveStop())
            Issue.record("another cohort was taken")
        } catch {
            guard case .log(let error) = error, error.code == .damaged else {
                Issue.record("found \(error)")
                return
            }
            #expect(error.message.contains("the detectors, the seed or the program differ"))
        }
        #expect(try records(root).count == count, "the market was not touched")
    }

    @Test func `a run that is told to stop while it catches up does so`() throws {
        let scratch = try Scratch()
        let root = "\(scratch.path)/root"
        var tape = Tape(seed: 8)
        tape.pass(1 + 2 * Tape.subscriptionCount)
        let venue = try Self.venue([tape.next(200)])
        defer { venue.shutDown() }
        _ = try Self.run(venue, root, SignalFollower(try Self.engine()), clock: Self.clock(), portionEnds: [208])
        let connections = venue.connectionCount
        let plan = try FeedPlan(address: venue.address, coins: Tape.coins, channels: Self.channels)
        let report = try LiveIngest.run(
            plan, root: root, follower: SignalFollower(try Self.engine()) { true }, stop: LiveStop())
        #expect(report.end == .stopped && report.frameCount == 0 && venue.connectionCount == connections)
    }
}

import Backtest
import DetectorYAML
import Events
import Foundation
import LogEngine
import LogFormat
import Runtime
import SignalEngine
import Specimens
import VenueFeed
import VenueFeedTesting

/// A folder that is removed with its content.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "live-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A clock that goes on by one step whenever it is asked: receive times are known, and minutes pass at once.
final class StepClock: FeedClock, @unchecked Sendable {
    // SAFETY: only the feed's event loop asks it.
    private var nanos: Int64
    private let stepNanos: Int64

    init(_ nanos: Int64, step: Int64) { (self.nanos, stepNanos) = (nanos, step) }

    func wallNanos() -> Int64 {
        nanos += stepNanos
        return nanos
    }
}

/// The Signal Engine behind a market log that may still grow.
struct Signals {
    let output = MemoryOutput()
    private var pipeline: SignalPipeline
    private let root: String
    private let environment: LogEnvironment
    private var feed: MarketFeed?
    /// How often the log was looked at and had something new.
    private(set) var portionCount = 0

    init(_ root: String, environment: LogEnvironment = .real()) throws {
        self.root = root
        self.environment = environment
        var setup = EngineSetup()
        setup.seed = 7
        pipeline = try SignalPipeline(SignalEngine(ShippedDetectors.recipes(), setup: setup), output: output)
    }

    /// Takes everything that is on the log by now.
    mutating func goOn() throws(LogError) {
        let feed = if let feed { feed } else { try MarketFeed([root], environment: environment) }
        self.feed = feed
        let before = feed.doneCount
        try feed.lookAgain()
        var control = Unhindered()
        _ = try feed.run(into: &pipeline, control: &control)
        if feed.doneCount != before { portionCount += 1 }
    }

    /// Takes the rest and ends; what was made of it.
    mutating func finish() throws(LogError) -> [MemoryOutput.Line] {
        try goOn()
        _ = try pipeline.finish(nowNanos: feed?.nowNanos ?? 0)
        return output.lines
    }
}

/// One event of a market log.
struct Record: Equatable {
    let name: String
    let bytes: [UInt8]
}

/// All events of a log of a root in their order, as canonical bytes.
func records(_ root: String, _ module: Module = .mkt, _ environment: LogEnvironment = .real()) throws -> [Record] {
    let walk = try EventWalk("\(root)/\(module.text)", environment: environment)
    var records: [Record] = []
    while try walk.next() {
        let name = walk.schema?.name ?? ""
        records.append(Record(name: name, bytes: unsafe try walk.withCanonical { stable, _ in unsafe [UInt8](stable) }))
    }
    return records
}

/// All events of one type, with their times.
func events<Event: LogEvent>(_ root: String, _ make: () -> Event) throws -> [(event: Event, nanos: Int64)] {
    let walk = try EventWalk("\(root)/mkt", types: [Event.typeName])
    var decoder = try EventDecoder<Event>()
    var found: [(event: Event, nanos: Int64)] = []
    while try walk.next() {
        var event = make()
        try walk.read { batch throws(FormatError) in try decoder.decode(&batch, into: &event) }
        found.append((event, walk.head.eventNanos))
    }
    return found
}

/// Times for tests on the loopback: waits are short, and nothing that a test does not want ever becomes due.
func quickTiming() -> FeedTiming {
    var timing = FeedTiming()
    timing.backoffNanosMin = 1_000_000
    timing.backoffNanosMax = 4_000_000
    timing.stallNanos = [:]
    timing.heldReportNanos = 86_400_000_000_000
    return timing
}

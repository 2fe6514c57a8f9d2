import DetectorYAML
import Events
import Foundation
import LogEngine
import Runtime
import SignalEngine
import Specimens
import Testing

@testable import Backtest

/// The main job from market events to scored and evaluated windows.
@Suite struct BacktestTests {
    /// A folder that is removed with its content.
    final class Scratch {
        let path: String

        init() throws {
            path = NSTemporaryDirectory() + "backtest-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Ends before the first event that became known after a moment.
    struct Cut: ReplayControl {
        let nanos: Int64
        mutating func admits(_ nowNanos: Int64) -> Bool { nowNanos <= nanos }
    }

    static func engine(_ seed: UInt64 = 1) throws -> SignalEngine {
        var setup = EngineSetup()
        setup.seed = seed
        return SignalEngine(try ShippedDetectors.recipes(), setup: setup)
    }

    /// Everything that the whole cohort makes of a market up to a moment.
    static func run(_ root: String, to nanos: Int64 = .max) throws -> [MemoryOutput.Line] {
        let output = MemoryOutput()
        var pipeline = try SignalPipeline(engine(), output: output)
        let feed = try MarketFeed([root])
        var control = Cut(nanos: nanos)
        _ = try feed.run(into: &pipeline, control: &control)
        _ = try pipeline.finish(nowNanos: nanos == .max ? feed.nowNanos : nanos)
        return output.lines
    }

    @Test func `a run registers the cohort, scores every window and evaluates what has passed`() throws {
        let scratch = try Scratch()
        try SampleMarket.write("\(scratch.path)/root", count: 6000, seed: 1)
        let lines = try Self.run("\(scratch.path)/root")
        let counts = Dictionary(grouping: lines, by: \.name).mapValues(\.count)
        let cohort = try ShippedDetectors.recipes().count
        #expect(counts["sig.DetectorRegistered"] == cohort && cohort >= 12)
        #expect((counts["sig.SignalScored"] ?? 0) > 500)
        #expect((counts["sig.SignalEvaluated"] ?? 0) > 500)
        #expect(counts["sig.WindowFactsComputed", default: 0] > 50)
        let times = lines.map(\.nanos)
        #expect(times == times.sorted(), "records stand in the order of their times")
    }

    @Test func `the same market gives the same bytes`() throws {
        let scratch = try Scratch()
        try SampleMarket.write("\(scratch.path)/root", count: 4000, seed: 2)
        #expect(try Self.run("\(scratch.path)/root") == Self.run("\(scratch.path)/root"))
    }

    /// AUD-06, EX-36, NEV-16.
    @Test func `a tape that is cut anywhere changes nothing before the cut`() throws {
        let scratch = try Scratch()
        try SampleMarket.write("\(scratch.path)/root", count: 1500, seed: 3)
        let whole = try Self.run("\(scratch.path)/root")
        let times = (whole.map(\.nanos).min() ?? 0, whole.map(\.nanos).max() ?? 0)
        var random = SeededGenerator(seed: 33)
        for round in 0..<200 {
            // Every other cut lies exactly on the end of a window, where an event that came too early would show.
            let cut =
                round % 2 == 0
                ? whole[random.below(whole.count)].nanos
                : times.0 + Int64(random.next() % UInt64(times.1 - times.0 + 1))
            let part = try Self.run("\(scratch.path)/root", to: cut)
            let before = whole.filter { $0.nanos <= cut }
            guard part != before else { continue }
            let place = zip(part, before).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            Issue.record("cut at \(cut): record \(place ?? min(part.count, before.count)) of \(part.count) differs")
            return
        }
    }
}

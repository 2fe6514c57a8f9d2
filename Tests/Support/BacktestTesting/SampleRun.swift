internal import Backtest
internal import DetectorYAML
internal import Foundation
internal import LogEngine
internal import Runtime
package import SignalEngine
package import Specimens

/// A folder that is removed with its content.
package final class Scratch {
    package let path: String

    package init() throws {
        path = NSTemporaryDirectory() + "backtest-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Ends before the first event that became known after a moment.
package struct Cut: ReplayControl {
    let nanos: Int64

    package init(nanos: Int64) { self.nanos = nanos }

    package mutating func admits(_ nowNanos: Int64) -> Bool { nowNanos <= nanos }
}

/// What the whole shipped cohort makes of a market.
package enum SampleRun {
    /// The shipped detectors.
    package static func engine(_ seed: UInt64 = 1) throws -> SignalEngine {
        var setup = EngineSetup()
        setup.seed = seed
        return SignalEngine(try ShippedDetectors.recipes(), setup: setup)
    }

    /// Everything that they say about the market of a root up to a moment.
    package static func lines(_ root: String, to nanos: Int64 = .max) throws -> [MemoryOutput.Line] {
        let output = MemoryOutput()
        var pipeline = try SignalPipeline(engine(), output: output)
        let feed = try MarketFeed([root])
        var control = Cut(nanos: nanos)
        _ = try feed.run(into: &pipeline, control: &control)
        _ = try pipeline.finish(nowNanos: nanos == .max ? feed.nowNanos : nanos)
        return output.lines
    }
}

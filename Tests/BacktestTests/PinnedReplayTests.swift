import BacktestTesting
import Events
import Foundation
import LogEngine
import LogFormat
import Runtime
import Specimens
import Testing

@testable import Backtest

/// One replay, pinned: the program of the debug build writes what that of the release build writes (REP-09).
@Suite struct PinnedReplayTests {
    /// The values of the pin, which `determinism.py` reads too.
    private static func pin() throws -> [String: String] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/replay/generated-market.txt").path
        var values: [String: String] = [:]
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        for line in lines where !line.hasPrefix("#") {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            values[words[0]] = words.last
        }
        return values
    }

    @Test func `the sig log of a replay has the pinned root, in debug and in release`() throws {
        let pin = try Self.pin()
        func number(_ name: String) throws -> Int { try #require(pin[name].flatMap { Int($0) }, "no \(name)") }
        let scratch = try Scratch()
        let (market, out) = ("\(scratch.path)/root", "\(scratch.path)/run")
        try SampleMarket.write(
            market, count: number("events"), seed: UInt64(number("seed")), paceMillis: number("pace"))
        let engine = try SampleRun.engine()
        let manifest = RunManifest(
            inputs: [try RunInput("\(market)/mkt")], configuration: try RunConfiguration(CohortHash.settings(engine)),
            codeRevision: "pinned", seed: 1)
        var control = Unhindered()
        let report = try ReplayDriver.run(
            out, inputs: ["\(market)/mkt"], manifest: manifest, modules: [.sig], options: ReplayRun.logOptions,
            control: &control
        ) { run throws(LogError) in try SignalPipeline(engine, output: run.output) }
        #expect(report.appendedCount > 5_000)
        let root = try #require(try Verifier.verify("\(out)/sig", deep: true).roots).logical
        #expect(
            pin["logical_root"] == "\(root)",
            "events, detectors or market changed: write logical_root \(root) into Fixtures/replay/generated-market.txt")
    }
}

import BacktestTesting
import CLotus
import Events
import Foundation
import LogEngine
import LogFormat
import Market
import Runtime
import SignalEngine
import Testing

@testable import Backtest

/// The main job with a planted fault in it, run as `lotus replay --prove` runs it (AT1.2, REP-09).
///
/// The first run is made here, the second in another process under the circumstances of `SecondRun`; what both wrote is
/// compared as there. Plants stand between the pipeline and its output and exist in these tests alone.
@Suite struct ProveTests {
    /// Attempts in which a fault must be found.
    private static let triesMax = 5
    /// Proofs of what is done right; `make determinism` proves the program itself a thousand times.
    private static let proofs = 2

    /// Writes what a planted pipeline makes of a market.
    static func replay(_ market: String, _ out: String, plant name: String, options: LogOptions) throws {
        let plant = try #require(UnsteadyPlant.named(name))
        let engine = try TradeMarket.engine()
        let manifest = RunManifest(
            inputs: [try RunInput("\(market)/mkt")], configuration: try RunConfiguration(CohortHash.settings(engine)),
            codeRevision: "planted", seed: 1)
        var control = Unhindered()
        _ = try ReplayDriver.run(
            out, inputs: ["\(market)/mkt"], manifest: manifest, modules: [.sig], options: options, control: &control
        ) { run throws(LogError) in
            let bench = Workbench(
                run: out, batchBytes: options.batchBytes, pendingBatches: options.pendingBatchesMax)
            return try SignalPipeline(engine, output: PlantedOutput(run.output, plant, bench))
        }
    }

    /// The same under the circumstances of a second run: to be called in a process of its own.
    static func replayAgain(_ market: String, _ out: String, plant: String) throws {
        for (name, value) in SecondRun.settings { setenv(name, value, 1) }
        #expect(chdir(SecondRun.folder) == 0 && clotus_keep_cores(UInt32(SecondRun.cores)) == 0)
        var options = ReplayRun.logOptions
        (options.batchBytes, options.pendingBatchesMax) = (SecondRun.batchBytes, SecondRun.pendingBatches)
        try replay(market, out, plant: plant, options: options)
    }

    /// Whether two runs differ, in words.
    private func difference(_ market: String, _ out: String, plant: String) async throws -> String? {
        try Self.replay(market, out, plant: plant, options: ReplayRun.logOptions)
        let second = SecondRun.place(beside: out)
        await #expect(processExitsWith: .success) { [market, second = second as String, plant] in
            try ProveTests.replayAgain(market, second, plant: plant)
        }
        return try RunDigest.difference(out, second)
    }

    @Test(arguments: UnsteadyPlant.unsteady.map(\.name)) func `a program that is not deterministic is found`(
        _ plant: String
    ) async throws {
        let scratch = try Scratch()
        let market = try TradeMarket.write(scratch.path, hoursBefore: 1, hoursAfter: 0)
        var found: String?
        for attempt in 0..<Self.triesMax where found == nil {
            found = try await difference(market, "\(scratch.path)/run\(attempt)", plant: plant)
        }
        // Where there is one core, a second run has no other number of them.
        if plant == "a_part_for_every_core", clotus_allowed_cores() == 1 { return }
        let told = try #require(found, "\(plant) was not found in \(Self.triesMax) attempts")
        #expect(told.hasPrefix("sig: event "), "\(told)")
    }

    @Test(arguments: UnsteadyPlant.steady.map(\.name)) func `a program that is deterministic is proved`(
        _ plant: String
    ) async throws {
        let scratch = try Scratch()
        let market = try TradeMarket.write(scratch.path, hoursBefore: 1, hoursAfter: 0)
        for attempt in 0..<Self.proofs {
            let found = try await difference(market, "\(scratch.path)/run\(attempt)", plant: plant)
            #expect(found == nil)
        }
    }

    /// The limits of every second run on the same machine, so that nobody takes the proof for more than it is.
    @Test(arguments: UnsteadyPlant.blind.map(\.name)) func `what is alike for both runs is not found`(
        _ plant: String
    ) async throws {
        let scratch = try Scratch()
        let market = try TradeMarket.write(scratch.path, hoursBefore: 1, hoursAfter: 0)
        let found = try await difference(market, "\(scratch.path)/run", plant: plant)
        #expect(found == nil, "it is found now: move the plant to the others")
    }

    @Test func `the plants are at least twelve, each of another kind`() {
        let all = UnsteadyPlant.unsteady + UnsteadyPlant.blind + UnsteadyPlant.steady
        #expect(UnsteadyPlant.unsteady.count >= 12 && Set(all.map(\.name)).count == all.count)
    }
}

/// What of a cohort names a run here.
enum CohortHash {
    static func settings(_ engine: SignalEngine) -> [(name: String, value: RunConfiguration.Value)] {
        engine.cohort.map { ("detector/\($0.id.text)", .text("\($0.hash)")) }
    }
}

/// An output in which a plant has its say about every scored window.
private final class PlantedOutput: EventOutput {
    private let output: any EventOutput
    private let plant: UnsteadyPlant
    private let bench: Workbench

    init(_ output: any EventOutput, _ plant: UnsteadyPlant, _ bench: Workbench) {
        (self.output, self.plant, self.bench) = (output, plant, bench)
    }

    var lastGlobalSeq: UInt64 { output.lastGlobalSeq }

    func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        guard var scored = event as? SignalScored else {
            return try output.append(&event, to: module, eventNanos: eventNanos, flags: flags)
        }
        bench.add(eventNanos)
        scored.signal = plant.value(bench, eventNanos)
        return try output.append(&scored, to: module, eventNanos: eventNanos, flags: flags)
    }
}

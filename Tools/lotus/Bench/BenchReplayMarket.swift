import ArgumentParser
import Glibc
import LogEngine
import LogFormat
import Runtime
import Specimens

/// The main job on recorded events: how fast each stage is, and what detectors, assets and length cost.
struct BenchReplayMarket: Verb {
    static let configuration = CommandConfiguration(
        commandName: "market", abstract: "Measure the main job on a recorded market, stage by stage.",
        usage: "lotus bench replay market <market> <directory> [<options>]",
        discussion: """
            The recorded events (a root, a bundle or a market log; with - a generated market) are repeated with \
            shifted times until there are --events. Each measurement runs in a process of its own and counts CPU time \
            of all its threads: log reads and tells the events, features makes the rows of every window, pipeline \
            scores them with every detector, takes the outcomes and appends it all, to a log whose full segments are \
            sealed beside it; the floor is for all of that together, and the thread that computes is also told alone. \
            replay also makes the digest and the seals of the run. parse is the reader of JSON frames, as in lotus \
            bench ingest. Cost by detectors and by assets is given with its straight line: the share of variance that \
            it explains and the largest deviation from it. With --memory the peak of a pipeline is measured at so many \
            million events.

            EXAMPLES
              lotus bench replay market monday.bundle /tmp
              lotus bench replay market - /tmp --events 500000 --memory 1,10 --json
            """)

    @Argument(help: "Recorded market; - for a generated one.") var market: String
    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Events of the tape that the stages see.") var events = 1_000_000
    @Option(help: "Rounds of each stage.") var rounds = 3
    @Option(help: "Numbers of detectors.") var detectors = "1,5,9,13,17"
    @Option(help: "Numbers of assets.") var assets = "1,2,4,8"
    @Option(help: "Million events at which memory is measured; 0 for not at all.") var memory = "1,10"
    @Flag(help: "Print one JSON object.") var json = false

    /// Events of the generated market that is repeated.
    private static let generatedCount = 50_000
    /// Every shipped detector, however many there are.
    private static let allDetectors = 1000

    mutating func perform() throws -> Outcome {
        guard (1000...1_000_000_000).contains(events), (1...100).contains(rounds) else {
            throw ToolError(.usage, "--events is \(events), --rounds \(rounds); expected 1000 or more and 1 to 100")
        }
        let folder = "\(directory)/bench-market-\(getpid())"
        try RealFS().createDirectory(folder)
        defer { ScratchRoot.remove(folder) }
        let bench = MarketBench(folder: folder, tape: try tape(folder), rounds: rounds)
        var report = MarketBenchReport()
        var frames = FrameMaker()
        let block = frames.lines(byteCount: 16_000_000)
        report.parse = Spread((0..<rounds).map { _ in BenchIngest.parse(block) })
        try bench.withTape(events) { root in
            for stage in MarketStage.allCases {
                report.stages.append((stage, try bench.measure(root, stage, Self.allDetectors)))
            }
            for count in try numbers(detectors, "--detectors") {
                report.detectors.append((count, try bench.measure(root, .pipeline, count)[bench.rounds / 2]))
            }
        }
        for count in try numbers(assets, "--assets") {
            // The same number of events for each asset.
            let all = events / 4 * count
            try bench.withTape(all, assets: count) { root in
                let found = try bench.measure(root, .pipeline, Self.allDetectors)
                report.assets.append((count, found[bench.rounds / 2]))
            }
        }
        for millions in try numbers(memory, "--memory", zero: true) where millions > 0 {
            try bench.withTape(millions * 1_000_000) { root in
                report.memory.append((millions, try bench.once(root, .pipeline, Self.allDetectors)))
            }
        }
        try Output.print(json ? report.json : report.text)
        return .clean
    }

    private func tape(_ folder: String) throws -> MarketTape {
        guard market == "-" else { return try MarketTape(market) }
        let root = "\(folder)/generated"
        defer { ScratchRoot.remove(root) }
        try SampleMarket.write(root, count: Self.generatedCount, seed: 1)
        return try MarketTape(root)
    }

    private func numbers(_ text: String, _ option: String, zero: Bool = false) throws -> [Int] {
        let found = text.split(separator: ",").map { Int($0) ?? -1 }
        guard !found.isEmpty, found.allSatisfy({ (zero ? 0 : 1)...1000 ~= $0 }) else {
            throw ToolError(.usage, "\(option) is \(text); expected numbers such as 1,2,4")
        }
        return found
    }
}

/// Tapes and processes of a measurement.
struct MarketBench {
    let folder: String
    let tape: MarketTape
    let rounds: Int

    /// Writes a tape, lets it be measured, removes it.
    func withTape(_ events: Int, assets: Int? = nil, _ body: (String) throws -> Void) throws {
        let root = "\(folder)/tape"
        defer { ScratchRoot.remove(root) }
        _ = try tape.write(root, events: events, assets: assets)
        try body(root)
    }

    /// One measurement, in a process of its own.
    func once(_ root: String, _ stage: MarketStage, _ detectors: Int) throws -> MarketFigures {
        let result = "\(folder)/result"
        defer { unsafe _ = unlink(result) }
        let status = waitFor(
            try startSelf(["bench", "replay", "market-run", root, stage.rawValue, "\(detectors)", result]))
        guard status == 0,
            let figures = MarketFigures(
                String(decoding: try RealFS().readAll(result, limit: 4096), as: UTF8.self))
        else { throw ToolError("stage \(stage.rawValue) ended with status \(status >> 8)") }
        return figures
    }

    /// All rounds, the slowest first.
    func measure(_ root: String, _ stage: MarketStage, _ detectors: Int) throws -> [MarketFigures] {
        try (0..<rounds).map { _ in try once(root, stage, detectors) }.sorted { $0.cpuSeconds > $1.cpuSeconds }
    }
}

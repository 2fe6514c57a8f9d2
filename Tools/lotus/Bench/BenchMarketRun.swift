import ArgumentParser
import Backtest
import Events
import Glibc
import LogEngine
import Market
import Runtime
import SignalEngine

/// What a market is put through.
enum MarketStage: String, CaseIterable, ExpressibleByArgument {
    /// The log: verify, decompress, decode, tell.
    case log
    /// And the features of all kinds of windows of the cohort.
    case features
    /// And detectors, scores, outcomes, all of it appended to the log of a run.
    case pipeline
    /// The pipeline with the tape of tokens, one for 100 ms, which nobody pays for who does not ask for it.
    case tape
    /// The pipeline and the digest of the run and the seals of its logs: all that `lotus replay` does.
    case replay
}

/// What one run of a stage came to.
struct MarketFigures {
    var events = 0.0
    var cpuSeconds = 0.0
    var wallSeconds = 0.0
    var peakMegabytes = 0.0
    /// Windows that were scored.
    var scored = 0.0
    /// Events that were appended.
    var appended = 0.0
    /// What the thread that writes the log and the one that seals it took of `cpuSeconds`; 0 where nobody looked.
    var writingSeconds = 0.0
    var sealingSeconds = 0.0

    var eventsPerSecond: Double { events / cpuSeconds }
    var nanosPerEvent: Double { cpuSeconds / events * 1e9 }
    /// Of the thread that computes: what is left of it all.
    var computedPerSecond: Double { events / (cpuSeconds - writingSeconds - sealingSeconds) }

    /// Eight numbers, for the process that asked.
    var text: String {
        [events, cpuSeconds, wallSeconds, peakMegabytes, scored, appended, writingSeconds, sealingSeconds]
            .map { "\($0)" }.joined(separator: " ")
    }

    init() {}

    init?(_ text: String) {
        let numbers = text.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 8 else { return nil }
        (events, cpuSeconds, wallSeconds) = (numbers[0], numbers[1], numbers[2])
        (peakMegabytes, scored, appended) = (numbers[3], numbers[4], numbers[5])
        (writingSeconds, sealingSeconds) = (numbers[6], numbers[7])
    }
}

/// One measurement of `bench replay market`, in a process of its own: its peak memory is its own.
struct BenchMarketRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "market-run", abstract: "One measurement of bench replay market.", shouldDisplay: false)

    @Argument var root: String
    @Argument var stage: MarketStage
    @Argument var detectors: Int
    /// Where the figures go.
    @Argument var result: String

    func run() throws {
        let engine = try Self.engine(detectors)
        let feed = try MarketFeed([MarketFeed.marketLog(in: root)])
        var figures = MarketFigures()
        let (cpu, wall) = (cpuSeconds(), wallSeconds())
        switch stage {
        case .log:
            var counter = CountMarket()
            try tell(feed, &counter)
        case .features:
            var features = FeaturesOnly(try FeatureEngine(kinds: engine.kinds))
            try tell(feed, &features)
            figures.scored = Double(features.rowCount)
        case .pipeline: try pipeline(engine, feed, &figures)
        case .tape: try pipeline(try Self.engine(detectors, tapeMillis: 100), feed, &figures)
        case .replay: try replay(engine, &figures)
        }
        figures.cpuSeconds = cpuSeconds() - cpu
        figures.wallSeconds = wallSeconds() - wall
        figures.events = Double(feed.totalCount)
        // Not what getrusage tells: that begins with the peak of the process that started this one.
        figures.peakMegabytes = residentMegabytes()
        let file = try RealFS().open(result, .create)
        try RealFS().write(file, Array(figures.text.utf8), at: 0)
        RealFS().close(file)
    }

    /// The first so many detectors, in an order whose every beginning has about the same share of each kind of window.
    static func engine(_ count: Int, tapeMillis: Int64? = nil) throws -> SignalEngine {
        let all = try CohortOptions.parse([]).engine(seed: 1).cohort
        let sorted = all.sorted { ($0.source.everySeconds, $0.id) < ($1.source.everySeconds, $1.id) }
        // Steps of seven, or of five where the count is a multiple of seven: either visits every place.
        let step = sorted.count % 7 == 0 ? 5 : 7
        let mixed = sorted.indices.map { sorted[$0 * step % sorted.count] }
        var setup = EngineSetup()
        setup.tapeMillis = tapeMillis
        return SignalEngine(Array(mixed.prefix(max(1, count))), setup: setup)
    }

    private func tell<Handler: MarketHandler>(_ feed: MarketFeed, _ handler: inout Handler) throws {
        var control = Unhindered()
        guard try feed.run(into: &handler, control: &control) else { throw ToolError("\(root): stopped early") }
    }

    private func pipeline(_ engine: SignalEngine, _ feed: MarketFeed, _ figures: inout MarketFigures) throws {
        let directory = "\(result).run"
        try RealFS().createDirectory(directory)
        defer { ScratchRoot.remove(directory) }
        let output = try ResumingOutput(
            try Root(directory, modules: [.sig], options: ReplayRun.logOptions), modules: [.sig])
        var pipeline = try SignalPipeline(engine, output: output)
        try tell(feed, &pipeline)
        let metrics = try pipeline.finish(nowNanos: feed.nowNanos)
        try output.root.commit()
        try output.root.close()
        let threads = output.root.threadNanos
        (figures.writingSeconds, figures.sealingSeconds) = (
            Double(threads.writing) / 1e9, Double(threads.sealing) / 1e9
        )
        figures.scored = metrics.first { $0.name == "scored" }?.value ?? 0
        figures.appended = Double(output.appendedCount)
    }

    private func replay(_ engine: SignalEngine, _ figures: inout MarketFigures) throws {
        let log = MarketFeed.marketLog(in: root)
        let directory = "\(result).run"
        defer { ScratchRoot.remove(directory) }
        var pace = ReplayPace()
        let manifest = RunManifest(
            inputs: [try RunInput(log)], configuration: try RunConfiguration(CohortOptions.settings(engine)),
            codeRevision: RunManifest.codeRevision(.real()), seed: 1)
        let report = try ReplayDriver.run(
            directory, inputs: [log], manifest: manifest, modules: [.sig], control: &pace
        ) { run throws(LogError) in try SignalPipeline(engine, output: run.output) }
        figures.scored = report.metrics.first { $0.name == "scored" }?.value ?? 0
        figures.appended = Double(report.appendedCount)
    }
}

/// Only looks at what comes.
struct CountMarket: MarketHandler {
    private(set) var count = 0
    mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) { count &+= 1 }
    mutating func book(_ event: borrowing MarketBook, _ head: MarketHead) { count &+= 1 }
    mutating func quote(_ event: borrowing MarketQuote, _ head: MarketHead) { count &+= 1 }
}

/// Features of every window, and nothing behind them.
struct FeaturesOnly: MarketHandler {
    private var features: FeatureEngine
    private(set) var rowCount = 0

    init(_ features: FeatureEngine) { self.features = features }

    private mutating func advance(_ head: MarketHead) {
        var made = 0
        features.advance(to: head.nowNanos) { _ in made += 1 }
        rowCount += made
    }

    mutating func listed(_ event: borrowing MarketInstrument, _ head: MarketHead) {
        var head = head
        if head.nowNanos == .min { head.nowNanos = head.eventNanos }
        advance(head)
        features.apply(event, eventNanos: head.eventNanos)
    }
    mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) {
        advance(head)
        features.apply(event, eventNanos: head.eventNanos)
    }
    mutating func book(_ event: borrowing MarketBook, _ head: MarketHead) {
        advance(head)
        features.apply(event, eventNanos: head.eventNanos)
    }
    mutating func quote(_ event: borrowing MarketQuote, _ head: MarketHead) {
        advance(head)
        features.apply(event, eventNanos: head.eventNanos)
    }
    mutating func candle(_ event: borrowing MarketCandle, _ head: MarketHead) {
        advance(head)
        features.apply(event, eventNanos: head.eventNanos)
    }
    mutating func context(_ event: borrowing MarketContext, _ head: MarketHead) {
        advance(head)
        features.apply(event, eventNanos: head.eventNanos)
    }
    mutating func funding(_ event: borrowing MarketFunding, _ head: MarketHead) {
        advance(head)
        features.apply(event, eventNanos: head.eventNanos)
    }
    mutating func gap(_ event: borrowing MarketGap, _ head: MarketHead) {
        advance(head)
        features.apply(event, eventNanos: head.eventNanos)
    }
}

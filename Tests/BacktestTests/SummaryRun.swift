import Events
import LogFormat

@testable import Backtest
@testable import LogEngine
@testable import Runtime

/// Runs whose `sig` logs are written by hand, on a simulated disk.
final class SummaryRun {
    static let start: Int64 = 1_700_000_000_000_000_000
    static let minute: Int64 = 60_000_000_000

    let environment: LogEnvironment
    /// Whether the last event of a run names the ratios of its detectors.
    var keepsRatios = false
    /// What the run that was written last is made of.
    private(set) var manifest: RunManifest?
    /// Events of the run in preparation, by time.
    private var events: [(nanos: Int64, append: (any EventOutput, Int64) throws(LogError) -> Void)] = []

    init() throws {
        var environment = LogEnvironment.simulated(disk: SimulatedDisk(seed: 9), clock: SimulatedClock(), seed: 5)
        environment.isProcessAlive = { _ in false }
        self.environment = environment
        try environment.fileSystem.createDirectory("runs")
        try writeMarket("mkt")
    }

    static var options: LogOptions {
        var options = LogOptions()
        options.reserveBytes = 0
        return options
    }

    /// Two instruments on two venues, 3 trades, 2 quotes, a gap, and a source with refused records.
    func writeMarket(_ path: String, tradeSize: Int64 = 1) throws {
        let writer = try LogWriter(path, options: Self.options, environment: environment)
        let (listing, trade) = (try writer.register(MarketInstrument.self), try writer.register(MarketTrade.self))
        let (quote, gap) = (try writer.register(MarketQuote.self), try writer.register(MarketGap.self))
        let source = try writer.register(MarketSourceRead.self)
        for (place, (asset, venue)) in [("BTC-USD", "hyperliquid"), ("ETH-USD", "kraken")].enumerated() {
            var event = MarketInstrument()
            (event.instrument, event.asset, event.venue) = (Int32(place) + 1, AssetID(asset), venue)
            event.symbol = asset
            try writer.append(&event, typeID: listing, eventNanos: Self.start)
        }
        for index in 0..<3 {
            var event = MarketTrade()
            event.instrument = index == 2 ? 2 : 1
            event.receivedNanos = Self.start + Int64(index) * Self.minute
            (event.price, event.size) = (100, tradeSize)
            try writer.append(&event, typeID: trade, eventNanos: event.receivedNanos)
        }
        for index in 3..<5 {
            var event = MarketQuote()
            (event.instrument, event.receivedNanos) = (1, Self.start + Int64(index) * Self.minute)
            (event.bidPrice, event.askPrice, event.bidSize, event.askSize) = (9_999_000_000, 10_001_000_000, 5, 5)
            try writer.append(&event, typeID: quote, eventNanos: event.receivedNanos)
        }
        var hole = MarketGap()
        (hole.instrument, hole.channel, hole.reason) = (2, "trades", .sourceEnded)
        hole.fromNanos = Self.start + 5 * Self.minute
        try writer.append(&hole, typeID: gap, eventNanos: Self.start + 6 * Self.minute)
        var read = MarketSourceRead()
        read.duplicateCount = 4
        read.rejects = [Tally("crossed book", 2), Tally("negative size", 7)]
        try writer.append(&read, typeID: source, eventNanos: Self.start + 7 * Self.minute)
        try writer.close(seal: true)
    }

    func add(_ event: some DomainEvent, at nanos: Int64) {
        events.append(
            (
                nanos,
                { (output: any EventOutput, nanos: Int64) throws(LogError) in
                    var event = event
                    _ = try output.append(&event, to: .sig, eventNanos: nanos, flags: [])
                }
            ))
    }

    func register(_ id: String, family: String = "tape") {
        var event = DetectorRegistered()
        event.lineage.id = EventID(module: .sig, key: "registered|\(id)", eventNanos: Self.start)
        (event.detectorID, event.family) = (DetectorID(id), family)
        add(event, at: Self.start)
    }

    /// A window that ends `minute` minutes after the start, with its outcome at its own horizon if one is given.
    @discardableResult
    func window(
        _ minute: Int, by id: String = "d", signal: Double, forward: Double? = nil, favourable: Double = 0,
        adverse: Double = 0, horizon: Horizon = .seconds30, asset: String = "BTC-USD",
        _ change: (inout SignalScored) -> Void = { _ in }
    ) -> EventID {
        let nanos = Self.start + Int64(minute) * Self.minute
        var event = SignalScored()
        event.lineage.id = EventID(module: .sig, key: "scored|\(id)|\(asset)", eventNanos: nanos)
        (event.detectorID, event.symbol, event.horizon) = (DetectorID(id), AssetID(asset), horizon)
        (event.signal, event.sigma, event.session) = (signal, 0.5, .asia)
        change(&event)
        add(event, at: nanos)
        if let forward {
            outcome(event.lineage.id, minute, horizon, forward, favourable: favourable, adverse: adverse)
        }
        return event.lineage.id
    }

    func outcome(
        _ scored: EventID, _ minute: Int, _ horizon: Horizon, _ forward: Double, favourable: Double = 0,
        adverse: Double = 0
    ) {
        let nanos = Self.start + Int64(minute) * Self.minute + horizon.seconds * 1_000_000_000
        var event = SignalEvaluated()
        event.lineage.id = EventID(module: .sig, key: "evaluated|\(scored)|\(horizon.seconds)", eventNanos: nanos)
        (event.scoredID, event.horizonSeconds, event.forwardReturn) = (scored, horizon.seconds, forward)
        (event.favourableBps, event.adverseBps) = (favourable, adverse)
        add(event, at: nanos)
    }

    /// Writes the events into a run's folder and forgets them.
    @discardableResult
    func write(
        _ path: String = "runs/a", seed: UInt64 = 3, finishes: Bool = true, inputs: [String] = ["mkt"],
        settings: [(name: String, value: RunConfiguration.Value)] = [
            ("note", .text("a \"quote\"\nand a line")), ("window", .integer(8)),
        ]
    ) throws -> String {
        let manifest = RunManifest(
            inputs: try inputs.map { try RunInput($0, environment: environment) },
            configuration: try RunConfiguration(settings),
            codeRevision: "abc-modified", seed: seed, priorsVersions: [PriorsVersion("sig:v1")])
        self.manifest = manifest
        let run = try ReplayRun(
            path, manifest: manifest, modules: [.sig], options: Self.options, environment: environment)
        try run.start()
        let order = events.indices.sorted { (events[$0].nanos, $0) < (events[$1].nanos, $1) }
        let ratios = TrialRatios()
        let tape = TrialTape(run.output, ratios)
        for index in order { try events[index].append(tape, events[index].nanos) }
        if finishes {
            try run.finish(metrics: keepsRatios ? ratios.metrics : [], nowNanos: Self.start + 300 * Self.minute)
        } else {
            try run.output.root.close()
        }
        events = []
        return path
    }

    func maker(
        _ path: String = "runs/a", inputs: [String] = ["mkt"], plan: PlanChoice = .none,
        rules: ReportRules = ReportRules()
    ) -> RunReportMaker {
        var rules = rules
        if rules.replicates == nil { rules.replicates = 100 }
        return RunReportMaker(run: path, inputs: inputs, plan: plan, rules: rules, environment: environment)
    }
}

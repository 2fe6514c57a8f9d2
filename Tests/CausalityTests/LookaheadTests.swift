import Backtest
import BacktestTesting
import Events
import Inquiry
import LogEngine
import Runtime
import SignalEngine
import Specimens
import Testing

/// No record depends on what became known after its time, and whoever cheats is named (AUD-06, EX-36, NEV-16).
@Suite struct LookaheadTests {
    private func options(cuts: Int = 200, rubbish: Int = 64) -> LookaheadCheck.Options {
        var options = LookaheadCheck.Options()
        (options.cuts, options.rubbishEvents, options.seed) = (cuts, rubbish, 5)
        return options
    }

    private func check(_ market: String, _ plant: Plant, cuts: Int) throws -> LookaheadReport {
        try LookaheadCheck([market], options: options(cuts: cuts)).run { tape, output throws(LogError) in
            try PlantedDetector(plant, tape, output)
        }
    }

    @Test(arguments: Plant.leaks.indices) func `a leak is named with its detector, record and field`(
        _ index: Int
    ) throws {
        let plant = Plant.leaks[index]
        let scratch = try Scratch()
        try LeakMarket.write("\(scratch.path)/root", seed: 11)
        // A leak shows long before the 200 cuts that a clean program has to stand.
        let report = try check("\(scratch.path)/root", plant, cuts: 60)
        let type =
            switch plant.record {
            case .scored: SignalScored.typeName
            case .evaluated: SignalEvaluated.typeName
            case .published: SignalPublished.typeName
            case .stateChanged: DetectorStateChanged.typeName
            }
        let finding = report.findings.first { $0.type == type }
        #expect(finding != nil, "\(plant.name) was not found")
        #expect(finding?.detector == plant.name)
        #expect(finding?.fields.map(\.path) == [plant.field], "\(plant.name)")
        // Only the planted field is blamed.
        #expect(report.findings.allSatisfy { $0.fields.map(\.path) == [plant.field] }, "\(report.text)")
        if let law = plant.law { #expect(report.findings.allSatisfy { $0.law == law }, "\(report.text)") }
    }

    @Test func `the corpus has at least twenty leaks, each of another kind`() {
        #expect(Plant.leaks.count >= 20)
        #expect(Set((Plant.leaks + Plant.clean).map(\.name)).count == Plant.leaks.count + Plant.clean.count)
    }

    @Test(arguments: Plant.clean.indices) func `who looks back is left alone`(_ index: Int) throws {
        let plant = Plant.clean[index]
        let scratch = try Scratch()
        try LeakMarket.write("\(scratch.path)/root", seed: 12)
        let report = try check("\(scratch.path)/root", plant, cuts: 200)
        #expect(report.isClean && report.recordCount > 100 && report.cutCount == 200, "\(report.text)")
    }

    /// The whole shipped cohort, with scores, outcomes and standings; `BacktestTests` cuts 200 times, from the start.
    @Test func `the main job is clean on both markets`() throws {
        let scratch = try Scratch()
        try LeakMarket.write("\(scratch.path)/leaks", seed: 13)
        try SampleMarket.write("\(scratch.path)/sample", count: 1500, seed: 3)
        for name in ["leaks", "sample"] {
            let engine = try SampleRun.engine()
            var options = options(cuts: 40, rubbish: 12)
            options.gridNanos = engine.kinds.map { Int64($0.everySeconds) * 1_000_000_000 }
            let report = try LookaheadCheck(["\(scratch.path)/\(name)"], options: options).run {
                _, output throws(LogError) in try SignalPipeline(engine, output: output)
            }
            #expect(report.isClean && report.recordCount > 500, "\(report.text)")
        }
    }

    /// The real chain, fed with prices that are smoothed with the next ones: facts and detectors are named.
    @Test func `future prices ahead of the whole chain are found in its facts and its signals`() throws {
        let scratch = try Scratch()
        try SampleMarket.write("\(scratch.path)/root", count: 1500, seed: 3)
        let engine = try SampleRun.engine()
        let report = try LookaheadCheck(["\(scratch.path)/root"], options: options(rubbish: 0)).run {
            _, output throws(LogError) in NextPrices(inner: try SignalPipeline(engine, output: output))
        }
        #expect(report.findings.contains { $0.type == WindowFactsComputed.typeName }, "\(report.text)")
        #expect(report.findings.contains { $0.type == SignalScored.typeName && $0.detector != nil }, "\(report.text)")
    }

    @Test func `candles that are stamped with their first moment are found in the market itself`() throws {
        let scratch = try Scratch()
        try LeakMarket.write("\(scratch.path)/root", seed: 14, candlesAtOpen: true)
        let report = try check("\(scratch.path)/root", Plant.clean[0], cuts: 200)
        let finding = try #require(report.findings.first)
        #expect(report.findings.count == 1 && finding.law == .input && finding.type == MarketCandle.typeName)
        #expect(finding.fields.map(\.path) == ["open_time"] && finding.count > 10)
    }

    /// A pipeline that is no value would spoil itself with its own copies: the runs from the start find that.
    @Test func `a pipeline whose copies share their memory is not called clean`() throws {
        let scratch = try Scratch()
        try LeakMarket.write("\(scratch.path)/root", seed: 15)
        let report = try LookaheadCheck(["\(scratch.path)/root"], options: options()).run {
            _, output throws(LogError) in SharedCount(output: output)
        }
        #expect(!report.isClean)
    }

    @Test func `a market without events and amounts out of range are refused`() throws {
        let scratch = try Scratch()
        try RealFS().createDirectory("\(scratch.path)/empty")
        let root = try Root("\(scratch.path)/empty", modules: [.mkt])
        try root.close(seal: true)
        #expect(throws: LogError.self) { try check("\(scratch.path)/empty", Plant.clean[0], cuts: 200) }
        #expect(throws: LogError.self) { try LookaheadCheck(["x"], options: options(cuts: -1)) }
        #expect(throws: LogError.self) {
            try LookaheadCheck(["x"], options: options(cuts: LookaheadCheck.cutsMax + 1))
        }
        var wrong = options()
        wrong.gridNanos = [0]
        #expect(throws: LogError.self) { try LookaheadCheck(["x"], options: wrong) }
    }
}

/// Tells each trade with the price of the next one: it waits for that, and dates back.
private struct NextPrices: ReplayPipeline, AnyMarketHandler {
    var inner: SignalPipeline
    private var waiting: (event: AnyMarketEvent, head: MarketHead)?

    init(inner: SignalPipeline) { self.inner = inner }

    mutating func take(_ event: AnyMarketEvent, _ head: MarketHead) throws(LogError) {
        guard case .traded(let next) = event else { return try event.tell(&inner, head) }
        if let (last, when) = waiting, case .traded(var trade) = last {
            trade.price = (trade.price + next.price) / 2
            try AnyMarketEvent.traded(trade).tell(&inner, when)
        }
        waiting = (event, head)
    }

    mutating func finish(nowNanos: Int64) throws(LogError) -> [Metric] {
        if let (last, when) = waiting { try last.tell(&inner, when) }
        return try inner.finish(nowNanos: nowNanos)
    }
}

/// Counts in memory that its copies share.
private struct SharedCount: ReplayPipeline, AnyMarketHandler {
    final class Count { var value = 0 }

    let output: any EventOutput
    private let count = Count()
    private var said = 0

    init(output: any EventOutput) { self.output = output }

    mutating func take(_ event: AnyMarketEvent, _ head: MarketHead) throws(LogError) { try speak(head.nowNanos) }

    mutating func finish(nowNanos: Int64) throws(LogError) -> [Metric] {
        try speak(nowNanos)
        return []
    }

    private mutating func speak(_ nanos: Int64) throws(LogError) {
        count.value += 1
        said += 1
        var scored = SignalScored()
        scored.lineage.id = EventID(module: .sig, key: "shared|\(said)", eventNanos: nanos)
        scored.sigma = 1 / Double(count.value)
        _ = try output.append(&scored, to: .sig, eventNanos: nanos, flags: [])
    }
}

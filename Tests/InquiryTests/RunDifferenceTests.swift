import Events
import LogFormat
import Runtime
import Testing

@testable import Inquiry
@testable import LogEngine

/// `lotus diff runs`: where two runs part, by causal ids, and why.
@Suite struct RunDifferenceTests {
    let bench: Bench

    init() throws { bench = try Bench() }

    private func compare(_ a: String, _ b: String) throws -> RunDifference {
        try RunDifference(try bench.logs(a), try bench.logs(b))
    }

    @Test func `equal runs are equal`() throws {
        try bench.story("a")
        try bench.story("b", seal: false)
        let found = try compare("a", "b")
        #expect(found.isEqual && found.members.count == 5 && found.text.hasPrefix("equal: "))
    }

    @Test func `one decision that differs is found with its field and its causes on both sides`() throws {
        let story = try bench.story("a")
        try bench.story("b", signal: 0.7)
        let found = try compare("a", "b")
        let first = try #require(found.first)
        #expect(first.log == "sig" && first.a?.id == story.ids["good"]?.ulid && first.a?.seq == first.b?.seq)
        #expect(first.fields.map(\.text) == ["signal: 0.8 -> 0.7"])
        #expect(first.whyA?.root.causes.last?.event?.schema.name == "mkt.Traded")
        #expect(first.whyB?.root.causes.last?.event?.schema.name == "mkt.Traded")
        let sig = try #require(found.members.first { $0.log == "sig" }?.alignment)
        // The window, and the message that repeats its number.
        #expect(sig.changed == 2 && sig.onlyA == 0 && sig.onlyB == 0)
        #expect(found.members.filter { !$0.isEqual }.map(\.log) == ["sig"])
    }

    @Test func `one event more is one insertion, and what follows is the same with other numbers`() throws {
        try bench.story("a")
        try bench.story("b", extraTrades: 1)
        let found = try compare("a", "b")
        let first = try #require(found.first)
        #expect(first.log == "mkt" && first.a == nil && first.b?.text("price") == "96000.00000000")
        let counts = found.members.compactMap(\.alignment)
        #expect(counts.map(\.onlyB).reduce(0, +) == 1)
        #expect(counts.map(\.onlyA).reduce(0, +) == 0 && counts.map(\.changed).reduce(0, +) == 0)
        #expect(counts.map(\.renumbered).reduce(0, +) > 0)
        #expect(found.text.contains("only in b: mkt.Traded"))
    }

    /// A run of two detectors with one window each, started as it is said.
    private func run(
        _ name: String, seed: UInt64 = 1, smooth: String = "6.0", gain: Double = 1, steps: String = "ema 3"
    ) throws {
        try bench.disk.createDirectory(name)
        var story = try Story(name, environment: bench.environment)
        var started = RunStarted()
        started.seed = seed
        started.codeRevision = "abc"
        try story.add(started, to: .ops, as: "started \(seed) \(smooth) \(gain) \(steps)")
        for detector in ["first_v1", "second_v1"] {
            let changed = detector == "first_v1" ? "6.0" : smooth
            var registered = DetectorRegistered()
            registered.detectorID = DetectorID(detector)
            registered.recipe =
                "detector \(detector)\nparameter smooth \(changed) in 3.0...20.0 whole\n0 \(steps) \(changed)"
            try story.add(registered, to: .sig, as: "registered \(detector) \(changed) \(steps)")
        }
        var scored = SignalScored()
        scored.detectorID = "second_v1"
        scored.signal = gain / 2
        try story.add(scored, to: .sig, as: "scored")
        var completed = RunCompleted()
        completed.runID = started.runID
        try story.add(completed, to: .ops, as: "completed \(seed) \(smooth) \(gain)")
        try story.root.close(seal: true)
    }

    @Test func `the one parameter that is another one is told, and the first decision that follows`() throws {
        try run("a")
        try run("b", smooth: "7.0", gain: 0.5)
        let found = try compare("a", "b")
        #expect(found.origins.map(\.text) == ["second_v1.smooth: 6.0 -> 7.0"])
        #expect(found.first?.a?.schema.name == "sig.SignalScored")
        #expect(found.first?.fields.map(\.text) == ["signal: 0.5 -> 0.25"])
        #expect(found.text.hasPrefix("made of different things:\n    second_v1.smooth: 6.0 -> 7.0\ndiffers: "))
        let made = #"{"equal":false,"made_of":[{"name":"second_v1.smooth","a":"6.0","b":"7.0"}],"#
        #expect(found.json.hasPrefix(made))
    }

    @Test func `a step of a recipe, a seed and a detector more are told`() throws {
        try run("a")
        try run("b", seed: 2, steps: "ema 4")
        let found = try compare("a", "b")
        #expect(
            found.origins.map(\.text) == [
                "first_v1.recipe: 0 ema 3 6.0 -> 0 ema 4 6.0", "second_v1.recipe: 0 ema 3 6.0 -> 0 ema 4 6.0",
                "seed: 1 -> 2",
            ])
        // Nothing that they did is another thing: what they were made of is the first difference.
        #expect(found.first?.a?.schema.name == "rep.RunStarted" || found.first?.b?.schema.name == "rep.RunStarted")
        try bench.story("c")
        let less = try compare("a", "c")
        #expect(less.origins.contains { $0.text == "first_v1.smooth: 6.0 -> none" })
    }

    /// A root whose market log holds trades with these prices, sealed.
    private func trades(_ name: String, _ prices: [Int64]) throws {
        try bench.disk.createDirectory(name)
        var story = try Story(name, environment: bench.environment)
        for price in prices { try story.trade(price) }
        try story.root.close(seal: true)
    }

    @Test func `in sealed logs the events around the differences are not read, and all are counted`() throws {
        let prices = (0..<6000).map { Int64($0 * 7919 % 6007) * 1_000_000 }
        var other = prices
        (other[1100], other[4500]) = (5, 6)
        try trades("a", prices)
        try trades("b", other)
        let found = try compare("a", "b")
        let first = try #require(found.first)
        #expect(first.a?.seq == 1101 && first.b?.seq == 1101)
        #expect(first.fields.map(\.path) == ["price"] && first.fields.map(\.b) == ["\"0.00000005\""])
        let mkt = try #require(found.members.first { $0.log == "mkt" }?.alignment)
        #expect(mkt.changed == 2 && mkt.onlyA == 0 && mkt.onlyB == 0)
    }

    @Test func `in sealed logs one event more is one insertion as well`() throws {
        let prices = (0..<6000).map { Int64($0 * 7919 % 6007) * 1_000_000 }
        try trades("a", prices)
        try bench.disk.createDirectory("b")
        var story = try Story("b", environment: bench.environment)
        for (index, price) in prices.enumerated() {
            if index == 3000 { try story.extraTrade(5) }
            try story.trade(price)
        }
        try story.root.close(seal: true)
        let mkt = try #require(try compare("a", "b").members.first { $0.log == "mkt" }?.alignment)
        #expect(mkt.changed == 0 && mkt.onlyA == 0 && mkt.onlyB == 1)
        #expect(mkt.first == Alignment.Difference(seqB: 3001, globalSeq: 3001))
    }

    @Test func `a run that ends earlier lacks the rest`() throws {
        let prices = (0..<3000).map { Int64($0) }
        try trades("a", prices)
        try trades("b", Array(prices[..<2000]))
        let mkt = try #require(try compare("a", "b").members.first { $0.log == "mkt" }?.alignment)
        #expect(mkt.changed == 0 && mkt.onlyA == 1000 && mkt.onlyB == 0)
        #expect(mkt.first == Alignment.Difference(seqA: 2001, globalSeq: 2001))
    }

    @Test func `a log that one run lacks differs from its first event on`() throws {
        try bench.story("a")
        try bench.disk.createDirectory("b")
        let found = try compare("a", "a")
        #expect(found.isEqual)
        var other = try Story("b", environment: bench.environment)
        try other.add(MarketInstrument(), to: .mkt)
        try other.root.close()
        let parted = try compare("a", "b")
        #expect(parted.first?.log == "mkt" && parted.members.first { $0.log == "sig" }?.isEqual == false)
    }
}

import Backtest
import BacktestTesting
import DetectorYAML
import Events
import Inquiry
import LogEngine
import Runtime
import SignalEngine
import Specimens
import Statistics
import Testing

/// How long signals depend on where the market begins.
@Suite struct WarmUpTests {
    private func check(
        _ declaredSeconds: Int64, _ value: @escaping @Sendable (World, Int64) -> Double?
    ) throws -> WarmUpReport {
        let scratch = try Scratch()
        let market = "\(scratch.path)/root"
        try LeakMarket.write(market, seed: 21)
        let plant = Plant(name: "planted", value: value)
        let end = LeakMarket.startNanos + 1200 * LeakMarket.second
        let tape = LookaheadTape([market], .whole, .real())
        let limit = WarmUpLimit(nanos: declaredSeconds * LeakMarket.second)
        return try WarmUpCheck([market]) { _ in limit }.run(over: LeakMarket.startNanos...end) {
            output throws(LogError) in try PlantedDetector(plant, tape, output)
        }
    }

    @Test func `a memory of a minute needs a minute, and less is a shortfall`() throws {
        let memory: @Sendable (World, Int64) -> Double? = { world, end in
            world.prices(end - 60 * LeakMarket.second, end).reduce(0, +) / 1e13
        }
        let found = try check(60, memory)
        let longest = try #require(found.detectors.first?.longestNanos)
        #expect(found.isClean && found.startCount == 10 && found.detectors.count == 1)
        #expect(longest > 45 * LeakMarket.second && longest < 60 * LeakMarket.second)
        let short = try check(30, memory)
        #expect(!short.isClean && short.shortfalls.map(\.detector) == ["planted"])
        #expect(short.text.contains("SHORTFALL: depends on the start for 5"), "\(short.text)")
    }

    @Test func `a memory without end is a shortfall, none at all is never one`() throws {
        let endless = try check(300) { world, end in Double(world.prices(.min, end).count) }
        #expect((endless.detectors.first?.longestNanos ?? 0) > 1000 * LeakMarket.second && !endless.isClean)
        let none = try check(1) { _, end in Double(end % 7) }
        #expect(none.detectors.first?.longestNanos == nil && none.isClean && none.detectors[0].windowCount > 1000)
        #expect(none.text.contains("never depends on the start"))
    }

    @Test func `a fading memory is the same once nobody can tell`() throws {
        let found = try check(600) { world, end in
            world.prices(.min, end).reduce(1e13) { 0.8 * $0 + 0.2 * $1 } / 1e13
        }
        let longest = try #require(found.detectors.first?.longestNanos)
        #expect(found.isClean && longest > 30 * LeakMarket.second, "\(found.text)")
    }

    @Test func `a signal that is not there at first depends on the start`() throws {
        let found = try check(1) { world, _ in world.seen.count < 100 ? nil : 0.5 }
        #expect(!found.isClean && (found.detectors.first?.differCount ?? 0) > 50)
    }

    /// The shipped cohort on a generated market, against what its recipes say.
    ///
    /// - Parameters:
    ///   - share: the limits are this part of what the recipes say.
    ///   - change: what is read in the place of a detector's text.
    private func cohort(
        _ seed: UInt64, share: Int64 = 1, change: (String) -> String = { $0 }
    ) throws -> WarmUpReport {
        let scratch = try Scratch()
        let market = "\(scratch.path)/root"
        try SampleMarket.write(market, count: 14_000, seed: seed, paceMillis: 1400)
        let recipes = try ShippedDetectors.files.map {
            try RecipeCompiler.compile(DetectorReader.source(change($0.text)))
        }
        let engine = SignalEngine(recipes)
        let limits = Dictionary(uniqueKeysWithValues: recipes.map { ($0.id.text, $0.warmUp) })
        let start: Int64 = 1_760_000_000_000_000_000
        return try WarmUpCheck([market], starts: 4) { detector in
            guard let declared = limits[detector] else { return WarmUpLimit(nanos: 0) }
            // A book counts as long as quotes are fresh, and this market lets a late start wait for its first one.
            let wait = share == 1 ? 60 * LeakMarket.second : 0
            return WarmUpLimit(
                nanos: declared.nanos / share + wait, windowNanos: declared.everyNanos, endless: declared.endless)
        }.run(over: start...start + 9_800 * LeakMarket.second) { output throws(LogError) in
            try DetectorSignals(engine, output: output)
        }
    }

    @Test func `no shipped detector remembers longer than its recipe says, but for one that turns on the last bit`()
        throws
    {
        let seed: UInt64 = 32
        let fade = "tape_toxic_flow_fade_v1"
        let found = try cohort(seed)
        // Its means of equal sums are compared with one another; in which order they were added depends on the start.
        #expect(found.shortfalls.map(\.detector) == [fade], "seed \(seed)\n\(found.text)")
        let steady = try cohort(seed) {
            $0.replacing("toxicity < lag(toxicity, 3)", with: "toxicity + 0.000000001 < lag(toxicity, 3)")
        }
        #expect(steady.isClean, "seed \(seed)\n\(steady.text)")
        let depending = steady.detectors.filter { $0.differCount > 0 }
        #expect(steady.detectors.count == 17 && depending.count >= 8, "seed \(seed)\n\(steady.text)")
        #expect(
            steady.detectors.filter { !$0.limit.endless.isEmpty }.map(\.detector) == [
                "event_funding_kink_v1", "tape_run_burst_v1",
            ])
        #expect(steady.text.contains("never spoke, warm-up 83d"), "\(steady.text)")
    }

    @Test func `a twentieth of what the recipes say is too short, and is named`() throws {
        let found = try cohort(31, share: 20)
        #expect(found.shortfalls.count >= 5 && found.text.contains("SHORTFALL"), "\(found.text)")
    }

    @Test func `silences do not count for a limit in windows, and do for one in time`() throws {
        let scratch = try Scratch()
        let market = "\(scratch.path)/root"
        try LeakMarket.write(market, seed: 22)
        let end = LeakMarket.startNanos + 1200 * LeakMarket.second
        // It speaks in one window of four, and remembers where the market began for twenty of those.
        let plant = Plant(name: "planted") { world, end in
            guard end / World.step % 4 == 0 else { return nil }
            return world.said.count < 20 ? 0.25 : 0.5
        }
        for (windowNanos, isClean) in [(World.step as Int64?, true), (nil, false)] {
            let limit = WarmUpLimit(nanos: 21 * World.step, windowNanos: windowNanos)
            let found = try WarmUpCheck([market]) { _ in limit }.run(over: LeakMarket.startNanos...end) {
                output throws(LogError) in
                try PlantedDetector(plant, LookaheadTape([market], .whole, .real()), output)
            }
            #expect(found.isClean == isClean, "\(found.text)")
        }
    }

    @Test func `what passes for forgotten is far below what the check can tell`() {
        let fading = Elementary.exp(-2 * Double(LookBack.fadingLengths))
        let halving = Elementary.exp2(-Double(LookBack.fadingHalfLives))
        #expect(max(fading, halving) < 1e-4 * WarmUpCheck.tolerance)
    }
}

import Backtest
import BacktestTesting
import Events
import Inquiry
import LogEngine
import Runtime
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
        return try WarmUpCheck([market], declaredNanos: declaredSeconds * LeakMarket.second).run(
            over: LeakMarket.startNanos...end
        ) { output throws(LogError) in try PlantedDetector(plant, tape, output) }
    }

    @Test func `a memory of a minute needs a minute, and less is a shortfall`() throws {
        let memory: @Sendable (World, Int64) -> Double? = { world, end in
            world.prices(end - 60 * LeakMarket.second, end).reduce(0, +) / 1e13
        }
        let found = try check(60, memory)
        let longest = try #require(found.detectors.first?.longestNanos)
        #expect(found.isClean && found.starts.count == 10 && found.detectors.count == 1)
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
}

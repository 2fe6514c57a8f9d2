import Events
import Statistics
import Testing

@testable import SignalEngine

/// Uncertainty of detectors without siblings (DEF-19).
@Suite struct RefitTests {
    private static let seed: UInt64 = 23

    private static func direction(edge: Double, count: Int = 400, seed: UInt64 = RefitTests.seed) -> Double? {
        var random = Xoshiro256(seed: seed)
        let signals = (0..<count).map { _ in 2 * random.uniform() - 1 }
        let returns = signals.map { edge * $0 + 0.01 * random.normal() }
        return Refits.direction(signals: signals, returns: returns, block: 6, seed: 1)
    }

    @Test func `outcomes that bear a direction out leave no doubt, noise leaves much`() throws {
        #expect(Self.direction(edge: 0.02) == 1)
        #expect(Self.direction(edge: -0.02) == -1)
        let directions = try (0..<40).map { try #require(Self.direction(edge: 0, seed: Self.seed + $0)) }
        let doubts = directions.map { Refits.uncertainty(of: 1, direction: $0) }
        #expect(Sum.of(doubts) / 40 > 0.3, "seed \(Self.seed): \(doubts)")
        #expect(directions.contains { $0 > 0 } && directions.contains { $0 < 0 }, "seed \(Self.seed)")
    }

    @Test func `it is the variance of the refits' signals`() throws {
        // 20 refits speak 0.6, 5 speak -0.6.
        let signals = [Double](repeating: 0.6, count: 20) + [Double](repeating: -0.6, count: 5)
        let found = Mutations.uncertainty(signals.span)
        let variance = try #require(found)
        #expect(abs(Refits.uncertainty(of: 0.6, direction: 15.0 / 25) - variance) < 1e-15)
        #expect(Refits.uncertainty(of: -1, direction: 0) == 1 && Refits.uncertainty(of: 0, direction: 0) == 0)
    }

    @Test func `nothing to fit is no answer`() {
        #expect(Refits.direction(signals: [], returns: [], block: 1, seed: 1) == nil)
        #expect(Refits.direction(signals: [0.5, 0.5, 0.5], returns: [1, 2, 3], block: 1, seed: 1) == nil)
        #expect(Self.direction(edge: 0.02, count: 2) != nil)
    }

    @Test func `an engine without siblings asks the outcomes, one with siblings does not`() throws {
        var setup = EngineSetup()
        setup.initialState = .active
        setup.siblings = 0
        var (world, again) = (World(EngineTests.fast, setup: setup), World(EngineTests.fast, setup: setup))
        world.play(seconds: 3 * 3600)
        again.play(seconds: 3 * 3600)
        #expect(world.output.scored == again.output.scored)
        let first = UInt64(World.start / 1_000_000)
        let early = world.output.scored.filter { $0.lineage.id.ulid.millis < first + 1_000_000 }
        #expect(!early.isEmpty && early.allSatisfy { $0.uncertainty == nil })
        let later = world.output.scored.filter { $0.uncertainty != nil }
        #expect(later.count > 1_000, "seed \(World.seed): \(later.count)")
        for event in later {
            let doubt = try #require(event.uncertainty)
            // One that is held back by a gate has doubts about what it would have said.
            #expect(doubt >= 0 && doubt <= 1 && (event.signal == 0 || doubt <= event.signal * event.signal))
            #expect(doubt <= setup.policy.uncertaintyMax || event.abstained)
        }
        #expect(later.contains { ($0.uncertainty ?? 0) > setup.policy.uncertaintyMax })
        #expect(later.contains { ($0.uncertainty ?? 1) == 0 && $0.signal != 0 } || later.contains { !$0.abstained })
    }
}

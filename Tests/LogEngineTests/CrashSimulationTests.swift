import Glibc
import Testing

@testable import LogEngine

/// How many seeds a run explores: dozens in a plain test run, as many as asked through LOTUS_SEEDS; make simulate asks
/// for ten thousand.
func seedCount(_ plain: Int) -> Int {
    guard let text = getenv("LOTUS_SEEDS"), let count = Int(String(cString: text)) else { return plain }
    return count
}

/// EX-34, LOG-07: power cuts and kills at random moments lose nothing that was acknowledged.
@Suite struct CrashSimulationTests {
    @Test(arguments: 0..<8)
    func `no acknowledged event is lost in any crash`(lane: Int) throws {
        let quotes = try QuoteBytes()
        if let text = getenv("LOTUS_SEED"), let seed = UInt64(String(cString: text)) {
            guard lane == 0 else { return }
            var simulation = try CrashSimulation(seed: seed, quotes: quotes)
            return try simulation.run()
        }
        let count = seedCount(64)
        var crashes = 0
        for seed in stride(from: lane, to: count, by: 8) {
            var simulation = try CrashSimulation(seed: UInt64(seed), quotes: quotes)
            try simulation.run()
            crashes += simulation.crashes
        }
        #expect(crashes >= count / 8)
    }
}

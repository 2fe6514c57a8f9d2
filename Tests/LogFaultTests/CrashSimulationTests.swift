import Glibc
import LogEngine
import LogTesting
import Testing

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

import Events
import Foundation
import Market
import Testing

/// The mix that the engine is measured with; with LOTUS_FEATURE_EVENTS=5000000 in release it says how fast.
@Suite struct FeaturesSpeedTests {
    static let kinds = [WindowKind(.minute1, everySeconds: 5), WindowKind(.minute5, everySeconds: 60)]

    @Test func `the mix gives the same rows every time`() throws {
        let count = ProcessInfo.processInfo.environment["LOTUS_FEATURE_EVENTS"].flatMap(Int.init) ?? 20_000
        let mix = FeatureMix(count: count)
        let first = try mix.run(Self.kinds)
        let clock = ContinuousClock()
        var second = FeatureMix.Result()
        let taken = try clock.measure { second = try mix.run(Self.kinds) }
        #expect(first == second && first.rows > 0)
        guard count > 1_000_000 else { return }
        let seconds = Double(taken.components.seconds) + Double(taken.components.attoseconds) / 1e18
        print("features: \(count) events, \(first.rows) rows, \(Double(count) / seconds / 1e6) M events/s")
    }

    /// Arrays are filled once and then stay as they are.
    @Test func `memory does not grow after the windows were filled`() throws {
        var engine = try FeatureEngine(kinds: [WindowKind(.minute1, everySeconds: 1)])
        let inputs = madeStream(seed: 12, seconds: 4000)
        var rooms: [Int] = []
        for (index, input) in inputs.enumerated() {
            engine.feed(input) { _ in }
            if index % 1000 == 999 { rooms.append(engine.room) }
        }
        #expect(Set(rooms).count == 1, "\(rooms)")
    }
}

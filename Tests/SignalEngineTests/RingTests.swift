import Testing

@testable import SignalEngine

/// Rings whose memory is taken whole.
@Suite struct RingTests {
    @Test(arguments: [1, 2, 5]) func `the oldest goes when there is no room`(_ capacity: Int) {
        var places = RingPlaces(capacity: capacity)
        var memory = [Int](repeating: -1, count: capacity)
        for value in 0..<4 * capacity {
            memory[places.take()] = value
            let kept = (0..<places.count).map { memory[places.place($0)] }
            #expect(kept == Array(max(0, value + 1 - capacity)...value))
        }
    }
}

import Testing

@testable import LogEngine

/// A tail that nobody wakes looks often after a change, and seldom when nothing has changed for a while.
@Suite struct PollPaceTests {
    @Test func `sleeps double up to a tenth of a second, and are short again after a change`() {
        var pace = PollPace()
        var naps: [Int64] = []
        for _ in 0..<7 {
            naps.append(pace.napNanos / 1_000_000)
            pace.slowDown()
        }
        #expect(naps == [5, 10, 20, 40, 80, 100, 100])
        pace.hurry()
        #expect(pace.napNanos == 5_000_000)
    }
}

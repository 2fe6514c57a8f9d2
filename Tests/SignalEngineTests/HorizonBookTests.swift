import Events
import Testing

@testable import SignalEngine

/// What is kept of outcomes for the scores of a night (LRN-03, LRN-05).
@Suite struct HorizonBookTests {
    private func known(_ index: Int, _ horizon: Horizon, detector: Int32 = 1, asset: Int32 = 0) -> OutcomeKnown {
        OutcomeKnown(
            strand: StrandKey(detector: detector, asset: asset), scoredID: EventID(), asofNanos: Int64(index),
            horizon: horizon, signal: 0.5, forwardReturn: Double(index), favourableBps: 2, adverseBps: 1,
            knownNanos: Int64(index) + horizon.nanos)
    }

    @Test func `the last outcomes of each detector at each horizon are kept`() {
        var book = HorizonBook(detectors: 3)
        #expect(!book.isFresh && book.windows(1).isEmpty)
        for index in 0..<(HorizonBook.windowsMax + 10) { book.add(known(index, .hour1, asset: Int32(index % 3))) }
        for index in 0..<3 { book.add(known(index, .seconds30)) }
        let windows = book.windows(1)
        #expect(
            windows.map(\.horizon) == [.seconds30, .seconds30, .seconds30]
                + [Horizon](repeating: .hour1, count: HorizonBook.windowsMax))
        let expected = [0, 1, 2] + Array(10..<(HorizonBook.windowsMax + 10))
        #expect(windows.map(\.asofNanos) == expected.map { Int64($0) })
        #expect(windows.map(\.forwardReturn) == expected.map { Double($0) })
        #expect(windows[3].instrument == 1 && windows[3].favourableBps == 2 && windows[3].adverseBps == 1)
        #expect(windows[3].signal == 0.5 && windows[3].upProbability == 0.75 && windows[3].meanForecast == nil)
        #expect(book.windows(0).isEmpty && book.windows(2).isEmpty)
    }

    @Test func `outcomes are news once`() {
        var book = HorizonBook(detectors: 2)
        book.add(known(1, .minutes5))
        #expect(book.isFresh)
        let taken = [book.takeFresh(0), book.takeFresh(1), book.takeFresh(1)]
        #expect(taken == [false, true, false] && !book.isFresh && book.windows(1).count == 1)
    }
}

extension HorizonBook {
    /// The windows of a detector, horizon by horizon.
    fileprivate func windows(_ detector: Int) -> [JudgedWindow] {
        Horizon.allCases.flatMap { windows(detector, $0) }
    }
}

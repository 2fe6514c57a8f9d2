import BacktestTesting
import LogEngine
import Specimens
import Testing

/// The main job over tapes that end earlier, run from the start (AUD-06, EX-36, NEV-16).
@Suite struct CutTapeTests {
    @Test func `a tape that is cut anywhere changes nothing before the cut`() throws {
        let scratch = try Scratch()
        try SampleMarket.write("\(scratch.path)/root", count: 1500, seed: 3)
        let whole = try SampleRun.lines("\(scratch.path)/root")
        let times = (whole.map(\.nanos).min() ?? 0, whole.map(\.nanos).max() ?? 0)
        var random = SeededGenerator(seed: 33)
        for round in 0..<200 {
            // Every other cut lies exactly on the end of a window, where an event that came too early would show.
            let cut =
                round % 2 == 0
                ? whole[random.below(whole.count)].nanos
                : times.0 + Int64(random.next() % UInt64(times.1 - times.0 + 1))
            let part = try SampleRun.lines("\(scratch.path)/root", to: cut)
            let before = whole.filter { $0.nanos <= cut }
            guard part != before else { continue }
            let place = zip(part, before).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            Issue.record("cut at \(cut): record \(place ?? min(part.count, before.count)) of \(part.count) differs")
            return
        }
    }
}

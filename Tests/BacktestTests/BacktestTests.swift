import BacktestTesting
import DetectorYAML
import Specimens
import Testing

/// The main job from market events to scored and evaluated windows.
@Suite struct BacktestTests {
    @Test func `a run registers the cohort, scores every window and evaluates what has passed`() throws {
        let scratch = try Scratch()
        try SampleMarket.write("\(scratch.path)/root", count: 6000, seed: 1)
        let lines = try SampleRun.lines("\(scratch.path)/root")
        let counts = Dictionary(grouping: lines, by: \.name).mapValues(\.count)
        let cohort = try ShippedDetectors.recipes().count
        #expect(counts["sig.DetectorRegistered"] == cohort && cohort >= 12)
        #expect((counts["sig.SignalScored"] ?? 0) > 500)
        #expect((counts["sig.SignalEvaluated"] ?? 0) > 500)
        #expect(counts["sig.WindowFactsComputed", default: 0] > 50)
        let times = lines.map(\.nanos)
        #expect(times == times.sorted(), "records stand in the order of their times")
    }

    @Test func `the same market gives the same bytes`() throws {
        let scratch = try Scratch()
        try SampleMarket.write("\(scratch.path)/root", count: 4000, seed: 2)
        #expect(try SampleRun.lines("\(scratch.path)/root") == SampleRun.lines("\(scratch.path)/root"))
    }
}

import Events
import LogFormat
import Statistics
import Testing

@testable import Backtest
@testable import LogEngine
@testable import Report
@testable import Runtime

/// The small parts of a report, one by one.
@Suite struct SummaryPartsTests {
    @Test func `more windows or assets than the limits are refused`() throws {
        let run = try SummaryRun()
        for index in 0..<3 { run.window(index, signal: 1, asset: index < 2 ? "BTC-USD" : "ETH-USD") }
        let path = try run.write()
        func read(_ change: (RunWindowsReader) -> Void) throws(LogError) -> RunWindows {
            let reader = RunWindowsReader(uncertaintyMax: 0.15, scoredOnly: false)
            change(reader)
            try reader.readOperations("\(path)/ops", run.environment)
            try reader.readSignals("\(path)/sig", run.environment)
            return try reader.finished(path)
        }
        #expect(try read { _ in }.windowCount == 3)
        #expect(try read { ($0.windowsMax, $0.assetsMax) = (3, 2) }.windowCount == 3)
        let windows = #expect(throws: LogError.self) { try read { $0.windowsMax = 2 } }
        #expect(windows?.code == .usage && windows?.message.contains("more than 2 scored windows") == true)
        let assets = #expect(throws: LogError.self) { try read { $0.assetsMax = 1 } }
        #expect(assets?.message.contains("more than 1 assets") == true)
    }

    @Test func `bins hold their lower edge, the last one both`() {
        var bins = BinCounts(from: -1, step: 0.5, bins: 4)
        for value in [-1.01, -1, -0.5, 0.99, 1, 1.01, .infinity, -.infinity] { bins.add(value) }
        #expect(bins.counts == [1, 1, 0, 2] && bins.below == 2 && bins.above == 2 && bins.total == 8)
        #expect(bins.histogram("x", unit: "bps").edges == [-1, -0.5, 0, 0.5, 1])
    }

    @Test func `a long curve keeps its ends and its extremes`() throws {
        let rules = try PaperRules(horizonNanos: 1, periodNanos: 1, cost: 0, seed: 1)
        let windows = (0..<50_001).map { index in
            PaperWindow(
                asofNanos: Int64(index), signal: 1, forwardReturn: index == 30_000 ? 1 : index == 30_001 ? -1 : 1e-6,
                favourableBps: 0, adverseBps: 0, session: "ASIA", venue: "v")
        }
        let whole = PaperPerformance.curve(Array(windows.prefix(100)), rules: rules).points
        #expect(whole.count == 100)
        let points = PaperPerformance.curve(windows, rules: rules).points
        #expect(points.count <= PaperPerformance.curvePointsMax && points.count > 1_000)
        #expect(points.first?.timeNanos == 0 && points.last?.timeNanos == 50_000)
        let high = try #require(points.map(\.cumulativeBps).max())
        #expect(abs(high - 10_300) < 1e-6)
    }

    @Test func `periods fit horizon and tests`() throws {
        let second: Int64 = 1_000_000_000
        var rules = ReportRules()
        func period(_ horizon: Int64, _ test: Int64, _ all: Int64) throws -> Int64 {
            try rules.period(
                longestHorizonNanos: horizon * second, testNanos: test * second, allTestsNanos: all * second) / second
        }
        #expect(try period(30, 86_400, 86_400 * 60) == 86_400)
        #expect(try period(30, 3_600, 86_400 * 60) == 3_600)
        #expect(try period(3_600, 60, 60) == 3_600)
        #expect(try period(30, 600, 48 * 60) == 60)
        rules.periodNanos = 90 * second
        #expect(try period(60, 600, 600) == 90)
        #expect(rules.replicates(forWindows: 0) == 1_000 && rules.replicates(forWindows: 500_000) == 200)
        #expect(rules.replicates(forWindows: 100_000_000) == 100)
    }

    @Test func `plans are read as they are typed`() throws {
        #expect(try PlanChoice(parsing: "none") == .none && PlanChoice(parsing: "auto") == .automatic)
        let plan = try Statistics.WalkForwardPlan(parsing: "train=7d,test=1d")
        #expect(try PlanChoice(parsing: "train=7d,test=1d") == .plan(plan))
        #expect(throws: StatisticsError.self) { try PlanChoice(parsing: "train=7d") }
    }

    @Test func `a calibration needs training windows and is judged on others`() throws {
        func windows(_ count: Int, signal: Double, hits: Int) -> [PaperWindow] {
            (0..<count).map { index in
                PaperWindow(
                    asofNanos: Int64(index), signal: signal, forwardReturn: index < hits ? signal : -signal,
                    favourableBps: 0, adverseBps: 0, session: "ASIA", venue: "v")
            }
        }
        var few = FoldCalibration()
        try few.add(train: windows(29, signal: 0.5, hits: 29), test: windows(9, signal: 0.5, hits: 9))
        #expect(few.fitCount == 0)
        #expect(try few.calibration().note?.contains("no fold has 30 training windows") == true)
        var calibration = FoldCalibration()
        // Weak signals hit 10 of 40, strong ones 30 of 40; -0.8 is as strong as 0.8.
        let train = windows(40, signal: 0.2, hits: 10) + windows(40, signal: -0.8, hits: 30)
        let test =
            windows(10, signal: 0.2, hits: 5) + windows(20, signal: 0.8, hits: 12) + windows(3, signal: 0, hits: 0)
        try calibration.add(train: train, test: test)
        let found = try calibration.calibration()
        #expect(found.note == nil && found.calibration.bins.map(\.count) == [10, 20])
        #expect(found.calibration.bins.map(\.hits) == [5, 12])
        #expect(found.calibration.bins.map(\.forecast.value) == [0.25, 0.75])
        // (5 0.75^2 + 5 0.25^2 + 12 0.25^2 + 8 0.75^2) / 30.
        let brier = try #require(found.calibration.brier.value)
        #expect(abs(brier - (13 * 0.5625 + 17 * 0.0625) / 30) < 1e-12)
    }
}

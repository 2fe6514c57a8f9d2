import LogFormat
import Testing

@testable import Statistics

/// Luck of backtests against purgedcv 0.1.11, whose published figures stand here in full: to 1e-9, index sets exactly.
///
/// Its inputs come from an integer generator, so that nothing but numbers is needed.
@Suite struct OverfitOracleTests {
    private static let within = 1e-9

    private static func returns() -> [Double] { PaperTests.oracleReturns(1_000, seed: 42, drift: 0.0008) }

    private func expect(_ got: Double?, _ want: Double, _ what: String) {
        #expect(abs((got ?? .nan) - want) <= Self.within, "\(what): got \(got ?? .nan), expected \(want)")
    }

    @Test func `its returns are these`() throws {
        let returns = Self.returns()
        let moments = try Moments(returns)
        expect(returns[0], -0.018180658453021796, "first")
        expect(moments.mean, 0.0005381761150615367, "mean")
        expect(moments.deviation(ddof: 1), 0.010061470082722073, "deviation")
    }

    @Test func `probabilistic ratios`() throws {
        let sharpe = try Sharpe(returns: Self.returns(), estimator: .corrected)
        expect(sharpe.ratio, 0.053515579798629656, "ratio")
        expect(sharpe.skewness, -0.10342697878279891, "skewness")
        expect(sharpe.kurtosis, 2.96975859372767, "kurtosis")
        for (benchmark, want) in [(0.0, 0.9540656320287544), (0.02, 0.8544395905747573), (0.05, 0.544085932050366)] {
            expect(sharpe.probabilistic(above: benchmark), want, "above \(benchmark)")
        }
    }

    @Test func `deflated ratios`() throws {
        let sharpe = try Sharpe(returns: Self.returns(), estimator: .corrected)
        for (trials, variance, maximum, want) in [
            (1.0, 0.0, 0.0, 0.9540656320287544), (10, 0.0004, 1.57459830134575, 0.7560631641573049),
            (100, 0.0009, 2.5306028932016846, 0.24020943565680275),
            (1_000, 0.0009, 3.255121513652723, 0.08222638793036169),
        ] {
            expect(Sharpe.expectedMaximum(ofNormals: trials), maximum, "expected maximum of \(trials)")
            expect(sharpe.deflated(trials: trials, ratioVariance: variance), want, "N \(trials), variance \(variance)")
        }
        #expect(sharpe.deflated(trials: 2, ratioVariance: -1) == nil)
    }

    /// The moments are given there, and they are those of the sample.
    @Test func `lengths of track records and of backtests`() throws {
        let sharpe = try Sharpe(returns: Self.returns())
        expect(sharpe.ratio, 0.05348881531593604, "ratio")
        expect(sharpe.skewness, -0.10327177362747732, "skewness")
        expect(sharpe.kurtosis, 2.963915583226177, "kurtosis")
        let periods = try #require(sharpe.minimumTrackRecord(above: 0, confidence: 0.95))
        #expect(periods.rounded(.up) == 954)
        for (trials, want) in [
            (2.0, 0.27014561790823866), (10, 2.4793598106009216), (45, 4.998087004443404), (100, 6.403951003080737),
            (1_000, 10.595816068644794),
        ] {
            expect(Sharpe.minimumBacktestYears(trials: trials, target: 1), want, "years for \(trials)")
        }
    }

    @Test func `probability of overfitting, over noise and over an edge`() throws {
        let noise = (0..<20).map { PaperTests.oracleReturns(640, seed: 1_000 + UInt64($0), drift: 0) }
        var edge = noise
        edge[7] = edge[7].map { $0 + 0.004 }
        for (series, want, slope) in [
            (noise, 0.38571428571428573, -0.20811532076218042), (edge, 0, -0.9994001517765222),
        ] {
            let rows = (0..<640).map { period in series.map { $0[period] } }
            let found = try Overfitting(returns: rows, blocks: 8)
            expect(found.probability, want, "probability")
            expect(found.degradation?.slope, slope, "slope")
            #expect(found.logits.count == 70)
        }
    }

    private static let hour = PaperTests.hour
    private static let starts = (0..<60).map { Int64($0) * hour }
    /// Labels are half open there: one that ends where another begins does not meet it.
    private static let ends = (0..<60).map { starts[$0] + Int64(1 + 7 * $0 % 5) * hour - 1 }

    /// All 15 folds by the digest of their index sets, as the oracle writes them.
    @Test func `combinations, every index`() throws {
        let splits = try Splits.purgedCombinations(
            starts: Self.starts, ends: Self.ends, folds: 6, testFolds: 2, embargo: 2 * Self.hour + 1)
        #expect(splits.count == 15 && Splits.paths(folds: 6, testFolds: 2) == 5)
        let text = splits.map { "[\(Self.list($0.trainRows)), \(Self.list($0.testRows))]" }.joined(separator: ", ")
        let digest = Digest(hashing: Array("[\(text)]".utf8))
        #expect("\(digest)".hasPrefix("d9f882db56411c05"), "\(digest)")
    }

    private static func list(_ rows: [Int]) -> String { "[\(rows.map(String.init).joined(separator: ", "))]" }

    /// It takes the last 20 rows that purging left; a plan by time takes what purging left of the whole past.
    @Test func `walk-forward, every index`() throws {
        let plan = try WalkForwardPlan(parsing: "train=20h,test=10h,step=10h,anchored")
        let spans = Self.starts.indices.map { OutcomeSpan(startNanos: Self.starts[$0], endNanos: Self.ends[$0]) }
        let folds = try plan.folds(over: 0..<(60 * Self.hour), spans: spans, embargoNanos: 0, labelsMin: 1)
        let trains = folds.map { Array($0.train.flatMap { Array($0) }.suffix(20)) }
        #expect(trains.map(\.first) == [0, 8, 18, 28] && trains.map(\.last) == [18, 28, 38, 48])
        #expect(trains.map(\.count) == [18, 20, 20, 20])
        #expect(folds.map(\.test) == [[20..<30], [30..<40], [40..<50], [50..<60]])
    }
}

import Testing

@testable import Statistics

/// Paper results with their uncertainty, baselines and luck (REP-05).
@Suite struct PaperTests {
    static let second: Int64 = 1_000_000_000
    static let hour = 3_600 * second

    static func rules(cost: Double = 0, seed: UInt64 = 1) throws -> PaperRules {
        try PaperRules(horizonNanos: 300 * second, periodNanos: hour, cost: cost, seed: seed)
    }

    static func window(
        _ index: Int, _ signal: Double, _ forward: Double, every: Int64 = 60, session: String = "EU"
    ) -> PaperWindow {
        PaperWindow(
            asofNanos: Int64(index) * every * second, signal: signal, forwardReturn: forward, favourableBps: 3,
            adverseBps: 2, regime: index % 3 == 0 ? nil : "L", session: session, venue: "v")
    }

    /// A near-normal draw from sums of uniforms, the same as in the published oracle: an integer generator.
    static func oracleReturns(_ count: Int, seed: UInt64, drift: Double) -> [Double] {
        var state = seed
        return (0..<count).map { _ in
            var sum = 0.0
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                sum += Double(state >> 11) / 9_007_199_254_740_992
            }
            return (sum - 6) * 0.01 + drift
        }
    }

    @Test func `combinations agree with purgedcv`() throws {
        let starts = (0..<60).map { Int64($0) * Self.hour }
        let ends = (0..<60).map { starts[$0] + Int64(1 + 7 * $0 % 5) * Self.hour }
        // purgedcv's labels are half open: one that ends where another begins does not meet it. Its embargo begins
        // there.
        let splits = try Splits.purgedCombinations(
            starts: starts, ends: ends.map { $0 - 1 }, folds: 6, testFolds: 2, embargo: 2 * Self.hour + 1)
        #expect(splits.count == 15 && Splits.paths(folds: 6, testFolds: 2) == 5)
        #expect(splits.map(\.trainRows.count) == [34, 26, 26, 26, 32, 32, 24, 24, 30, 32, 24, 30, 32, 30, 38])
        #expect(splits[0].train == [26..<60])
        #expect(splits[7].train == [0..<7, 8..<9, 26..<37, 38..<39, 56..<60])
        for split in splits {
            for row in split.trainRows {
                #expect(split.testRows.allSatisfy { starts[row] >= ends[$0] || starts[$0] >= ends[row] })
            }
        }
    }

    @Test func `a handful of windows by hand`() throws {
        var rules = try Self.rules(cost: 0.0001)
        rules.windowsMin = 3
        let windows = [
            Self.window(0, 1, 0.01), Self.window(1, -0.5, 0.004), Self.window(2, 0, 0.5), Self.window(3, 1, -0.002),
            Self.window(70, 1, 0.001),
        ]
        let result = try PaperResult(windows, over: 0..<(2 * Self.hour), rules: rules)
        let profits = [0.0099, -0.00205, 0, -0.0021, 0.0009]
        #expect(result.windowCount == 5 && result.positionCount == 4)
        #expect(abs(result.totalProfit - profits.reduce(0, +)) < 1e-15)
        #expect(result.hitRate.estimate == .value(0.5))
        #expect(result.favourableBps == .value(3) && result.adverseBps == .value(2))
        let always = (0.01 + 0.004 + 0.5 - 0.002 + 0.001) / 5 - 0.0001
        #expect(abs((result.baselines.always.number ?? 0) - always) < 1e-15)
        // Four windows in the first hour, one in the second; twelve turns of capital an hour.
        #expect(abs(result.series.returns[0] - (0.0099 - 0.00205 - 0.0021) / 4 * 12) < 1e-15)
        #expect(abs(result.series.returns[1] - 0.0009 * 12) < 1e-15)
        #expect(result.sharpe == .undefined("2 periods, at least 12 are needed"))
        #expect(result.sharpe.text == "not defined: 2 periods, at least 12 are needed")
        #expect(rules.sharpeLabel.contains("1h") && rules.sharpeLabel.contains("sqrt(8766)"))
    }

    @Test func `few windows give reasons instead of numbers`() throws {
        let rules = try Self.rules()
        let result = try PaperResult(
            [Self.window(0, 1, 0.01), Self.window(1, 1, 0.01), Self.window(2, 1, 0.01)], over: 0..<Self.hour,
            rules: rules)
        #expect(result.profit.estimate.text == "not defined: 3 windows, at least 30 are needed")
        #expect(result.sharpe.reason == "3 windows, at least 30 are needed")
        #expect(try PaperResult([], over: 0..<1, rules: rules).hitRate.low.number == nil)
    }

    @Test func `drawdown is the deepest fall from a high`() throws {
        let parts = try [[0.1, 0.2, -0.25], [-0.1, 0.5, -0.2]].map { try PeriodSeries($0) }
        let series = PeriodSeries(joining: parts, periodNanos: 1)
        #expect(abs(series.drawdown - 0.35) < 1e-15)
        #expect(PeriodSeries(joining: [], periodNanos: 1).drawdown == 0)
    }

    private func random(_ seed: UInt64, count: Int, skill: Double) -> [PaperWindow] {
        var stream = Xoshiro256(seed: seed)
        return (0..<count).map { index in
            let forward = stream.normal() * 0.001
            let knows = stream.uniform() < skill
            let signal = knows ? (forward > 0 ? 1.0 : -1.0) : (stream.uniform() < 0.5 ? 1.0 : -1.0)
            return Self.window(index, signal, forward, every: 300)
        }
    }

    @Test func `arrangements tell skill from luck`() throws {
        let rules = try Self.rules()
        let skilled = try PaperResult(random(1, count: 400, skill: 1), over: 0..<(40 * Self.hour), rules: rules)
        #expect(skilled.baselines.randomPValue == .value(1.0 / 1_001))
        #expect(skilled.hitRate.estimate == .value(1) && skilled.hitRate.low.number == nil)
        #expect(skilled.hitRate.low.reason == "all values are 1.0")
        #expect((skilled.liftOverRandom.number ?? 0) > 0.0005 && (skilled.sharpe.number ?? 0) > 1)
        var values: [Double] = []
        for seed in 0..<40 {
            let coin = try PaperResult(
                random(UInt64(seed) + 50, count: 120, skill: 0), over: 0..<(10 * Self.hour), rules: rules)
            values.append(coin.baselines.randomPValue.number ?? -1)
        }
        // Uniform over 0...1 where there is no skill.
        #expect(abs(values.compensatedMean - 0.5) < 0.15, "\(values.compensatedMean)")
        #expect(values.count { $0 <= 0.05 } <= 5)
    }

    @Test func `intervals cover what is true`() throws {
        var covered = 0
        for seed in 0..<60 {
            let windows = random(UInt64(seed) + 900, count: 200, skill: 0.3)
            var rules = try Self.rules(seed: UInt64(seed))
            (rules.permutations, rules.replicates) = (1, 300)
            let result = try PaperResult(windows, over: 0..<(20 * Self.hour), rules: rules)
            // Knows 3 of 10, guesses half of the others: 0.65.
            if let low = result.hitRate.low.number, let high = result.hitRate.high.number, (low...high).contains(0.65) {
                covered += 1
            }
        }
        #expect(covered >= 52, "\(covered) of 60 at 95 %")
    }

    @Test func `no figure is ever a NaN`() throws {
        for seed in 0..<200 {
            var stream = Xoshiro256(seed: UInt64(seed))
            let count = stream.index(below: 60)
            let flat = stream.index(below: 3) == 0
            let windows = (0..<count).map { index in
                Self.window(index, flat ? 0 : Double(stream.index(below: 3)) - 1, flat ? 0 : stream.normal() * 0.01)
            }
            var rules = try Self.rules(cost: 0.0002, seed: UInt64(seed))
            (rules.windowsMin, rules.permutations, rules.replicates) = (1, 20, 50)
            let result = try PaperResult(windows, over: 0..<(20 * Self.hour), rules: rules)
            let figures = [
                result.profit.estimate, result.profit.low, result.hitRate.estimate, result.hitRate.high,
                result.favourableBps, result.adverseBps, result.baselines.always, result.baselines.random,
                result.baselines.randomHigh, result.baselines.randomPValue, result.liftOverAlways,
                result.liftOverRandom, result.sharpe, result.sharpeAnnual, result.probabilisticSharpe,
                result.minimumTrackRecord,
            ]
            for figure in figures {
                #expect(figure.number?.isFinite ?? (figure.reason?.isEmpty == false), "seed \(seed): \(figure)")
            }
        }
    }

    @Test func `daily information ratio by hand`() throws {
        // Alternating returns: neighbours cancel, and the long run is steadier than one day.
        let calm = try InformationRatio.daily((0..<400).map { $0 % 2 == 0 ? 0.02 : -0.01 })
        let plain = try Sharpe(returns: (0..<400).map { $0 % 2 == 0 ? 0.02 : -0.01 }).ratio
        #expect(calm > 3 * plain)
        #expect(throws: StatisticsError.self) { try InformationRatio.daily([0.1, 0.1, 0.1]) }
    }
}

extension PeriodSeries {
    /// A series of given returns.
    init(_ returns: [Double]) throws {
        let windows = returns.enumerated().map { index, value in
            PaperWindow(
                asofNanos: Int64(index), signal: 1, forwardReturn: value, favourableBps: 0, adverseBps: 0, session: "",
                venue: "")
        }
        let rules = try PaperRules(horizonNanos: 1, periodNanos: 1, cost: 0, seed: 0)
        try self.init(windows, over: 0..<Int64(returns.count), rules: rules)
    }
}

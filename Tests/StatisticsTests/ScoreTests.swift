import Statistics
import Testing

/// Proper scores and shares against scikit-learn and closed forms.
@Suite struct ScoreTests {
    @Test(.enabled(if: Oracle.isPresent), arguments: Oracle.cases("calibration", "metrics"))
    func `scores and curves`(_ test: OracleCase) {
        let input = test.inputs
        let (p, y, w) = (input["p"].doubles, input["y"].doubles, input["weight"].doubles)
        test.run {
            test.expect("brier", try ProperScores.brier(forecasts: p, outcomes: y, weights: w))
            test.expect("log_loss_eps1e-15", try ProperScores.logLoss(forecasts: p, outcomes: y, weights: w))
            let bins = try ProperScores.reliability(forecasts: p, outcomes: y, bins: input["n_bins"].int)
            test.expect("uniform10_count", bins.map(\.count))
            let filled = bins.filter { $0.count > 0 }
            test.expect("uniform10_mean_pred", filled.map(\.meanForecast))
            test.expect("uniform10_frac_pos", filled.map(\.frequency))
            let even = try ProperScores.quantileReliability(forecasts: p, outcomes: y, bins: 5).filter { $0.count > 0 }
            test.expect("quantile5_mean_pred", even.map(\.meanForecast))
            test.expect("quantile5_frac_pos", even.map(\.frequency))
            let parts = try ProperScores.decomposition(bins)
            test.expect("ece10", parts.expectedError)
            test.expect("mce10", parts.largestError)
            test.expect("murphy_reliability", parts.reliability)
            test.expect("murphy_resolution", parts.resolution)
            test.expect("murphy_uncertainty", parts.uncertainty)
        }
    }

    @Test(arguments: [UInt64(1), 2]) func `the parts add up where forecasts are constant in a bin`(_ seed: UInt64)
        throws
    {
        var stream = Xoshiro256(seed: seed)
        let p = (0..<300).map { _ in Double(stream.index(below: 10)) / 10 + 0.05 }
        let y = p.map { stream.uniform() < $0 ? 1.0 : 0 }
        let parts = try ProperScores.decomposition(try ProperScores.reliability(forecasts: p, outcomes: y, bins: 10))
        let brier = try ProperScores.brier(forecasts: p, outcomes: y)
        #expect(abs(parts.binnedBrier - brier) < 1e-14, "seed \(seed)")
        // The truth beats any other forecast in expectation; far from it the loss must be larger.
        #expect(
            try ProperScores.logLoss(forecasts: p, outcomes: y)
                < ProperScores.logLoss(forecasts: p.map { 1 - $0 }, outcomes: y))
    }

    @Test func `forecasts and outcomes out of range are refused`() {
        #expect(throws: StatisticsError.self) { try ProperScores.brier(forecasts: [], outcomes: []) }
        #expect(throws: StatisticsError.self) { try ProperScores.brier(forecasts: [0.5], outcomes: [0.5]) }
        #expect(throws: StatisticsError.self) { try ProperScores.brier(forecasts: [0.5], outcomes: [1], weights: [0]) }
        #expect(throws: StatisticsError.self) { try ProperScores.logLoss(forecasts: [0.5], outcomes: [1, 1]) }
    }

    /// 15 of 50 at 95 %: the published example of the score interval.
    @Test func `Wilson's interval`() throws {
        let (low, high) = try ProportionInterval.wilson(successes: 15, trials: 50, level: 0.95)
        #expect(abs(low - 0.19103553500880951) < 1e-12 && abs(high - 0.437503504644534) < 1e-12)
        let none = try ProportionInterval.wilson(successes: 0, trials: 10, level: 0.95)
        #expect(none.low == 0 && abs(none.high - 0.2775327998628892) < 1e-12)
        #expect(try ProportionInterval.wilson(successes: 10, trials: 10, level: 0.95).high == 1)
        #expect(throws: StatisticsError.self) { try ProportionInterval.wilson(successes: 3, trials: 2, level: 0.9) }
        #expect(throws: StatisticsError.self) { try ProportionInterval.wilson(successes: 0, trials: 0, level: 0.9) }
    }

    @Test(arguments: [UInt64(3), 4]) func `Wilson's ends are where the score test turns`(_ seed: UInt64) throws {
        var stream = Xoshiro256(seed: seed)
        for _ in 0..<100 {
            let trials = 1 + stream.index(below: 400)
            let successes = stream.index(below: trials + 1)
            let z = 1.959963984540054
            let (low, high) = try ProportionInterval.wilson(successes: successes, trials: trials, level: 0.95)
            let p = Double(successes) / Double(trials)
            #expect(low <= p && p <= high && low >= 0 && high <= 1, "seed \(seed)")
            for end in [low, high] where end > 0 && end < 1 {
                let score = abs(p - end) / (end * (1 - end) / Double(trials)).squareRoot()
                #expect(abs(score - z) < 1e-9, "seed \(seed), \(successes) of \(trials)")
            }
        }
    }
}

import Statistics
import Testing

/// Newey-West variances against statsmodels and arch.
@Suite(.enabled(if: Oracle.isPresent)) struct HACTests {
    @Test(arguments: Oracle.cases("hac", "mean")) func `means`(_ test: OracleCase) {
        test.run {
            let mean = try NeweyWest.mean(test.inputs["y"].doubles, lags: test.inputs["lags"].int)
            test.expect("mean", mean.mean)
            test.expect("long_run_variance", mean.longRunVariance)
            test.expect("se", mean.standardError)
            test.expect("se_small_sample", mean.standardErrorSmallSample)
        }
    }

    @Test func `lags of the usual rule`() throws {
        let test = try Oracle.named("hac", "auto_lag_rule")
        test.expect("lags", test.inputs["n"].ints.map(NeweyWest.usualLags))
    }

    @Test func `the data-driven bandwidth`() throws {
        let test = try Oracle.named("hac", "data_driven_bandwidth")
        let found = try NeweyWest.dataDriven(test.inputs["y"].doubles)
        test.expect("bandwidth", found.bandwidth)
        test.expect("long_run_variance", found.longRunVariance)
    }

    @Test(arguments: Oracle.cases("hac", "ols")) func `regressions`(_ test: OracleCase) throws {
        let design = try Matrix(test.inputs["X"].rows)
        let y = test.inputs["y"].doubles
        let fit = try LeastSquares(design: design, response: y, lags: test.inputs["lags"].int)
        test.expect("beta", fit.coefficients)
        test.expect("se_hac", fit.standardErrors)
        test.expect("se_hac_corrected", fit.standardErrorsSmallSample)
        test.expect("cov_hac", fit.covariance.rowArrays)
        test.expect("se_hc1", try LeastSquares(design: design, response: y, lags: 0).standardErrorsSmallSample)
    }

    @Test(arguments: Oracle.cases("hac", "panel_mean")) func `rows that share a timestamp`(_ test: OracleCase) throws {
        let times = test.inputs["time"].ints.map(Int64.init)
        let mean = try NeweyWest.panelMean(test.inputs["y"].doubles, times: times, lags: test.inputs["lags"].int)
        test.expect("mean", mean.mean)
        test.expect("se", mean.standardError)
    }

    @Test(arguments: Oracle.cases("hac", "fixed_b_interval")) func `intervals for decisions`(_ test: OracleCase) throws
    {
        for level in NeweyWest.Level.allCases {
            let (mean, interval) = try NeweyWest.decision(test.inputs["y"].doubles, level: level)
            test.expect("lags", [mean.lags])
            test.expect("se", mean.standardError)
            let name = level == .ninety ? "0.90" : "\(level.rawValue)"
            test.expect("critical_\(name)", interval.critical)
            test.expect("interval_\(name)", [interval.low, interval.high])
        }
    }
}

/// What must hold of the lags and the errors for any series.
@Suite struct HACLawTests {
    @Test func `lags are the whole numbers that their rules define`() {
        for n in 2..<3000 {
            let lags = NeweyWest.decisionLags(n)
            #expect(lags == n - 1 || 100 * lags * lags >= 169 * n)
            #expect(100 * (lags - 1) * (lags - 1) < 169 * n || lags == 0)
        }
        // 4 (51200 / 100)^(2/9) is exactly 16; a rounded power may fall below.
        #expect(NeweyWest.usualLags(51_200) == 16 && NeweyWest.usualLags(51_199) == 15)
        #expect(NeweyWest.usualLags(0) == 0 && NeweyWest.decisionLags(1) == 0 && NeweyWest.usualLags(.max) > 0)
    }

    @Test(arguments: [UInt64(4), 5]) func `no series gives a negative variance, and scale comes out`(_ seed: UInt64)
        throws
    {
        var stream = Xoshiro256(seed: seed)
        for _ in 0..<50 {
            let values = (0..<40).map { _ in stream.normal() }
            let lags = stream.index(below: 45)
            let one = try NeweyWest.mean(values, lags: lags)
            let eight = try NeweyWest.mean(values.map { 8 * $0 }, lags: lags)
            #expect(one.longRunVariance >= 0, "seed \(seed)")
            #expect(eight.standardError == 8 * one.standardError, "seed \(seed)")
        }
    }

    @Test func `times out of order are refused`() {
        #expect(throws: StatisticsError.self) { try NeweyWest.panelMean([1, 2, 3], times: [0, 2, 1], lags: 1) }
    }
}

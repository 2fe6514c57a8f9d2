import Statistics
import Testing

/// Calibration, regressions and uplift against scikit-learn, statsmodels and DoubleML.
@Suite(.enabled(if: Oracle.isPresent)) struct LearningTests {
    @Test(arguments: Oracle.cases("calibration", "isotonic")) func `isotonic`(_ test: OracleCase) {
        let input = test.inputs
        test.run {
            let fit = try Isotonic(
                scores: input["x"].doubles, targets: input["y"].doubles, weights: input["weight"].doubles,
                increasing: input["increasing"].bool,
                bounds: input.has("y_min") ? input["y_min"].double...input["y_max"].double : nil)
            test.expect("unique_x", fit.points)
            test.expect("fitted", fit.fitted)
            test.expect("predicted", input["query"].doubles.map(fit.value(at:)))
            test.expect("n_levels", [Set(fit.fitted.map { ($0 * 1e12).rounded() }).count])
        }
    }

    @Test(arguments: Oracle.cases("calibration", "platt")) func `platt`(_ test: OracleCase) {
        let input = test.inputs
        test.run {
            let fit = try Platt(
                scores: input["score"].doubles, outcomes: input["y"].doubles, weights: input["weight"].doubles)
            test.expect("A", fit.slope)
            test.expect("B", fit.intercept)
            test.expect("objective", fit.objective)
            test.expect("predicted", input["query"].doubles.map(fit.probability))
        }
    }

    @Test(arguments: Oracle.cases("ridge_logit")) func `ridge logistic`(_ test: OracleCase) {
        let input = test.inputs
        test.run {
            let features = try Matrix(input["X"].rows)
            let fit = try RidgeLogistic(
                features: features, outcomes: input["y"].doubles, weights: input["weight"].doubles,
                lambda: input["lambda"].double, hasIntercept: input["intercept"].bool)
            test.expect("intercept", fit.intercept)
            test.expect("coef", fit.coefficients)
            test.expect("objective", fit.objective)
            test.expect("predicted_first5", features.rowArrays.prefix(5).map(fit.probability))
            test.expect("laplace_sd", fit.deviations)
            test.expect("se", fit.deviations)
        }
    }

    @Test(arguments: Oracle.cases("uplift", "given_nuisance")) func `given nuisances`(_ test: OracleCase) throws {
        let input = test.inputs
        let found = try UpliftScores(
            outcomes: input["y"].doubles, treated: input["d"].doubles, propensities: input["propensity"].doubles,
            without: input["g0"].doubles, with: input["g1"].doubles, clip: input["clip"].double)
        test.expect("ht_ipw", found.weightedEffect.effect)
        test.expect("ht_se", found.weightedEffect.standardError)
        test.expect("hajek_ipw", found.ratio.effect)
        test.expect("hajek_se", found.ratio.standardError)
        test.expect("aipw", found.effect.effect)
        test.expect("aipw_se", found.effect.standardError)
        test.expect("aipw_se_hac", try NeweyWest.mean(found.scores, lags: input["lags"].int).standardError)
        test.expect("att_aipw", found.onTreated.effect)
        test.expect("att_se", found.onTreated.standardError)
        test.expect("psi", found.scores)
        test.expect("n_clipped", [found.clippedCount])
        test.expect("ess_treated", found.effectiveTreated)
        test.expect("ess_control", found.effectiveControl)
    }

    @Test(arguments: Oracle.cases("uplift", "crossfit")) func `cross-fitted uplift`(_ test: OracleCase) {
        let input = test.inputs
        let (d, y) = (input["d"].doubles, input["y"].doubles)
        test.run {
            let features = try Matrix(input["X"].rows)
            let fit = try CrossFit(
                features: features, treated: d, outcomes: y, edges: input["fold_edges"].ints,
                purge: input["purge"].int, propensityLambda: input["lambda_propensity"].double,
                outcomeLambda: input["lambda_outcome"].double,
                model: input["outcome_model"].string == "logistic" ? .logistic : .linear)
            let clip = input["clip"].double
            let found = try fit.scores(treated: d, outcomes: y, clip: clip)
            let (theta, se) = (found.effect.effect, found.effect.standardError)
            test.expect("theta", theta)
            test.expect("se", se)
            test.expect("ci95", [theta - 1.959963984540054 * se, theta + 1.959963984540054 * se])
            test.expect("psi", found.scores)
            test.expect("propensity", fit.propensities.map { min(max($0, clip), 1 - clip) })
            test.expect("g0", fit.without)
            test.expect("g1", fit.with)
            test.expect("n_clipped", [found.clippedCount])
            test.expect("lags", [NeweyWest.usualLags(y.count)])
            test.expect("se_hac", try NeweyWest.mean(found.scores, lags: NeweyWest.usualLags(y.count)).standardError)
            let subset = try found.effect(rows: (0..<features.rows).filter { features[$0, 2] > 0 })
            test.expect("subset_theta", subset.effect)
            test.expect("subset_se", subset.standardError)
            test.expect("att_theta", found.onTreated.effect)
            test.expect("att_se", found.onTreated.standardError)
        }
    }

    @Test(arguments: Oracle.cases("project", "LRN-46")) func `rolling origins and days`(_ test: OracleCase) throws {
        let input = test.inputs
        let (d, y) = (input["a"].doubles, input["y"].doubles)
        let fit = try CrossFit(
            features: try Matrix(input["X"].rows), treated: d, outcomes: y, edges: input["fold_edges"].ints,
            purge: input["purge"].int, scheme: .rolling, propensityLambda: input["lambda_propensity"].double,
            outcomeLambda: input["lambda_outcome"].double)
        let found = try fit.scores(treated: d, outcomes: y, clip: input["clip"].double)
        test.expect("n_scored", [found.scores.count])
        test.expect("tau_dr", found.effect.effect)
        test.expect("tau_ipw", found.weightedEffect.effect)
        let effects = try fit.blockEffects(found.scores)
        test.expect("fold_tau", effects)
        test.expect("stability", try CrossFit.stability(effects))
        test.expect("clipped_share", Double(found.clippedCount) / Double(found.scores.count))
        test.expect("effective_sample", found.effectiveTotal)
        test.expect("psi", [Double](repeating: .nan, count: fit.rows.lowerBound) + found.scores)
        let days = Array(input["day"].ints.map(Int64.init)[fit.rows])
        let (sums, counts) = try CrossFit.dayTotals(scores: found.scores, days: days)
        let replicates = input["day_draws"].intRows.map { draw in
            Sum.of(draw.map { sums[$0] }) / Sum.of(draw.map { counts[$0] })
        }
        test.expect("boot_sd", try BootstrapInterval.standardError(replicates))
        test.expect("p05", try Quantiles.type7(replicates, 0.05))
        test.expect("p95", try Quantiles.type7(replicates, 0.95))
    }

    @Test(arguments: Oracle.cases("covariance", "shrinkage")) func `shrunk covariances`(_ test: OracleCase) {
        test.run {
            let data = try Matrix(test.inputs["X"].rows)
            test.expect("sample_cov_ddof0", try Covariance.sample(data).rowArrays)
            let wolf = try Covariance.ledoitWolf(data)
            test.expect("lw_shrinkage", wolf.shrinkage)
            test.expect("lw_cov", wolf.covariance.rowArrays)
            test.expect("lw_min_eigenvalue", try SymmetricEigen(wolf.covariance).values.last ?? .nan)
            test.expect("oas_shrinkage", try Covariance.oracleApproximating(data).shrinkage)
            guard test.expected.has("cc_shrinkage") else { return }
            let (constant, correlation) = try Covariance.constantCorrelation(data)
            test.expect("cc_shrinkage", constant.shrinkage)
            test.expect("cc_mean_correlation", correlation)
            test.expect("cc_cov", constant.covariance.rowArrays)
        }
    }

    @Test func `weighted and repaired matrices`() throws {
        let weighted = try Oracle.named("covariance", "ewma_0.94")
        let found = try Covariance.exponential(
            try Matrix(weighted.inputs["X"].rows), decay: weighted.inputs["decay"].double)
        weighted.expect("cov", found.covariance.rowArrays)
        weighted.expect("mean", found.mean)
        weighted.expect("effective_n", found.effectiveCount)
        let broken = try Oracle.named("covariance", "indefinite_correlation_clip")
        let matrix = try Matrix(broken.inputs["R"].rows)
        broken.expect("repaired", try Covariance.repaired(matrix, floor: broken.inputs["floor"].double).rowArrays)
        broken.expect("input_eigenvalues", try SymmetricEigen(matrix).values.reversed())
    }
}

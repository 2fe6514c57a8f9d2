import Statistics
import Testing

/// Reliabilities, pooling, Shapley values and the scores of detectors.
@Suite(.enabled(if: Oracle.isPresent)) struct PoolingTests {
    @Test(arguments: Oracle.cases("pooling", "beta_posterior")) func `beliefs`(_ test: OracleCase) throws {
        let input = test.inputs
        let prior = try BetaBelief(alpha: input["alpha"].double, beta: input["beta"].double)
        let belief = try prior.observing(successes: input["successes"].double, failures: input["failures"].double)
        test.expect("mean", belief.mean)
        test.expect("variance", belief.variance)
        test.expect("q05", belief.quantile(0.05))
        test.expect("q95", belief.quantile(0.95))
        test.expect("p_above_half", belief.probability(above: 0.5))
        test.expect("log_evidence", belief.logEvidence(since: prior))
    }

    @Test(arguments: Oracle.cases("pooling", "decayed_counts")) func `forgetting`(_ test: OracleCase) throws {
        let input = test.inputs
        let (y, decay) = (input["y"].doubles, input["decay"].double)
        let prior = try BetaBelief(alpha: input["alpha"].double, beta: input["beta"].double)
        let beliefs = try y.indices.map { try prior.observing(Array(y[...$0]), decay: decay) }
        test.expect("alpha", beliefs.last?.alpha ?? .nan)
        test.expect("beta", beliefs.last?.beta ?? .nan)
        test.expect("mean_path", beliefs.map(\.mean))
        test.expect("effective_n", y.indices.reduce(0) { $0 + Elementary.power(decay, $1) })
    }

    /// The marginal likelihood and the full Bayes grid of the file (mml, bayes) have no implementation yet.
    @Test(arguments: Oracle.cases("pooling", "partial_pooling")) func `pooling by moments`(_ test: OracleCase) {
        let (k, n) = (test.inputs["k"].ints, test.inputs["n"].ints)
        test.run {
            let found = try PartialPooling.moments(successes: k, trials: n)
            test.expect("mom_mu", found.mean)
            test.expect("smoothed_mu", found.mean)
            test.expect("mom_rho_raw", found.overdispersion ?? .nan)
            test.expect("mom_M", found.strength)
            test.expect(
                "mom_theta",
                try PartialPooling.pooled(successes: k, trials: n, mean: found.mean, strength: found.strength))
        }
    }

    /// Groups that always or never succeed pull on nobody: the overdispersion is above 1 and clipped to 0.999.
    @Test func `the pull has a smallest and a largest strength`() throws {
        let wild = try PartialPooling.moments(successes: [50, 0, 50, 0], trials: [50, 50, 50, 50])
        #expect(abs(wild.strength - (1 / 0.999 - 1)) < 1e-15 && wild.overdispersion ?? 0 > 1)
        let tame = try PartialPooling.moments(successes: [10, 20], trials: [20, 40])
        #expect(abs(tame.strength - 1e4) < 1e-6 && tame.overdispersion ?? 0 < 0)
        let lone = try PartialPooling.moments(successes: [1], trials: [4])
        #expect(lone.overdispersion == nil && lone.mean == 0.25)
        #expect(throws: StatisticsError.self) { try PartialPooling.moments(successes: [0], trials: [0]) }
        #expect(throws: StatisticsError.self) { try PartialPooling.moments(successes: [3], trials: [2]) }
    }

    @Test func `two levels, and the fixed pull of 50`() throws {
        let test = try Oracle.named("pooling", "two_level_fixed_strengths")
        let input = test.inputs
        let found = try PartialPooling.twoLevel(
            successes: input["k"].ints, trials: input["n"].ints, family: input["family"].ints,
            familyStrength: input["M_family"].double, expertStrength: input["M_expert"].double)
        test.expect("global", found.mean)
        test.expect("family_mean", found.families)
        test.expect("theta", found.experts)
        let fixed = try Oracle.named("project", "DSI21_pooling")
        let (successes, trials) = (fixed.inputs["successes"].ints, fixed.inputs["n"].ints)
        let hits = successes.reduce(0, +)
        let rho = try BetaBelief(alpha: fixed.inputs["alpha"].double, beta: fixed.inputs["beta"].double)
            .observing(successes: Double(hits), failures: Double(trials.reduce(0, +) - hits)).mean
        fixed.expect("rho_expert", rho)
        fixed.expect(
            "rho_asset",
            try PartialPooling.pooled(
                successes: successes, trials: trials, mean: rho, strength: fixed.inputs["m"].double))
    }

    @Test(arguments: Oracle.cases("pooling", "shapley")) func `shapley values`(_ test: OracleCase) throws {
        let (players, values) = (test.inputs["players"].int, test.inputs["value_by_mask"].doubles)
        let value = { (set: UInt64) in values[Int(set)] }
        test.expect("exact", try Shapley.exact(players: players, value: value))
        let orders = test.inputs["orders"].intRows
        let plain = try Shapley.sampled(players: players, orders: orders, isPaired: false, value: value)
        test.expect("estimate_8_orders", plain.values)
        test.expect("se_8_orders", plain.standardErrors)
        let paired = try Shapley.sampled(players: players, orders: orders, isPaired: true, value: value)
        test.expect("estimate_16_antithetic", paired.values)
        test.expect("se_16_antithetic", paired.standardErrors)
        #expect(abs(Sum.of(plain.values) - (values[values.count - 1] - values[0])) < 1e-12)
    }

    @Test func `scores of detectors`() throws {
        let precision = try Oracle.named("project", "DEF02_precision")
        let found = try SignalScores.precision(
            signals: precision.inputs["s"].doubles, returns: precision.inputs["r"].doubles,
            lags: precision.inputs["lags"].int)
        precision.expect("t", found.t)
        precision.expect("sq_precision", found.precision)
        for test in Oracle.cases("project", "DEF-16") {
            let found = try SignalScores.emergence(test.inputs["y"].doubles)
            test.expect("slope", found.slope)
            test.expect("intercept", found.intercept)
            test.expect("z", found.z)
            test.expect("emergence", found.emergence)
            let y = test.inputs["y"].doubles
            test.expect("kendall_tau_b", try Correlation.kendall(y.indices.map(Double.init), y))
        }
        for test in Oracle.cases("project", "DEF-14") {
            let input = test.inputs
            let found = try Resonance(
                phi: input["phi"].double, coherence: input["coherence"].double, novelty: input["novelty"].double,
                emergence: input["emergence"].double, theta: input["theta"].double, rho: input["rho"].double,
                surprise: input["hbar"].double)
            test.expect("weights", found.weights.indices.map { found.weights[$0] })
            test.expect("kr_delta_phi", found.value)
        }
        for test in Oracle.cases("project", "DEF-18") {
            test.expect("r", try Phases.order(test.inputs["phases"].doubles))
            test.expect("ms_entrain_r", try Phases.entrainment(test.inputs["phases"].doubles) ?? .nan)
        }
        for test in Oracle.cases("kuramoto", "order_from_phases") {
            let rows = test.inputs["phases"].rows
            test.expect("order", try rows[0].indices.map { time in try Phases.order(rows.map { $0[time] }) })
        }
    }

    /// Worked by hand from the definitions.
    @Test func `the composite of a detector`() throws {
        #expect(try SignalScores.accuracy(signals: [0.5, -1, 0, 0.5], returns: [1, -1, 5, -1]) == 0.75)
        #expect(try SignalScores.accuracy(signals: [0, 0], returns: [1, 2]) == nil)
        #expect(try SignalScores.accuracy(signals: [1], returns: [0]) == 0)
        let cost = try SignalScores.cost(turnover: 2, feeBasisPoints: 3, halfSpreadBasisPoints: 1, kappa: 0.5)
        #expect(abs(cost - (1 - 0.36787944117144233)) < 1e-15)
        let all = try SignalScores.composite(accuracy: 1, precision: 1, stability: 1, orthogonality: 1, cost: 0)
        #expect(all == 1)
        let some = try SignalScores.composite(
            accuracy: 0.6, precision: 0.9, stability: 0.5, orthogonality: 0.4, cost: 0.5)
        #expect(abs(some - 0.505) < 1e-15)
        #expect(try SignalScores.composite(accuracy: 0, precision: 0, stability: 0, orthogonality: 0, cost: 1) == 0)
        #expect(throws: StatisticsError.self) {
            try SignalScores.composite(accuracy: 1.1, precision: 0, stability: 0, orthogonality: 0, cost: 0)
        }
        #expect(try SignalScores.orthogonality(stream: [1, 2, 3], others: []) == 1)
        #expect(abs(try SignalScores.orthogonality(stream: [1, 2, 4], others: [[2, 1, 0], [-1, -2, -4]])) < 1e-15)
        #expect(try SignalScores.stability(weeklyRatios: [1]) == nil)
        #expect(abs(try SignalScores.reliability(effectiveCount: 200, hitProbability: 0.6) - 0.5) < 1e-15)
        #expect(try SignalScores.reliability(effectiveCount: 200, hitProbability: 0.4) == 0)
        #expect(abs(try SignalScores.horizons(scores: [1, 1, 1], turnoverShare: 0.5) - 0.95) < 1e-15)
        #expect(throws: StatisticsError.self) { try SignalScores.horizons(scores: [1], turnoverShare: 0) }
    }

    @Test(arguments: Oracle.cases("information", "discrete")) func `information`(_ test: OracleCase) {
        let input = test.inputs
        let (s, r, z) = (input["s"].ints, input["r"].ints, input["z"].ints)
        test.run {
            let (mutual, conditional) = (try Information.mutual(s, r), try Information.conditional(s, r, given: z))
            test.expect("mi_plugin", mutual.plugIn)
            test.expect("mi_miller_madow", mutual.corrected)
            test.expect("cmi_plugin", conditional.plugIn)
            test.expect("cmi_miller_madow", conditional.corrected)
            test.expect("lift_plugin", conditional.plugIn - mutual.plugIn)
            test.expect("lift_miller_madow", conditional.corrected - mutual.corrected)
            test.expect("occupied_sr", [mutual.occupied])
            test.expect("occupied_srz", [conditional.occupied])
            guard input.has("permutations") else { return }
            let free = try Information.permuted(s, r, permutations: input["permutations"].intRows)
            test.expect("mi_null_mean", free.nullMean)
            test.expect("mi_permutation_corrected", free.corrected)
            test.expect("mi_p", free.pValue)
            let inside = try Information.permuted(
                s, r, given: z, permutations: input["stratified_permutations"].intRows)
            test.expect("cmi_null_mean", inside.nullMean)
            test.expect("cmi_permutation_corrected", inside.corrected)
            test.expect("cmi_p", inside.pValue)
            test.expect("lift_permutation_corrected", inside.corrected - free.corrected)
        }
    }

    @Test(arguments: Oracle.cases("project", "DEF-09")) func `information in terciles`(_ test: OracleCase) throws {
        let (s, r) = (
            try Information.terciles(test.inputs["s"].doubles), try Information.terciles(test.inputs["r"].doubles)
        )
        let z = test.inputs["z"].ints
        let (mutual, conditional) = (try Information.mutual(s, r), try Information.conditional(s, r, given: z))
        test.expect("mi_unfloored", mutual.corrected)
        test.expect("cmi_unfloored", conditional.corrected)
        test.expect("mi", max(0, mutual.corrected))
        test.expect("cmi", max(0, conditional.corrected))
        test.expect(
            "mi_by_z_unfloored",
            try (0..<3).map { level in
                let rows = z.indices.filter { z[$0] == level }
                return try Information.mutual(rows.map { s[$0] }, rows.map { r[$0] }).corrected
            })
    }
}

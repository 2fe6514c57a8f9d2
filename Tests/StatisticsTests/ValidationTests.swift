import Statistics
import Testing

/// Splits, overfitting and Sharpe ratios against skfolio, scikit-learn and the definitions.
@Suite(.enabled(if: Oracle.isPresent)) struct ValidationTests {
    private func ranges(_ value: OracleValue) -> [[Range<Int>]] {
        value.list.map { $0.list.map { $0.ints[0]..<$0.ints[1] } }
    }

    private func check(_ test: OracleCase, _ splits: [Split]) {
        #expect(splits.map(\.train) == ranges(test.expected["train"]), "\(test.name)")
        #expect(splits.map(\.test) == ranges(test.expected["test"]), "\(test.name)")
    }

    @Test(arguments: Oracle.cases("validation", "rolling")) func `rolling origins`(_ test: OracleCase) throws {
        let input = test.inputs
        check(
            test,
            try Splits.rolling(
                count: input["n"].int, firstOrigin: input["first_origin"].int, testSize: input["test_size"].int,
                step: input["step"].int, labelHorizon: input["label_horizon"].int, embargo: input["embargo"].int,
                trainMax: input["max_train"].optionalInt))
    }

    @Test(arguments: Oracle.cases("validation", "purged_kfold")) func `purged folds`(_ test: OracleCase) throws {
        let input = test.inputs
        check(
            test,
            try Splits.purgedFolds(
                starts: input["start"].ints.map(Int64.init), ends: input["end"].ints.map(Int64.init),
                folds: input["folds"].int, embargo: Int64(input["embargo"].int)))
    }

    @Test(arguments: Oracle.cases("validation", "cpcv")) func `combinations`(_ test: OracleCase) throws {
        let input = test.inputs
        let splits = try Splits.combinations(
            count: input["n"].int, folds: input["folds"].int, testFolds: input["test_folds"].int,
            purge: input["purge"].int, embargo: input["embargo"].int)
        check(test, splits)
        test.expect("n_splits", [splits.count])
        test.expect("n_paths", [Splits.paths(folds: input["folds"].int, testFolds: input["test_folds"].int)])
    }

    @Test(arguments: Oracle.cases("validation", "pbo")) func `overfitting`(_ test: OracleCase) {
        test.run {
            let found = try Overfitting(returns: test.inputs["returns"].rows, blocks: test.inputs["blocks"].int)
            test.expect("pbo", found.probability)
            test.expect("logits", found.logits)
            test.expect("mean_logit", found.meanLogit)
            test.expect("degradation_slope", found.degradation?.slope ?? .nan)
            test.expect("degradation_intercept", found.degradation?.intercept ?? .nan)
            test.expect("prob_loss", found.lossProbability)
        }
    }

    @Test(arguments: Oracle.cases("validation", "sharpe")) func `ratios`(_ test: OracleCase) {
        test.run {
            let sharpe = try Sharpe(returns: test.inputs["returns"].doubles)
            let trials = test.inputs["trial_sharpes"].doubles
            test.expect("sharpe", sharpe.ratio)
            test.expect("skew", sharpe.skewness)
            test.expect("kurtosis", sharpe.kurtosis)
            test.expect("psr_zero", sharpe.probabilistic(above: 0) ?? .nan)
            test.expect("expected_max", try Sharpe.expectedMaximum(ofTrialRatios: trials))
            test.expect("dsr", try sharpe.deflated(trialRatios: trials) ?? .nan)
            test.expect(
                "min_track_record",
                sharpe.minimumTrackRecord(above: 0, confidence: test.inputs["confidence"].double) ?? .nan)
        }
    }

    @Test(arguments: Oracle.cases("project", "LRN-36")) func `false discoveries`(_ test: OracleCase) throws {
        let input = test.inputs
        let dependence: FalseDiscovery.Dependence = input["method"].string == "fdr_by" ? .arbitrary : .positive
        test.expect("q", try FalseDiscovery.qValues(input["p"].doubles, dependence: dependence))
        test.expect(
            "rejected",
            try FalseDiscovery.discoveries(input["p"].doubles, alpha: input["alpha"].double, dependence: dependence))
    }
}

/// What must hold of splits and of noise for any seed.
@Suite struct ValidationLawTests {
    /// Brute force: no training span, widened by the embargo at its start, meets a test span.
    @Test(arguments: 0..<20) func `no training span meets a test span`(_ seed: Int) throws {
        var stream = Xoshiro256(seed: UInt64(seed))
        for _ in 0..<25 {
            let count = 12 + stream.index(below: 40)
            var time: Int64 = 0
            let starts = (0..<count).map { _ in
                time += Int64(stream.index(below: 4))
                return time
            }
            let ends = starts.map { $0 + Int64(stream.index(below: 9)) }
            let embargo = Int64(stream.index(below: 4))
            let folds = 3 + stream.index(below: 4)
            let tests = 1 + stream.index(below: folds - 1)
            let context = "seed \(seed), \(count) rows, \(folds) folds, \(tests) test folds, embargo \(embargo)"
            var splits = try Splits.purgedFolds(starts: starts, ends: ends, folds: folds, embargo: embargo)
            splits += try Splits.purgedCombinations(
                starts: starts, ends: ends, folds: folds, testFolds: tests, embargo: embargo)
            for split in splits {
                let train = Set(split.trainRows)
                for block in split.test {
                    let first = block.map { starts[$0] }.min() ?? 0
                    let last = block.map { ends[$0] }.max() ?? 0
                    for row in split.trainRows {
                        let isClear = ends[row] < first || starts[row] > last + embargo
                        #expect(isClear && !block.contains(row), "\(context), row \(row), block \(block)")
                    }
                }
                // Nothing is dropped without a reason.
                for row in starts.indices where !train.contains(row) {
                    let hasReason = split.test.contains { block in
                        let first = block.map { starts[$0] }.min() ?? 0
                        let last = block.map { ends[$0] }.max() ?? 0
                        return block.contains(row) || !(ends[row] < first || starts[row] > last + embargo)
                    }
                    #expect(hasReason, "\(context), row \(row) was dropped for nothing")
                }
            }
            #expect(Set(splits.prefix(folds).flatMap(\.testRows)).count == count, "\(context)")
        }
    }

    @Test func `impossible splits are refused, and an embargo without end keeps its meaning`() throws {
        let starts: [Int64] = [0, 1, 2, 3]
        #expect(throws: StatisticsError.self) {
            try Splits.purgedFolds(starts: starts, ends: [0, 0, 2, 3], folds: 2, embargo: 0)
        }
        #expect(throws: StatisticsError.self) {
            try Splits.purgedFolds(starts: starts, ends: starts, folds: 5, embargo: 0)
        }
        #expect(throws: StatisticsError.self) {
            try Splits.rolling(count: 9, firstOrigin: 3, testSize: 0, step: 1, labelHorizon: 0, embargo: 0)
        }
        let splits = try Splits.purgedFolds(starts: starts, ends: starts, folds: 2, embargo: .max)
        #expect(splits.map(\.train) == [[], [0..<2]])
        let wide = try Splits.purgedFolds(starts: [.min, .max], ends: [.min, .max], folds: 2, embargo: 5)
        #expect(wide.map(\.train) == [[1..<2], [0..<1]])
    }

    @Test(arguments: [UInt64(31), 32]) func `splits of block sums equal splits of the returns`(_ seed: UInt64) throws {
        var stream = Xoshiro256(seed: seed)
        let returns = (0..<24).map { _ in (0..<5).map { _ in 1e3 + 1e-3 * stream.normal() } }
        let shifted = try Overfitting(returns: returns, blocks: 4)
        let small = try Overfitting(returns: returns.map { $0.map { ($0 - 1e3) } }, blocks: 4)
        #expect(shifted.logits.count == 6 && small.logits.count == 6, "seed \(seed)")
        #expect(try Overfitting(returns: returns.map { $0.map { 4 * $0 } }, blocks: 4).logits == shifted.logits)
    }

    @Test func `a planted edge is not overfit, and noise is deflated`() throws {
        var stream = Xoshiro256(seed: 77)
        let returns = (0..<400).map { _ in (0..<20).map { 0.01 * (stream.normal() + ($0 == 3 ? 0.5 : 0)) } }
        #expect(try Overfitting(returns: returns, blocks: 10).probability == 0)
        let ratios = try (0..<20).map { column in try Sharpe(returns: returns.map { $0[column] }).ratio }
        let edge = try Sharpe(returns: returns.map { $0[3] })
        #expect(try edge.deflated(trialRatios: ratios) ?? 0 > 0.95)
        let noise = ratios.enumerated().filter { $0.offset != 3 }
        let best = try #require(noise.max { $0.element < $1.element })
        let lucky = try Sharpe(returns: returns.map { $0[best.offset] })
        #expect(try lucky.deflated(trialRatios: noise.map(\.element)) ?? 1 < 0.95)
    }

    /// Values of an independent implementation: expected maxima and years of data.
    @Test func `expected maxima and the data that they ask for`() {
        #expect(abs(Sharpe.expectedMaximum(ofNormals: 10) - 1.57459830134575) < 1e-13)
        #expect(abs(Sharpe.minimumBacktestYears(trials: 45, target: 1) - 4.998087004443404) < 1e-12)
        #expect(
            Sharpe.expectedMaximum(ofNormals: 1) == 0 && Sharpe.minimumBacktestYears(trials: 9, target: 0) == .infinity)
    }

    @Test(arguments: [UInt64(5), 6]) func `q-values keep the order of p-values`(_ seed: UInt64) throws {
        var stream = Xoshiro256(seed: seed)
        let p = (0..<40).map { _ in Elementary.power(stream.uniform(), 3) }
        let q = try FalseDiscovery.qValues(p, dependence: .positive)
        let strict = try FalseDiscovery.qValues(p, dependence: .arbitrary)
        for i in p.indices {
            #expect(q[i] >= p[i] && q[i] <= 1 && strict[i] >= q[i], "seed \(seed)")
            for j in p.indices where p[i] < p[j] { #expect(q[i] <= q[j], "seed \(seed)") }
        }
        #expect(try FalseDiscovery.qValues([], dependence: .positive) == [])
        #expect(throws: StatisticsError.self) { try FalseDiscovery.qValues([1.2], dependence: .positive) }
    }
}

import Statistics
import Testing

/// Block bootstrap against arch, closed forms and full enumeration.
@Suite(.enabled(if: Oracle.isPresent)) struct BootstrapOracleTests {
    @Test(arguments: Oracle.cases("bootstrap", "stationary_indices")) func `stationary rows`(_ test: OracleCase) {
        let input = test.inputs
        test.run {
            test.expect(
                "indices",
                try BlockIndices.stationary(
                    count: input["n"].int, meanBlock: input["mean_block"].double, starts: input["starts"].ints,
                    uniforms: input["uniforms"].doubles))
        }
    }

    @Test(arguments: Oracle.cases("bootstrap", "circular_indices")) func `circular rows`(_ test: OracleCase) {
        let input = test.inputs
        test.run {
            test.expect(
                "indices",
                try BlockIndices.circular(
                    count: input["n"].int, block: input["block"].int, starts: input["starts"].ints))
        }
    }

    @Test(arguments: Oracle.cases("bootstrap", "ci")) func `intervals`(_ test: OracleCase) throws {
        let input = test.inputs
        let (y, w, level) = (input["y"].doubles, input["w"].doubles, input["level"].double)
        let isWeighted = input["statistic"].string == "weighted_mean"
        func statistic(_ rows: [Int]) -> Double {
            let weights = rows.map { isWeighted ? w[$0] : 1 }
            return Sum.of(rows.indices.map { y[rows[$0]] * weights[$0] }) / Sum.of(weights)
        }
        let estimate = statistic(Array(y.indices))
        let replicates = input["indices"].intRows.map(statistic)
        test.expect("estimate", estimate)
        test.expect("se", try BootstrapInterval.standardError(replicates))
        test.expect("bias", Sum.of(replicates) / Double(replicates.count) - estimate)
        func ends(_ interval: BootstrapInterval) -> [Double] { [interval.low, interval.high] }
        test.expect("percentile", ends(try .percentile(replicates, level: level)))
        test.expect("basic", ends(try .basic(replicates, estimate: estimate, level: level)))
        test.expect("norm", ends(try .normal(replicates, estimate: estimate, level: level)))
        test.expect("arch_cov", try Moments(replicates).variance(ddof: 0))
        let jackknife = y.indices.map { left in statistic(y.indices.filter { $0 != left }) }
        guard test.expected.has("bca") else {
            #expect(throws: StatisticsError.self) {
                try BootstrapInterval.accelerated(replicates, estimate: estimate, jackknife: jackknife, level: level)
            }
            return
        }
        let bca = try BootstrapInterval.accelerated(
            replicates, estimate: estimate, jackknife: jackknife, level: level)
        test.expect("bca", ends(bca.interval))
        test.expect("bca_z0", bca.bias)
        test.expect("bca_a", bca.acceleration)
    }

    @Test(arguments: Oracle.cases("bootstrap", "optimal_block")) func `block lengths`(_ test: OracleCase) {
        test.run {
            let found = try BlockLength.optimal(test.inputs["y"].doubles)
            test.expect("stationary", found.stationary)
            test.expect("circular", found.circular)
        }
    }

    @Test(arguments: Oracle.cases("bootstrap", "exact_variance_of_mean"))
    func `draws meet the closed forms`(_ test: OracleCase) throws {
        let y = test.inputs["y"].doubles
        let draws = 20_000
        for block in [1, 5, 10] {
            let stationary = try BlockLength.exactStationaryVariance(y, meanBlock: Double(block))
            let circular = try BlockLength.exactCircularVariance(y, block: block)
            test.expect("stationary_mean_block_\(block)", stationary)
            test.expect("circular_block_\(block)", circular)
            let schemes: [(BlockBootstrap.Scheme, Double)] = [
                (.stationary(meanBlock: Double(block)), stationary), (.circular(block: block), circular),
            ]
            for (scheme, exact) in schemes {
                let means = try BlockBootstrap(scheme: scheme, replicates: draws, seed: 7).means(y)
                let variance = try Moments(means).variance(ddof: 0)
                let limit = 6 * (2 / Double(draws)).squareRoot()
                #expect(abs(variance / exact - 1) < limit, "\(test.name) \(scheme): \(variance), exact \(exact)")
            }
        }
    }

    @Test func `every resample of four rows in blocks of two`() throws {
        let test = try Oracle.named("bootstrap", "exact_distribution_n4_b2")
        let y = test.inputs["y"].doubles
        var means: [Double] = []
        for first in 0..<4 {
            for second in 0..<4 {
                let rows = try BlockIndices.circular(count: 4, block: 2, starts: [first, second])
                means.append(Sum.of(rows.map { y[$0] }) / 4)
            }
        }
        test.expect("sorted_means", means.sorted())
        test.expect("q05", try Quantiles.type7(means, 0.05))
        test.expect("q95", try Quantiles.type7(means, 0.95))
    }
}

/// What must hold of resamples for any seed.
@Suite struct BootstrapLawTests {
    static let schemes: [BlockBootstrap.Scheme] = [
        .stationary(meanBlock: 1), .stationary(meanBlock: 6.5), .stationary(meanBlock: 1e6), .circular(block: 4),
        .circular(block: 37), .moving(block: 5), .moving(block: 37),
    ]

    @Test(arguments: schemes.indices) func `prefix sums give the mean of the rows`(_ index: Int) throws {
        var stream = Xoshiro256(seed: UInt64(index))
        let y = (0..<37).map { _ in 100 + stream.normal() }
        let plan = BlockBootstrap(scheme: Self.schemes[index], replicates: 60, seed: 99)
        let means = try plan.means(y)
        let ones = [Double](repeating: 1, count: 37)
        let ratios = try plan.ratios(numerator: y, denominator: ones)
        for replicate in means.indices {
            let rows = try plan.indices(count: 37, replicate: replicate)
            #expect(rows.count == 37 && rows.allSatisfy { y.indices.contains($0) })
            let direct = Sum.of(rows.map { y[$0] }) / 37
            #expect(abs(means[replicate] - direct) < 1e-11 && abs(ratios[replicate] - direct) < 1e-11)
        }
        #expect(try plan.means(y) == means)
        // Blocks as long as the series have no luck to draw: every replicate holds every row once.
        if means.contains(where: { abs($0 - means[0]) > 1e-9 }) {
            #expect(try BlockBootstrap(scheme: plan.scheme, replicates: 60, seed: 98).means(y) != means)
        }
        #expect(try BlockBootstrap(scheme: plan.scheme, replicates: 20, seed: 99).means(y) == Array(means.prefix(20)))
    }

    @Test func `the first replicates of seed 1 keep their bits`() throws {
        let y = (0..<50).map { Double(($0 * 7919) % 101) / 8 }
        let means = try BlockBootstrap(scheme: .stationary(meanBlock: 5), replicates: 4, seed: 1).means(y)
        #expect(
            means.map { String($0.bitPattern, radix: 16) } == [
                "4018428f5c28f5c3", "401759999999999a", "40187851eb851eb8", "401ae8f5c28f5c29",
            ])
        let rows = try BlockBootstrap(scheme: .circular(block: 7), replicates: 1, seed: 1).indices(
            count: 20, replicate: 0)
        #expect(rows == [18, 19, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6, 17, 18, 19, 0, 1, 2])
    }

    /// A row of n = 10,000 continues the row before with chance 1 - 1 / mean, give or take a start that happens to.
    @Test(arguments: [2.0, 5, 20]) func `stationary blocks have the mean length asked for`(_ mean: Double) throws {
        let (count, rounds) = (10_000, 20)
        let plan = BlockBootstrap(scheme: .stationary(meanBlock: mean), replicates: 1, seed: 12)
        var breaks = 0
        for replicate in 0..<rounds {
            let rows = try plan.indices(count: count, replicate: replicate)
            for place in 1..<count where rows[place] != (rows[place - 1] + 1) % count { breaks += 1 }
        }
        let (n, chance) = (Double((count - 1) * rounds), 1 / mean)
        let slack = 5 * (n * chance * (1 - chance)).squareRoot() + n * chance / Double(count)
        #expect(abs(Double(breaks) - n * chance) < slack, "\(breaks) breaks, expected \(n * chance)")
    }

    @Test func `moving blocks never wrap`() throws {
        let plan = BlockBootstrap(scheme: .moving(block: 5), replicates: 1, seed: 5)
        for replicate in 0..<200 {
            let rows = try plan.indices(count: 23, replicate: replicate)
            for place in rows.indices where place % 5 != 0 { #expect(rows[place] == rows[place - 1] + 1) }
        }
        #expect(try BlockIndices.moving(count: 5, block: 2, starts: [3, 0, 1]) == [3, 4, 0, 1, 1])
        #expect(throws: StatisticsError.self) { try BlockIndices.moving(count: 5, block: 2, starts: [4, 0, 1]) }
    }

    @Test func `bad plans are refused`() {
        func code(_ body: () throws -> Void) -> StatisticsError.Code? {
            do { try body() } catch { return (error as? StatisticsError)?.code }
            return nil
        }
        let plan = { BlockBootstrap(scheme: $0, replicates: 3, seed: 1) }
        #expect(code { _ = try plan(.circular(block: 3)).means([1, 2]) } == .invalidBlock)
        #expect(code { _ = try plan(.stationary(meanBlock: 0.5)).means([1, 2]) } == .invalidBlock)
        #expect(code { _ = try plan(.circular(block: 1)).means([]) } == .insufficientData)
        #expect(code { _ = try plan(.circular(block: 1)).means([1, .nan]) } == .nonFiniteInput)
        #expect(code { _ = try BootstrapInterval.percentile([1, 2], level: 1) } == .invalidArgument)
    }
}

import Statistics
import Testing

/// Special functions against 50-digit arithmetic, streams against their published words.
@Suite struct SpecialFunctionTests {
    @Test(.enabled(if: Oracle.isPresent), arguments: Oracle.cases("special", "function"))
    func `functions agree with the oracle`(_ test: OracleCase) throws {
        let input = test.inputs
        let x = input["x"].doubles
        func two(_ a: String, _ b: String) -> [(Double, Double)] { Array(zip(input[a].doubles, input[b].doubles)) }
        switch test.name {
        case "lgamma": test.expect("y", x.map(Gamma.logGamma))
        case "digamma": test.expect("y", x.map(Gamma.digamma))
        case "trigamma": test.expect("y", x.map(Gamma.trigamma))
        case "betainc": test.expect("y", x.indices.map { Beta.cdf(x[$0], two("a", "b")[$0].0, two("a", "b")[$0].1) })
        case "betaincinv":
            let p = input["p"].doubles
            test.expect("x", p.indices.map { Beta.quantile(p[$0], two("a", "b")[$0].0, two("a", "b")[$0].1) })
        case "normal_cdf": test.expect("y", x.map(NormalDistribution.cdf))
        case "normal_quantile": test.expect("x", input["p"].doubles.map(NormalDistribution.quantile))
        case "chi2_sf": test.expect("y", two("x", "df").map { Distributions.chiSquaredUpperTail($0.0, degrees: $0.1) })
        case "student_t_cdf": test.expect("y", two("t", "df").map { Distributions.studentCDF($0.0, degrees: $0.1) })
        case "kolmogorov_sf": test.expect("y", x.map(Distributions.kolmogorovUpperTail))
        case "logistic_family":
            test.expect("sigmoid", x.map(Elementary.sigmoid))
            test.expect("log_sigmoid", x.map(Elementary.logSigmoid))
            test.expect("softplus", x.map(Elementary.softplus))
        case "logsumexp": test.expect("y", input["rows"].rows.map(Elementary.logSumExp))
        case "moments":
            let moments = try Moments(x)
            test.expect("mean", moments.mean)
            test.expect("var_ddof0", moments.variance(ddof: 0))
            test.expect("var_ddof1", moments.variance(ddof: 1))
            test.expect("skew", moments.skewness ?? .nan)
            test.expect("kurtosis_pearson", moments.kurtosis ?? .nan)
        case "quantile_type7": test.expect("q", try Quantiles.type7(x, input["p"].doubles))
        default: Issue.record("no method for \(test.name)")
        }
    }

    @Test(.enabled(if: Oracle.isPresent), arguments: Oracle.cases("special", "prng"))
    func `streams agree with the oracle`(_ test: OracleCase) throws {
        func hex(_ words: [UInt64]) -> [String] {
            words.map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }
        }
        if test.expected.has("raw_hex") {
            let key = test.inputs["key_decimal"].strings.compactMap { UInt64($0) }
            try #require(key.count == 2)
            var stream = Philox(key: (key[0], key[1]), counter: UInt64(test.inputs["counter"].int))
            #expect(hex((0..<12).map { _ in stream.next() }) == test.expected["raw_hex"].strings)
            return
        }
        let seed = try #require(UInt64(test.inputs["seed_decimal"].string))
        var mixer = SplitMix64(seed: seed)
        #expect(hex((0..<8).map { _ in mixer.next() }) == test.expected["splitmix64_hex"].strings)
        let start = Xoshiro256(seed: seed)
        var (words, uniforms, bounded) = (start, start, start)
        #expect(hex((0..<16).map { _ in words.next() }) == test.expected["xoshiro256ss_hex"].strings)
        #expect((0..<16).map { _ in uniforms.uniform() } == test.expected["uniform53"].doubles)
        #expect((0..<16).map { _ in bounded.index(below: 10) } == test.expected["bounded_lemire_mulhi_10"].ints)
    }

    @Test func `keyed streams differ in every part of the key and repeat exactly`() {
        var seen: Set<UInt64> = []
        for seed in 0..<10 {
            for method in 0..<10 {
                for replicate in 0..<10 {
                    var a = Xoshiro256(seed: UInt64(seed), method: UInt64(method), replicate: UInt64(replicate))
                    var b = Xoshiro256(seed: UInt64(seed), method: UInt64(method), replicate: UInt64(replicate))
                    let word = a.next()
                    #expect(word == b.next())
                    seen.insert(word)
                }
            }
        }
        #expect(seen.count == 1000)
    }

    @Test(arguments: [0.3, 1.0, 4.5]) func `gamma draws have the mean and variance of their shape`(_ shape: Double) {
        var stream = Xoshiro256(seed: 11)
        let draws = (0..<20_000).map { _ in stream.gamma(shape: shape) }
        let mean = Sum.of(draws) / 20_000
        let variance = Sum.of(draws.map { ($0 - mean) * ($0 - mean) }) / 20_000
        #expect(abs(mean - shape) < 5 * (shape / 20_000).squareRoot())
        #expect(abs(variance / shape - 1) < 0.12)
    }

    @Test func `a permutation holds every place once`() {
        var stream = Xoshiro256(seed: 3)
        for count in [0, 1, 2, 50] { #expect(stream.permutation(count).sorted() == Array(0..<count)) }
        #expect(stream.permutation(-1).isEmpty)
    }
}

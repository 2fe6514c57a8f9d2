import Statistics
import Testing

/// Sums, moments, ranks and entropies.
@Suite struct DescriptiveTests {
    @Test func `a compensated sum keeps what a plain one loses`() {
        #expect(Sum.of([1, 1e100, 1, -1e100]) == 2)
        #expect(Sum.of([Double](repeating: 0.1, count: 1_000_000)) == 100_000)
        #expect(Sum.of([]) == 0 && Sum.of([.infinity, 1]) == .infinity && Sum.of([.nan, 1]).isNaN)
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `online moments equal two passes, however the stream is cut`(
        _ seed: UInt64
    ) throws {
        var stream = Xoshiro256(seed: seed)
        // A trend, so that the halves differ in their means and every term of a merge counts.
        let values = (0..<500).map { 1e6 + 1e-1 * Elementary.exp(stream.normal()) + 0.01 * Double($0) }
        let exact = try Moments(values)
        var (whole, left, right) = (OnlineMoments(), OnlineMoments(), OnlineMoments())
        let cut = stream.index(below: 501)
        for (index, value) in values.enumerated() {
            try whole.add(value)
            if index < cut { try left.add(value) } else { try right.add(value) }
        }
        left.merge(right)
        for found in [whole, left] {
            #expect(found.count == 500 && abs(found.mean - exact.mean) < 1e-8, "seed \(seed)")
            #expect(abs((found.variance(ddof: 1) ?? 0) / exact.variance(ddof: 1) - 1) < 1e-7, "seed \(seed)")
            #expect(abs((found.skewness ?? 0) - (exact.skewness ?? 9)) < 1e-5, "seed \(seed)")
            #expect(abs((found.kurtosis ?? 0) - (exact.kurtosis ?? 9)) < 1e-4, "seed \(seed)")
        }
        #expect(throws: StatisticsError.self) { try whole.add(.nan) }
        #expect(whole.count == 500)
    }

    @Test func `equal values have no shape, and no values no moments`() throws {
        #expect(try Moments([2, 2, 2]).skewness == nil)
        #expect(try Moments([0.1, 0.1, 0.1]).isConstant)
        #expect(try Moments([5]).variance(ddof: 1).isNaN)
        #expect(throws: StatisticsError.self) { try Moments([]) }
        #expect(OnlineMoments().variance(ddof: 1) == nil && OnlineMoments().kurtosis == nil)
    }

    @Test(.enabled(if: Oracle.isPresent)) func `surprise, smoothing, ranks and robust z agree with the oracle`() throws
    {
        let surprise = try Oracle.named("project", "DEF07_surprise")
        let found = try Smoothing.surprise(
            surprise.inputs["x"].doubles, halfLife: surprise.inputs["half_life"].double,
            skip: surprise.inputs["skip"].int)
        surprise.expect("mean", found.mean)
        surprise.expect("sd", found.deviation)
        surprise.expect("surprise", found.surprise)
        let ema = try Oracle.named("project", "DEF07_ema12")
        ema.expect("y", try Smoothing.exponential(ema.inputs["x"].doubles, span: ema.inputs["span"].double))
        let rank = try Oracle.named("project", "rank_trailing")
        rank.expect("rank", try Ranks.trailing(rank.inputs["x"].doubles, window: rank.inputs["window"].int))
        let rz = try Oracle.named("project", "rz")
        let x = rz.inputs["x"].doubles
        rz.expect("median", try Quantiles.median(x))
        rz.expect("mad", try Quantiles.medianAbsoluteDeviation(x))
        rz.expect("rz", try Quantiles.robustZ(x))
    }

    @Test(.enabled(if: Oracle.isPresent), arguments: Oracle.cases("drift", "diversity"))
    func `effective numbers`(_ test: OracleCase) throws {
        let weights = test.inputs["weights"].doubles.map(abs)
        test.expect("exp_entropy", try Entropy.effectiveNumber(weights))
        test.expect("hhi", try Entropy.concentration(weights))
        test.expect("inverse_hhi", 1 / (try Entropy.concentration(weights)))
        test.expect("max_share", try Entropy.largestShare(weights))
    }

    @Test func `ranks share ties, and rank measures know their ends`() throws {
        #expect(try Ranks.average([3, 1, 3, 2]) == [3.5, 1, 3.5, 2])
        #expect(try Ranks.average([]) == [])
        #expect(abs(try Correlation.spearman([1, 2, 3, 4], [1, 8, 27, 64]) - 1) < 1e-15)
        #expect(try Correlation.kendall([1, 2, 3], [3, 2, 1]) == -1)
        #expect(try Correlation.pearson([1, 2, 3], [2, 4, 6]) == 1)
        #expect(throws: StatisticsError.self) { try Correlation.pearson([1, 1], [1, 2]) }
        #expect(try Ranks.areaUnderCurve(scores: [0.1, 0.4, 0.35, 0.8], labels: [0, 0, 1, 1]) == 0.75)
        #expect(try Ranks.areaUnderCurve(scores: [1, 1], labels: [0, 1]) == 0.5)
        #expect(throws: StatisticsError.self) { try Ranks.areaUnderCurve(scores: [1, 2], labels: [1, 1]) }
        #expect(try Ranks.distribution(of: [1, 2, 2, 3], at: 2) == 0.75)
    }

    @Test(arguments: [UInt64(8), 9]) func `the area under the curve counts pairs`(_ seed: UInt64) throws {
        var stream = Xoshiro256(seed: seed)
        let scores = (0..<60).map { _ in Double(stream.index(below: 12)) }
        let labels = (0..<60).map { Double($0 % 2) }
        var wins = 0.0
        for i in 0..<60 where labels[i] == 1 {
            for j in 0..<60 where labels[j] == 0 {
                wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
            }
        }
        #expect(try Ranks.areaUnderCurve(scores: scores, labels: labels) == wins / 900, "seed \(seed)")
    }

    @Test func `bad input is refused with its place`() {
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch { return "\(error)" }
            return "answered"
        }
        #expect(message { _ = try Quantiles.median([1, .nan]) }.contains("values[1] is nan"))
        #expect(message { _ = try Quantiles.type7([1], 1.5) }.contains("invalid_probability"))
        #expect(message { _ = try Quantiles.robustZ([1, 1, 1, 5]) }.contains("zero_variance"))
        #expect(message { _ = try Entropy.of([0, 0]) }.contains("insufficient_data"))
        #expect(message { _ = try Entropy.of([1, -1]) }.contains("shares[1]"))
        #expect(message { _ = try ExponentialMoments(halfLife: 0) }.contains("half-life"))
        #expect(message { _ = try Smoothing.surprise([1, 1, 1, 2], halfLife: 5, skip: 2) }.contains("zero_variance"))
    }
}

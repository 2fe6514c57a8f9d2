import Statistics
import Testing

/// Elementary functions: bits that never change, laws that hold for any argument, ends that never trap.
@Suite struct ElementaryTests {
    static let functions: [String: @Sendable (Double) -> Double] = [
        "exp": Elementary.exp, "exp2": Elementary.exp2, "expm1": Elementary.expm1, "log": Elementary.log,
        "log2": Elementary.log2, "log1p": Elementary.log1p, "tanh": Elementary.tanh, "sigmoid": Elementary.sigmoid,
        "softplus": Elementary.softplus, "logit": Elementary.logit, "sin": Elementary.sin, "cos": Elementary.cos,
        "erf": Elementary.erf, "erfc": Elementary.erfc, "cdf": NormalDistribution.cdf,
        "density": NormalDistribution.density, "quantile": NormalDistribution.quantile, "cbrt": Elementary.cubeRoot,
    ]

    @Test func `every golden value keeps its bits`() throws {
        let lines = elementaryBits.split(separator: "\n")
        #expect(lines.count == 285)
        for line in lines {
            let words = line.split(separator: " ")
            let numbers = words.dropFirst().compactMap { UInt64($0, radix: 16) }.map(Double.init(bitPattern:))
            let got: Double
            if words[0] == "atan2" {
                got = Elementary.atan2(numbers[0], numbers[1])
            } else {
                let function = try #require(Self.functions[String(words[0])])
                got = function(numbers[0])
            }
            #expect(got.bitPattern == numbers.last?.bitPattern, "\(line): got \(got)")
        }
    }

    /// A digest of many values pins what the table does not hold.
    @Test func `a digest of 190,000 values keeps its bits`() {
        var stream = Xoshiro256(seed: 2026)
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        func take(_ value: Double) { digest = (digest ^ value.bitPattern) &* 0x0000_0100_0000_01B3 }
        for _ in 0..<10_000 {
            let x = 40 * stream.uniform() - 20
            for name in Self.functions.keys.sorted() {
                let value = Self.functions[name]?(name == "quantile" ? abs(x) / 20 : x) ?? 0
                take(value.isNaN ? 0 : value)
            }
            take(Elementary.atan2(x, stream.uniform() - 0.5))
        }
        #expect(String(digest, radix: 16) == "13166a2d57b811a5")
    }

    /// Exactly rounded results, from 50-digit arithmetic; the argument is exact.
    @Test func `known values are met within one unit in the last place`() {
        let known: [(got: Double, want: Double)] = [
            (Elementary.exp(1), 2.718281828459045), (Elementary.exp(0), 1), (Elementary.log(2), 0.6931471805599453),
            (Elementary.log(10), 2.302585092994046), (Elementary.tanh(0.5), 0.46211715726000973),
            (Elementary.erf(0.5), 0.5204998778130465), (Elementary.erfc(5), 1.5374597944280349e-12),
            (Elementary.sin(1), 0.8414709848078965), (Elementary.cos(1), 0.5403023058681398),
            (Elementary.atan2(1, -1), 2.356194490192345), (Elementary.cubeRoot(-27), -3),
            (Elementary.sigmoid(1), 0.7310585786300049), (NormalDistribution.cdf(1), 0.8413447460685429),
            (Elementary.exp2(10), 1024),
            (Elementary.exp2(-1074), Double.leastNonzeroMagnitude), (Elementary.log2(1024), 10),
            (Elementary.power(3, 4), 81),
            (Elementary.power(2, -3), 0.125), (Elementary.exp(-745), Double.leastNonzeroMagnitude),
            (Elementary.log(Double.leastNonzeroMagnitude), -744.4400719213812),
        ]
        #expect(abs(NormalDistribution.quantile(0.975) - 1.959963984540054) <= 6 * 1.96.ulp)
        for (got, want) in known { #expect(abs(got - want) <= want.ulp.magnitude, "got \(got), expected \(want)") }
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `laws hold for any argument`(_ seed: UInt64) {
        var stream = Xoshiro256(seed: seed)
        for _ in 0..<2000 {
            let x = 20 * stream.uniform() - 10
            let context = "seed \(seed), x \(x)"
            #expect(abs(Elementary.log(Elementary.exp(x)) - x) < 2e-15 * max(1, abs(x)), "\(context)")
            #expect(abs(Elementary.exp(x) * Elementary.exp(-x) - 1) < 5e-16, "\(context)")
            let (s, c) = Elementary.sinCos(x)
            #expect(abs(s * s + c * c - 1) < 5e-16, "\(context)")
            #expect(
                Elementary.erf(-x) == -Elementary.erf(x) && Elementary.tanh(-x) == -Elementary.tanh(x), "\(context)")
            #expect(abs(NormalDistribution.cdf(x) + NormalDistribution.cdf(-x) - 1) < 3e-16, "\(context)")
            #expect(Elementary.exp(x) <= Elementary.exp(x + 1e-9) && Elementary.sigmoid(x) <= 1, "\(context)")
            let p = stream.openUniform()
            #expect(abs(NormalDistribution.cdf(NormalDistribution.quantile(p)) - p) < 2e-15 * p + 1e-16, "\(context)")
            #expect(abs(Elementary.sigmoid(Elementary.logit(p)) / p - 1) < 1e-14, "\(context)")
            let angle = Elementary.atan2(s, c)
            #expect(abs(Elementary.sin(angle) - s) < 5e-16, "\(context)")
        }
    }

    static let strange: [Double] = [
        .nan, .infinity, -.infinity, 0, -0.0, 1, -1, Double.leastNonzeroMagnitude, -Double.leastNonzeroMagnitude,
        1e-308, 1.7976931348623157e308,
        -1.7976931348623157e308, 709.78, 709.79, -745.13, -745.2, 1e15, -1e15, 0.5, 2,
    ]

    @Test(arguments: functions.keys.sorted()) func `no argument traps, and NaN stays NaN`(_ name: String) throws {
        let function = try #require(Self.functions[name])
        for x in Self.strange { _ = function(x) }
        #expect(function(.nan).isNaN)
        for x in Self.strange { for y in Self.strange { _ = Elementary.atan2(x, y) + Elementary.power(x, y) } }
    }

    @Test func `the ends are what they must be`() {
        #expect(Elementary.exp(.infinity) == .infinity && Elementary.exp(-.infinity) == 0)
        #expect(Elementary.log(0) == -.infinity && Elementary.log(-1).isNaN && Elementary.log1p(-1) == -.infinity)
        #expect(Elementary.expm1(-.infinity) == -1 && Elementary.expm1(1e-300) == 1e-300)
        #expect(Elementary.tanh(.infinity) == 1 && Elementary.erf(-.infinity) == -1 && Elementary.erfc(.infinity) == 0)
        #expect(Elementary.sigmoid(-.infinity) == 0 && Elementary.sigmoid(.infinity) == 1)
        #expect(
            Elementary.softplus(1000) == 1000 && Elementary.logit(0) == -.infinity && Elementary.logit(1) == .infinity)
        #expect(NormalDistribution.quantile(0) == -.infinity && NormalDistribution.quantile(1.1).isNaN)
        #expect(Elementary.sin(1e7).isNaN && Elementary.atan2(0, 0) == 0 && Elementary.power(0, 0) == 1)
        #expect(Elementary.logSumExp([]) == -.infinity && Elementary.logSumExp([.infinity, 1]) == .infinity)
    }
}

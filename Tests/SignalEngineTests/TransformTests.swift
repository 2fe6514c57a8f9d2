import Events
import SignalEngine
import Statistics
import Testing

/// A detector whose signal is one expression.
func recipe(_ signal: String, parameters: [DetectorParameter] = []) throws(LanguageError) -> Recipe {
    var source = DetectorSource()
    source.id = SourceText("tape_trial_v1")
    source.family = .tape
    source.signal = SourceText(signal)
    source.parameters = parameters
    return try RecipeCompiler.compile(source)
}

/// Each transform against the plainest reading of its sentence, on seeded series with gaps.
@Suite struct TransformTests {
    static let seed: UInt64 = 20_261_129

    /// Two series with gaps, ties and a large value now and then.
    static func series(_ count: Int) -> [(Double?, Double?)] {
        var random = Xoshiro256(seed: seed)
        return (0..<count).map { _ in
            func value() -> Double? {
                let kind = random.uniform()
                if kind < 0.1 { return nil }
                if kind < 0.3 { return Double(random.index(below: 5)) - 2 }
                return kind < 0.32 ? 1e9 * random.normal() : random.normal()
            }
            return (value(), value())
        }
    }

    /// Compares what an expression answers along a series with an oracle that sees all values so far.
    ///
    /// a is `spread_bps`, b is `depth_slope`.
    static func expect(
        _ expression: String, tolerance: Double = 0, _ series: [(Double?, Double?)]? = nil,
        _ oracle: ([Double?], [Double?]) -> Double?
    ) throws {
        let input = series ?? Self.series(400)
        let compiled = try recipe("0 * \(expression)")
        // The expression's own step is the one before the product: 0 comes first, the product last.
        let node = compiled.nodes.count - 2
        var detector = RunningDetector(compiled)
        for index in input.indices {
            var row = FeatureRow()
            row[.spreadBps] = input[index].0
            row[.depthSlope] = input[index].1
            _ = detector.step(row)
            let found = detector.answer(node)
            let wanted = oracle(input[...index].map(\.0), input[...index].map(\.1))
            if let wanted, let found {
                let isNear = abs(found - wanted) <= tolerance * max(1, abs(wanted))
                #expect(isNear, "\(expression) at \(index) of seed \(Self.seed): \(found), expected \(wanted)")
                if !isNear { return }
            } else {
                let text = "\(expression) at \(index) of seed \(Self.seed)"
                #expect(found == nil && wanted == nil, "\(text): \(found as Any), expected \(wanted as Any)")
                if found != nil || wanted != nil { return }
            }
        }
    }

    /// The last n values that are there, nil if this one is missing or there are fewer.
    static func window(_ a: [Double?], _ n: Int) -> [Double]? {
        guard a.last.flatMap({ $0 }) != nil else { return nil }
        let present = a.compactMap { $0 }
        return present.count >= n ? Array(present.suffix(n)) : nil
    }

    @Test func `arithmetic`() throws {
        func both(_ a: [Double?], _ b: [Double?], _ f: (Double, Double) -> Double) -> Double? {
            guard let x = a.last ?? nil, let y = b.last ?? nil else { return nil }
            let value = f(x, y)
            return value.isFinite ? value : nil
        }
        try Self.expect("(spread_bps + depth_slope)") { both($0, $1, +) }
        try Self.expect("(spread_bps - depth_slope)") { both($0, $1, -) }
        try Self.expect("(spread_bps * depth_slope)") { both($0, $1, *) }
        try Self.expect("(spread_bps / depth_slope)") { both($0, $1, /) }
        try Self.expect("min(spread_bps, depth_slope)") { both($0, $1) { min($0, $1) } }
        try Self.expect("max(spread_bps, depth_slope)") { both($0, $1) { max($0, $1) } }
        try Self.expect("clip(spread_bps, 0 - 1, depth_slope)") { both($0, $1) { max(-1, min($1, $0)) } }
    }

    @Test func `functions of one value`() throws {
        func one(_ a: [Double?], _ f: (Double) -> Double) -> Double? {
            guard let x = a.last ?? nil else { return nil }
            let value = f(x)
            return value.isFinite ? value : nil
        }
        try Self.expect("(-spread_bps)") { a, _ in one(a) { -$0 } }
        try Self.expect("abs(spread_bps)") { a, _ in one(a) { abs($0) } }
        try Self.expect("sign(spread_bps)") { a, _ in one(a) { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 } }
        try Self.expect("tanh(spread_bps)") { a, _ in one(a) { Elementary.tanh($0) } }
        try Self.expect("sigmoid(spread_bps)") { a, _ in one(a) { Elementary.sigmoid($0) } }
        try Self.expect("log1p(spread_bps)") { a, _ in one(a) { $0 > -1 ? Elementary.log1p($0) : .nan } }
        try Self.expect("sqrt(spread_bps)") { a, _ in one(a) { $0.squareRoot() } }
    }

    @Test func `comparisons and logic with missing values`() throws {
        func compare(_ a: [Double?], _ b: [Double?], _ f: (Double, Double) -> Bool) -> Double? {
            guard let x = a.last ?? nil, let y = b.last ?? nil else { return nil }
            return f(x, y) ? 1 : 0
        }
        for (sign, f) in [
            ("<", { $0 < $1 }), ("<=", { $0 <= $1 }), (">", { $0 > $1 }), (">=", { $0 >= $1 }), ("==", { $0 == $1 }),
            ("!=", { $0 != $1 }),
        ] as [(String, (Double, Double) -> Bool)] {
            try Self.expect("gate(spread_bps \(sign) depth_slope)") { compare($0, $1, f) }
        }
        func truth(_ a: [Double?]) -> Bool? { (a.last ?? nil).map { $0 > 0 } }
        try Self.expect("gate(spread_bps > 0 and depth_slope > 0)") { a, b in
            let (x, y) = (truth(a), truth(b))
            if x == false || y == false { return 0 }
            return x == nil || y == nil ? nil : 1
        }
        try Self.expect("gate(spread_bps > 0 or depth_slope > 0)") { a, b in
            let (x, y) = (truth(a), truth(b))
            if x == true || y == true { return 1 }
            return x == nil || y == nil ? nil : 0
        }
        try Self.expect("gate(not spread_bps > 0)") { a, _ in truth(a).map { $0 ? 0 : 1 } }
        try Self.expect("gate(present(spread_bps))") { a, _ in truth(a) == nil ? 0 : 1 }
        try Self.expect("or_else(spread_bps, depth_slope)") { a, b in (a.last ?? nil) ?? (b.last ?? nil) }
        try Self.expect("if(spread_bps > 0, spread_bps, depth_slope)") { a, b in
            truth(a).flatMap { $0 ? a.last ?? nil : b.last ?? nil }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 32, 100]) func `sliding windows`(_ n: Int) throws {
        try Self.expect("lag(spread_bps, \(n))") { a, _ in Self.window(a, n + 1)?.first }
        try Self.expect("diff(spread_bps, \(n))") { a, _ in Self.window(a, n + 1).map { $0[n] - $0[0] } }
        try Self.expect("sma(spread_bps, \(n))", tolerance: 1e-7) { a, _ in
            Self.window(a, n).map { $0.reduce(0, +) / Double(n) }
        }
        try Self.expect("lowest(spread_bps, \(n))") { a, _ in Self.window(a, n)?.min() }
        try Self.expect("highest(spread_bps, \(n))") { a, _ in Self.window(a, n)?.max() }
        try Self.expect("rank(spread_bps, \(n))") { a, _ in
            guard let window = Self.window(a, n), let x = window.last else { return nil }
            let below = Double(window.count { $0 < x })
            return (below + 0.5 * Double(window.count { $0 == x })) / Double(n)
        }
        try Self.expect("count_true(spread_bps > 0, \(n))") { a, _ in
            Self.window(a, n).map { Double($0.count { $0 > 0 }) }
        }
        try Self.expect("gate(hold(spread_bps > 1, \(n)))") { a, _ in
            Self.window(a, 1).map { _ in a.compactMap { $0 }.suffix(n).contains { $0 > 1 } ? 1 : 0 }
        }
        try Self.expect("gate(delay(spread_bps > -1, \(n)))") { a, _ in
            Self.window(a, 1).map { _ in
                let last = a.compactMap { $0 }.suffix(n)
                return last.count == n && last.allSatisfy { $0 > -1 } ? 1 : 0
            }
        }
        guard n > 1 else { return }
        let calm = Self.series(400).map { ($0.0.map { min(3, max(-3, $0)) }, $0.1) }
        func deviation(_ window: [Double]) -> Double {
            let mean = window.reduce(0, +) / Double(n)
            return (window.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n - 1)).squareRoot()
        }
        try Self.expect("stddev(spread_bps, \(n))", tolerance: 1e-12, calm) { a, _ in
            Self.window(a, n).map(deviation)
        }
        try Self.expect("zscore(spread_bps, \(n))", tolerance: 1e-11, calm) { a, _ in
            guard let window = Self.window(a, n), deviation(window) > 0 else { return nil }
            return (window[n - 1] - window.reduce(0, +) / Double(n)) / deviation(window)
        }
    }

    @Test func `means that never forget, crossings and waiting times`() throws {
        try Self.expect("ema(spread_bps, 5)", tolerance: 1e-7) { a, _ in
            guard let window = Self.window(a, 1), window.count == 1 else { return nil }
            let all = a.compactMap { $0 }
            guard all.count >= 5 else { return nil }
            return all.dropFirst().reduce(all[0]) { $0 + ($1 - $0) / 3 }
        }
        try Self.expect("decay(spread_bps, 4)", tolerance: 1e-7) { a, _ in
            guard Self.window(a, 1) != nil else { return nil }
            return a.compactMap { $0 }.reduce(0) { $0 * Elementary.exp2(-0.25) + $1 }
        }
        for (name, isUp) in [("cross_up", true), ("cross_down", false)] {
            try Self.expect("gate(\(name)(spread_bps, depth_slope))") { a, b in
                let pairs = zip(a, b).map { x, y in x.flatMap { x in y.map { isUp ? x - $0 : $0 - x } } }
                guard pairs.last.flatMap({ $0 }) != nil else { return nil }
                let sides = pairs.compactMap { $0 }
                guard sides.count > 1 else { return nil }
                return sides[sides.count - 1] > 0 && sides[sides.count - 2] <= 0 ? 1 : 0
            }
        }
        try Self.expect("since(spread_bps > 1)") { a, _ in
            guard Self.window(a, 1) != nil else { return nil }
            let latestFirst = Array(a.compactMap { $0 }.reversed())
            return latestFirst.firstIndex { $0 > 1 }.map { Double($0) }
        }
    }

    @Test func `a deviation of equal values is exactly 0 also after a large value`() throws {
        let compiled = try recipe("0 * stddev(spread_bps, 10)")
        var detector = RunningDetector(compiled)
        for index in 0..<100 {
            var row = FeatureRow()
            row[.spreadBps] = index == 20 ? 1e15 : 0.1
            _ = detector.step(row)
            if index == 29 { #expect((detector.answer(compiled.nodes.count - 2) ?? 0) > 1e14) }
            if index > 30 { #expect(detector.answer(compiled.nodes.count - 2) == 0) }
        }
    }

    @Test func `the since transform is held at its largest answer`() throws {
        let compiled = try recipe("0 * since(spread_bps > 1)")
        var detector = RunningDetector(compiled)
        for index in 0..<3000 {
            var row = FeatureRow()
            row[.spreadBps] = index == 0 ? 2 : 0
            _ = detector.step(row)
        }
        #expect(detector.answer(compiled.nodes.count - 2) == Double(Transform.windowMax))
    }
}

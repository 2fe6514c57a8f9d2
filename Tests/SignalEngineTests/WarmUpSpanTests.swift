import DetectorYAML
import Events
import SignalEngine
import Testing

/// How far back recipes reach, as they say it and as it is.
@Suite struct WarmUpSpanTests {
    /// Every feature is its own window and nothing more.
    private static func now(_ feature: Feature) -> LookBack { LookBack() }

    /// Windows that a recipe reaches back, beyond the two that stand in front of every reach.
    private static func windows(_ recipe: Recipe) -> Int {
        let span = recipe.warmUp(now)
        return Int(span.nanos / span.everyNanos) - 2
    }

    /// An expression of nothing but one transform.
    private static func expression(_ transform: Transform, _ n: Int) -> String {
        let names = ["spread_bps", "depth_slope", "volatility"]
        let arguments = transform.arguments.enumerated().map { place, kind in
            switch kind {
            case .number, .either: names[place]
            case .boolean: "\(names[place]) > 0"
            case .window: "\(n)"
            }
        }
        let text =
            transform.name == "negate"
            ? "(-\(arguments[0]))"
            : transform.name == "not"
                ? "(not \(arguments[0]))"
                : transform.isOperator
                    ? "(\(arguments[0]) \(transform.name) \(arguments[1]))"
                    : "\(transform.name)(\(arguments.joined(separator: ", ")))"
        return transform.result == .number ? text : "gate(\(text))"
    }

    private static func row(_ index: Int, _ series: [(Double?, Double?)]) -> FeatureRow {
        var row = FeatureRow()
        row[.spreadBps] = series[index].0 ?? 0.5
        row[.depthSlope] = series[index].1 ?? -0.5
        row[.volatility] = 1
        return row
    }

    /// How many windows a late start was other than the one that saw everything.
    private static func measured(_ recipe: Recipe, from start: Int, _ series: [(Double?, Double?)]) -> Int {
        var (whole, late) = (RunningDetector(recipe), RunningDetector(recipe))
        let node = recipe.nodes.count - 2
        var last = 0
        for index in series.indices {
            _ = whole.step(row(index, series))
            guard index >= start else { continue }
            _ = late.step(row(index, series))
            let (a, b) = (whole.answer(node), late.answer(node))
            let isSame = a == nil ? b == nil : b.map { abs($0 - (a ?? 0)) <= 1e-9 } ?? false
            if !isSame { last = index - start + 1 }
        }
        return last
    }

    @Test(arguments: [2, 7, 33]) func `no transform reaches farther than it says, and none says far too much`(
        _ n: Int
    ) throws {
        let series = TransformTests.series(3000).map { pair in
            (pair.0.map { min(9, max(-9, $0)) }, pair.1.map { min(9, max(-9, $0)) })
        }
        for transform in Transform.operators + Transform.functions {
            if case .endless = transform.memory { continue }
            let compiled = try recipe("0 * \(Self.expression(transform, n))")
            let said = Self.windows(compiled)
            let found = [101, 517].map { Self.measured(compiled, from: $0, series) }.max() ?? 0
            #expect(found <= said, "\(transform.name) of \(n) reaches \(found) windows, it says \(said)")
            // Flags that come often say little about memories of one flag; the next test has those.
            guard transform.operation != .hold, transform.operation != .delay else { continue }
            #expect(said <= 1 || 4 * found > said, "\(transform.name) of \(n) reaches \(found) of \(said) windows")
        }
    }

    @Test(arguments: [1, 2, 33]) func `flags are remembered for exactly as long as it says`(_ n: Int) throws {
        let once = (0..<300).map { ($0 == 100 ? 1.0 : -1.0, 0.0) as (Double?, Double?) }
        let always = [(Double?, Double?)](repeating: (1, 0), count: 300)
        for (name, series) in [("hold", once), ("delay", always)] {
            let compiled = try recipe("0 * gate(\(name)(spread_bps > 0, \(n)))")
            #expect(Self.measured(compiled, from: 101, series) == n - 1 && Self.windows(compiled) == n - 1, "\(name)")
        }
    }

    @Test func `what reaches back adds up along a recipe, and the longest way counts`() throws {
        let cases: [(String, Int)] = [
            ("spread_bps", 0), ("lag(sma(spread_bps, 15), 5)", 19),
            ("max(sma(spread_bps, 15), lag(depth_slope, 40))", 40),
            ("ema(ema(spread_bps, 10), 3)", 208), ("decay(gate(hold(cross_up(spread_bps, 1), 4)), 6)", 48 * 6 + 4),
            ("zscore(rank(spread_bps, 100), 50)", 148),
        ]
        for (text, expected) in cases { #expect(Self.windows(try recipe(text)) == expected, "\(text)") }
    }

    @Test func `features count in their own units, and gates and abstaining count too`() throws {
        var source = DetectorSource()
        source.id = SourceText("tape_trial_v1")
        source.family = .tape
        (source.timeframe, source.everySeconds) = (.minute5, 60)
        source.signal = SourceText("sma(spread_bps, 10)")
        func seconds() throws -> Int64 {
            try RecipeCompiler.compile(source).warmUp { feature in
                switch feature {
                case .spreadBps: LookBack(seconds: 10)
                case .volatility: LookBack(bars: 65)
                case .relativeVolume: LookBack(windows: 512)
                default: LookBack()
                }
            }.nanos / 1_000_000_000
        }
        #expect(try seconds() == 10 + (9 + 2) * 60)
        source.abstain = SourceText("lag(relative_volume, 3) > 1")
        #expect(try seconds() == (512 + 3 + 2) * 60)
        source.gates = [NamedSource(SourceText("calm"), SourceText("volatility < 1"))]
        #expect(try seconds() == (512 + 3 + 2) * 60)
        source.gates[0].source = SourceText("highest(volatility, 300) < 1")
        #expect(try seconds() == 66 * 300 + 2 + (299 + 2) * 60)
    }

    @Test func `what has no bound says so, and why`() throws {
        let waits = try recipe("since(spread_bps > 1) + ema(spread_bps, 3)").warmUp(Self.now)
        #expect(waits.endless == ["since: what it waits for may be long ago"])
        #expect(waits.nanos == Int64(48 + 2) * waits.everyNanos)
        let run = try recipe("volatility").warmUp { $0 == .volatility ? LookBack(endless: "why") : LookBack() }
        #expect(run.endless == ["volatility: why"] && run.longest == nil)
        #expect(try recipe("lag(spread_bps, 3)").warmUp { _ in LookBack(bars: 1) }.longest == .spreadBps)
    }
}

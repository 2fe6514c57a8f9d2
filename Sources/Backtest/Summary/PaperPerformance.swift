import Report
import Statistics

/// Paper results as the report shows them: basis points, and a reason for every figure that is missing.
enum PaperPerformance {
    /// Draws that made the intervals, in words.
    static func method(_ rules: PaperRules) -> String { "stationary block bootstrap, \(rules.replicates) draws" }

    /// What can be said of windows without judging their luck; no intervals, no ratio.
    static func plain(_ windows: some Collection<PaperWindow>, cost: Double) -> Performance {
        var judged = 0
        var hits = 0
        for window in windows where window.signal != 0 && window.forwardReturn != 0 {
            judged += 1
            if window.signal * window.forwardReturn > 0 { hits += 1 }
        }
        var performance = Performance(judged: judged, hits: hits)
        let profits = windows.map { profitBps($0, cost) }
        guard !profits.isEmpty else {
            let none = Measure.undefined("0 windows")
            performance.totalBps = none
            performance.meanBps = none
            performance.meanInterval = .undefined("0 windows")
            performance.drawdownBps = none
            performance.favourableBps = none
            performance.adverseBps = none
            return performance
        }
        let total = Sum.of(profits)
        performance.totalBps = Measure(total)
        performance.meanBps = Measure(total / Double(profits.count))
        performance.meanInterval = .undefined("not measured for this part")
        performance.drawdownBps = Measure(drawdown(profits))
        let positions = windows.lazy.filter { $0.signal != 0 }
        performance.favourableBps = Measure(
            try? Quantiles.median(Array(positions.map(\.favourableBps))), else: "no positions")
        performance.adverseBps = Measure(
            try? Quantiles.median(Array(positions.map(\.adverseBps))), else: "no positions")
        return performance
    }

    /// The same with what the statistics say of the mean.
    static func judged(
        _ windows: some Collection<PaperWindow>, profit: FigureInterval, rules: PaperRules
    ) -> Performance {
        var performance = plain(windows, cost: rules.cost)
        performance.meanBps = bps(profit.estimate)
        performance.meanInterval = interval(profit, rules)
        return performance
    }

    static func profitBps(_ window: PaperWindow, _ cost: Double) -> Double {
        (window.signal * window.forwardReturn - abs(window.signal) * cost) * 1e4
    }

    /// Largest fall of the running sum from its highest point, which is at least 0.
    static func drawdown(_ profits: [Double]) -> Double {
        var (sum, high, fall) = (0.0, 0.0, 0.0)
        for profit in profits {
            sum += profit
            high = max(high, sum)
            fall = max(fall, high - sum)
        }
        return fall
    }

    static func measure(_ figure: Figure) -> Measure {
        switch figure {
        case .value(let value): Measure(value)
        case .undefined(let reason): .undefined(reason)
        }
    }

    static func bps(_ figure: Figure) -> Measure { measure(figure).map { $0 * 1e4 } }

    static func interval(_ profit: FigureInterval, _ rules: PaperRules) -> Bounds {
        guard let low = profit.low.number, let high = profit.high.number else {
            return .undefined(profit.low.reason ?? profit.high.reason ?? "no interval")
        }
        return Bounds(low: low * 1e4, high: high * 1e4, level: rules.confidence, method: method(rules))
    }

    /// Most points of a fold's curve.
    static let curvePointsMax = 4_000

    /// The running sum of the windows' results; of a long one the first, lowest, highest and last of each stretch.
    ///
    /// A result stands at the moment of its decision, so that folds do not run into each other.
    static func curve(_ windows: [PaperWindow], rules: PaperRules) -> EquityCurve {
        var sum = 0.0
        let points = windows.map { window in
            sum += profitBps(window, rules.cost)
            return EquityPoint(window.asofNanos, sum)
        }
        guard points.count > curvePointsMax else { return EquityCurve(points) }
        let stretch = (points.count + curvePointsMax / 4 - 1) / (curvePointsMax / 4)
        var kept: [EquityPoint] = []
        var start = 0
        while start < points.count {
            let end = min(start + stretch, points.count)
            var (low, high) = (start, start)
            for place in start..<end {
                if points[place].cumulativeBps < points[low].cumulativeBps { low = place }
                if points[place].cumulativeBps > points[high].cumulativeBps { high = place }
            }
            var last = -1
            for place in [start, min(low, high), max(low, high), end - 1] where place > last {
                kept.append(points[place])
                last = place
            }
            start = end
        }
        return EquityCurve(kept)
    }

    static func baselines(_ result: PaperResult) -> [Baseline] {
        let count = Double(result.windowCount)
        let none = Baseline(.doNothing, meanBps: Measure(0), totalBps: Measure(0))
        let always = bps(result.baselines.always)
        let random = bps(result.baselines.random)
        var arranged = Baseline(.randomSameRate, meanBps: random, totalBps: random.map { $0 * count })
        arranged.permutations = result.baselines.permutations
        arranged.exceedance = measure(result.baselines.randomPValue)
        return [none, Baseline(.alwaysFollow, meanBps: always, totalBps: always.map { $0 * count }), arranged]
    }

    /// Hit rate less that of always holding up, over the same judged windows.
    static func lift(_ windows: some Collection<PaperWindow>) -> Measure {
        var (judged, hits, rises) = (0, 0, 0)
        for window in windows where window.signal != 0 && window.forwardReturn != 0 {
            judged += 1
            if window.signal * window.forwardReturn > 0 { hits += 1 }
            if window.forwardReturn > 0 { rises += 1 }
        }
        return judged > 0 ? Measure(Double(hits - rises) / Double(judged)) : .undefined("0 windows")
    }
}

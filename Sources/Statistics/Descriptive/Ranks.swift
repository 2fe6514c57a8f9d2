/// Ranks, and what can be said from ranks alone.
public enum Ranks {
    /// Returns ranks 1...n, equal values sharing their mean rank; empty for no values.
    ///
    /// O(n log n).
    ///
    /// Throws `nonFiniteInput` for a NaN or an infinity.
    public static func average(_ values: [Double]) throws(StatisticsError) -> [Double] {
        try Require.finite(values, "values")
        return averageOfFinite(values)
    }

    /// Ranks of values known to be finite.
    static func averageOfFinite(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count && values[order[end]] == values[order[start]] { end += 1 }
            let rank = Double(start + end + 1) / 2
            for place in start..<end { ranks[order[place]] = rank }
            start = end
        }
        return ranks
    }

    /// Returns for each value its mid-rank share among the `window` values that end with it; O(n window).
    ///
    /// The share below plus half the ties, the value itself included. Throws `invalidArgument` for a window below 1.
    public static func trailing(_ values: [Double], window: Int) throws(StatisticsError) -> [Double] {
        try Require.argument(window >= 1, "window is \(window), expected at least 1")
        try Require.finite(values, "values")
        return values.indices.map { index in
            let start = max(0, index - window + 1)
            var (below, equal) = (0, 0)
            for other in start...index {
                if values[other] < values[index] { below += 1 } else if values[other] == values[index] { equal += 1 }
            }
            return (Double(below) + 0.5 * Double(equal)) / Double(index - start + 1)
        }
    }

    /// Returns the share of `sample` at or below x; O(n).
    ///
    /// Throws `insufficientData` for an empty sample and `nonFiniteInput` for a NaN.
    public static func distribution(of sample: [Double], at x: Double) throws(StatisticsError) -> Double {
        try Require.count(sample.count, atLeast: 1, "sample")
        try Require.finite(sample, "sample")
        try Require.finite(x, "x")
        return Double(sample.count { $0 <= x }) / Double(sample.count)
    }

    /// Returns the area under the receiver operating curve: the chance that a positive row has the higher score, ties
    /// counting half; O(n log n).
    ///
    /// Throws `singleClass` unless both labels occur.
    /// - Source: Mann and Whitney's U from average ranks.
    public static func areaUnderCurve(scores: [Double], labels: [Double]) throws(StatisticsError) -> Double {
        try Require.sameCount(labels.count, scores.count, "labels")
        try Require.finite(scores, "scores")
        try Require.binary(labels, "labels")
        let positives = labels.count { $0 == 1 }
        let negatives = labels.count - positives
        try Require.argument(
            positives > 0 && negatives > 0, "found \(positives) positive and \(negatives) negative rows, expected both",
            code: .singleClass)
        let ranks = averageOfFinite(scores)
        // Ranks are halves of whole numbers: the sum is exact.
        var sum = 0.0
        for index in ranks.indices where labels[index] == 1 { sum += ranks[index] }
        let p = Double(positives)
        return (sum - p * (p + 1) / 2) / (p * Double(negatives))
    }
}

/// Association of two series.
public enum Correlation {
    /// Returns Pearson's correlation in -1...1; O(n).
    ///
    /// Throws `insufficientData` below two rows and `zeroVariance` where one series is constant.
    public static func pearson(_ a: [Double], _ b: [Double]) throws(StatisticsError) -> Double {
        try Require.sameCount(b.count, a.count, "second series")
        try Require.count(a.count, atLeast: 2, "rows")
        let (first, second) = (try Moments(a), try Moments(b))
        try Require.argument(
            !first.isConstant && !second.isConstant, "a series of \(a.count) rows is constant, expected some spread",
            code: .zeroVariance)
        var sum = CompensatedSum()
        for index in a.indices { sum.add((a[index] - first.mean) * (b[index] - second.mean)) }
        let r = sum.value / Double(a.count) / (first.second.squareRoot() * second.second.squareRoot())
        return min(1, max(-1, r))
    }

    /// Returns Spearman's correlation, Pearson's of average ranks; O(n log n).
    ///
    /// Throws as `pearson`.
    public static func spearman(_ a: [Double], _ b: [Double]) throws(StatisticsError) -> Double {
        try pearson(try Ranks.average(a), try Ranks.average(b))
    }

    /// Returns Kendall's tau-b in -1...1; O(n^2).
    ///
    /// Throws `insufficientData` below two rows and `zeroVariance` where one series is constant.
    public static func kendall(_ a: [Double], _ b: [Double]) throws(StatisticsError) -> Double {
        try Require.sameCount(b.count, a.count, "second series")
        try Require.count(a.count, atLeast: 2, "rows")
        try Require.finite(a, "first series")
        try Require.finite(b, "second series")
        var (score, untiedA, untiedB) = (0, 0, 0)
        for i in a.indices {
            for j in 0..<i {
                let x = a[i] < a[j] ? -1 : a[i] > a[j] ? 1 : 0
                let y = b[i] < b[j] ? -1 : b[i] > b[j] ? 1 : 0
                score += x * y
                untiedA += x * x
                untiedB += y * y
            }
        }
        try Require.argument(
            untiedA > 0 && untiedB > 0, "a series of \(a.count) rows is constant, expected some spread",
            code: .zeroVariance)
        return Double(score) / (Double(untiedA) * Double(untiedB)).squareRoot()
    }
}

/// A monotone step from scores to probabilities, linear between the fitted points and constant outside (LRN-60).
///
/// Fit on out-of-fold scores only; below about 1,000 points `Platt` is the better calibrator. 0 and 1 are normal
/// answers on small samples: use `probability(_:)` before a log loss or a stake.
public struct Isotonic: Sendable, Equatable {
    /// Distinct scores, ascending.
    public let points: [Double]
    /// Fitted value at each point.
    public let fitted: [Double]
    /// Number of rows with a positive weight.
    public let count: Int

    /// Fits by pooling adjacent violators; O(n log n).
    ///
    /// Equal scores are pooled first; rows of weight 0 are dropped, also from the range of scores. `bounds` clips the
    /// fit. Throws `insufficientData` for no rows, `nonFiniteInput`, `invalidShape`.
    /// - Source: Ayer et al. 1955; Best and Chakravarti 1990.
    public init(
        scores: [Double], targets: [Double], weights: [Double]? = nil, increasing: Bool = true,
        bounds: ClosedRange<Double>? = nil
    ) throws(StatisticsError) {
        try Require.count(scores.count, atLeast: 1, "scores")
        try Require.sameCount(targets.count, scores.count, "targets")
        try Require.finite(scores, "scores")
        try Require.finite(targets, "targets")
        if let weights { try Require.weights(weights, count: scores.count) }
        let weight = { (index: Int) in weights.map { $0[index] } ?? 1 }
        let order = scores.indices.filter { weight($0) > 0 }.sorted { (scores[$0], $0) < (scores[$1], $1) }
        let sign = increasing ? 1.0 : -1.0
        var blocks: [Block] = []
        var points: [Double] = []
        var start = 0
        while start < order.count {
            var end = start
            var (sum, total) = (CompensatedSum(), CompensatedSum())
            while end < order.count && scores[order[end]] == scores[order[start]] {
                sum.add(weight(order[end]) * targets[order[end]])
                total.add(weight(order[end]))
                end += 1
            }
            points.append(scores[order[start]])
            var block = Block(mean: sign * (sum.value / total.value), weight: total.value, points: 1)
            while let last = blocks.last, last.mean > block.mean {
                blocks.removeLast()
                block = last.merged(with: block)
            }
            blocks.append(block)
            start = end
        }
        self.points = points
        count = order.count
        fitted = blocks.flatMap { block in
            let value = sign * block.mean
            let clipped = bounds.map { min(max(value, $0.lowerBound), $0.upperBound) } ?? value
            return [Double](repeating: clipped, count: block.points)
        }
    }

    /// Returns the value at a score, NaN for NaN; O(log n).
    public func value(at score: Double) -> Double {
        if score != score { return score }
        let above = Quantiles.bins([score], edges: points)[0]
        if above == 0 { return fitted[0] }
        if above == points.count { return fitted[points.count - 1] }
        let (x0, x1) = (points[above - 1], points[above])
        return fitted[above - 1] + (fitted[above] - fitted[above - 1]) / (x1 - x0) * (score - x0)
    }

    /// The points at which the map bends, with their values: between them it is linear, so that these say all of it.
    public var knots: (points: [Double], values: [Double]) {
        let kept = points.indices.filter { index in
            index == 0 || index == points.count - 1 || fitted[index] != fitted[index - 1]
                || fitted[index] != fitted[index + 1]
        }
        return (kept.map { points[$0] }, kept.map { fitted[$0] })
    }

    /// Returns the value clipped away from 0 and 1 by 1 / (2 (n + 2)); O(log n).
    public func probability(_ score: Double) -> Double {
        let floor = 1 / (2 * Double(count + 2))
        let value = value(at: score)
        return value != value ? value : min(max(value, floor), 1 - floor)
    }

    private struct Block {
        let mean: Double
        let weight: Double
        let points: Int

        func merged(with next: Block) -> Block {
            let total = weight + next.weight
            return Block(
                mean: (mean * weight + next.mean * next.weight) / total, weight: total, points: points + next.points)
        }
    }
}

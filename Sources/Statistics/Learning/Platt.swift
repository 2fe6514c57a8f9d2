/// A logistic curve from scores to probabilities, p = 1 / (1 + exp(slope * score + intercept)).
///
/// Feed log odds, not probabilities.
public struct Platt: Sendable, Equatable {
    /// A; negative where higher scores mean higher probabilities.
    public let slope: Double
    /// B.
    public let intercept: Double
    /// The objective at the optimum.
    public let objective: Double

    /// Fits by Newton's method with step halving; O(n) a step, about ten steps.
    ///
    /// A constant score or a single class leaves slope 0 and the mean target. Throws `insufficientData` for no rows,
    /// `nonFiniteInput`, `invalidShape`, `invalidArgument` for outcomes other than 0 and 1.
    /// - Source: Platt 2000 with the targets (N+ + 1) / (N+ + 2) and 1 / (N- + 2); Lin, Lin and Weng 2007.
    public init(scores: [Double], outcomes: [Double], weights: [Double]? = nil) throws(StatisticsError) {
        try Require.count(scores.count, atLeast: 1, "scores")
        try Require.sameCount(outcomes.count, scores.count, "outcomes")
        try Require.finite(scores, "scores")
        try Require.binary(outcomes, "outcomes")
        if let weights { try Require.weights(weights, count: scores.count) }
        let w = weights ?? [Double](repeating: 1, count: scores.count)
        let positive = Sum.products(w, outcomes)
        let negative = Sum.of(w) - positive
        let targets = outcomes.map { $0 == 1 ? (positive + 1) / (positive + 2) : 1 / (negative + 2) }
        let isConstant = scores.allSatisfy { $0 == scores[0] } || positive == 0 || negative == 0
        if isConstant {
            slope = 0
            intercept = -Elementary.logit(Sum.products(w, targets) / Sum.of(w))
            objective = Self.loss(scores, targets, w, 0, intercept)
            return
        }
        // Scores of size 1e6 would drown the intercept: fit about the mean on the scale of the deviation.
        let moments = Moments(checked: scores)
        let scale = moments.deviation(ddof: 0)
        let x = scores.map { ($0 - moments.mean) / scale }
        var (a, b) = (0.0, Elementary.log((negative + 1) / (positive + 1)))
        var best = Self.loss(x, targets, w, a, b)
        for _ in 0..<200 {
            let (da, db) = Self.step(x, targets, w, a, b)
            var t = 1.0
            var next = Self.loss(x, targets, w, a - da, b - db)
            while t > 1e-10 && next > best + 1e-14 * abs(best) {
                t /= 2
                next = Self.loss(x, targets, w, a - t * da, b - t * db)
            }
            a -= t * da
            b -= t * db
            best = next
            if max(abs(da), abs(db)) < 1e-13 * max(1, abs(a), abs(b)) { break }
        }
        slope = a / scale
        intercept = b - a / scale * moments.mean
        objective = best
    }

    /// Returns the probability at a score, NaN for NaN; O(1).
    public func probability(_ score: Double) -> Double { Elementary.sigmoid(-(slope * score + intercept)) }

    private static func loss(_ x: [Double], _ t: [Double], _ w: [Double], _ a: Double, _ b: Double) -> Double {
        var sum = CompensatedSum()
        for i in x.indices {
            let z = -(a * x[i] + b)
            sum.add(w[i] * (Elementary.softplus(z) - t[i] * z))
        }
        return sum.value
    }

    /// Inverse Hessian times gradient.
    private static func step(
        _ x: [Double], _ t: [Double], _ w: [Double], _ a: Double, _ b: Double
    ) -> (Double, Double) {
        var (ga, gb) = (CompensatedSum(), CompensatedSum())
        var (haa, hab, hbb) = (1e-12, 0.0, 1e-12)
        for i in x.indices {
            let p = Elementary.sigmoid(-(a * x[i] + b))
            let residual = w[i] * (t[i] - p)
            ga.add(residual * x[i])
            gb.add(residual)
            let h = w[i] * p * (1 - p)
            haa += h * x[i] * x[i]
            hab += h * x[i]
            hbb += h
        }
        let determinant = haa * hbb - hab * hab
        if !(determinant > 0) { return (ga.value / haa, gb.value / hbb) }
        return ((hbb * ga.value - hab * gb.value) / determinant, (haa * gb.value - hab * ga.value) / determinant)
    }
}

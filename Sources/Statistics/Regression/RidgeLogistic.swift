/// Logistic regression with a ridge penalty on the coefficients, not on the intercept (DSI-24, LRN-40).
///
/// Minimises sum of w (softplus(z) - y z) + lambda / 2 |coefficients|^2. Weights are not normalised: twice the data
/// halve the relative penalty. scikit-learn's C is 1 / lambda.
public struct RidgeLogistic: Sendable, Equatable {
    /// Intercept; 0 where none was asked for.
    public let intercept: Double
    /// Coefficients, one a column.
    public let coefficients: [Double]
    /// The objective at the optimum.
    public let objective: Double
    /// Standard deviations by Laplace's approximation, the intercept first if there is one.
    public let deviations: [Double]
    /// Newton steps taken.
    public let steps: Int

    /// Fits by Newton's method with step halving; O(n p^2) a step, about seven steps.
    ///
    /// Throws `insufficientData` for no rows, `singleClass` unless both outcomes occur, `separation` where lambda is 0
    /// and a hyperplane separates the classes, `notPositiveDefinite` where lambda is 0 and columns depend on each
    /// other, `nonFiniteInput`, `invalidShape`, `invalidArgument` for a negative lambda or other outcomes than 0 and 1.
    public init(
        features: Matrix, outcomes: [Double], weights: [Double]? = nil, lambda: Double, hasIntercept: Bool = true
    ) throws(StatisticsError) {
        try self.init(
            features: features, outcomes: outcomes, weights: weights, lambda: lambda, hasIntercept: hasIntercept,
            start: nil)
    }

    /// Fits from a start, which a neighbouring fit can lend.
    init(
        features: Matrix, outcomes: [Double], weights: [Double]?, lambda: Double, hasIntercept: Bool,
        start: [Double]?
    ) throws(StatisticsError) {
        try Require.count(features.rows, atLeast: 1, "rows")
        try Require.sameCount(outcomes.count, features.rows, "outcomes")
        try Require.finite(features.storage, "features")
        try Require.binary(outcomes, "outcomes")
        try Require.argument(lambda >= 0 && lambda.isFinite, "lambda is \(lambda), expected 0 or more")
        if let weights { try Require.weights(weights, count: features.rows) }
        let ones = outcomes.count { $0 == 1 }
        try Require.argument(
            ones > 0 && ones < outcomes.count, "\(ones) ones among \(outcomes.count) outcomes, expected both classes",
            code: .singleClass)
        let problem = LogisticProblem(
            features: features, outcomes: outcomes, weights: weights, lambda: lambda, hasIntercept: hasIntercept)
        var b = start ?? [Double](repeating: 0, count: problem.size)
        var state = problem.evaluate(b)
        var taken = 0
        var isDone = false
        while !isDone {
            if lambda == 0 && (state.largest > 30 || taken >= 50) {
                throw StatisticsError(
                    .separation,
                    "log odds of \(state.largest) after \(taken) steps without a penalty: a hyperplane "
                        + "separates the classes; use lambda > 0")
            }
            guard taken < 200 else {
                throw StatisticsError(.noConvergence, "no optimum after 200 steps: use a larger lambda")
            }
            let step = try Cholesky(state.hessian).solved(state.gradient)
            var t = 1.0
            var next = problem.evaluate(b.indices.map { b[$0] - step[$0] })
            while t > 1e-12 && next.objective > state.objective + 1e-13 * abs(state.objective) {
                t /= 2
                next = problem.evaluate(b.indices.map { b[$0] - t * step[$0] })
            }
            let size = b.reduce(1) { max($0, abs($1)) }
            for index in b.indices { b[index] -= t * step[index] }
            state = next
            taken += 1
            isDone = step.allSatisfy { abs($0) < 1e-12 * size }
        }
        steps = taken
        objective = state.objective
        intercept = hasIntercept ? b[0] : 0
        coefficients = hasIntercept ? Array(b.dropFirst()) : b
        let inverse = try Cholesky(state.hessian).inverse
        deviations = b.indices.map { max(0, inverse[$0, $0]).squareRoot() }
    }

    /// Returns the log odds of a row with one value a coefficient; values beyond either end are left out.
    ///
    /// O(p).
    public func logOdds(_ row: [Double]) -> Double {
        var z = intercept
        for index in 0..<min(row.count, coefficients.count) { z += coefficients[index] * row[index] }
        return z
    }

    /// Returns the probability of a row with one value a coefficient; O(p).
    public func probability(_ row: [Double]) -> Double { Elementary.sigmoid(logOdds(row)) }

    /// Probabilities of some rows of a matrix.
    func probabilities(_ features: Matrix, rows: Range<Int>) -> [Double] {
        let p = coefficients.count
        return rows.map { row in
            var z = intercept
            for column in 0..<p { z += coefficients[column] * features.storage[row * p + column] }
            return Elementary.sigmoid(z)
        }
    }
}

/// The objective of a ridge logistic regression with its derivatives.
private struct LogisticProblem {
    let features: Matrix
    let outcomes: [Double]
    let weights: [Double]?
    let lambda: Double
    let hasIntercept: Bool

    var size: Int { features.columns + (hasIntercept ? 1 : 0) }

    struct State {
        var objective: Double
        var gradient: [Double]
        var hessian: Matrix
        /// Largest absolute log odds.
        var largest: Double
    }

    /// One pass over the rows, in order.
    func evaluate(_ b: [Double]) -> State {
        let p = features.columns
        let first = hasIntercept ? 1 : 0
        var loss = CompensatedSum()
        var largest = 0.0
        var gradient = [Double](repeating: 0, count: size)
        var gram = GramAccumulator(size: size)
        var z = [Double](repeating: 0, count: gram.paddedSize)
        if hasIntercept { z[0] = 1 }
        for row in 0..<features.rows {
            for column in 0..<p { z[column + first] = features.storage[row * p + column] }
            var odds = 0.0
            for index in 0..<size { odds += b[index] * z[index] }
            // One exponential serves the loss and the probability.
            let e = Elementary.exp(-abs(odds))
            let probability = odds >= 0 ? 1 / (1 + e) : e / (1 + e)
            let w = weights.map { $0[row] } ?? 1
            loss.add(w * (max(odds, 0) + Elementary.log1p(e) - outcomes[row] * odds))
            largest = max(largest, abs(odds))
            let residual = w * (probability - outcomes[row])
            let curvature = w * (e / ((1 + e) * (1 + e)))
            for i in 0..<size { gradient[i] += residual * z[i] }
            gram.add(z, weight: curvature)
        }
        var hessian = gram.lower
        for index in first..<max(size, first) {
            loss.add(0.5 * lambda * b[index] * b[index])
            gradient[index] += lambda * b[index]
            hessian[index, index] += lambda
        }
        return State(objective: loss.value, gradient: gradient, hessian: hessian, largest: largest)
    }
}

/// Linear regression with a ridge penalty on the coefficients, not on the intercept.
///
/// Minimises |y - intercept - X b|^2 + lambda |b|^2 (scikit-learn's Ridge).
public struct RidgeLinear: Sendable, Equatable {
    /// Intercept.
    public let intercept: Double
    /// Coefficients, one a column.
    public let coefficients: [Double]

    /// Fits by the normal equations of centred columns; O(n p^2).
    ///
    /// Throws `insufficientData` for no rows, `notPositiveDefinite` where lambda is 0 and columns depend on each other,
    /// `nonFiniteInput`, `invalidShape`, `invalidArgument` for a negative lambda.
    public init(features: Matrix, targets: [Double], lambda: Double) throws(StatisticsError) {
        try Require.count(features.rows, atLeast: 1, "rows")
        try Require.sameCount(targets.count, features.rows, "targets")
        try Require.finite(features.storage, "features")
        try Require.finite(targets, "targets")
        try Require.argument(lambda >= 0 && lambda.isFinite, "lambda is \(lambda), expected 0 or more")
        let p = features.columns
        let n = Double(features.rows)
        let mean = targets.compensatedMean
        var sums = [CompensatedSum](repeating: CompensatedSum(), count: p)
        for row in 0..<features.rows {
            for column in 0..<p { sums[column].add(features.storage[row * p + column]) }
        }
        let means = sums.map { $0.value / n }
        var sum = GramAccumulator(size: p)
        var z = [Double](repeating: 0, count: sum.paddedSize)
        var right = [Double](repeating: 0, count: p)
        for row in 0..<features.rows {
            let y = targets[row] - mean
            for column in 0..<p {
                z[column] = features.storage[row * p + column] - means[column]
                right[column] += z[column] * y
            }
            sum.add(z, weight: 1)
        }
        var gram = sum.lower
        for index in 0..<p { gram[index, index] += lambda }
        coefficients = p == 0 ? [] : try Cholesky(gram).solved(right)
        var offset = CompensatedSum()
        offset.add(mean)
        for index in 0..<p { offset.add(-coefficients[index] * means[index]) }
        intercept = offset.value
    }

    /// Returns the prediction for a row with one value a coefficient; values beyond either end are left out.
    ///
    /// O(p).
    public func value(_ row: [Double]) -> Double {
        var sum = intercept
        for index in 0..<min(row.count, coefficients.count) { sum += coefficients[index] * row[index] }
        return sum
    }
}

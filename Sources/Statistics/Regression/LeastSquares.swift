/// Ordinary least squares with errors that allow for dependence in time.
public struct LeastSquares: Sendable, Equatable {
    /// Coefficients, one a column.
    public let coefficients: [Double]
    /// Rows less fit.
    public let residuals: [Double]
    /// Covariance of the coefficients, robust to heteroskedasticity and to `lags` of autocorrelation (Newey and West).
    public let covariance: Matrix
    /// Number of rows.
    public let count: Int

    /// Fits y = X b; an intercept is a column of ones.
    ///
    /// O(n p^2 + n p lags).
    ///
    /// Throws `insufficientData` unless there are more rows than columns, `notPositiveDefinite` for dependent columns,
    /// `nonFiniteInput` for a NaN, `invalidArgument` for negative lags.
    public init(design x: Matrix, response y: [Double], lags: Int) throws(StatisticsError) {
        try Require.sameCount(y.count, x.rows, "response")
        try Require.count(x.columns, atLeast: 1, "columns")
        try Require.count(x.rows, atLeast: x.columns + 1, "rows for \(x.columns) coefficients")
        try Require.finite(x.storage, "design")
        try Require.finite(y, "response")
        try Require.argument(lags >= 0, "lags is \(lags), expected 0 or more")
        let p = x.columns
        let gram = try Cholesky(Self.gram(x))
        var b = gram.solved(x.transposedTimes(y))
        // One step of refinement: the normal equations square the condition of X.
        let first = x.times(b)
        let step = gram.solved(x.transposedTimes(y.indices.map { y[$0] - first[$0] }))
        for index in 0..<p { b[index] += step[index] }
        let fit = x.times(b)
        let u = y.indices.map { y[$0] - fit[$0] }
        coefficients = b
        residuals = u
        count = x.rows
        let meat = Self.scoreCovariance(x, u, lags: min(lags, x.rows - 1))
        let bread = gram.inverse
        covariance = bread.times(meat).times(bread)
    }

    /// Standard errors of the coefficients.
    public var standardErrors: [Double] { coefficients.indices.map { max(0, covariance[$0, $0]).squareRoot() } }

    /// Standard errors with the factor n / (n - p); with no lags these are White's HC1.
    public var standardErrorsSmallSample: [Double] {
        let factor = (Double(count) / Double(count - coefficients.count)).squareRoot()
        return standardErrors.map { $0 * factor }
    }

    /// X'X.
    static func gram(_ x: Matrix) -> Matrix {
        var result = Matrix(rows: x.columns, columns: x.columns)
        for i in 0..<x.columns {
            for j in 0...i {
                var sum = CompensatedSum()
                for row in 0..<x.rows { sum.add(x[row, i] * x[row, j]) }
                result[i, j] = sum.value
                result[j, i] = sum.value
            }
        }
        return result
    }

    /// Sum over lags of weighted products of the scores x u.
    private static func scoreCovariance(_ x: Matrix, _ u: [Double], lags: Int) -> Matrix {
        let p = x.columns
        var scores = x
        for row in 0..<x.rows { for column in 0..<p { scores[row, column] *= u[row] } }
        var result = Matrix(rows: p, columns: p)
        for lag in 0...lags {
            let weight = 1 - Double(lag) / Double(lags + 1)
            for i in 0..<p {
                for j in 0..<p {
                    var sum = 0.0
                    for row in lag..<x.rows { sum += scores[row, i] * scores[row - lag, j] }
                    result[i, j] += weight * sum
                    if lag > 0 { result[j, i] += weight * sum }
                }
            }
        }
        return result
    }
}

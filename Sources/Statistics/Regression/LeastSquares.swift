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
    static func scoreCovariance(_ x: Matrix, _ u: [Double], lags: Int) -> Matrix {
        let p = x.columns
        let scores = (0..<p).map { column in u.indices.map { x[$0, column] * u[$0] } }
        var result = Matrix(rows: p, columns: p)
        for first in stride(from: 0, through: lags, by: 8) {
            var sums: [SIMD8<Double>] = []
            for i in 0..<p { for j in 0..<p { sums.append(laggedProducts(scores[i], scores[j], from: first)) } }
            for lag in first...min(first + 7, lags) {
                let weight = 1 - Double(lag) / Double(lags + 1)
                for i in 0..<p {
                    for j in 0..<p {
                        let sum = sums[i * p + j][lag - first]
                        result[i, j] += weight * sum
                        if lag > 0 { result[j, i] += weight * sum }
                    }
                }
            }
        }
        return result
    }

    /// Sums of a[t] b[t - lag] over t, for eight lags from one on.
    ///
    /// Each is added up in order of time; side by side, none of them waits for the others' additions.
    private static func laggedProducts(_ a: [Double], _ b: [Double], from first: Int) -> SIMD8<Double> {
        var sums = SIMD8<Double>()
        let joint = first + 7
        for place in 0..<7 {
            for row in (first + place)..<max(first + place, min(joint, a.count)) {
                sums[place] += a[row] * b[row - first - place]
            }
        }
        guard joint < a.count, b.count >= a.count - first else { return sums }
        for row in joint..<a.count {
            let at = row - joint
            let before = SIMD8<Double>(
                b[at + 7], b[at + 6], b[at + 5], b[at + 4], b[at + 3], b[at + 2], b[at + 1], b[at])
            sums += a[row] * before
        }
        return sums
    }
}

/// The triangular factor L of a symmetric positive definite matrix A = L L'.
///
/// Rows and columns are scaled to a unit diagonal first, so that columns of size 1e4 beside 1e-4 do no harm.
public struct Cholesky: Sendable, Equatable {
    /// The factor of the scaled matrix, row by row; the upper part is 0.
    let factor: Matrix
    /// Square roots of the diagonal.
    let scales: [Double]

    /// Factors a matrix of which the lower part is read; O(n^3 / 3).
    ///
    /// Throws `notPositiveDefinite` where a pivot is below 1e-14 of its diagonal, `invalidShape` unless it is square.
    public init(_ matrix: Matrix) throws(StatisticsError) {
        try Require.argument(
            matrix.rows == matrix.columns,
            "\(matrix.rows) rows and \(matrix.columns) columns, expected a square matrix",
            code: .invalidShape)
        try Require.finite(matrix.storage, "matrix")
        let n = matrix.rows
        var scales: [Double] = []
        for index in 0..<n {
            let diagonal = matrix[index, index]
            guard diagonal > 0 else {
                throw StatisticsError(
                    .notPositiveDefinite,
                    "diagonal element \(index) is \(diagonal), expected a positive one: drop the "
                        + "constant column or add a ridge")
            }
            scales.append(diagonal.squareRoot())
        }
        var l = Matrix(rows: n, columns: n)
        for i in 0..<n {
            for j in 0...i {
                var sum = matrix[i, j] / (scales[i] * scales[j])
                for k in 0..<j { sum -= l.storage[i * n + k] * l.storage[j * n + k] }
                if i == j {
                    guard sum > 1e-14 else {
                        throw StatisticsError(
                            .notPositiveDefinite,
                            "pivot \(i) is \(sum) of its diagonal, expected more than 1e-14: "
                                + "columns depend on each other; drop one or add a ridge")
                    }
                    l.storage[i * n + i] = sum.squareRoot()
                } else {
                    l.storage[i * n + j] = sum / l.storage[j * n + j]
                }
            }
        }
        factor = l
        self.scales = scales
    }

    /// Number of rows.
    public var size: Int { scales.count }

    /// Returns the x of A x = b; O(n^2).
    ///
    /// Throws `invalidShape` unless b has one element a row.
    public func solve(_ b: [Double]) throws(StatisticsError) -> [Double] {
        try Require.sameCount(b.count, size, "right side")
        return solved(b)
    }

    /// A^-1 b for a b of the right length.
    func solved(_ b: [Double]) -> [Double] {
        let n = size
        var x = forward(b)
        var i = n - 1
        while i >= 0 {
            var sum = x[i]
            for k in (i + 1)..<max(n, i + 1) { sum -= factor.storage[k * n + i] * x[k] }
            x[i] = sum / factor.storage[i * n + i]
            i -= 1
        }
        for i in 0..<n { x[i] /= scales[i] }
        return x
    }

    /// L^-1 b, with L the factor of the matrix as given.
    func forward(_ b: [Double]) -> [Double] {
        let n = size
        var x = b
        for i in 0..<n {
            var sum = x[i] / scales[i]
            for k in 0..<i { sum -= factor.storage[i * n + k] * x[k] }
            x[i] = sum / factor.storage[i * n + i]
        }
        return x
    }

    /// L'^-1 z, with L the factor of the matrix as given: turns standard normals into draws of covariance A^-1.
    func backward(_ z: [Double]) -> [Double] {
        let n = size
        var x = z
        var i = n - 1
        while i >= 0 {
            var sum = x[i]
            for k in (i + 1)..<max(n, i + 1) { sum -= factor.storage[k * n + i] * x[k] }
            x[i] = sum / factor.storage[i * n + i]
            i -= 1
        }
        for i in 0..<n { x[i] /= scales[i] }
        return x
    }

    /// The inverse of the matrix; O(n^3).
    public var inverse: Matrix {
        var result = Matrix(rows: size, columns: size)
        for column in 0..<size {
            var unit = [Double](repeating: 0, count: size)
            unit[column] = 1
            let solution = solved(unit)
            for row in 0..<size { result[row, column] = solution[row] }
        }
        return result
    }

    /// Natural logarithm of the determinant; O(n).
    public var logDeterminant: Double {
        var sum = CompensatedSum()
        for i in 0..<size { sum.add(2 * Elementary.log(factor[i, i]) + 2 * Elementary.log(scales[i])) }
        return sum.value
    }
}

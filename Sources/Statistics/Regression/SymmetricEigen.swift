/// Eigenvalues and eigenvectors of a symmetric matrix.
public struct SymmetricEigen: Sendable, Equatable {
    /// Eigenvalues, descending.
    public let values: [Double]
    /// Unit eigenvectors in the order of the values; the sum of each is not negative.
    public let vectors: [[Double]]

    /// Decomposes by cyclic Jacobi rotations, of which only + - * / and the root are needed; O(n^3) a sweep, about ten.
    ///
    /// Reads the lower part. Throws `invalidShape` unless square, `nonFiniteInput`, `noConvergence` after 100 sweeps.
    /// - Source: Rutishauser 1966.
    public init(_ matrix: Matrix) throws(StatisticsError) {
        try Require.argument(
            matrix.rows == matrix.columns,
            "\(matrix.rows) rows and \(matrix.columns) columns, expected a square matrix",
            code: .invalidShape)
        try Require.finite(matrix.storage, "matrix")
        let n = matrix.rows
        var a = matrix
        for i in 0..<n { for j in 0..<i { a[j, i] = a[i, j] } }
        var v = Matrix.identity(n)
        let scale = a.storage.reduce(0) { max($0, abs($1)) }
        var sweeps = 0
        while Self.isRotating(a, threshold: 1e-17 * scale) {
            guard sweeps < 100 else {
                throw StatisticsError(.noConvergence, "no eigenvalues after 100 sweeps of a \(n) by \(n) matrix")
            }
            for p in 0..<n { for q in (p + 1)..<max(n, p + 1) { Self.rotate(&a, &v, p, q) } }
            sweeps += 1
        }
        let diagonal = (0..<n).map { a[$0, $0] }
        let order = diagonal.indices.sorted { (-diagonal[$0], $0) < (-diagonal[$1], $1) }
        values = order.map { diagonal[$0] }
        vectors = order.map { index in
            let vector = v.column(index)
            return vector.reduce(0, +) < 0 ? vector.map { -$0 } : vector
        }
    }

    private static func isRotating(_ a: Matrix, threshold: Double) -> Bool {
        for i in 0..<a.rows { for j in 0..<i where abs(a[i, j]) > threshold { return true } }
        return false
    }

    private static func rotate(_ a: inout Matrix, _ v: inout Matrix, _ p: Int, _ q: Int) {
        let off = a[p, q]
        if off == 0 { return }
        let theta = (a[q, q] - a[p, p]) / (2 * off)
        let size = abs(theta) > 1e150 ? abs(theta) : (theta * theta + 1).squareRoot()
        let t = (theta < 0 ? -1 : 1) / (abs(theta) + size)
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<a.rows {
            let (x, y) = (a[k, p], a[k, q])
            a[k, p] = c * x - s * y
            a[k, q] = s * x + c * y
        }
        for k in 0..<a.rows {
            let (x, y) = (a[p, k], a[q, k])
            a[p, k] = c * x - s * y
            a[q, k] = s * x + c * y
        }
        // Exactly zero by construction; rounding would keep the sweep going.
        a[p, q] = 0
        a[q, p] = 0
        for k in 0..<a.rows {
            let (x, y) = (v[k, p], v[k, q])
            v[k, p] = c * x - s * y
            v[k, q] = s * x + c * y
        }
    }
}

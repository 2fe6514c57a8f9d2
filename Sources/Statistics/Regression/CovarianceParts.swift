/// Sums over the centred rows that the shrinkage rules share.
struct CovarianceParts {
    /// Covariance with divisor n.
    let sample: Matrix
    /// Mean of x_i^2 x_j^2 less the square of the covariance.
    let productVariances: Matrix
    /// Mean of x_i^3 x_j.
    let cubeProducts: Matrix

    init(_ data: Matrix) throws(StatisticsError) {
        try Self.check(data)
        let p = data.columns
        let n = Double(data.rows)
        let columns = (0..<p).map { index in
            let column = data.column(index)
            let mean = column.compensatedMean
            // A constant column must give exactly 0, whatever its mean rounds to.
            return column.allSatisfy { $0 == column[0] } ? column.map { _ in 0.0 } : column.map { $0 - mean }
        }
        var sample = Matrix(rows: p, columns: p)
        var (variances, cubes) = (sample, sample)
        for i in 0..<p {
            for j in 0..<p {
                var (product, square, cube) = (CompensatedSum(), CompensatedSum(), CompensatedSum())
                for row in 0..<data.rows {
                    let (x, y) = (columns[i][row], columns[j][row])
                    product.add(x * y)
                    square.add(x * y * (x * y))
                    cube.add(x * x * x * y)
                }
                sample[i, j] = product.value / n
                variances[i, j] = square.value / n - sample[i, j] * sample[i, j]
                cubes[i, j] = cube.value / n
            }
        }
        self.sample = sample
        productVariances = variances
        cubeProducts = cubes
    }

    static func check(_ data: Matrix) throws(StatisticsError) {
        try Require.count(data.rows, atLeast: 2, "rows")
        try Require.count(data.columns, atLeast: 1, "columns")
        try Require.finite(data.storage, "data")
    }

    /// Mean of the diagonal.
    var meanVariance: Double { Sum.of((0..<sample.rows).map { sample[$0, $0] }) / Double(sample.rows) }

    /// |S - mu I|^2 / p.
    var squaredDistanceFromIdentity: Double {
        let mu = meanVariance
        var sum = CompensatedSum()
        for i in 0..<sample.rows {
            for j in 0..<sample.rows {
                let gap = sample[i, j] - (i == j ? mu : 0)
                sum.add(gap * gap)
            }
        }
        return sum.value / Double(sample.rows)
    }

    func shrunk(by weight: Double) -> Covariance.Shrunk {
        let target = Matrix.identity(sample.rows, times: meanVariance)
        return Covariance.Shrunk(covariance: Self.blend(sample, target, weight: weight), shrinkage: weight)
    }

    static func blend(_ a: Matrix, _ b: Matrix, weight: Double) -> Matrix {
        var result = a
        for index in a.storage.indices {
            result.storage[index] = (1 - weight) * a.storage[index] + weight * b.storage[index]
        }
        return result
    }
}

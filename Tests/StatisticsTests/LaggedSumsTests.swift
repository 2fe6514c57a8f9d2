import Testing

@testable import Statistics

/// Sums over many lags side by side are, to the bit, those of one lag after another.
@Suite struct LaggedSumsTests {
    /// The formula as it is written: lag by lag, in order of time.
    static func plain(_ x: Matrix, _ u: [Double], lags: Int) -> Matrix {
        var result = Matrix(rows: x.columns, columns: x.columns)
        for lag in 0...lags {
            let weight = 1 - Double(lag) / Double(lags + 1)
            for i in 0..<x.columns {
                for j in 0..<x.columns {
                    var sum = 0.0
                    for row in lag..<x.rows { sum += (x[row, i] * u[row]) * (x[row - lag, j] * u[row - lag]) }
                    result[i, j] += weight * sum
                    if lag > 0 { result[j, i] += weight * sum }
                }
            }
        }
        return result
    }

    @Test(arguments: [1, 2, 3]) func `covariances of scores`(_ columns: Int) {
        var random = Xoshiro256(seed: UInt64(columns))
        for rows in [1, 2, 7, 8, 9, 15, 16, 17, 40] {
            var x = Matrix(rows: rows, columns: columns)
            for row in 0..<rows { for column in 0..<columns { x[row, column] = random.uniform() * 1e3 - 500 } }
            let u = (0..<rows).map { _ in random.uniform() - 0.5 }
            for lags in 0..<rows {
                let (found, expected) = (LeastSquares.scoreCovariance(x, u, lags: lags), Self.plain(x, u, lags: lags))
                #expect(
                    found.storage.map(\.bitPattern) == expected.storage.map(\.bitPattern), "\(rows) rows, \(lags) lags")
            }
        }
    }
}

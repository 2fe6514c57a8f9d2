/// Covariances of many columns from few rows.
///
/// `data[row][column]`; moments divide by n.
public enum Covariance {
    /// A covariance pulled towards a simple target.
    public struct Shrunk: Sendable, Equatable {
        /// The covariance.
        public let covariance: Matrix
        /// Weight of the target, 0...1.
        public let shrinkage: Double
    }

    /// Returns the covariance of the sample; O(n p^2).
    ///
    /// Throws `insufficientData` below two rows or for no columns, `nonFiniteInput`.
    public static func sample(_ data: Matrix) throws(StatisticsError) -> Matrix { try CovarianceParts(data).sample }

    /// Returns the covariance shrunk to its mean variance times the identity; O(n p^2).
    ///
    /// Positive definite unless every column is constant. One column is not shrunk. Throws as `sample`.
    /// - Source: Ledoit and Wolf 2004, "A well-conditioned estimator".
    public static func ledoitWolf(_ data: Matrix) throws(StatisticsError) -> Shrunk {
        let parts = try CovarianceParts(data)
        let p = Double(data.columns)
        let mu = parts.meanVariance
        let distance = parts.squaredDistanceFromIdentity
        if data.columns == 1 || distance <= 1e-30 * mu * mu { return Shrunk(covariance: parts.sample, shrinkage: 0) }
        let noise = Sum.of(parts.productVariances.storage) / (Double(data.rows) * p)
        return parts.shrunk(by: min(max(noise, 0), distance) / distance)
    }

    /// Returns the covariance shrunk to its mean variance times the identity with the weight for normal data; O(n p^2).
    ///
    /// Throws as `sample`.
    /// - Source: Chen et al. 2010, oracle approximating shrinkage.
    public static func oracleApproximating(_ data: Matrix) throws(StatisticsError) -> Shrunk {
        let parts = try CovarianceParts(data)
        if data.columns == 1 { return Shrunk(covariance: parts.sample, shrinkage: 0) }
        let p = Double(data.columns)
        let alpha = Sum.of(parts.sample.storage.map { $0 * $0 }) / (p * p)
        let mu = parts.meanVariance
        let denominator = (Double(data.rows) + 1) * (alpha - mu * mu / p)
        return parts.shrunk(by: denominator <= 0 ? 1 : min((alpha + mu * mu) / denominator, 1))
    }

    /// Returns the covariance shrunk to the one with the same variances and a constant correlation, with that
    /// correlation; O(n p^2).
    ///
    /// Throws as `sample`, `insufficientData` for one column and `zeroVariance` for a constant one: drop it first.
    /// - Source: Ledoit and Wolf 2004, "Honey, I shrunk the sample covariance matrix".
    public static func constantCorrelation(
        _ data: Matrix
    ) throws(StatisticsError) -> (result: Shrunk, correlation: Double) {
        let parts = try CovarianceParts(data)
        let count = data.columns
        try Require.count(count, atLeast: 2, "columns")
        let s = parts.sample
        for index in 0..<count {
            try Require.argument(
                s[index, index] > 0, "column \(index) is constant, expected some spread: drop it", code: .zeroVariance)
        }
        let sd = (0..<count).map { s[$0, $0].squareRoot() }
        var sum = CompensatedSum()
        for i in 0..<count { for j in 0..<count where i != j { sum.add(s[i, j] / (sd[i] * sd[j])) } }
        let mean = sum.value / Double(count * (count - 1))
        var target = Matrix(rows: count, columns: count)
        var (rho, gamma) = (CompensatedSum(), CompensatedSum())
        let cross = parts.cubeProducts
        for i in 0..<count {
            for j in 0..<count {
                target[i, j] = i == j ? s[i, i] : mean * sd[i] * sd[j]
                let gap = s[i, j] - target[i, j]
                gamma.add(gap * gap)
                if i == j {
                    rho.add(parts.productVariances[i, i])
                } else {
                    rho.add(mean * sd[j] / sd[i] * (cross[i, j] - s[i, i] * s[i, j]))
                }
            }
        }
        let weight: Double
        if gamma.value <= 0 {
            weight = 1
        } else {
            let pi = Sum.of(parts.productVariances.storage)
            weight = max(0, min(1, (pi - rho.value) / gamma.value / Double(data.rows)))
        }
        return (Shrunk(covariance: CovarianceParts.blend(s, target, weight: weight), shrinkage: weight), mean)
    }

    /// Returns weighted covariance, mean and effective number of rows with weights decay^age; O(n p^2).
    ///
    /// `decay` in 0...1 and above 0. Throws as `sample`.
    public static func exponential(
        _ data: Matrix, decay: Double
    ) throws(StatisticsError) -> (covariance: Matrix, mean: [Double], effectiveCount: Double) {
        try CovarianceParts.check(data)
        try Require.argument(decay > 0 && decay <= 1, "decay is \(decay), expected above 0 and at most 1")
        var weights = [Double](repeating: 1, count: data.rows)
        for age in 1..<data.rows { weights[data.rows - 1 - age] = weights[data.rows - age] * decay }
        let total = Sum.of(weights)
        weights = weights.map { $0 / total }
        let mean = (0..<data.columns).map { Sum.products(weights, data.column($0)) }
        var result = Matrix(rows: data.columns, columns: data.columns)
        for i in 0..<data.columns {
            for j in 0...i {
                var sum = CompensatedSum()
                for row in 0..<data.rows { sum.add(weights[row] * (data[row, i] - mean[i]) * (data[row, j] - mean[j])) }
                result[i, j] = sum.value
                result[j, i] = sum.value
            }
        }
        return (result, mean, 1 / Sum.products(weights, weights))
    }

    /// Returns the nearest-by-clipping correlation matrix: eigenvalues lifted to `floor`, diagonal scaled to 1; O(n^3).
    ///
    /// Correlations over pairwise complete rows can be indefinite; this repairs them. Throws `invalidShape`,
    /// `nonFiniteInput`, `invalidArgument` for a floor that is not positive.
    public static func repaired(_ correlation: Matrix, floor: Double = 1e-8) throws(StatisticsError) -> Matrix {
        try Require.argument(floor > 0 && floor.isFinite, "floor is \(floor), expected a positive number")
        let eigen = try SymmetricEigen(correlation)
        let n = correlation.rows
        var result = Matrix(rows: n, columns: n)
        for (value, vector) in zip(eigen.values, eigen.vectors) {
            let lifted = max(value, floor)
            for i in 0..<n { for j in 0..<n { result[i, j] += lifted * vector[i] * vector[j] } }
        }
        let scales = (0..<n).map { result[$0, $0].squareRoot() }
        for i in 0..<n { for j in 0..<n { result[i, j] /= scales[i] * scales[j] } }
        return result
    }
}

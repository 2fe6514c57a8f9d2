/// Mean, spread and shape of a sample, by two compensated passes.
///
/// Exact enough for a mean of 1e6 beside a deviation of 1e-3, where a sum of squares loses everything.
public struct Moments: Sendable, Equatable {
    /// Number of values.
    public let count: Int
    /// Arithmetic mean.
    public let mean: Double
    /// Mean of the squared deviations.
    public let second: Double
    /// Mean of the cubed deviations.
    public let third: Double
    /// Mean of the fourth powers of the deviations.
    public let fourth: Double
    /// Whether all values are equal, or differ by rounding only.
    public let isConstant: Bool

    /// Measures a sample; O(n).
    ///
    /// Throws `insufficientData` for no values and `nonFiniteInput` for a NaN or an infinity.
    public init(_ values: [Double]) throws(StatisticsError) {
        try Require.count(values.count, atLeast: 1, "values")
        try Require.finite(values, "values")
        self.init(checked: values)
    }

    /// Measures values known to be finite and at least one.
    init(checked values: [Double]) {
        count = values.count
        let n = Double(values.count)
        let mean = Sum.of(values) / n
        var (one, two, three, four) = (CompensatedSum(), CompensatedSum(), CompensatedSum(), CompensatedSum())
        for value in values {
            let d = value - mean
            one.add(d)
            two.add(d * d)
            three.add(d * d * d)
            four.add(d * d * d * d)
        }
        // The mean is rounded; what is left of the first moment corrects the second (Chan, Golub and LeVeque 1983).
        let left = one.value / n
        self.mean = mean + left
        let second = max(0, two.value / n - left * left)
        self.second = second
        third = three.value / n - 3 * left * second
        fourth = four.value / n - 4 * left * third
        // Relative, never absolute: prices span fourteen powers of ten.
        isConstant = second <= (1e-12 * mean) * (1e-12 * mean)
    }

    /// Returns the variance with divisor n - ddof; NaN if that is not positive.
    public func variance(ddof: Int) -> Double {
        count > ddof ? second * Double(count) / Double(count - ddof) : .nan
    }

    /// Returns the standard deviation with divisor n - ddof; NaN if that is not positive.
    public func deviation(ddof: Int) -> Double { variance(ddof: ddof).squareRoot() }

    /// Population skewness; nil where all values are equal.
    public var skewness: Double? { isConstant ? nil : third / (second * second.squareRoot()) }

    /// Pearson's kurtosis, 3 for the normal distribution; nil where all values are equal.
    public var kurtosis: Double? { isConstant ? nil : fourth / (second * second) }
}

extension Array where Element == Double {
    /// The mean of values known to be finite and at least one.
    var compensatedMean: Double { Sum.of(self) / Double(count) }
}

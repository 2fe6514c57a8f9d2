/// Mean profit over its long-run deviation (DEF-40).
public enum InformationRatio {
    /// Returns mean / deviation of daily returns, with the deviation of the long run: autocovariances of ceil(1.3 sqrt
    /// n) lags included; O(n sqrt n).
    ///
    /// Not annualised. Throws `insufficientData` below three days, `nonFiniteInput`, `zeroVariance` where all days are
    /// equal.
    public static func daily(_ returns: [Double]) throws(StatisticsError) -> Double {
        try Require.count(returns.count, atLeast: 3, "daily returns")
        let mean = try NeweyWest.mean(returns, lags: NeweyWest.decisionLags(returns.count))
        let isConstant = try Moments(returns).isConstant
        // Equal days may leave a rounding behind: they are told by the values themselves.
        guard mean.longRunVariance > 0, !isConstant else {
            throw StatisticsError(
                .zeroVariance, "all \(returns.count) daily returns are \(mean.mean), expected some spread")
        }
        return mean.mean / mean.longRunVariance.squareRoot()
    }
}

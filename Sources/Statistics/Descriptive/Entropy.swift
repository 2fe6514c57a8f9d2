/// Entropy in nats and the effective numbers that follow from it.
public enum Entropy {
    /// Returns -sum p ln p of shares that are normalised first; 0 ln 0 is 0.
    ///
    /// O(n).
    ///
    /// Throws `insufficientData` where no share is positive, `invalidArgument` for a negative one.
    public static func of(_ shares: [Double]) throws(StatisticsError) -> Double {
        let normal = try normalised(shares)
        var sum = CompensatedSum()
        for share in normal where share > 0 { sum.add(-share * Elementary.log(share)) }
        return max(0, sum.value)
    }

    /// Returns exp(entropy), the number of equal shares with the same entropy (DEF-28, DEF-34).
    ///
    /// Throws as `of`.
    public static func effectiveNumber(_ shares: [Double]) throws(StatisticsError) -> Double {
        Elementary.exp(try of(shares))
    }

    /// Returns the sum of squared shares (Herfindahl and Hirschman), 1/n...1.
    ///
    /// Throws as `of`.
    public static func concentration(_ shares: [Double]) throws(StatisticsError) -> Double {
        Sum.of(try normalised(shares).map { $0 * $0 })
    }

    /// Returns the largest share.
    ///
    /// Throws as `of`.
    public static func largestShare(_ shares: [Double]) throws(StatisticsError) -> Double {
        try normalised(shares).reduce(0, max)
    }

    /// Shares that sum to 1.
    static func normalised(_ shares: [Double]) throws(StatisticsError) -> [Double] {
        try Require.finite(shares, "shares")
        for index in shares.indices {
            try Require.argument(shares[index] >= 0, "shares[\(index)] is \(shares[index]), expected 0 or more")
        }
        let total = Sum.of(shares)
        try Require.argument(
            total > 0, "\(shares.count) shares sum to \(total), expected a positive sum", code: .insufficientData)
        return shares.map { $0 / total }
    }
}

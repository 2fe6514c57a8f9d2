extension NeweyWest {
    /// Returns floor(4 (n / 100)^(2/9)), the usual number of lags, capped at n - 1; 0 below two terms.
    ///
    /// O(result).
    ///
    /// Decided in whole numbers, L^9 100^2 <= 4^9 n^2, so that no rounding of a power can move it.
    public static func usualLags(_ count: Int) -> Int {
        guard count >= 2 else { return 0 }
        // No array is longer than 2^50; the limit keeps the square inside 128 bits.
        let rows = UInt128(min(count, 1 << 50))
        let square = rows * rows * 262_144
        var lags: UInt128 = 0
        while true {
            let next = lags + 1
            let cube = next * next * next
            if cube * cube * cube * 10_000 > square { break }
            lags = next
        }
        return min(Int(lags), count - 1)
    }

    /// Returns ceil(1.3 sqrt n), the lags of `decision`, capped at n - 1; 0 below two terms.
    ///
    /// O(1).
    public static func decisionLags(_ count: Int) -> Int {
        guard count >= 2 else { return 0 }
        var lags = Int(1.3 * Double(count).squareRoot())
        // 100 L^2 >= 169 n in whole numbers: the root only gave a start.
        while lags > 0 && 100 * UInt128(lags - 1) * UInt128(lags - 1) >= 169 * UInt128(count) { lags -= 1 }
        while 100 * UInt128(lags) * UInt128(lags) < 169 * UInt128(count) { lags += 1 }
        return min(lags, count - 1)
    }

    /// Returns the data-driven bandwidth and its long-run variance; O(n bandwidth).
    ///
    /// Throws `insufficientData` below two terms, `nonFiniteInput` for a NaN, `zeroVariance` for a constant series.
    /// - Source: Newey and West 1994: m = ceil(4 (n/100)^(2/9)), h = 1.1447 ((s1/s0)^2 n)^(1/3).
    public static func dataDriven(
        _ values: [Double]
    ) throws(StatisticsError) -> (bandwidth: Double, longRunVariance: Double) {
        try Require.count(values.count, atLeast: 2, "values")
        let moments = try Moments(values)
        try Require.argument(
            !moments.isConstant, "all \(values.count) values are \(moments.mean), expected some spread",
            code: .zeroVariance)
        let centred = values.map { $0 - moments.mean }
        let n = Double(values.count)
        var first = usualLags(values.count)
        if 4 * Elementary.power(n / 100, 2.0 / 9) > Double(first) + 1e-9 { first += 1 }
        first = min(first, values.count - 1)
        var (s0, s1) = (autocovariance(centred, lag: 0), 0.0)
        for lag in 0..<first {
            let covariance = autocovariance(centred, lag: lag + 1)
            s0 += 2 * covariance
            s1 += 2 * Double(lag + 1) * covariance
        }
        let ratio = s1 / s0
        let h = min(1.1447 * Elementary.cubeRoot(ratio * ratio * n), n - 1)
        var variance = CompensatedSum()
        variance.add(autocovariance(centred, lag: 0))
        for lag in 0..<Int(h) {
            variance.add(2 * (1 - Double(lag + 1) / (h + 1)) * autocovariance(centred, lag: lag + 1))
        }
        return (h, max(0, variance.value))
    }
}

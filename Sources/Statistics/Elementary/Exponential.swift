extension Elementary {
    /// Returns e^x.
    ///
    /// Error below 1 unit in the last place. Above 709.782712893384 the answer is infinity, below -745.13 it is 0.
    /// - Source: x = k ln 2 + r, |r| <= ln 2 / 2, Taylor series of degree 13.
    public static func exp(_ x: Double) -> Double {
        if x != x { return x }
        if x > 709.782712893384 { return .infinity }
        if x < -745.1332191019412 { return 0 }
        let k = nearestInteger(x * log2e)
        return exponential(high: x - k * ln2High, low: -(k * ln2Low), k: Int(k))
    }

    /// Returns 2^x.
    ///
    /// Error below 1 unit in the last place; whole powers are exact. Half-lives use this: 2^(-age / half-life).
    public static func exp2(_ x: Double) -> Double {
        if x != x { return x }
        if x >= 1024 { return .infinity }
        if x < -1075 { return 0 }
        let k = nearestInteger(x)
        let (high, low) = twoProduct(x - k, ln2)
        // ln 2 itself is rounded: 2.3190468138462996e-17 is what its Double leaves out.
        return exponential(high: high, low: low + (x - k) * 2.3190468138462996e-17, k: Int(k))
    }

    /// Returns e^x - 1 without loss near 0.
    ///
    /// Error below 1.5 units in the last place.
    public static func expm1(_ x: Double) -> Double {
        if x != x || x == 0 { return x }
        if x > 709.782712893384 { return .infinity }
        if x < -45 { return -1 }
        let k = nearestInteger(x * log2e)
        let high = x - k * ln2High
        let low = -(k * ln2Low)
        let tail = exponentialTail(high + low) + low
        if k == 0 { return high + tail }
        if k == 1024 { return exponential(high: high, low: low, k: 1024) - 1 }
        // 2^k (1 - 2^-k + e^r - 1): the two large parts are added exactly.
        let (sum, error) = twoSum(1 - (k < 53 ? powerOfTwo(-Int(k)) : 0), high)
        return (sum + (error + tail)) * powerOfTwo(Int(k))
    }

    /// e^(high + low) * 2^k.
    @inline(__always) private static func exponential(high: Double, low: Double, k: Int) -> Double {
        let (sum, error) = twoSum(1, high)
        return scaled(sum + (error + (exponentialTail(high + low) + low)), by: k)
    }

    /// e^r - 1 - r for |r| <= 0.35.
    @inline(__always) private static func exponentialTail(_ r: Double) -> Double {
        var p = 1.0 / 6227020800.0
        p = p * r + 1.0 / 479001600.0
        p = p * r + 1.0 / 39916800.0
        p = p * r + 1.0 / 3628800.0
        p = p * r + 1.0 / 362880.0
        p = p * r + 1.0 / 40320.0
        p = p * r + 1.0 / 5040.0
        p = p * r + 1.0 / 720.0
        p = p * r + 1.0 / 120.0
        p = p * r + 1.0 / 24.0
        p = p * r + 1.0 / 6.0
        p = p * r + 1.0 / 2.0
        return p * r * r
    }
}

extension Elementary {
    /// Returns the hyperbolic tangent of x.
    ///
    /// Error below 2 units in the last place.
    /// - Source: t / (t + 2) with t = e^(2x) - 1.
    public static func tanh(_ x: Double) -> Double {
        if x != x || x == 0 { return x }
        let size = abs(x)
        let value: Double
        if size > 22 {
            value = 1
        } else if size >= 1 {
            value = 1 - 2 / (expm1(2 * size) + 2)
        } else {
            let t = expm1(2 * size)
            value = t / (t + 2)
        }
        return x < 0 ? -value : value
    }

    /// Returns 1 / (1 + e^-x), the probability of log odds x.
    ///
    /// Error below 2 units in the last place, also in the lower tail, where 1 - sigmoid(-x) would lose everything.
    public static func sigmoid(_ x: Double) -> Double {
        if x >= 0 { return 1 / (1 + exp(-x)) }
        let e = exp(x)
        return e / (1 + e)
    }

    /// Returns ln(1 + e^x).
    ///
    /// Error below 2 units in the last place.
    public static func softplus(_ x: Double) -> Double {
        if x != x { return x }
        return max(x, 0) + log1p(exp(-abs(x)))
    }

    /// Returns ln sigmoid(x).
    ///
    /// Error below 2 units in the last place.
    public static func logSigmoid(_ x: Double) -> Double { -softplus(-x) }

    /// Returns the log odds of a probability.
    ///
    /// 0 gives -infinity, 1 infinity, anything outside 0...1 NaN. Error below 3 units in the last place.
    public static func logit(_ p: Double) -> Double {
        if !(p >= 0 && p <= 1) { return .nan }
        // Near 1/2 the quotient is near 1: log1p keeps what is left.
        if p > 0.3 && p < 0.65 { return log1p((2 * p - 1) / (1 - p)) }
        return log(p / (1 - p))
    }

    /// Returns ln of the sum of e^x over all values without overflow.
    ///
    /// -infinity for no values; NaN if one is NaN. O(n).
    public static func logSumExp(_ values: [Double]) -> Double {
        var top = -Double.infinity
        for value in values {
            if value != value { return value }
            top = max(top, value)
        }
        if top == -.infinity || top == .infinity { return top }
        var sum = CompensatedSum()
        for value in values { sum.add(exp(value - top)) }
        return top + log(sum.value)
    }
}

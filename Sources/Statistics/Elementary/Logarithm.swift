extension Elementary {
    /// Returns the natural logarithm of x.
    ///
    /// Error below 1 unit in the last place. 0 gives -infinity, a negative number NaN.
    /// - Source: x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2); ln(1 + f) = 2 artanh(f / (2 + f)).
    public static func log(_ x: Double) -> Double {
        if x != x || x == .infinity { return x }
        if x <= 0 { return x == 0 ? -.infinity : .nan }
        let (k, mantissa) = normalised(x)
        return logarithm(f: mantissa - 1, k: k, correction: 0)
    }

    /// Returns the logarithm of x to base 2.
    ///
    /// Error below 2 units in the last place; powers of two are exact.
    public static func log2(_ x: Double) -> Double {
        if x != x || x == .infinity { return x }
        if x <= 0 { return x == 0 ? -.infinity : .nan }
        let (k, mantissa) = normalised(x)
        return k + logarithm(f: mantissa - 1, k: 0, correction: 0) * log2e
    }

    /// Returns ln(1 + x) without loss near 0.
    ///
    /// Error below 1 unit in the last place. -1 gives -infinity, anything below NaN.
    public static func log1p(_ x: Double) -> Double {
        if x != x || x == .infinity || x == 0 { return x }
        if x <= -1 { return x == -1 ? -.infinity : .nan }
        if x > -0.2928 && x < 0.4142 { return logarithm(f: x, k: 0, correction: 0) }
        let u = 1 + x
        // What the rounding of 1 + x lost, as a relative change.
        let lost = u > 2 ? 1 - (u - x) : x - (u - 1)
        let (k, mantissa) = normalised(u)
        return logarithm(f: mantissa - 1, k: k, correction: lost / u)
    }

    /// x as 2^k * mantissa, mantissa in [sqrt(1/2), sqrt(2)).
    @inline(__always) private static func normalised(_ x: Double) -> (k: Double, mantissa: Double) {
        var bits = x.bitPattern
        var k = 0
        if x < 2.2250738585072014e-308 {
            bits = (x * 18014398509481984.0).bitPattern
            k = -54
        }
        k += Int(bits >> 52) - 1023
        var mantissa = Double(bitPattern: bits & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
        if mantissa > 1.4142135623730951 {
            mantissa *= 0.5
            k += 1
        }
        return (Double(k), mantissa)
    }

    /// k ln 2 + ln(1 + f) + correction for sqrt(1/2) <= 1 + f < sqrt(2).
    @inline(__always) private static func logarithm(f: Double, k: Double, correction: Double) -> Double {
        let s = f / (2 + f)
        let z = s * s
        var r = 2.0 / 25.0
        r = r * z + 2.0 / 23.0
        r = r * z + 2.0 / 21.0
        r = r * z + 2.0 / 19.0
        r = r * z + 2.0 / 17.0
        r = r * z + 2.0 / 15.0
        r = r * z + 2.0 / 13.0
        r = r * z + 2.0 / 11.0
        r = r * z + 2.0 / 9.0
        r = r * z + 2.0 / 7.0
        r = r * z + 2.0 / 5.0
        r = r * z + 2.0 / 3.0
        r *= z
        // ln(1 + f) = f - (f^2 / 2 - s (f^2 / 2 + R)): f is exact and added last.
        let half = 0.5 * f * f
        if k == 0 { return f - (half - (s * (half + r) + correction)) }
        return k * ln2High - ((half - (s * (half + r) + (k * ln2Low + correction))) - f)
    }
}

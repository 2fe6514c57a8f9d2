/// The logarithm of the gamma function, its derivatives and its incomplete integral.
///
/// A NaN gives a NaN. All are O(1) unless stated.
public enum Gamma {
    /// Euler's constant.
    public static let euler = 0.5772156649015329

    /// Returns ln Gamma(x) for x > 0.
    ///
    /// Error below 4e-15 of max(1, |result|). 0 and infinity give infinity, a negative number NaN.
    /// - Source: a zeta series on 0.5...2.5, recursion below 8, Stirling's series from 8 on.
    public static func logGamma(_ x: Double) -> Double {
        if x != x || x < 0 { return .nan }
        if x == 0 || x == .infinity { return .infinity }
        if x < 0.5 { return logGamma(x + 1) - Elementary.log(x) }
        if x < 1.5 { return nearTwo(x - 1) - Elementary.log1p(x - 1) }
        if x <= 2.5 { return nearTwo(x - 2) }
        if x < 8 {
            var factor = 1.0
            var left = x
            while left > 2.5 {
                left -= 1
                factor *= left
            }
            return nearTwo(left - 2) + Elementary.log(factor)
        }
        return ((x - 0.5) * Elementary.log(x) - x) + (0.9189385332046728 + stirlingTail(x))
    }

    /// Returns the derivative of ln Gamma at x > 0.
    ///
    /// Error below 1e-14 of max(1, |result|); NaN for x <= 0.
    /// - Source: recursion to x >= 10, then the asymptotic series.
    public static func digamma(_ x: Double) -> Double {
        if !(x > 0) { return .nan }
        var shift = CompensatedSum()
        var y = x
        while y < 10 {
            shift.add(-1 / y)
            y += 1
        }
        let z = 1 / (y * y)
        return Elementary.log(y) - 0.5 / y - z * Elementary.polynomial(z, digammaSeries) + shift.value
    }

    /// Returns the second derivative of ln Gamma at x > 0.
    ///
    /// Error below 1e-14 of the result; NaN for x <= 0.
    /// - Source: recursion to x >= 10, then the asymptotic series.
    public static func trigamma(_ x: Double) -> Double {
        if !(x > 0) { return .nan }
        var shift = CompensatedSum()
        var y = x
        while y < 10 {
            shift.add(1 / (y * y))
            y += 1
        }
        let z = 1 / (y * y)
        let tail = z / y * Elementary.polynomial(z, trigammaSeries)
        return 1 / y + 0.5 * z + tail + shift.value
    }

    /// Returns the share of the gamma integral above x: Q(a, x) for a > 0 and x >= 0.
    ///
    /// Relative error below 1e-12 for a up to 1000; NaN outside the range. O(sqrt(a)) terms near the middle.
    /// - Source: series below x = a + 1, Lentz's continued fraction above.
    public static func upperRegularized(_ a: Double, _ x: Double) -> Double {
        if !(a > 0 && x >= 0) || a == .infinity { return .nan }
        if x == 0 { return 1 }
        if x == .infinity { return 0 }
        let front = Elementary.exp(a * Elementary.log(x) - x - logGamma(a))
        if x < a + 1 {
            var term = 1 / a
            var sum = term
            var k = 1.0
            while k < 10_000 {
                term *= x / (a + k)
                sum += term
                if term < sum * 1e-17 { break }
                k += 1
            }
            return max(0, 1 - front * sum)
        }
        var b = x + 1 - a
        var c = 1e300
        var d = 1 / b
        var h = d
        var k = 1.0
        while k < 10_000 {
            let an = -k * (k - a)
            b += 2
            d = 1 / nonZero(an * d + b)
            c = nonZero(b + an / c)
            let factor = d * c
            h *= factor
            if abs(factor - 1) < 1e-16 { break }
            k += 1
        }
        return front * h
    }

    /// Returns ln Gamma(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2) for x >= 8.
    static func stirlingTail(_ x: Double) -> Double {
        let z = 1 / (x * x)
        return Elementary.polynomial(z, stirlingSeries) / x
    }

    /// Keeps a continued fraction away from a division by 0.
    static func nonZero(_ x: Double) -> Double { abs(x) < 1e-300 ? 1e-300 : x }

    /// ln Gamma(2 + e) for |e| <= 0.5: e (1 - gamma) + sum of (zeta(k) - 1) (-e)^k / k.
    private static func nearTwo(_ e: Double) -> Double {
        e * (0.42278433509846713 + e * Elementary.polynomial(e, zetaSeries))
    }

    private static let zetaSeries: [Double] = [
        0.3224670334241132, -0.0673523010531981, 0.020580808427784546, -0.007385551028673986, 0.0028905103307415234,
        -0.001192753911703261, 0.0005096695247430425, -0.00022315475845357939, 9.945751278180853e-05,
        -4.492623673813314e-05, 2.050721277567069e-05, -9.439488275268397e-06, 4.374866789907488e-06,
        -2.039215753801366e-06, 9.55141213040742e-07, -4.492469198764566e-07, 2.1207184805554665e-07,
        -1.0043224823968099e-07, 4.7698101693639804e-08, -2.2711094608943164e-08, 1.0838659214896955e-08,
        -5.183475041970047e-09, 2.4836745438024785e-09, -1.1921401405860912e-09, 5.731367241678862e-10,
    ]

    /// B(2k) / (2k), k from 1.
    private static let digammaSeries: [Double] = [
        0.08333333333333333, -0.008333333333333333, 0.003968253968253968, -0.004166666666666667, 0.007575757575757576,
        -0.021092796092796094, 0.08333333333333333, -0.4432598039215686,
    ]

    /// B(2k), k from 1.
    private static let trigammaSeries: [Double] = [
        0.16666666666666666, -0.03333333333333333, 0.023809523809523808, -0.03333333333333333, 0.07575757575757576,
        -0.2531135531135531, 1.1666666666666667, -7.092156862745098,
    ]

    /// B(2k) / (2k (2k - 1)), k from 1.
    private static let stirlingSeries: [Double] = [
        0.08333333333333333, -0.002777777777777778, 0.0007936507936507937, -0.0005952380952380953,
        0.0008417508417508417, -0.0019175269175269176, 0.00641025641025641, -0.029550653594771242, 0.17964437236883057,
    ]
}

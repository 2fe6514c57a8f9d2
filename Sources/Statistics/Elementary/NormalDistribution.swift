/// The standard normal distribution.
///
/// Built on `Elementary`, so its bits do not depend on the machine. A NaN gives a NaN. All are O(1).
public enum NormalDistribution {
    /// 1 / sqrt(2 pi).
    static let densityAtZero = 0.3989422804014327

    /// Returns the probability of a value at or below x.
    ///
    /// Error below 5 units in the last place, also in the lower tail.
    public static func cdf(_ x: Double) -> Double {
        if x != x { return x }
        if abs(x) < 1.2 { return 0.5 + 0.5 * Elementary.erf(x * 0.7071067811865476) }
        return x < 0 ? tail(-x) : 1 - tail(x)
    }

    /// Returns the probability of a value above x, without loss in the upper tail.
    public static func upperTail(_ x: Double) -> Double { cdf(-x) }

    /// Returns the density at x.
    ///
    /// Error below 3.5 units in the last place.
    public static func density(_ x: Double) -> Double {
        if x != x { return x }
        if abs(x) > 40 { return 0 }
        let (square, low) = Elementary.twoProduct(x, x)
        return densityAtZero * (Elementary.exp(-0.5 * square) * (1 - 0.5 * low))
    }

    /// Returns the value below which a share p of all values falls.
    ///
    /// 0 gives -infinity, 1 infinity, anything outside 0...1 NaN. Error below 6 units in the last place.
    /// - Source: Wichura 1988, algorithm AS 241, PPND16.
    public static func quantile(_ p: Double) -> Double {
        if !(p >= 0 && p <= 1) { return .nan }
        if p == 0 || p == 1 { return p == 0 ? -.infinity : .infinity }
        let q = p - 0.5
        if abs(q) <= 0.425 {
            let r = 0.180625 - q * q
            return q * Elementary.polynomial(r, middleOver) / Elementary.polynomial(r, middleUnder)
        }
        let r = (-Elementary.log(q < 0 ? p : 1 - p)).squareRoot()
        let value =
            r <= 5
            ? Elementary.polynomial(r - 1.6, outerOver) / Elementary.polynomial(r - 1.6, outerUnder)
            : Elementary.polynomial(r - 5, farOver) / Elementary.polynomial(r - 5, farUnder)
        return q < 0 ? -value : value
    }

    /// The probability of a value above x >= 0.
    private static func tail(_ x: Double) -> Double {
        if x > 38.6 { return 0 }
        // The exponent takes x itself, not x / sqrt(2), whose rounding would cost x^2 units in the last place.
        let (square, low) = Elementary.twoProduct(x, x)
        let scaled = Elementary.scaledErfc(x * 0.7071067811865476)
        return Elementary.exp(-0.5 * square) * (0.5 * scaled * (1 - 0.5 * low))
    }

    private static let middleOver: [Double] = [
        3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
        4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
    ]
    private static let middleUnder: [Double] = [
        1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
        3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
    ]
    private static let outerOver: [Double] = [
        1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ]
    private static let outerUnder: [Double] = [
        1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
        1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ]
    private static let farOver: [Double] = [
        6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ]
    private static let farUnder: [Double] = [
        1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
        1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ]
}

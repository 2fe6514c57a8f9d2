/// Tail probabilities of the test statistics in use.
///
/// Arguments outside the range of a function give a NaN; nothing traps.
public enum Distributions {
    /// Returns the probability that a chi-squared variable with `degrees` > 0 exceeds x >= 0.
    ///
    /// Relative error below 1e-11.
    public static func chiSquaredUpperTail(_ x: Double, degrees: Double) -> Double {
        Gamma.upperRegularized(degrees / 2, x / 2)
    }

    /// Returns the probability that Student's t with `degrees` > 0 is at or below t.
    ///
    /// Absolute error below 1e-13.
    public static func studentCDF(_ t: Double, degrees: Double) -> Double {
        if t != t || !(degrees > 0) { return .nan }
        let half = 0.5 * Beta.cdf(degrees / (degrees + t * t), degrees / 2, 0.5)
        return t < 0 ? half : 1 - half
    }

    /// Returns the logarithm of the density of Student's t with `degrees` > 0.
    public static func studentLogDensity(_ t: Double, degrees: Double) -> Double {
        if t != t || !(degrees > 0) { return .nan }
        return -0.5 * Elementary.log(degrees) - Beta.logBeta(degrees / 2, 0.5)
            - (degrees + 1) / 2 * Elementary.log1p(t * t / degrees)
    }

    /// Returns the probability that the limit of sqrt(n) times the Kolmogorov-Smirnov distance exceeds y.
    ///
    /// Absolute error below 1e-13.
    /// - Source: the theta series below y = 1, the alternating series above, each where it converges in a few terms.
    public static func kolmogorovUpperTail(_ y: Double) -> Double {
        if y != y { return y }
        if y <= 0.04 { return 1 }
        var sum = 0.0
        if y < 1 {
            var j = 1.0
            while j < 60 {
                let odd = 2 * j - 1
                let term = Elementary.exp(-odd * odd * 9.869604401089358 / (8 * y * y))
                sum += term
                if term < 1e-18 * sum { break }
                j += 1
            }
            return 1 - 2.5066282746310002 / y * sum
        }
        var j = 1.0
        while j < 60 {
            let term = Elementary.exp(-2 * j * j * y * y)
            sum += Int(j) & 1 == 1 ? term : -term
            if term < 1e-18 * sum { break }
            j += 1
        }
        return 2 * sum
    }
}

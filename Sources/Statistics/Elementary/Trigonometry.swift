extension Elementary {
    /// Largest argument that `sin` and `cos` reduce; beyond it they answer NaN.
    public static let angleMax = 1_000_000.0

    /// Returns the sine of an angle in radians.
    ///
    /// Error below 1 unit in the last place for |x| <= `angleMax`; NaN beyond, where an angle has lost its meaning.
    public static func sin(_ x: Double) -> Double { sinCos(x).sin }

    /// Returns the cosine of an angle in radians.
    ///
    /// Error below 1 unit in the last place for |x| <= `angleMax`; NaN beyond, where an angle has lost its meaning.
    public static func cos(_ x: Double) -> Double { sinCos(x).cos }

    /// Returns sine and cosine of an angle in radians for the price of one.
    ///
    /// - Source: x = k pi/2 + r with pi/2 in three exact parts; Taylor series on |r| <= pi/4.
    public static func sinCos(_ x: Double) -> (sin: Double, cos: Double) {
        if !(abs(x) <= angleMax) { return (.nan, .nan) }
        let k = nearestInteger(x * 0.6366197723675814)
        let (first, firstLow) = twoSum(x - k * 1.5707963267341256, -(k * 6.077100506303966e-11))
        let (high, highLow) = twoSum(first, -(k * 2.0222662487111665e-21))
        let low = firstLow + highLow - k * 8.4784276603689e-32
        let s = sineSeries(high, low)
        let c = cosineSeries(high, low)
        switch Int(k) & 3 {
        case 0: return (x == 0 ? x : s, c)
        case 1: return (c, -s)
        case 2: return (-s, -c)
        default: return (-c, s)
        }
    }

    private static func sineSeries(_ x: Double, _ low: Double) -> Double {
        let z = x * x
        var p = 1.0 / 355687428096000.0
        p = p * z - 1.0 / 1307674368000.0
        p = p * z + 1.0 / 6227020800.0
        p = p * z - 1.0 / 39916800.0
        p = p * z + 1.0 / 362880.0
        p = p * z - 1.0 / 5040.0
        p = p * z + 1.0 / 120.0
        p = p * z - 1.0 / 6.0
        return x + (p * z * x + low * (1 - 0.5 * z))
    }

    private static func cosineSeries(_ x: Double, _ low: Double) -> Double {
        let z = x * x
        var p = -1.0 / 6402373705728000.0
        p = p * z + 1.0 / 20922789888000.0
        p = p * z - 1.0 / 87178291200.0
        p = p * z + 1.0 / 479001600.0
        p = p * z - 1.0 / 3628800.0
        p = p * z + 1.0 / 40320.0
        p = p * z - 1.0 / 720.0
        p = p * z + 1.0 / 24.0
        let half = 0.5 * z
        let top = 1 - half
        return top + (((1 - top) - half) + (p * z * z - x * low))
    }

    /// Returns the angle of the point (x, y) in radians, in [-pi, pi].
    ///
    /// Error below 2 units in the last place. The origin gives 0, a NaN or an infinity NaN.
    /// - Source: atan t = atan(j/8) + atan((t - j/8) / (1 + t j/8)), series on the rest.
    public static func atan2(_ y: Double, _ x: Double) -> Double {
        if !(y.isFinite && x.isFinite) { return .nan }
        let up = abs(y)
        let across = abs(x)
        if up == 0 && across == 0 { return 0 }
        var angle: (high: Double, low: Double)
        if up <= across {
            angle = arcTangent(up, across)
        } else {
            let other = arcTangent(across, up)
            angle = subtracting(other, from: 1.5707963267948966, 6.123233995736766e-17)
        }
        if x < 0 { angle = subtracting(angle, from: 3.141592653589793, 1.2246467991473532e-16) }
        let value = angle.high + angle.low
        return y < 0 ? -value : value
    }

    private static func subtracting(
        _ angle: (high: Double, low: Double), from high: Double, _ low: Double
    ) -> (high: Double, low: Double) {
        let (sum, error) = twoSum(high, -angle.high)
        return (sum, error + (low - angle.low))
    }

    /// atan(numerator / denominator) for 0 <= numerator <= denominator, in two parts.
    private static func arcTangent(_ numerator: Double, _ denominator: Double) -> (high: Double, low: Double) {
        let quotient = numerator / denominator
        let j = nearestInteger(quotient * 8)
        if j == 0 { return (quotient, quotientError(quotient, numerator, denominator) + arcTangentTail(quotient)) }
        let c = j / 8
        // c has three bits, so that both products are exact unless the numbers are subnormal.
        let t = (numerator - c * denominator) / (denominator + c * numerator)
        let start = arcTangents[Int(j)]
        let (sum, error) = twoSum(start.high, t)
        return (sum, error + (start.low + arcTangentTail(t)))
    }

    /// What the rounding of numerator / denominator lost, near enough.
    private static func quotientError(_ quotient: Double, _ numerator: Double, _ denominator: Double) -> Double {
        if numerator < 1e-250 || denominator > 1e250 { return 0 }
        let (product, error) = twoProduct(quotient, denominator)
        return ((numerator - product) - error) / denominator
    }

    /// atan t - t for |t| <= 1/16.
    private static func arcTangentTail(_ t: Double) -> Double {
        let z = t * t
        var p = 1.0 / 17.0
        p = p * z - 1.0 / 15.0
        p = p * z + 1.0 / 13.0
        p = p * z - 1.0 / 11.0
        p = p * z + 1.0 / 9.0
        p = p * z - 1.0 / 7.0
        p = p * z + 1.0 / 5.0
        p = p * z - 1.0 / 3.0
        return p * z * t
    }

    /// atan(j / 8) in two parts.
    private static let arcTangents: [(high: Double, low: Double)] = [
        (0, 0), (0.12435499454676144, -3.1253241424539383e-18), (0.24497866312686414, 1.0698755618734451e-17),
        (0.35877067027057225, -2.4623815582638635e-17), (0.4636476090008061, 2.2698777452961687e-17),
        (0.5585993153435624, -5.4556305485916264e-18), (0.6435011087932844, 1.5834785051444286e-17),
        (0.7188299996216245, -2.1478388444456983e-17), (0.7853981633974483, 3.061616997868383e-17),
    ]
}

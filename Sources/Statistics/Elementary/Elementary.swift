/// Elementary functions with the same bits on every machine.
///
/// The C library picks its variant by processor, and the variants differ in the last bit for some arguments. Whatever
/// reaches a log record must not depend on that, so these functions use only `+`, `-`, `*` and `/` on `Double`, in a
/// fixed order and without fused multiply-add, which IEEE 754 pins to the bit. The square root needs no function here:
/// `squareRoot()` is exact by the same standard.
///
/// All follow the same plan: reduce the argument exactly, sum a Taylor series whose coefficients are plain fractions,
/// and add the large part last. Errors stated are the largest seen against 60-digit arithmetic over the test grid, in
/// units in the last place of the exact result. A NaN gives a NaN, and no argument traps. All are O(1).
public enum Elementary {
    /// The natural logarithm of 2, upper 32 bits: a product with an integer below 2^20 is exact.
    static let ln2High = 0.6931471803691238
    /// The natural logarithm of 2, the rest.
    static let ln2Low = 1.9082149292705877e-10
    /// The natural logarithm of 2.
    static let ln2 = 0.6931471805599453
    /// 1 / ln 2.
    static let log2e = 1.4426950408889634

    /// The nearest integer for |x| < 2^51, ties to even.
    ///
    /// Adding 1.5 * 2^52 pushes the fraction out of the significand; no call into the C library is needed.
    @inline(__always) static func nearestInteger(_ x: Double) -> Double {
        (x + 6755399441055744.0) - 6755399441055744.0
    }

    /// x * 2^k with one rounding, also where the result is subnormal.
    @inline(__always) static func scaled(_ x: Double, by k: Int) -> Double {
        if k >= -1021 && k <= 1023 { return x * powerOfTwo(k) }
        if k > 1023 { return x * powerOfTwo(1023) * powerOfTwo(min(k - 1023, 1023)) }
        // The first factor keeps the value normal, so that only the second rounds.
        return x * powerOfTwo(-1021 + 60) * powerOfTwo(max(k + 1021 - 60, -1021))
    }

    /// 2^k for -1022 <= k <= 1023.
    @inline(__always) static func powerOfTwo(_ k: Int) -> Double {
        Double(bitPattern: UInt64(truncatingIfNeeded: k + 1023) << 52)
    }

    /// The sum of two numbers, and the exact error of that sum (Knuth).
    @inline(__always) static func twoSum(_ a: Double, _ b: Double) -> (sum: Double, error: Double) {
        let sum = a + b
        let part = sum - a
        return (sum, (a - (sum - part)) + (b - part))
    }

    /// The product of two numbers, and the exact error of that product (Veltkamp and Dekker), for |a|, |b| < 2^995.
    @inline(__always) static func twoProduct(_ a: Double, _ b: Double) -> (product: Double, error: Double) {
        let product = a * b
        let (aHigh, aLow) = split(a)
        let (bHigh, bLow) = split(b)
        return (product, ((aHigh * bHigh - product) + aHigh * bLow + aLow * bHigh) + aLow * bLow)
    }

    /// Two halves of 26 bits.
    @inline(__always) private static func split(_ a: Double) -> (high: Double, low: Double) {
        let c = 134217729.0 * a
        let high = c - (c - a)
        return (high, a - high)
    }

    /// A polynomial by Horner's rule; coefficients from the constant upwards.
    @inline(__always) static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
        var value = 0.0
        var index = coefficients.count - 1
        while index >= 0 {
            value = value * x + coefficients[index]
            index -= 1
        }
        return value
    }
}

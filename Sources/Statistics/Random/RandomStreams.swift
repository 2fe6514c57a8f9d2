/// A source of 64-bit words that depends on its seed only.
///
/// The library has no other randomness: whoever wants a draw brings a stream.
public protocol RandomStream: Sendable {
    /// Returns the next word; every value is equally likely.
    mutating func next() -> UInt64
}

extension RandomStream {
    /// Returns a number in 0..<1 with 53 random bits; O(1).
    public mutating func uniform() -> Double { Double(next() >> 11) * 1.1102230246251565e-16 }

    /// Returns a number strictly between 0 and 1; O(1).
    ///
    /// Half a step up from `uniform`, for quantile functions that are infinite at the ends.
    public mutating func openUniform() -> Double { (Double(next() >> 12) + 0.5) * 2.220446049250313e-16 }

    /// Returns a whole number in 0..<bound, or 0 for a bound below 1; O(1).
    ///
    /// The high word of a product, without rejection: the bias is at most bound / 2^64, and every call takes one word,
    /// so that streams stay in step.
    public mutating func index(below bound: Int) -> Int {
        bound < 1 ? 0 : Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Returns a standard normal number from one word; O(1).
    public mutating func normal() -> Double { NormalDistribution.quantile(openUniform()) }

    /// Returns a number from the beta distribution with a, b > 0 from one word, or NaN for others.
    ///
    /// By the inverse of the distribution: slower than two gamma draws, but one word each keeps streams in step.
    public mutating func beta(_ a: Double, _ b: Double) -> Double { Beta.quantile(openUniform(), a, b) }

    /// Returns a number from the gamma distribution with shape > 0 and scale 1, or NaN for others.
    ///
    /// Takes a varying number of words.
    /// - Source: Marsaglia and Tsang 2000; for a shape below 1 a draw of shape + 1 times u^(1/shape).
    public mutating func gamma(shape: Double) -> Double {
        if !(shape > 0 && shape < .infinity) { return .nan }
        if shape < 1 {
            let boost = Elementary.power(openUniform(), 1 / shape)
            return gamma(shape: shape + 1) * boost
        }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let z = normal()
            let root = 1 + c * z
            guard root > 0 else { continue }
            let v = root * root * root
            if Elementary.log(openUniform()) < 0.5 * z * z + d - d * v + d * Elementary.log(v) { return d * v }
        }
    }

    /// Returns a random order of 0..<count; O(count), one word for each place but the first.
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<max(count, 0))
        var last = order.count - 1
        while last > 0 {
            order.swapAt(last, index(below: last + 1))
            last -= 1
        }
        return order
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): turns any seed into well mixed words.
public struct SplitMix64: RandomStream, Equatable {
    private var state: UInt64

    /// Makes a stream from any seed.
    public init(seed: UInt64) { state = seed }

    /// Returns the next word; O(1).
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// xoshiro256** (Blackman and Vigna 2018): the stream of resampling, fast and with a period of 2^256 - 1.
public struct Xoshiro256: RandomStream, Equatable {
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64

    /// Makes a stream whose state is the first four words of SplitMix64 from `seed`.
    public init(seed: UInt64) {
        var mixer = SplitMix64(seed: seed)
        s0 = mixer.next()
        s1 = mixer.next()
        s2 = mixer.next()
        s3 = mixer.next()
    }

    /// Makes the stream of one replicate, so that results do not depend on which thread computes it.
    ///
    /// The key is mixed word by word: seed, then method, then replicate.
    public init(seed: UInt64, method: UInt64, replicate: UInt64) {
        var mixer = SplitMix64(seed: seed)
        mixer = SplitMix64(seed: mixer.next() ^ method)
        mixer = SplitMix64(seed: mixer.next() ^ replicate)
        self.init(seed: mixer.next())
    }

    /// Returns the next word; O(1).
    @inline(__always) public mutating func next() -> UInt64 {
        let product = s1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = s3 << 45 | s3 >> 19
        return result
    }
}

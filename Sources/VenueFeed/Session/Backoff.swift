/// Waits before a connection is tried again: they double from the shortest to the longest, and half of each is
/// chance, so
/// that many clients do not come back at one moment.
package struct Backoff: Sendable {
    private let nanosMin: Int64
    private let nanosMax: Int64
    private var state: UInt64
    /// Failed attempts since the last steady connection.
    private(set) var failures = 0

    package init(timing: FeedTiming, seed: UInt64) {
        nanosMin = timing.backoffNanosMin
        nanosMax = timing.backoffNanosMax
        state = seed
    }

    /// The next wait: between a half and the whole of `nanosMin * 2^failures`, at most `nanosMax`, at least `nanosMin`.
    package mutating func next() -> Int64 {
        var ceiling = nanosMin
        for _ in 0..<min(failures, 62) where ceiling < nanosMax { ceiling = min(ceiling * 2, nanosMax) }
        failures += 1
        let half = ceiling / 2
        let wait = half + Int64(random() % UInt64(ceiling - half + 1))
        return max(nanosMin, min(wait, nanosMax))
    }

    /// A connection was steady.
    package mutating func reset() { failures = 0 }

    /// SplitMix64 (Steele, Lea, Flood 2014): the same waits for the same seed.
    private mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

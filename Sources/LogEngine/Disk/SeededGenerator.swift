/// A small deterministic source of random numbers (SplitMix64): the same seed gives the same numbers, for ever.
///
/// Its helpers do not go through the standard library's, whose algorithms may change between releases.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Makes a generator; every seed, also zero, is good.
    public init(seed: UInt64) { state = seed }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// An integer from 0 to `bound` − 1; `bound` is at least 1.
    public mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "Invariant: a choice needs something to choose from")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True with a probability; draws nothing if that is 0 or 1.
    public mutating func chance(_ probability: Double) -> Bool {
        if probability <= 0 { return false }
        if probability >= 1 { return true }
        return Double(next() >> 11) * 0x1p-53 < probability
    }

    /// One of the elements, which must not be empty.
    public mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// Random bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            let word = next()
            for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * index))) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// A generator of its own that does not disturb the numbers of this one beyond one draw.
    public mutating func split() -> SeededGenerator { SeededGenerator(seed: next()) }
}

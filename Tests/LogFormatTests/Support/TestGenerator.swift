import LogFormat

/// Seeded random numbers (SplitMix64) for the tests of the format, which must not depend on the engine.
struct TestGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    /// Small, large and extreme numbers in equal parts.
    mutating func integer() -> Int64 {
        switch below(6) {
        case 0: pick([0, 1, -1, .max, .min, .max - 1, .min + 1, 127, 128, -64, -65])
        case 1: Int64(bitPattern: next())
        case 2: Int64(below(1 << 40)) * pick([5, 1000, 1_000_000])
        default: Int64(below(2000)) - 1000
        }
    }

    mutating func text() -> String {
        let alphabet = ["a", "Z", "0", "\u{e9}", "\u{20ac}", "\u{1f600}", "\u{0}", "\n", "\"", "e\u{301}"]
        return (0..<pick([0, 1, 3, 20])).map { _ in pick(alphabet) }.joined()
    }
}

/// How many seeds a property test explores: few in a plain run, as many as asked through LOTUS_SEEDS.
func seedCount(_ plain: Int) -> Int { environmentNumber("LOTUS_SEEDS") ?? plain }

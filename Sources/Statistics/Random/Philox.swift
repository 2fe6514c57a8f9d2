/// Philox4x64-10 (Salmon et al.
///
/// 2011): word i of a stream is a function of the key and i alone.
///
/// For draws that must be repeatable one by one, such as the replay of a single selection out of thousands.
public struct Philox: RandomStream, Equatable {
    private let key0: UInt64
    private let key1: UInt64
    private var counter: UInt64
    private var block: [UInt64] = []
    private var used = 4

    /// Makes a stream; its first block is that of `counter` + 1, as in NumPy.
    public init(key: (UInt64, UInt64), counter: UInt64 = 0) {
        key0 = key.0
        key1 = key.1
        self.counter = counter
    }

    /// Returns the next word; four words come from one block.
    ///
    /// O(1).
    public mutating func next() -> UInt64 {
        if used == 4 {
            counter &+= 1
            block = Self.block(key: (key0, key1), counter: counter)
            used = 0
        }
        used += 1
        return block[used - 1]
    }

    /// Returns the four words of one block; O(1).
    public static func block(key: (UInt64, UInt64), counter: UInt64) -> [UInt64] {
        var (k0, k1) = key
        var (x0, x1, x2, x3) = (counter, UInt64(0), UInt64(0), UInt64(0))
        for round in 0..<10 {
            if round > 0 {
                k0 &+= 0x9E37_79B9_7F4A_7C15
                k1 &+= 0xBB67_AE85_84CA_A73B
            }
            let first = x0.multipliedFullWidth(by: 0xD2E7_470E_E14C_6C93)
            let second = x2.multipliedFullWidth(by: 0xCA5A_8263_9512_1157)
            (x0, x1, x2, x3) = (second.high ^ x1 ^ k0, second.low, first.high ^ x3 ^ k1, first.low)
        }
        return [x0, x1, x2, x3]
    }
}

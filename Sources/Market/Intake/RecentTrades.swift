/// The last trades by (time, instrument, id), to drop those that a venue replays after a reconnect.
///
/// A ring with a hash index: constant memory, constant time.
struct RecentTrades: Sendable {
    /// Trades that are remembered: hours of a quiet coin, minutes of a busy one; a replay holds about 30 a coin.
    static let countMax = 1 << 16

    private struct Key: Equatable, Sendable {
        var nanos: Int64
        var tradeID: UInt64
        var instrument: Int32
    }

    private var ring: [Key] = []
    private var next = 0
    /// Open addressing: places in the ring plus 1; 0 is free.
    private var slots = [Int32](repeating: 0, count: 2 * countMax)
    private let mask = 2 * countMax - 1

    /// Remembers a trade; false if it is known already.
    mutating func insert(nanos: Int64, instrument: Int32, tradeID: UInt64) -> Bool {
        let key = Key(nanos: nanos, tradeID: tradeID, instrument: instrument)
        var slot = home(key)
        while slots[slot] != 0 {
            if ring[Int(slots[slot]) - 1] == key { return false }
            slot = (slot + 1) & mask
        }
        if ring.count < Self.countMax {
            ring.append(key)
            slots[slot] = Int32(ring.count)
            return true
        }
        remove(ring[next])
        ring[next] = key
        // Removing moves entries: the free place is looked up anew.
        slot = home(key)
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = Int32(next + 1)
        next = (next + 1) % Self.countMax
        return true
    }

    /// Takes a key out and closes the hole (backward shift), so that searches need no tombstones.
    private mutating func remove(_ key: Key) {
        var hole = home(key)
        while slots[hole] != 0, ring[Int(slots[hole]) - 1] != key { hole = (hole + 1) & mask }
        guard slots[hole] != 0 else { return }
        var at = hole
        while true {
            at = (at + 1) & mask
            guard slots[at] != 0 else { break }
            let wanted = home(ring[Int(slots[at]) - 1])
            // An entry may move back to the hole unless its own place lies behind the hole.
            if (at - wanted) & mask >= (at - hole) & mask {
                slots[hole] = slots[at]
                hole = at
            }
        }
        slots[hole] = 0
    }

    private func home(_ key: Key) -> Int {
        var hash = UInt64(bitPattern: key.nanos) &* 0x9e37_79b9_7f4a_7c15
        hash ^= (key.tradeID ^ UInt64(truncatingIfNeeded: key.instrument) << 52) &* 0xc2b2_ae3d_27d4_eb4f
        hash ^= hash >> 29
        return Int(truncatingIfNeeded: hash & UInt64(mask))
    }
}

/// Finds the place of a key: an open-addressed table of places, which leaves the keys where the rows are.
///
/// Eight bytes an entry, at most half full; growing looks at no key. Places are never taken out one by one.
struct RowIndex {
    /// The low half of an entry is a place plus one, the high half the low half of its key's hash; 0 is empty.
    private var entries: [UInt64] = []
    private var mask = 0
    private(set) var count = 0

    /// The place of a key with hash `spread` for which `isSame` holds, nil if there is none.
    @inline(__always)
    func find(_ spread: UInt64, _ isSame: (Int) -> Bool) -> Int? {
        guard count > 0 else { return nil }
        let tag = UInt64(UInt32(truncatingIfNeeded: spread))
        var at = Int(truncatingIfNeeded: tag) & mask
        while true {
            let entry = entries[at]
            if entry == 0 { return nil }
            if entry >> 32 == tag {
                let place = Int(entry & 0xFFFF_FFFF) - 1
                if isSame(place) { return place }
            }
            at = (at + 1) & mask
        }
    }

    /// Enters the place of a key that is not there.
    mutating func insert(_ spread: UInt64, _ place: Int) {
        if (count + 1) * 2 > entries.count { grow() }
        put(UInt64(UInt32(truncatingIfNeeded: spread)) << 32 | UInt64(place + 1))
        count += 1
    }

    /// Forgets everything and keeps the memory.
    mutating func removeAll() {
        for at in entries.indices { entries[at] = 0 }
        count = 0
    }

    @inline(__always)
    private mutating func put(_ entry: UInt64) {
        var at = Int(entry >> 32) & mask
        while entries[at] != 0 { at = (at + 1) & mask }
        entries[at] = entry
    }

    private mutating func grow() {
        let old = entries
        entries = [UInt64](repeating: 0, count: max(64, old.count * 2))
        mask = entries.count - 1
        for entry in old where entry != 0 { put(entry) }
    }
}

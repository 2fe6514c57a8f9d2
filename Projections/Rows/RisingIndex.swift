/// Finds the places of keys that mostly come in the order of their moments, as ids do (GEN-02).
///
/// One table over all keys of a history is larger than any cache, and each look into it waits for memory. Here keys of
/// about the same moment stand in a small table of their own: what comes next is looked up and entered where the last
/// ones were. A key that comes late, or one too many of a single moment, goes into a table over all of these.
struct RisingIndex {
    /// Keys from one moment on, up to the moment at which the next stretch begins.
    private struct Stretch {
        let firstMoment: UInt64
        let firstPlace: Int
        /// The low half of an entry is a place behind the first one, plus one, the high half a part of the key's hash;
        /// 0 is empty.
        var entries = [UInt32](repeating: 0, count: Self.entryCount)
        var count = 0

        /// A power of two; small enough for the cache of a core.
        static let entryCount = 8192
        static let mask = entryCount - 1
        /// Three quarters: what is looked for and not there is known after a few entries.
        static let countMax = entryCount / 4 * 3
        static let placesMax = 0xFFFF - 1

        init(firstMoment: UInt64, firstPlace: Int) {
            self.firstMoment = firstMoment
            self.firstPlace = firstPlace
        }

        @inline(__always)
        func find(_ spread: UInt64, _ isSame: (Int) -> Bool) -> Int? {
            let tag = UInt32(truncatingIfNeeded: spread >> 48)
            var at = Int(truncatingIfNeeded: spread) & Self.mask
            while true {
                let entry = entries[at]
                if entry == 0 { return nil }
                if entry >> 16 == tag {
                    let place = firstPlace &+ Int(entry & 0xFFFF) &- 1
                    if isSame(place) { return place }
                }
                at = (at &+ 1) & Self.mask
            }
        }

        @inline(__always)
        mutating func insert(_ spread: UInt64, _ place: Int) {
            var at = Int(truncatingIfNeeded: spread) & Self.mask
            while entries[at] != 0 { at = (at &+ 1) & Self.mask }
            entries[at] = UInt32(truncatingIfNeeded: spread >> 48) << 16 | UInt32(place &- firstPlace &+ 1)
            count += 1
        }
    }

    private var stretches: [Stretch] = []
    /// Keys that came when their stretch was over, or full.
    private var strays = RowIndex()
    /// The last moment of a key of a stretch.
    private var lastMoment: UInt64 = 0

    /// How many keys there are.
    private(set) var count = 0
    /// How many of them stand in no stretch.
    var strayCount: Int { strays.count }

    /// The place of a key of a moment, with hash `spread`, for which `isSame` holds; nil if there is none.
    @inline(__always)
    func find(_ spread: UInt64, moment: UInt64, _ isSame: (Int) -> Bool) -> Int? {
        guard let last = stretches.indices.last else { return nil }
        let stretch = moment >= stretches[last].firstMoment ? last : earlierStretch(moment)
        if stretch >= 0, let place = stretches[stretch].find(spread, isSame) { return place }
        return strays.find(spread, isSame)
    }

    /// The last stretch that begins at `moment` or before; -1 if there is none.
    private func earlierStretch(_ moment: UInt64) -> Int {
        var (low, high) = (0, stretches.count)
        while low < high {
            let middle = (low + high) / 2
            if stretches[middle].firstMoment <= moment { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }

    /// Enters the place of a key that is not there; places rise from one key to the next.
    @inline(__always)
    mutating func insert(_ spread: UInt64, moment: UInt64, _ place: Int) {
        count += 1
        let last = stretches.count - 1
        if last >= 0, moment >= stretches[last].firstMoment, stretches[last].count < Stretch.countMax,
            place - stretches[last].firstPlace < Stretch.placesMax
        {
            stretches[last].insert(spread, place)
            lastMoment = max(lastMoment, moment)
        } else {
            insertElsewhere(spread, moment: moment, place)
        }
    }

    /// A stretch begins behind all moments of the one before it, so that a moment belongs to one stretch alone.
    @inline(never)
    private mutating func insertElsewhere(_ spread: UInt64, moment: UInt64, _ place: Int) {
        guard stretches.isEmpty || moment > lastMoment else { return strays.insert(spread, place) }
        stretches.append(Stretch(firstMoment: moment, firstPlace: place))
        stretches[stretches.count - 1].insert(spread, place)
        lastMoment = moment
    }

    /// Forgets everything.
    mutating func removeAll() {
        stretches.removeAll(keepingCapacity: true)
        strays.removeAll()
        lastMoment = 0
        count = 0
    }
}

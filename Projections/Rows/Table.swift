import Events

/// Where a table finds rows that are not in memory.
package protocol RowSource: AnyObject {
    /// The row with a key, nil if there is none; failures are kept for whoever writes next.
    func load<Row: ViewRow>(_ key: Row.Key, as type: Row.Type) -> Row?
}

/// The rows of a view, by key, with a hash that is kept current row by row.
///
/// The hash is the sum, modulo 2^256, of the SHA-256 of the rows, so that it does not depend on the order in which they
/// changed. Without a source all rows are in memory; with one, rows may be dropped once they were written.
package struct Table<Row: ViewRow> {
    struct Slot {
        var row: Row
        var isPresent = true
        var isDirty = false
        /// Its part of the sum; nil while it has none.
        var settled: RowDigest?
    }

    private var index = RowIndex()
    private var slots = RowChunks<Slot>()
    private var dirty: [Int] = []
    /// No key that is only in the database begins with an id above this one.
    private var absentMax: ULID?
    /// Sum over the settled rows.
    package private(set) var sum = RowDigest()
    /// Number of settled rows.
    package private(set) var count: UInt64 = 0
    private weak var source: (any RowSource)?

    /// An empty table.
    package init() {}

    /// Goes on from what a database holds.
    mutating func attach(_ source: any RowSource, sum: RowDigest, count: UInt64, absentMax: ULID?) {
        self = Table()
        self.source = source
        self.sum = sum
        self.count = count
        self.absentMax = absentMax
    }

    @inline(__always)
    private mutating func find(_ key: Row.Key, _ spread: UInt64) -> Int? {
        if let found = index.find(spread, { slots[$0].row.key == key }) { return found }
        return load(key, spread)
    }

    /// Brings a row in that is not in memory.
    private mutating func load(_ key: Row.Key, _ spread: UInt64) -> Int? {
        guard let source else { return nil }
        if let id = Row.risingID(key) {
            guard let absentMax, !(absentMax < id) else { return nil }
        }
        guard var row = source.load(key, as: Row.self) else { return nil }
        var hasher = RowHasher()
        let settled = hasher.digest(&row)
        return insert(key, spread, Slot(row: row, settled: settled))
    }

    private mutating func insert(_ key: Row.Key, _ spread: UInt64, _ slot: consuming Slot) -> Int {
        index.insert(spread, slots.count)
        slots.append(slot)
        return slots.count - 1
    }

    @inline(__always)
    private mutating func markDirty(_ at: Int) {
        guard !slots[at].isDirty else { return }
        slots[at].isDirty = true
        dirty.append(at)
    }

    /// The row with a key.
    package mutating func row(_ key: Row.Key) -> Row? {
        guard let at = find(key, key.spread), slots[at].isPresent else { return nil }
        return slots[at].row
    }

    /// Puts a row in, unless there is one with its key; false then.
    mutating func add(_ row: consuming Row) -> Bool {
        let key = row.key
        let spread = key.spread
        if let at = find(key, spread) {
            guard !slots[at].isPresent else { return false }
            slots[at].row = row
            slots[at].isPresent = true
            markDirty(at)
            return true
        }
        dirty.append(insert(key, spread, Slot(row: row, isDirty: true)))
        return true
    }

    /// Changes the row with a key, making it first if it is not there.
    mutating func change(_ key: Row.Key, at globalSeq: UInt64, _ body: (inout Row) -> Void) {
        changeIfPresent(key, orElse: Row(key: key), at: globalSeq, body)
    }

    /// Changes the row with a key, making it first if it is not there; `hint` remembers its place for the next time.
    @inline(__always)
    mutating func change(_ key: Row.Key, hint: inout Int, at globalSeq: UInt64, _ body: (inout Row) -> Void) {
        if hint < slots.count, slots[hint].isPresent, slots[hint].row.key == key {
            body(&slots[hint].row)
            slots[hint].row.globalSeq = globalSeq
            markDirty(hint)
        } else {
            change(key, at: globalSeq, body)
            hint = index.find(key.spread) { slots[$0].row.key == key } ?? 0
        }
    }

    /// Changes the row with a key; without it, `replacement`, or nothing if that is nil.
    @discardableResult
    mutating func changeIfPresent(
        _ key: Row.Key, orElse replacement: @autoclosure () -> Row? = nil, at globalSeq: UInt64,
        _ body: (inout Row) -> Void
    ) -> Bool {
        let spread = key.spread
        var found = find(key, spread)
        if let at = found, !slots[at].isPresent {
            guard let row = replacement() else { return false }
            slots[at].row = row
            slots[at].isPresent = true
        } else if found == nil {
            guard let row = replacement() else { return false }
            found = insert(key, spread, Slot(row: row))
        }
        guard let at = found else { return false }
        body(&slots[at].row)
        slots[at].row.globalSeq = globalSeq
        markDirty(at)
        return true
    }

    /// Takes a row out.
    mutating func remove(_ key: Row.Key) {
        guard let at = find(key, key.spread), slots[at].isPresent else { return }
        slots[at].isPresent = false
        markDirty(at)
    }

    /// Brings the hash up to date; tells of every row that changed, with nil for one that was taken out.
    mutating func settle<E: Error>(_ write: (inout Row, Bool) throws(E) -> Void) throws(E) {
        var hasher = RowHasher()
        for at in dirty {
            slots[at].isDirty = false
            let before = slots[at].settled
            guard slots[at].isPresent else {
                guard let before else { continue }
                sum.subtract(before)
                count -= 1
                slots[at].settled = nil
                try write(&slots[at].row, false)
                continue
            }
            let now = hasher.digest(&slots[at].row)
            if let before {
                if before == now { continue }
                sum.subtract(before)
            } else {
                count += 1
            }
            sum.add(now)
            slots[at].settled = now
            try write(&slots[at].row, true)
        }
        dirty.removeAll(keepingCapacity: true)
    }

    /// Drops the older half of the rows in memory if they are more than `limit`; they must be written.
    ///
    /// The younger half stays: what comes next is mostly about what came last.
    mutating func evict(over limit: Int) {
        guard source != nil, slots.count > limit else { return }
        slots.dropFirst(over: limit / 2) { slot in
            guard let id = Row.risingID(slot.row.key), slot.isPresent else { return }
            absentMax = absentMax.map { max($0, id) } ?? id
        }
        index.removeAll()
        for at in 0..<slots.count { index.insert(slots[at].row.key.spread, at) }
    }

    /// Rows in memory, in order of their keys.
    package var sortedRows: [Row] {
        (0..<slots.count).filter { slots[$0].isPresent }.map { slots[$0].row }.sorted { $0.key < $1.key }
    }
}

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
        /// Whether it stands in `dirty`.
        var isDirty = false
        /// Whether it has a part in the sum, which stands at its place in `digests`.
        var isSettled = false
    }

    private var index = RowIndex()
    /// Instead of `index`, where keys begin with an id that rises with time.
    private var risingIndex = RisingIndex()
    private var slots = RowChunks<Slot>()
    /// Digests of settled rows.
    ///
    /// The last rows have no place here as long as they were never settled: a fold in memory needs none.
    private var digests = RowChunks<RowDigest>()
    /// Rows before this place were settled, or looked at for it, and are in `dirty` when they changed since; all rows
    /// from here on are new.
    private var newStart = 0
    private var dirty: [UInt32] = []
    /// No key that is only in the database begins with an id above this one.
    private var absentMax: ULID?
    /// Sum over the settled rows.
    package private(set) var sum = RowDigest()
    /// Number of settled rows.
    package private(set) var count: UInt64 = 0
    /// Rows that are in memory, those that were taken out and not yet forgotten among them.
    package var rowsInMemory: Int { slots.count }
    private weak var source: (any RowSource)?
    private var hasSource = false

    /// An empty table.
    package init() {}

    /// Goes on from what a database holds.
    mutating func attach(_ source: any RowSource, sum: RowDigest, count: UInt64, absentMax: ULID?) {
        self = Table()
        self.source = source
        hasSource = true
        self.sum = sum
        self.count = count
        self.absentMax = absentMax
    }

    @inline(__always)
    private mutating func find(_ key: Row.Key, _ spread: UInt64) -> Int? {
        if let found = placeInMemory(key, spread) { return found }
        return hasSource ? load(key, spread) : nil
    }

    @inline(__always)
    private func hasKey(_ key: Row.Key, _ at: Int) -> Bool { isKey(at) { $0 == key } }

    /// Whether the key of a row is the one that is meant, asked where it lies; a plain look at it copies the row.
    @inline(__always)
    private func isKey(_ at: Int, _ isMeant: (inout Row.Key) -> Bool) -> Bool {
        unsafe isMeant(&slots.address(at).pointee.row.key)
    }

    @inline(__always)
    private func isPresent(_ at: Int) -> Bool { unsafe slots.address(at).pointee.isPresent }

    @inline(__always)
    private func placeInMemory(_ key: Row.Key, _ spread: UInt64) -> Int? {
        if let id = Row.risingID(key) {
            return risingIndex.find(spread, moment: id.high >> 16) { hasKey(key, $0) }
        }
        return index.find(spread) { hasKey(key, $0) }
    }

    @inline(__always)
    private mutating func enter(_ key: Row.Key, _ spread: UInt64, _ place: Int) {
        precondition(place < 0xFFFF_FFFF, "Invariant: fewer than 2^32 - 1 rows of a table are in memory")
        if let id = Row.risingID(key) {
            risingIndex.insert(spread, moment: id.high >> 16, place)
        } else {
            index.insert(spread, place)
        }
    }

    /// Brings a row in that is not in memory.
    private mutating func load(_ key: Row.Key, _ spread: UInt64) -> Int? {
        if let id = Row.risingID(key) {
            guard let absentMax, !(absentMax < id) else { return nil }
        }
        guard var row = source?.load(key, as: Row.self) else { return nil }
        var bytes = RowBytes()
        bytes.append(&row)
        let place = insert(key, spread, Slot(row: row, isSettled: true))
        note(bytes.digest(from: 0), at: place)
        return place
    }

    /// Keeps the digest of a settled row.
    private mutating func note(_ digest: RowDigest, at place: Int) {
        while digests.count < place { digests.append(RowDigest()) }
        if digests.count == place { digests.append(digest) } else { digests[place] = digest }
    }

    @inline(__always)
    private mutating func insert(_ key: Row.Key, _ spread: UInt64, _ slot: consuming Slot) -> Int {
        let place = slots.count
        enter(key, spread, place)
        slots.append(slot)
        return place
    }

    @inline(__always)
    private mutating func markDirty(_ at: Int) {
        guard at < newStart, unsafe !slots.address(at).pointee.isDirty else { return }
        slots[at].isDirty = true
        dirty.append(UInt32(at))
    }

    /// Changes a row where it stands.
    @inline(__always)
    private mutating func update(_ at: Int, _ globalSeq: UInt64, _ body: (inout Row) -> Void) {
        body(&slots[at].row)
        slots[at].row.globalSeq = globalSeq
        markDirty(at)
    }

    /// Puts a row where one with its key was taken out.
    private mutating func revive(_ at: Int, _ row: Row) {
        slots[at].row = row
        slots[at].isPresent = true
    }

    /// The row with a key.
    package mutating func row(_ key: Row.Key) -> Row? {
        guard let at = find(key, key.spread), isPresent(at) else { return nil }
        return slots[at].row
    }

    /// Puts a row in and fills it where it stands, unless there is one with its key; false then.
    @inline(__always)
    mutating func add(_ key: Row.Key, at globalSeq: UInt64, _ fill: (inout Row) -> Void) -> Bool {
        let spread = key.spread
        let at: Int
        if let found = find(key, spread) {
            guard !isPresent(found) else { return false }
            revive(found, Row(key: key))
            at = found
        } else {
            at = insert(key, spread, Slot(row: Row(key: key)))
        }
        update(at, globalSeq, fill)
        return true
    }

    /// Changes the row with a key, making it first if it is not there.
    mutating func change(_ key: Row.Key, at globalSeq: UInt64, _ body: (inout Row) -> Void) {
        changeIfPresent(key, orElse: Row(key: key), at: globalSeq, body)
    }

    /// Where a row stands in memory whose key has the hash `spread` and is the one that is meant.
    ///
    /// Nil if it is elsewhere or nowhere, and always where keys rise with time.
    @inline(__always)
    func hint(_ spread: UInt64, _ isMeant: (inout Row.Key) -> Bool) -> PlaceHint? {
        index.find(spread) { isKey($0, isMeant) }.map { PlaceHint($0) }
    }

    /// Looks at a row that was just found.
    @inline(__always)
    func look<Part>(_ hint: PlaceHint, _ body: (inout Row) -> Part) -> Part {
        unsafe body(&slots.address(hint.place).pointee.row)
    }

    /// Changes the row at `hint` if its key is the one that is meant, otherwise the one with `key`, which is made if it
    /// is not there.
    @inline(__always)
    mutating func change(
        _ hint: PlaceHint, _ isMeant: (inout Row.Key) -> Bool, orElse key: @autoclosure () -> Row.Key,
        at globalSeq: UInt64, _ body: (inout Row) -> Void
    ) {
        let at = hint.place
        guard at < slots.count, isKey(at, isMeant), isPresent(at) else { return change(key(), at: globalSeq, body) }
        update(at, globalSeq, body)
    }

    /// Changes the row with a key; without it, `replacement`, or nothing if that is nil.
    @discardableResult
    mutating func changeIfPresent(
        _ key: Row.Key, orElse replacement: @autoclosure () -> Row? = nil, at globalSeq: UInt64,
        _ body: (inout Row) -> Void
    ) -> Bool {
        let spread = key.spread
        var found = find(key, spread)
        if let at = found, !isPresent(at) {
            guard let row = replacement() else { return false }
            revive(at, row)
        } else if found == nil {
            guard let row = replacement() else { return false }
            found = insert(key, spread, Slot(row: row))
        }
        guard let at = found else { return false }
        update(at, globalSeq, body)
        return true
    }

    /// Takes a row out.
    mutating func remove(_ key: Row.Key) {
        guard let at = find(key, key.spread), isPresent(at) else { return }
        slots[at].isPresent = false
        markDirty(at)
    }

    /// How many rows the next settling looks at.
    var changeCount: Int { dirty.count + slots.count - newStart }

    /// Brings the hash up to date and adds the rows that changed to `changes`.
    mutating func settle(_ changes: inout RowChanges) {
        for at in dirty { settle(Int(at), &changes) }
        dirty.removeAll(keepingCapacity: true)
        for at in newStart..<slots.count { settle(at, &changes) }
        newStart = slots.count
    }

    private mutating func settle(_ at: Int, _ changes: inout RowChanges) {
        slots[at].isDirty = false
        let before = slots[at].isSettled ? digests[at] : nil
        guard slots[at].isPresent else {
            guard let before else { return }
            sum.subtract(before)
            count -= 1
            slots[at].isSettled = false
            changes.remove(&slots[at].row)
            return
        }
        let now = changes.put(&slots[at].row, unless: before)
        guard now != before else { return }
        if let before { sum.subtract(before) } else { count += 1 }
        sum.add(now)
        slots[at].isSettled = true
        note(now, at: at)
    }

    /// Drops the older half of the rows in memory if they are more than `limit`; all must be settled and written.
    ///
    /// The younger half stays: what comes next is mostly about what came last.
    mutating func evict(over limit: Int) {
        guard hasSource, slots.count > limit else { return }
        slots.dropFirst(over: limit / 2) { slot in
            guard let id = Row.risingID(slot.row.key), slot.isPresent else { return }
            absentMax = absentMax.map { max($0, id) } ?? id
        }
        // Rows at the end may have no digest yet: those that came and went between two settlings.
        while digests.count < newStart { digests.append(RowDigest()) }
        digests.dropFirst(over: slots.count) { _ in }
        newStart = slots.count
        index.removeAll()
        risingIndex.removeAll()
        for at in 0..<slots.count {
            let key = unsafe slots.address(at).pointee.row.key
            enter(key, key.spread, at)
        }
    }

    /// Rows in memory, in order of their keys.
    package var sortedRows: [Row] {
        (0..<slots.count).filter { slots[$0].isPresent }.map { slots[$0].row }.sorted { $0.key < $1.key }
    }
}

/// Where a row was found, as no part of what a row says.
///
/// It may have moved since, which only costs time.
struct PlaceHint: Equatable, Sendable {
    private let found: UInt32

    /// No place in particular.
    init() { found = 0 }

    init(_ place: Int) { found = UInt32(truncatingIfNeeded: place) }

    var place: Int { Int(found) }

    /// Rows are the same wherever they were found.
    static func == (a: PlaceHint, b: PlaceHint) -> Bool { true }
}

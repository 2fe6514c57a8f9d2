import Events
import LogFormat

/// Which events were folded: the index of them all, counts by type, and how far the fold has come.
package struct AdmittedEvents {
    package var position = FoldPosition()
    package var atlas = Table<AtlasRow>()
    package var eventTypes = Table<EventTypeRow>()

    /// No events.
    init() {}

    /// Goes through the tables, in the order of the documentation.
    mutating func visit<Visitor: TableVisitor>(_ visitor: inout Visitor) throws(Visitor.Failure) {
        try visitor.table(&atlas)
        try visitor.table(&eventTypes)
    }

    /// Takes note of an event that was read, folded or not.
    @inline(__always)
    mutating func pass(_ place: EventPlace) {
        position.globalSeq = place.globalSeq
        position.seqs[Int(place.module.rawValue)] = place.seq
    }

    /// Enters an event into the index; false if one with its id was there before, which then changes nothing.
    ///
    /// An event without an id (all zeros) cannot be told from its like, so it is never taken for a repeated one.
    @inline(__always)
    mutating func admit(_ lineage: Lineage, typeNumber: UInt8, _ place: EventPlace) -> Bool {
        guard lineage.id.ulid.high != 0 || lineage.id.ulid.low != 0 else { return true }
        return atlas.add(lineage.id, at: place.globalSeq) { row in
            row.typeNumber = typeNumber
            row.module = place.module
            row.seq = place.seq
            row.eventNanos = place.eventNanos
            row.lifecycleID = lineage.lifecycleID
            row.parentID = lineage.parentID
            row.seenGlobalSeq = lineage.seenGlobalSeq
        }
    }

    /// Enters what was counted of a type.
    mutating func enter(_ count: inout TypeCount, module: Module) {
        guard count.events + count.duplicates > 0 else { return }
        eventTypes.change(Pair(module, Pair(count.name, Int64(count.version))), at: count.lastGlobalSeq) { row in
            row.isKnown = count.isKnown
            row.events += count.events
            row.duplicates += count.duplicates
            if row.firstGlobalSeq == 0 { row.firstGlobalSeq = count.firstGlobalSeq }
        }
        if count.isKnown { position.folded += count.events }
        count.clear()
    }
}

/// Events of a type of one log that were counted and are not yet entered.
struct TypeCount {
    let name: String
    let version: UInt16
    let isKnown: Bool
    private(set) var events: UInt64 = 0
    private(set) var duplicates: UInt64 = 0
    private(set) var firstGlobalSeq: UInt64 = 0
    private(set) var lastGlobalSeq: UInt64 = 0

    init(_ name: String, _ version: UInt16, isKnown: Bool) {
        self.name = name
        self.version = version
        self.isKnown = isKnown
    }

    @inline(__always)
    mutating func add(_ place: EventPlace, isNew: Bool) {
        if events | duplicates == 0 { firstGlobalSeq = place.globalSeq }
        lastGlobalSeq = place.globalSeq
        if isNew { events += 1 } else { duplicates += 1 }
    }

    fileprivate mutating func clear() { (events, duplicates) = (0, 0) }
}

import Events
import LogFormat

extension ProjectionState {
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
    mutating func admit(_ lineage: Lineage, _ type: inout TypeOfStep, _ place: EventPlace) -> Bool {
        var isNew = true
        if lineage.id.ulid.high != 0 || lineage.id.ulid.low != 0 {
            var row = AtlasRow(key: lineage.id)
            row.typeNumber = type.number
            row.module = place.module
            row.seq = place.seq
            row.globalSeq = place.globalSeq
            row.eventNanos = place.eventNanos
            row.lifecycleID = lineage.lifecycleID
            row.parentID = lineage.parentID
            row.seenGlobalSeq = lineage.seenGlobalSeq
            isNew = atlas.add(row)
        }
        let key = Pair(place.module, Pair(type.name, Int64(type.version)))
        eventTypes.change(key, hint: &type.hint, at: place.globalSeq) { row in
            row.count(isKnown: true, isNew: isNew, place)
        }
        if isNew { position.folded += 1 }
        return isNew
    }

    /// Counts an event of a type that the program does not know.
    mutating func countUnknown(_ type: String, version: UInt16, _ place: EventPlace) {
        eventTypes.change(Pair(place.module, Pair(type, Int64(version))), at: place.globalSeq) { row in
            row.count(isKnown: false, isNew: true, place)
        }
    }
}

/// What an event's type is called where it is counted.
struct TypeOfStep {
    let name: String
    let version: UInt16
    let number: UInt8
    /// Where it was counted last.
    var hint = 0
}

extension EventTypeRow {
    @inline(__always)
    fileprivate mutating func count(isKnown: Bool, isNew: Bool, _ place: EventPlace) {
        self.isKnown = isKnown
        if firstGlobalSeq == 0 { firstGlobalSeq = place.globalSeq }
        if isNew { events += 1 } else { duplicates += 1 }
    }
}

package import Events
package import LogFormat

/// Where an event stands and what caused it (VOC-06).
package struct AtlasRow: ViewRow {
    package static let typeName = "atlas"
    package static let documentation =
        "Every event that a view reads: where it stands, its story and its cause (VOC-06)"
    package static let keyColumnCount = 1
    package static let view = View.atlas
    package static let sources = ["all of the above"]
    package static func risingID(_ key: EventID) -> ULID? { key.ulid }

    package var key = EventID()
    package var type = ""
    package var module = Module.mkt
    package var seq: UInt64 = 0
    package var globalSeq: UInt64 = 0
    package var eventNanos: Int64 = 0
    package var lifecycleID: LifecycleID?
    package var parentID: EventID?
    package var seenGlobalSeq: UInt64 = 0

    package init() {}
    package init(key: EventID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("event_id", &key, "Id of the event")
        v.field("type", &type, "Its type")
        v.field("module", &module, "The log that it stands in")
        v.count("seq", &seq, "Its place in that log")
        v.moment("event_ts", &eventNanos, "The moment that it is about")
        v.field("lifecycle_id", &lifecycleID, "The story it belongs to")
        v.field("parent_id", &parentID, "The event that caused it")
        v.count("seen_gsn", &seenGlobalSeq, "Inputs that its author had seen")
        v.place(&globalSeq)
    }
}

/// How many events of a type a log has, known to the program or not (LOG-09).
package struct EventTypeRow: ViewRow {
    package static let typeName = "event_types"
    package static let documentation = "Events by log and type; types that the program does not know are counted too"
    package static let keyColumnCount = 3
    package static let view = View.atlas
    package static let sources = ["all of the above", "every unknown type"]

    package var key = Pair(Module.mkt, Pair("", Int64(0)))
    package var isKnown = true
    package var events: UInt64 = 0
    package var duplicates: UInt64 = 0
    package var firstGlobalSeq: UInt64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<Module, Pair<String, Int64>>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("module", &key.first, "The log")
        v.field("type", &key.second.first, "The type")
        v.number("version", &key.second.second, "Its version")
        v.bool("known", &isKnown, "Whether the program folds it; other types are kept in the log and counted here")
        v.count("events", &events, unit: "event", "Events seen, without repeated ones")
        v.count("duplicates", &duplicates, unit: "event", "Events whose id had been seen before; they change nothing")
        v.count("first_gsn", &firstGlobalSeq, "First of them")
        v.place(&globalSeq)
    }
}

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

    // There is such a row for every event: small things stand together, and the type is a number.
    package var key = EventID()
    package var seq: UInt64 = 0
    package var globalSeq: UInt64 = 0
    package var eventNanos: Int64 = 0
    package var seenGlobalSeq: UInt64 = 0
    package var lifecycleID: LifecycleID?
    package var typeNumber = FoldedType.unknown
    package var module = Module.mkt
    package var parentID: EventID?

    package init() {}
    package init(key: EventID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("event_id", &key, "Id of the event")
        FoldedType.visit("type", &typeNumber, "Its type", &v)
        v.field("module", &module, "The log that it stands in")
        v.count("seq", &seq, "Its place in that log")
        v.moment("event_ts", &eventNanos, "The moment that it is about")
        v.field("lifecycle_id", &lifecycleID, "The story it belongs to")
        v.field("parent_id", &parentID, "The event that caused it")
        v.count("seen_gsn", &seenGlobalSeq, "Inputs that its author had seen")
        v.place(&globalSeq)
    }
}

/// Numbers of the types that views fold: one byte of each row instead of a name.
///
/// The numbers hold within one program only; files and hashes have the names.
package enum FoldedType {
    /// No type.
    static let unknown: UInt8 = 255

    private static let names = Folder.foldedTypes.sorted()

    /// The number of a type's name.
    static func number(_ name: String) -> UInt8 { UInt8(exactly: names.firstIndex(of: name) ?? 255) ?? unknown }

    /// The name of a number, empty if it is none.
    static func name(_ number: UInt8) -> String { Int(number) < names.count ? names[Int(number)] : "" }

    /// Visits the name.
    @inline(__always)
    static func visit(
        _ column: StaticString, _ number: inout UInt8, _ documentation: StaticString, _ visitor: inout some FieldVisitor
    ) {
        let before = name(number)
        var text = before
        visitor.field(column, &text, documentation)
        if text != before { number = Self.number(text) }
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

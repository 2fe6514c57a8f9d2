package import Events
package import LogEngine
internal import LogFormat
package import Runtime

/// Random events of every type that Lotus writes, for tests, benches and torture: the same seed gives the same history.
///
/// Some events come twice, with the same id at another place, and some are of a type that nobody knows. The order and
/// the fields of the catalog are part of what the seed means.
package struct RandomHistory {
    /// The logs that it writes.
    package static let modules = Module.allCases

    private var fields: RandomFields
    private var nanos: Int64 = 1_760_000_000_000_000_000
    private var made = 0
    /// Appends the last event of the history again.
    private var again: ((Root, Int64) throws(LogError) -> Void)?

    /// Starts with a seed.
    package init(seed: UInt64) { fields = RandomFields(seed: seed) }

    /// Appends `count` events.
    ///
    /// - Throws: what the root throws; it must hold the logs of `modules`.
    package mutating func append(_ count: Int, to root: Root) throws(LogError) {
        for _ in 0..<count { try append(to: root) }
    }

    private mutating func append(to root: Root) throws(LogError) {
        nanos += Int64(fields.random.below(3_000_000_000))
        fields.nanos = nanos
        made += 1
        if let again, fields.random.chance(0.04) { return try again(root, nanos) }
        if fields.random.chance(0.02) {
            var event = UnknownEvent()
            event.number = Int64(made)
            try root.append(&event, to: .ops, eventNanos: nanos, appendNanos: nanos)
            return
        }
        let type = EventCatalog.types[fields.random.below(EventCatalog.types.count)]
        try append(type.type, to: type.modules[fields.random.below(type.modules.count)], root)
    }

    private mutating func append<Event: LogEvent>(
        _ type: Event.Type, to module: Module, _ root: Root
    ) throws(LogError) {
        var event = Event()
        event.fields(&fields)
        // A cut would take events out of the history.
        if event is CutTaken { return }
        if var story = event as? any DomainEvent {
            story.lineage.id = EventID(module: module, key: "\(made)", eventNanos: nanos)
            fields.remember(story.lineage.id.ulid.bytes)
            event = story as? Event ?? event
        }
        let kept = event
        again = { (root, nanos) throws(LogError) in
            var event = kept
            try root.append(&event, to: module, eventNanos: nanos, appendNanos: nanos)
        }
        try root.append(&event, to: module, eventNanos: nanos, appendNanos: nanos)
    }
}

/// A type that the program does not know.
private struct UnknownEvent: LogEvent {
    static let typeName = "specimen.Unknown"
    static let version: UInt16 = 3
    var number: Int64 = 0
    mutating func fields(_ v: inout some FieldVisitor) { v.i64("number", &number) }
}

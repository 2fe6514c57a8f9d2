package import Events
package import LogEngine
package import LogFormat
package import Runtime

/// An event as it stands in a log, of whatever type.
package struct RecordedEvent: Equatable, Sendable {
    /// Name of the log.
    package let log: String
    /// Place in the log.
    package let seq: UInt64
    /// What every event has.
    package let head: RecordHead
    /// Description of its type.
    package let schema: Schema
    /// One value a field.
    package let values: [Value]

    /// `log:seq`, as the verbs take it.
    package var place: String { "\(log):\(seq)" }

    /// A value by the name of its field; null if there is no such field.
    package subscript(_ name: String) -> Value {
        schema.fields.firstIndex { $0.name == name }.map { values[$0] } ?? .null
    }

    /// The value of a field as people read it; nil if it is absent.
    package func text(_ name: String) -> String? {
        guard let index = schema.fields.firstIndex(where: { $0.name == name }), values[index] != .null else {
            return nil
        }
        return FieldText.plain(values[index], schema.fields[index])
    }

    /// Its id, for events of the vocabulary that have one.
    package var id: ULID? { ulid("id") }
    /// The event that caused it.
    package var parentID: ULID? { ulid("parent_id") }
    /// The story that it belongs to.
    package var lifecycleID: ULID? { ulid("lifecycle_id") }
    /// Inputs seen up to this place; nil for events that carry no cursor.
    package var seenGlobalSeq: UInt64? {
        if case .uint(let seen) = self["seen_gsn"], seen > 0 { seen } else { nil }
    }

    private func ulid(_ name: String) -> ULID? {
        guard let index = schema.fields.firstIndex(where: { $0.name == name }), schema.fields[index].unit == "ulid"
        else { return nil }
        return values[index].ulid
    }

    /// The fields of its lineage, which are told apart from what it says.
    static let lineageNames: Set<String> = ["id", "lifecycle_id", "parent_id", "seen_gsn"]

    /// Ids of other things that it names, with the path of the field, in the order of the fields.
    package var references: [(path: String, id: ULID)] {
        var found: [(String, ULID)] = []
        for (field, value) in zip(schema.fields, values) where !Self.lineageNames.contains(field.name) {
            Self.collect(value, field.type, field.unit, field.name, &found)
        }
        return found
    }

    private static func collect(
        _ value: Value, _ type: FieldType, _ unit: String, _ path: String, _ found: inout [(String, ULID)]
    ) {
        switch (type, value) {
        case (.fixed(16), _) where unit == "ulid": if let id = value.ulid { found.append((path, id)) }
        case (.record(let fields), .record(let values)):
            for (field, value) in zip(fields, values) {
                collect(value, field.type, field.unit, "\(path).\(field.name)", &found)
            }
        case (.list(let element, _), .list(let values)):
            for (index, value) in values.enumerated() { collect(value, element, unit, "\(path)[\(index)]", &found) }
        default: break
        }
    }
}

extension EventWalk {
    /// The current event with all its values.
    package func event() throws(LogError) -> RecordedEvent {
        let head = head
        return try read { batch throws(FormatError) in
            let (schema, values) = try batch.decodeValues()
            return RecordedEvent(log: name, seq: seq, head: head, schema: schema, values: values)
        }
    }
}

extension Value {
    /// The id in 16 bytes; nil for anything else and for the id of all zeros.
    var ulid: ULID? {
        guard case .bytes(let bytes) = self, let id = EventID(bytes: bytes), id != EventID() else { return nil }
        return id.ulid
    }

    /// A list's elements; none for anything else.
    var elements: [Value] { if case .list(let elements) = self { elements } else { [] } }
}

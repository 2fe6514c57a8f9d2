package import LogFormat

/// An event type that can be made of what an older version of it wrote (GEN-10, LOG-22).
///
/// Segments are never rewritten: old events are lifted when they are read. An upcaster is pure, and every one is tested
/// against a frozen segment.
package protocol UpcastableEvent: LogEvent {
    /// Makes an event of the current version.
    ///
    /// Errors: `invalid` when the old event says something that the new version cannot hold.
    static func upcast(_ old: OldEvent) throws(FormatError) -> Self
}

/// An event of an older version, by its description.
package struct OldEvent: Sendable {
    /// Its version.
    package let version: UInt16
    private let values: [String: Value]
    private let fields: [Field]
    private let list: [Value]

    /// Flattens an event: fields of records are found as `record.field`.
    package init(_ schema: Schema, _ values: [Value]) {
        version = schema.version
        fields = schema.fields
        list = values
        var flat: [String: Value] = [:]
        Self.flatten(schema.fields, values, "", &flat)
        self.values = flat
    }

    private static func flatten(_ fields: [Field], _ values: [Value], _ prefix: String, _ flat: inout [String: Value]) {
        for (field, value) in zip(fields, values) {
            flat[prefix + field.name] = value
            guard case .record(let inner) = field.type, case .record(let innerValues) = value else { continue }
            flatten(inner, innerValues, "\(prefix)\(field.name).", &flat)
        }
    }

    /// The event as one of the current version that has everything the old one had, and more: by the names of the
    /// fields, new ones with their defaults.
    ///
    /// Errors: `invalid` for a field that holds something else now.
    package func extended<Event: LogEvent>(to type: Event.Type) throws(FormatError) -> Event {
        var event = Event()
        var reader = ValueReader(fields, list)
        event.fields(&reader)
        if let failure = reader.failure { throw failure }
        return event
    }

    /// A value by its path; null if it is absent or was not a field of that version.
    package subscript(_ path: String) -> Value { values[path] ?? .null }

    /// A float, nil if it is absent.
    package func double(_ path: String) -> Double? {
        if case .double(let value) = self[path] { value } else { nil }
    }

    /// An integer, decimal or time, nil if it is absent.
    package func int(_ path: String) -> Int64? {
        if case .int(let value) = self[path] { value } else { nil }
    }

    /// A text, nil if it is absent.
    package func text(_ path: String) -> String? {
        if case .string(let value) = self[path] { value } else { nil }
    }

    /// A truth value, nil if it is absent.
    package func bool(_ path: String) -> Bool? {
        if case .bool(let value) = self[path] { value } else { nil }
    }

    /// Bytes, nil if they are absent.
    package func bytes(_ path: String) -> [UInt8]? {
        if case .bytes(let value) = self[path] { value } else { nil }
    }

    /// A symbol, nil if it is absent or out of the list.
    package func symbol<Symbol: EventSymbol>(_ path: String, _ type: Symbol.Type) -> Symbol? {
        if case .symbol(let index) = self[path] { UInt8(exactly: index).flatMap(Symbol.init(rawValue:)) } else { nil }
    }
}

/// Decodes events of one Swift type from any version that was ever written.
package struct EventDecoder<Event: LogEvent> {
    /// What the log's description of a type means for this program.
    private enum Kind {
        case current
        case older
        /// A newer version, or a type of the same name with another meaning.
        case foreign
    }

    private let current: Schema
    /// What is known of each type id of the log.
    private var kinds: [Kind?] = []

    /// Makes a decoder for logs that were not looked at yet.
    package init() throws(FormatError) { current = try Event.makeSchema() }

    /// Decodes the current event of `batch`, whatever its version.
    ///
    /// Errors: `invalid` for a malformed event, a newer version, or an older one without an upcaster.
    package mutating func decode(_ batch: inout BatchReader, into event: inout Event) throws(FormatError) {
        let typeID = batch.head.typeID
        guard let type = batch.state.state(of: typeID) else { throw .unknownType(typeID: typeID) }
        while kinds.count <= Int(typeID) { kinds.append(nil) }
        let kind = kinds[Int(typeID)] ?? classify(type.schema)
        kinds[Int(typeID)] = kind
        switch kind {
        case .current: try batch.decode(&event, type)
        case .older:
            guard let upcastable = Event.self as? any UpcastableEvent.Type else { throw refusal(type.schema) }
            let (schema, values) = try batch.decodeValues()
            guard let lifted = try upcastable.upcast(OldEvent(schema, values)) as? Event else {
                throw refusal(schema)
            }
            event = lifted
        case .foreign: throw refusal(type.schema)
        }
    }

    private func classify(_ schema: Schema) -> Kind {
        if schema.identityDigest == current.identityDigest { return .current }
        return schema.name == current.name && schema.version < current.version ? .older : .foreign
    }

    private func refusal(_ schema: Schema) -> FormatError {
        .invalid(
            what: "\(schema.name) version \(schema.version)",
            detail: "this program knows version \(current.version) and has no way to make one of the other")
    }
}

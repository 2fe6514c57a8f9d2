import Events
import LogEngine
import LogFormat

/// Why a line is refused.
struct LineError: Error {
    /// Field concerned, empty if none.
    var path = ""
    var detail: String

    /// The same inside a field.
    func inside(_ name: String) -> LineError {
        LineError(path: path.isEmpty ? name : path.hasPrefix("[") ? name + path : "\(name).\(path)", detail: detail)
    }

    var description: String { path.isEmpty ? detail : "field '\(path)': \(detail)" }
}

/// An event read from a line.
struct EventLine {
    var typeID: UInt16
    var eventNanos: Int64
    var flags: EventFlags = []
    var values: [Value]
}

/// The event types that lines may be of, and the one they are of if they do not say.
struct LineTypes {
    /// One type of the log.
    struct Entry {
        var typeID: UInt16
        var schema: Schema
        var plan: RecordPlan
        /// Whether a field of the type is called `event_ts`.
        var hidesEventTime: Bool
    }

    private(set) var entries: [Entry] = []
    /// The type of lines that name none.
    var standard: Entry?

    /// Adds a type.
    mutating func add(_ schema: Schema, typeID: UInt16) {
        guard !entries.contains(where: { $0.typeID == typeID }) else { return }
        entries.append(
            Entry(
                typeID: typeID, schema: schema, plan: RecordPlan(schema.fields),
                hidesEventTime: schema.fields.contains { $0.name == "event_ts" }))
    }

    /// A type by name, in its newest version unless one is given.
    func find(_ name: String, version: UInt16?) -> Entry? {
        entries.filter { $0.schema.name == name && (version == nil || $0.schema.version == version) }
            .max { $0.schema.version < $1.schema.version }
    }

    /// The names, for messages.
    var names: String {
        entries.isEmpty ? "none" : entries.map { "\($0.schema.name) v\($0.schema.version)" }.joined(separator: ", ")
    }
}

/// Turns lines of JSON into events.
struct LineParser {
    let types: LineTypes
    private var tape = JSONTape()

    private static let envelope = ["type", "version", "event_ts", "seq", "append_ts", "data", "flags", "log"].map {
        Array($0.utf8)
    }

    init(_ types: LineTypes) { self.types = types }

    /// Reads one line.
    mutating func parse(_ text: Span<UInt8>) throws(LineError) -> EventLine {
        do throws(JSONError) { try tape.parse(text) } catch {
            throw LineError(detail: "not JSON: \(error.description(in: text))")
        }
        guard tape.nodes[0].kind == .object else { throw LineError(detail: "expected a JSON object") }
        let mapper = ValueMapper(tape: tape)
        guard let data = envelopeData(text) else { return try flat(text, mapper) }
        let type = try typeOfEnvelope(text)
        let nanos = try eventNanos(text, mapper)
        let flags = try self.flags(text)
        let values = try mapper.record(type.plan, data, text, passing: nil)
        return EventLine(typeID: type.typeID, eventNanos: nanos, flags: flags, values: values)
    }

    /// The `data` member, if the line has the form that `cat` prints.
    private func envelopeData(_ text: Span<UInt8>) -> Int? {
        guard let data = tape.member(0, "data", text), tape.nodes[data].kind == .object else { return nil }
        var index = 1
        while index < Int(tape.nodes[0].next) {
            guard Self.envelope.contains(where: { tape.equals(index, $0, text) }) else { return nil }
            index = Int(tape.nodes[index + 1].next)
        }
        return data
    }

    private func flat(_ text: Span<UInt8>, _ mapper: ValueMapper) throws(LineError) -> EventLine {
        let type = try standardType()
        guard !type.hidesEventTime else {
            throw LineError(
                detail: "type \(type.schema.name) has a field 'event_ts' of its own: "
                    + "write {\"event_ts\":…,\"data\":{…}}, with the fields in data")
        }
        let nanos = try eventNanos(text, mapper)
        let values = try mapper.record(type.plan, 0, text, passing: Self.envelope[2])
        return EventLine(typeID: type.typeID, eventNanos: nanos, values: values)
    }

    private func standardType() throws(LineError) -> LineTypes.Entry {
        if let standard = types.standard { return standard }
        throw LineError(
            detail: "no type: give --type, or write {\"type\":…,\"event_ts\":…,\"data\":{…}}; known: \(types.names)")
    }

    private func typeOfEnvelope(_ text: Span<UInt8>) throws(LineError) -> LineTypes.Entry {
        var version: UInt16?
        if let index = tape.member(0, "version", text) {
            guard tape.nodes[index].kind == .integer, let found = UInt16(tape.string(index, text)) else {
                throw LineError(path: "version", detail: "expected an integer from 1 to 65535")
            }
            version = found
        }
        guard let index = tape.member(0, "type", text) else {
            let standard = try standardType()
            guard let version else { return standard }
            if let found = types.find(standard.schema.name, version: version) { return found }
            throw LineError(detail: "type \(standard.schema.name) v\(version) is unknown; known: \(types.names)")
        }
        guard tape.nodes[index].kind == .string || tape.nodes[index].kind == .escaped else {
            throw LineError(path: "type", detail: "expected a string")
        }
        let name = tape.string(index, text)
        if let found = types.find(name, version: version) { return found }
        throw LineError(
            detail:
                "type \(name)\(version.map { " v\($0)" } ?? "") is unknown, give its --schema; known: \(types.names)")
    }

    private func eventNanos(_ text: Span<UInt8>, _ mapper: ValueMapper) throws(LineError) -> Int64 {
        guard let index = tape.member(0, "event_ts", text) else {
            throw LineError(detail: "'event_ts' is missing: ISO-8601 text or integer nanoseconds since 1970")
        }
        do throws(LineError) {
            guard case .int(let nanos) = try mapper.value(.time, index, text) else { return 0 }
            return nanos
        } catch { throw error.inside("event_ts") }
    }

    private func flags(_ text: Span<UInt8>) throws(LineError) -> EventFlags {
        guard let index = tape.member(0, "flags", text) else { return [] }
        guard tape.nodes[index].kind == .integer, let bits = UInt8(tape.string(index, text)), bits < 64 else {
            throw LineError(path: "flags", detail: "expected an integer from 0 to 63")
        }
        return EventFlags(rawValue: bits)
    }
}

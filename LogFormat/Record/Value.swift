/// A value of any field type, for the parts that do not know types at compile time: command line, JSON, tests.
public enum Value: Equatable, Sendable {
    /// Absent.
    case null
    /// bool.
    case bool(Bool)
    /// i32, i64, decimal (scaled) and time (nanoseconds).
    case int(Int64)
    /// u64.
    case uint(UInt64)
    /// f64.
    case double(Double)
    /// f32.
    case float(Float)
    /// string.
    case string(String)
    /// bytes and fixed.
    case bytes([UInt8])
    /// Index of an enumeration's symbol.
    case symbol(UInt32)
    /// list.
    case list([Value])
    /// record: one value a field, `.null` for absent ones.
    case record([Value])
}

/// Builds the values of an event.
struct ValueSink: RecordSink {
    /// Open containers: the fields still to come of a record, or the elements of a list.
    private struct Open {
        var fields: [Field]?
        var presence: PresenceView
        var values: [Value]
        var optionalIndex = 0
    }

    private var stack: [Open] = []
    /// One value a top-level field, once the event is complete.
    private(set) var result: [Value] = []

    init() {}

    private mutating func put(_ value: Value) {
        fillAbsent()
        stack[stack.count - 1].values.append(value)
        if let fields = stack[stack.count - 1].fields,
            fields[stack[stack.count - 1].values.count - 1].null != .required
        {
            stack[stack.count - 1].optionalIndex += 1
        }
    }

    /// Puts `.null` for the absent fields before the next present one.
    private mutating func fillAbsent() {
        let top = stack.count - 1
        guard let fields = stack[top].fields else { return }
        while stack[top].values.count < fields.count {
            let field = fields[stack[top].values.count]
            guard field.null != .required, !stack[top].presence.isPresent(stack[top].optionalIndex) else { return }
            stack[top].values.append(.null)
            stack[top].optionalIndex += 1
        }
    }

    mutating func begin(_ type: TypeState, nested: Int?, presence: PresenceView) {
        let fields = nested.map { type.nestedRecords[$0] } ?? type.schema.fields
        stack.append(Open(fields: fields, presence: presence, values: []))
    }

    mutating func end() {
        fillAbsent()
        let values = stack.removeLast().values
        if stack.isEmpty { result = values } else { put(.record(values)) }
    }

    mutating func beginList(_ count: Int) { stack.append(Open(fields: nil, presence: .none, values: [])) }

    mutating func endList() {
        let values = stack.removeLast().values
        put(.list(values))
    }

    mutating func field(_ index: Int, isVolatile: Bool) {}
    mutating func bool(_ value: Bool) { put(.bool(value)) }
    mutating func i32(_ value: Int32) { put(.int(Int64(value))) }
    mutating func i64(_ value: Int64) { put(.int(value)) }
    mutating func u64(_ value: UInt64) { put(.uint(value)) }
    mutating func f64(_ value: Double) { put(.double(value)) }
    mutating func f32(_ value: Float) { put(.float(value)) }
    mutating func symbol(_ index: UInt32) { put(.symbol(index)) }
    mutating func text(_ utf8: UnsafeRawBufferPointer) { put(.string(unsafe String(decoding: utf8, as: UTF8.self))) }
    mutating func bytes(_ bytes: UnsafeRawBufferPointer) { put(.bytes(unsafe [UInt8](bytes))) }
    mutating func fixed(_ bytes: UnsafeRawBufferPointer) { put(.bytes(unsafe [UInt8](bytes))) }
}

/// Takes nothing: for passing over events while keeping the packing state in step.
struct SkipSink: RecordSink {
    mutating func begin(_ type: TypeState, nested: Int?, presence: PresenceView) {}
    mutating func field(_ index: Int, isVolatile: Bool) {}
    mutating func end() {}
    mutating func bool(_ value: Bool) {}
    mutating func i32(_ value: Int32) {}
    mutating func i64(_ value: Int64) {}
    mutating func u64(_ value: UInt64) {}
    mutating func f64(_ value: Double) {}
    mutating func f32(_ value: Float) {}
    mutating func symbol(_ index: UInt32) {}
    mutating func text(_ utf8: UnsafeRawBufferPointer) {}
    mutating func bytes(_ bytes: UnsafeRawBufferPointer) {}
    mutating func fixed(_ bytes: UnsafeRawBufferPointer) {}
    mutating func beginList(_ count: Int) {}
    mutating func endList() {}
}

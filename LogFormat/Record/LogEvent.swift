/// An event type declared in Swift: one list of fields gives codec, description, JSON and documentation.
///
/// ```swift
/// struct Trade: LogEvent {
///     static let typeName = "mkt.Trade"
///     static let version: UInt16 = 1
///     var instrument: Int32 = 0
///     var price: Int64 = 0
///     mutating func fields(_ v: inout some FieldVisitor) {
///         v.i32("instrument", &instrument, isKey: true)
///         v.decimal("price", &price, scale: 8, encoding: .keyDelta, step: 1_000_000)
///     }
/// }
/// ```
public protocol LogEvent {
    /// Name of the type.
    static var typeName: String { get }
    /// Version of the type.
    static var version: UInt16 { get }
    /// What the type means.
    static var documentation: String { get }
    /// An event to decode into.
    init()
    /// Visits every field in order. `mutating` because the same list serves decoding.
    mutating func fields(_ visitor: inout some FieldVisitor)
}

extension LogEvent {
    /// No documentation.
    public static var documentation: String { "" }

    /// The description of the type, made by visiting the fields of an empty event.
    public static func makeSchema() throws(FormatError) -> Schema {
        var describer = FieldDescriber()
        var event = Self()
        event.fields(&describer)
        return try Schema(name: typeName, version: version, fields: describer.fields, documentation: documentation)
    }
}

/// Is told the fields of an event, one after another.
///
/// Names, units and documentation are only used by the describer; encoder and decoder are specialised and never see
/// them.
public protocol FieldVisitor {
    /// A 32-bit integer.
    mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString)
    /// A 64-bit integer.
    mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString)
    /// An unsigned 64-bit integer.
    mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString)
    /// A scaled integer that stands for `value × 10^-scale`.
    mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString)
    /// Nanoseconds since 1970.
    mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString)
    /// A truth value.
    mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString)
    /// A finite 64-bit float.
    mutating func f64(_ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString)
    /// A finite 32-bit float.
    mutating func f32(_ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString)
    /// UTF-8 text.
    mutating func string(_ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString)
    /// Any bytes, borrowed: `source` is encoded; a decoder calls `body` with the bytes where they lie, valid during
    /// the call.
    mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void)
    /// A list of `count` 32-bit integers of which few change from event to event.
    mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString)
    /// A list of `count` 32-bit floats.
    mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString)
}

extension FieldVisitor {
    /// A 32-bit integer; see the requirement of the same name.
    @inlinable @inline(__always)
    public mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString = "", isKey: Bool = false,
        encoding: FieldEncoding = .varint, _ documentation: StaticString = ""
    ) { i32(name, &value, unit: unit, isKey: isKey, encoding: encoding, step: 1, documentation) }

    /// A 64-bit integer; see the requirement of the same name.
    @inlinable @inline(__always)
    public mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString = "", isKey: Bool = false,
        encoding: FieldEncoding = .varint, step: UInt64 = 1, documentation: StaticString = ""
    ) { i64(name, &value, unit: unit, isKey: isKey, encoding: encoding, step: step, documentation) }

    /// Any bytes; see the requirement of the same name.
    @inlinable @inline(__always)
    public mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) { unsafe opaque(name, source, "", body) }

    /// An unsigned 64-bit integer; see the requirement of the same name.
    @inlinable @inline(__always)
    public mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString = "", isKey: Bool = false,
        encoding: FieldEncoding = .varint, step: UInt64 = 1, documentation: StaticString = ""
    ) { u64(name, &value, unit: unit, isKey: isKey, encoding: encoding, step: step, documentation) }
}

/// Collects the description of an event type.
struct FieldDescriber: FieldVisitor {
    var fields: [Field] = []

    private mutating func add(
        _ name: StaticString, _ type: FieldType, unit: StaticString = "", isKey: Bool = false,
        encoding: FieldEncoding? = nil, step: UInt64 = 1, _ documentation: StaticString
    ) {
        fields.append(
            Field(
                "\(name)", type, unit: "\(unit)", isKey: isKey, encoding: encoding, step: step,
                documentation: "\(documentation)"))
    }

    mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { add(name, .i32, unit: unit, isKey: isKey, encoding: encoding, step: step, documentation) }

    mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { add(name, .i64, unit: unit, isKey: isKey, encoding: encoding, step: step, documentation) }

    mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { add(name, .u64, unit: unit, isKey: isKey, encoding: encoding, step: step, documentation) }

    mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { add(name, .decimal(scale: scale), unit: unit, encoding: encoding, step: step, documentation) }

    mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) { add(name, .time, encoding: encoding, documentation) }

    mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) {
        add(name, .bool, documentation)
    }

    mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) { add(name, .f64, unit: unit, documentation) }

    mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) { add(name, .f32, unit: unit, documentation) }

    mutating func string(
        _ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString
    ) { add(name, .string, isKey: isKey, documentation) }

    mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) { add(name, .bytes, documentation) }

    mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) { add(name, .list(.i32, count: count), unit: unit, encoding: .keyMask, step: step, documentation) }

    mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) { add(name, .list(.f32, count: count), unit: unit, documentation) }
}

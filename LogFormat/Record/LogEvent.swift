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
public protocol LogEvent: SendableMetatype {
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
    public static func makeSchema() throws(FormatError) -> Schema { try describe().schema }

    /// The description of the type with what only people and JSON Schema want to know.
    public static func describe() throws(FormatError) -> EventDescription {
        var describer = FieldDescriber()
        var event = Self()
        event.fields(&describer)
        if let failure = describer.failure { throw failure }
        let schema = try Schema(
            name: typeName, version: version, fields: describer.fields, documentation: documentation)
        return EventDescription(schema: schema, ranges: describer.ranges, notes: describer.notes)
    }
}

/// A type's schema, and the ranges that its numbers keep to.
public struct EventDescription: Sendable {
    /// What travels with the data.
    public let schema: Schema
    /// Range of a number by the path of its field (`kr.theta`); numbers without a range are not listed.
    public let ranges: [(path: String, range: ClosedRange<Double>)]
    /// What the fields inside of records mean, by the path of the field.
    public let notes: [(path: String, documentation: String)]
}

/// Fields that belong together: a record inside an event.
public protocol EventRecord: EventElement {
    /// Visits every field in order; encodings and keys mean nothing inside a record.
    mutating func fields(_ visitor: inout some FieldVisitor)
}

extension EventRecord {
    /// Visits the record as one field.
    @inlinable @inline(__always)
    public mutating func visit(
        _ name: StaticString, _ documentation: StaticString, _ visitor: inout some FieldVisitor
    ) { visitor.record(name, &self, documentation) }
}

/// A type that can stand for a field or an element of a list.
public protocol EventElement {
    /// A value to decode into.
    init()
    /// Visits the value as one field.
    mutating func visit(_ name: StaticString, _ documentation: StaticString, _ visitor: inout some FieldVisitor)
}

/// One of a closed list of symbols; the raw value is the symbol's index.
public protocol EventSymbol: EventElement, RawRepresentable, CaseIterable, Equatable, Sendable
where RawValue == UInt8 {
    /// The symbols as written, in order of the raw values.
    static var symbols: [String] { get }
}

extension EventSymbol {
    /// The first symbol, to decode into.
    @inlinable
    public init() {
        guard let first = Self(rawValue: 0) else { preconditionFailure("Invariant: symbols are numbered from 0") }
        self = first
    }

    /// The symbol as written.
    public var text: String { Self.symbols[Int(rawValue)] }

    /// The case of a symbol, nil if there is none.
    public init?(text: String) {
        guard let index = Self.symbols.firstIndex(of: text) else { return nil }
        self.init(rawValue: UInt8(index))
    }

    /// Visits the symbol as one field.
    @inlinable @inline(__always)
    public mutating func visit(
        _ name: StaticString, _ documentation: StaticString, _ visitor: inout some FieldVisitor
    ) { visitor.symbol(name, &self, isKey: false, documentation) }
}

extension String: EventElement {
    /// Visits the text as one field.
    @inlinable @inline(__always)
    public mutating func visit(
        _ name: StaticString, _ documentation: StaticString, _ visitor: inout some FieldVisitor
    ) { visitor.string(name, &self, isKey: false, documentation) }
}

extension Double: EventElement {
    /// Visits the number as one field.
    @inlinable @inline(__always)
    public mutating func visit(
        _ name: StaticString, _ documentation: StaticString, _ visitor: inout some FieldVisitor
    ) { visitor.f64(name, &self, unit: "", documentation) }
}

extension Int64: EventElement {
    /// Visits the number as one field.
    @inlinable @inline(__always)
    public mutating func visit(
        _ name: StaticString, _ documentation: StaticString, _ visitor: inout some FieldVisitor
    ) { visitor.i64(name, &self, unit: "", isKey: false, encoding: .varint, step: 1, documentation) }
}

extension UInt64: EventElement {
    /// Visits the number as one field.
    @inlinable @inline(__always)
    public mutating func visit(
        _ name: StaticString, _ documentation: StaticString, _ visitor: inout some FieldVisitor
    ) { visitor.u64(name, &self, unit: "", isKey: false, encoding: .varint, step: 1, documentation) }
}

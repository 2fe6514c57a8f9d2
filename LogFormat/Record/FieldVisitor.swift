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
    /// Bytes of a fixed number; 16 bytes with the unit `ulid` are written as a ULID's 26 characters.
    mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString)
    /// One of a closed list of symbols.
    mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString)
    /// Fields of its own.
    mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString)
    /// Any number of elements of one type.
    mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString)
    /// A field that may be absent: `field` visits it when it is there. Its encoding must not be `keyDelta` or
    /// `keyMask`, whose state an absent field could not keep in step.
    mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout Self, inout Wrapped) -> Void)
    /// Says that the number just about to be visited keeps to a range.
    mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>)
    /// Marks the field that `field` visits as one that may differ between two runs with the same inputs.
    mutating func volatile(_ field: (inout Self) -> Void)
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

    /// An integer of 64 bits that stands for `value × 10^-scale`; see the requirement of the same name.
    @inlinable @inline(__always)
    public mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString = "",
        encoding: FieldEncoding = .varint, _ documentation: StaticString = ""
    ) { decimal(name, &value, scale: scale, unit: unit, encoding: encoding, step: 1, documentation) }

    /// A float within a range; see the requirement of the same name.
    @inlinable @inline(__always)
    public mutating func f64(
        _ name: StaticString, _ value: inout Double, in range: ClosedRange<Double>, unit: StaticString = "",
        _ documentation: StaticString = ""
    ) {
        self.range(name, value, range)
        f64(name, &value, unit: unit, documentation)
    }

    /// A float that may be absent, within a range if there is one.
    @inlinable
    public mutating func f64(
        _ name: StaticString, _ value: inout Double?, in range: ClosedRange<Double>? = nil, unit: StaticString = "",
        null: NullClass = .optional, _ documentation: StaticString = ""
    ) {
        optional(&value, null, range?.lowerBound ?? 0) { visitor, value in
            if let range { visitor.range(name, value, range) }
            visitor.f64(name, &value, unit: unit, documentation)
        }
    }

    /// An integer that may be absent.
    @inlinable
    public mutating func i64(
        _ name: StaticString, _ value: inout Int64?, unit: StaticString = "", null: NullClass = .optional,
        _ documentation: StaticString = ""
    ) {
        optional(&value, null, 0) { visitor, value in
            visitor.i64(name, &value, unit: unit, isKey: false, encoding: .varint, step: 1, documentation)
        }
    }

    /// A scaled integer that may be absent.
    @inlinable
    public mutating func decimal(
        _ name: StaticString, _ value: inout Int64?, scale: Int, unit: StaticString = "",
        null: NullClass = .optional, _ documentation: StaticString = ""
    ) {
        optional(&value, null, 0) { visitor, value in
            visitor.decimal(name, &value, scale: scale, unit: unit, encoding: .varint, step: 1, documentation)
        }
    }

    /// A time that may be absent.
    @inlinable
    public mutating func time(
        _ name: StaticString, _ value: inout Int64?, null: NullClass = .optional, _ documentation: StaticString = ""
    ) {
        optional(&value, null, 0) { visitor, value in
            visitor.time(name, &value, encoding: .varint, documentation)
        }
    }

    /// A truth value that may be absent.
    @inlinable
    public mutating func bool(
        _ name: StaticString, _ value: inout Bool?, null: NullClass = .optional, _ documentation: StaticString = ""
    ) {
        optional(&value, null, false) { visitor, value in visitor.bool(name, &value, documentation) }
    }

    /// A value of any element type.
    @inlinable @inline(__always)
    public mutating func field<Element: EventElement>(
        _ name: StaticString, _ value: inout Element, _ documentation: StaticString = ""
    ) { value.visit(name, documentation, &self) }

    /// A value of any element type that may be absent.
    @inlinable
    public mutating func field<Element: EventElement>(
        _ name: StaticString, _ value: inout Element?, null: NullClass = .optional,
        _ documentation: StaticString = ""
    ) {
        optional(&value, null, Element()) { visitor, value in value.visit(name, documentation, &visitor) }
    }

    /// Fields are not volatile unless somebody describes them.
    @inlinable @inline(__always)
    public mutating func volatile(_ field: (inout Self) -> Void) { field(&self) }
}

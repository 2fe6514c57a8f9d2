/// A visitor that takes no notice of what it is shown; its conformers look at the few things they care for.
@usableFromInline
protocol QuietVisitor: FieldVisitor {}

extension QuietVisitor {
    @inlinable @inline(__always)
    mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) {}

    @inlinable @inline(__always)
    mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func string(
        _ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {}

    @inlinable @inline(__always)
    mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) {}

    @inlinable @inline(__always)
    mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout Self, inout Wrapped) -> Void
    ) {}

    @inlinable @inline(__always)
    mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>) {}
}

/// Counts the fields of a record that may be absent.
@usableFromInline
struct OptionalCounter: QuietVisitor {
    @usableFromInline var count = 0

    @inlinable
    init() {}

    @inlinable @inline(__always)
    mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout OptionalCounter, inout Wrapped) -> Void
    ) { count &+= 1 }
}

/// Finds the field that an encoder refused, to name it.
struct FieldChecker: QuietVisitor {
    /// The first field that is not allowed, and why.
    private(set) var failure: FormatError?

    private mutating func note(_ name: StaticString, _ detail: @autoclosure () -> String) {
        if failure == nil { failure = .invalid(what: "\(name)", detail: detail()) }
    }

    mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) { if !value.isFinite { note(name, "\(value) is not a finite number") } }

    mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) { if !value.isFinite { note(name, "\(value) is not a finite number") } }

    mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) {
        for index in 0..<count where !value[index].isFinite {
            note(name, "element \(index), \(value[index]), is not a finite number")
        }
    }

    mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) { value.fields(&self) }

    mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) {
        if value.count > FormatLimits.listElementsMax {
            note(name, "\(value.count) elements, the limit is \(FormatLimits.listElementsMax)")
        }
        for index in value.indices { value[index].visit(name, "", &self) }
    }

    mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout FieldChecker, inout Wrapped) -> Void
    ) { if var wrapped = value { field(&self, &wrapped) } }

    mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>) {
        if !range.contains(value) { note(name, "\(value) is outside of \(range.lowerBound) … \(range.upperBound)") }
    }
}

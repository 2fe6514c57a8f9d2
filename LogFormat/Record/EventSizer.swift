/// Counts the canonical bytes of a large event of a Swift type.
@usableFromInline
struct EventSizer: FieldVisitor {
    /// Packed size below which counting is not needed: 1,024 fields add at most 260 bytes each to it.
    @usableFromInline static var threshold: Int { 7 << 20 }

    /// Bytes so far; heads and lengths of both parts first.
    @usableFromInline var byteCount = 44

    @usableFromInline init() {}

    @usableFromInline
    mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { byteCount += 4 }

    @usableFromInline
    mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { byteCount += 8 }

    @usableFromInline
    mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { byteCount += 8 }

    @usableFromInline
    mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { byteCount += 8 }

    @usableFromInline
    mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) { byteCount += 8 }

    @usableFromInline
    mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) { byteCount += 1 }

    @usableFromInline
    mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) { byteCount += 8 }

    @usableFromInline
    mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) { byteCount += 4 }

    @usableFromInline
    mutating func string(
        _ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString
    ) { byteCount += 4 + value.utf8.count }

    @usableFromInline
    mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) { byteCount += 4 + source.count }

    @usableFromInline
    mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) { byteCount += 4 + 4 * count }

    @usableFromInline
    mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) { byteCount += 4 + 4 * count }

    @usableFromInline
    mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString
    ) { byteCount += count }

    @usableFromInline
    mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString
    ) { byteCount += 4 }

    @usableFromInline
    mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) {
        var counter = OptionalCounter()
        value.fields(&counter)
        byteCount += (counter.count + 7) / 8
        value.fields(&self)
    }

    @usableFromInline
    mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) {
        byteCount += 4
        for index in value.indices { value[index].visit(name, "", &self) }
    }

    @usableFromInline
    mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout EventSizer, inout Wrapped) -> Void
    ) { if var wrapped = value { field(&self, &wrapped) } }

    @usableFromInline
    mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>) {}
}

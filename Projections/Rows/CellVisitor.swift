import Events
package import LogFormat

/// Goes through a flat row as SQLite sees it: integers, reals, texts, ids and nothing.
package protocol CellVisitor: FieldVisitor {
    /// An integer of any kind.
    mutating func integer(_ value: inout Int64)
    /// A float.
    mutating func real(_ value: inout Double)
    /// A text.
    mutating func text(_ value: inout String)
    /// A constant text; a reader returns what it found, nil if it is not among `symbols`.
    mutating func symbolIndex(_ index: UInt8, of symbols: [String]) -> UInt8?
    /// An id: the only bytes that rows hold.
    mutating func id(_ high: inout UInt64, _ low: inout UInt64)
    /// Whether a value that may be absent is there: a writer notes what it is told, a reader looks.
    mutating func isPresent(_ hasValue: Bool) -> Bool
}

extension CellVisitor {
    package mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) {
        var wide = Int64(value)
        integer(&wide)
        value = Int32(truncatingIfNeeded: wide)
    }

    @inline(__always)
    package mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { integer(&value) }

    @inline(__always)
    package mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) {
        var signed = Int64(bitPattern: value)
        integer(&signed)
        value = UInt64(bitPattern: signed)
    }

    package mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { integer(&value) }

    @inline(__always)
    package mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) { integer(&value) }

    @inline(__always)
    package mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) {
        var number: Int64 = value ? 1 : 0
        integer(&number)
        value = number != 0
    }

    @inline(__always)
    package mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) {
        // SQLite keeps no negative zero, so neither may the bytes that are hashed.
        value += 0
        real(&value)
    }

    package mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) {
        var wide = Double(value)
        real(&wide)
        value = Float(wide)
    }

    @inline(__always)
    package mutating func string(
        _ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString
    ) { text(&value) }

    @inline(__always)
    package mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString
    ) {
        precondition(count == 16, "Invariant: the only bytes of a row are ids")
        var (high, low): (UInt64, UInt64) = (0, 0)
        for index in 0..<8 {
            high = high << 8 | UInt64(value[index])
            low = low << 8 | UInt64(value[index + 8])
        }
        id(&high, &low)
        for index in 0..<8 {
            value[index] = UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * index))
            value[index + 8] = UInt8(truncatingIfNeeded: low >> UInt64(56 - 8 * index))
        }
    }

    @inline(__always)
    package mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString
    ) {
        if let index = symbolIndex(value.rawValue, of: Symbol.symbols), let found = Symbol(rawValue: index) {
            value = found
        }
    }

    @inline(__always)
    package mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout Self, inout Wrapped) -> Void
    ) {
        guard isPresent(value != nil) else {
            value = nil
            return
        }
        var wrapped = value ?? placeholder()
        field(&self, &wrapped)
        value = wrapped
    }

    package mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>) {}

    package mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) { preconditionFailure("Invariant: a row is flat") }

    package mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) { preconditionFailure("Invariant: a row is flat") }

    package mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) { preconditionFailure("Invariant: a row is flat") }

    package mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) { preconditionFailure("Invariant: a row is flat") }

    package mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) { preconditionFailure("Invariant: a row is flat") }
}

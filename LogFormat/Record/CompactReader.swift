/// Decodes what lies inside of lists and records (SPEC.md section 9, compact form).
///
/// Like `FieldReader` it relies on slack behind the end, and checks the end before each field.
@safe
public struct CompactReader: FieldVisitor {
    @usableFromInline var cursor: UnsafeRawPointer
    @usableFromInline let end: UnsafeRawPointer
    /// The presence map of the record.
    @usableFromInline var map: UnsafeRawPointer
    @usableFromInline var optionalIndex = 0
    @usableFromInline var failed = false

    @inlinable @inline(__always)
    init(cursor: UnsafeRawPointer, end: UnsafeRawPointer) {
        unsafe self.cursor = cursor
        unsafe self.end = end
        unsafe map = cursor
    }

    /// Stops a record that already ran over the end from reading further than the slack.
    @inlinable @inline(__always)
    mutating func checkEnd() {
        if unsafe cursor > end {
            failed = true
            unsafe cursor = end
        }
    }

    @inlinable @inline(__always)
    mutating func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> T {
        checkEnd()
        let value = unsafe cursor.loadUnaligned(as: T.self)
        unsafe cursor += MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    @inlinable
    mutating func varint() -> UInt64 {
        checkEnd()
        return unsafe takeVarint(&cursor, &failed)
    }

    /// Bytes with their length in front, where they lie.
    @inlinable
    mutating func borrowed() -> UnsafeRawBufferPointer {
        let count = varint()
        checkEnd()
        guard unsafe count <= UInt64(end - cursor) else {
            failed = true
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let bytes = unsafe UnsafeRawBufferPointer(start: cursor, count: Int(count))
        unsafe cursor += Int(count)
        return unsafe bytes
    }

    /// Decodes a 32-bit integer.
    @inlinable
    public mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) {
        let wide = unzigzag(varint())
        value = Int32(truncatingIfNeeded: wide)
        if Int64(value) != wide { failed = true }
    }

    /// Decodes a 64-bit integer.
    @inlinable
    public mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { value = unzigzag(varint()) }

    /// Decodes an unsigned 64-bit integer.
    @inlinable
    public mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { value = varint() }

    /// Decodes a scaled integer.
    @inlinable
    public mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { value = unzigzag(varint()) }

    /// Decodes a time.
    @inlinable
    public mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) { value = unzigzag(varint()) }

    /// Decodes a truth value.
    @inlinable
    public mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) {
        let byte = load(UInt8.self)
        if byte > 1 { failed = true }
        value = byte == 1
    }

    /// Decodes a float; one that is not finite fails the event.
    @inlinable
    public mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) {
        value = Double(bitPattern: load(UInt64.self))
        if !value.isFinite { failed = true }
    }

    /// Decodes a float; one that is not finite fails the event.
    @inlinable
    public mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) {
        value = Float(bitPattern: load(UInt32.self))
        if !value.isFinite { failed = true }
    }

    /// Decodes text.
    @inlinable
    public mutating func string(
        _ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString
    ) {
        let utf8 = unsafe borrowed()
        if unsafe holds(&value, utf8) { return }
        if let text = unsafe makeText(utf8) { value = text } else { failed = true }
    }

    /// Decodes bytes where they lie.
    @inlinable
    public mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) { unsafe body(borrowed()) }

    /// Decodes integers.
    @inlinable
    public mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) {
        for index in 0..<count { i32(name, &value[index], unit: unit, isKey: false, encoding: .plain, step: 1, "") }
    }

    /// Decodes floats; one that is not finite fails the event.
    @inlinable
    public mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) { for index in 0..<count { f32(name, &value[index], unit: unit, "") } }

    /// Decodes bytes of a fixed number.
    @inlinable
    public mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString
    ) { for index in 0..<count { value[index] = load(UInt8.self) } }

    /// Decodes the index of a symbol.
    @inlinable
    public mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString
    ) {
        let index = varint()
        if let symbol = UInt8(exactly: index).flatMap(Symbol.init(rawValue:)) { value = symbol } else { failed = true }
    }

    /// Decodes a record.
    @inlinable
    public mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) {
        checkEnd()
        var counter = OptionalCounter()
        value.fields(&counter)
        var inner = unsafe CompactReader(cursor: cursor, end: end)
        inner.readMap(counter.count)
        value.fields(&inner)
        unsafe cursor = inner.cursor
        if inner.failed { failed = true }
    }

    @inlinable
    mutating func readMap(_ optionalCount: Int) {
        let byteCount = (optionalCount &+ 7) &>> 3
        let used = optionalCount & 7
        if used != 0, unsafe map.load(fromByteOffset: byteCount &- 1, as: UInt8.self) &>> UInt8(used) != 0 {
            failed = true
        }
        unsafe cursor += byteCount
    }

    /// Decodes a list; every element takes at least a byte, so the bytes left bound the work before any is done.
    @inlinable
    public mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) {
        let count = varint()
        checkEnd()
        guard !failed, count <= UInt64(FormatLimits.listElementsMax), unsafe count <= UInt64(end - cursor) else {
            failed = true
            return
        }
        // Elements that are there are decoded into: they keep the memory of their texts.
        if value.count > Int(count) { value.removeLast(value.count - Int(count)) }
        for at in value.indices where !failed { value[at].visit(name, "", &self) }
        if value.capacity < Int(count) { value.reserveCapacity(min(Int(count), 1024)) }
        while value.count < Int(count), !failed {
            var element = Element()
            element.visit(name, "", &self)
            value.append(element)
        }
    }

    /// Decodes a field if the map says that it is there.
    @inlinable
    public mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout CompactReader, inout Wrapped) -> Void
    ) {
        let index = optionalIndex
        optionalIndex &+= 1
        guard unsafe map.load(fromByteOffset: index &>> 3, as: UInt8.self) &>> UInt8(index & 7) & 1 == 1 else {
            value = nil
            return
        }
        // What stood here is decoded into: it keeps the memory of its lists and texts.
        var wrapped = value.take() ?? placeholder()
        field(&self, &wrapped)
        value = wrapped
    }

    /// What was written stays readable, whatever range is asked for today.
    @inlinable @inline(__always)
    public mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>) {}
}

/// Encodes what lies inside of lists and records (SPEC.md section 9, compact form).
@safe
public struct CompactWriter: FieldVisitor {
    @usableFromInline var buffer: BufferMemory
    /// Where the presence map of the record stands.
    @usableFromInline let mapAt: Int
    @usableFromInline var optionalIndex = 0
    @usableFromInline var failed = false

    @inlinable @inline(__always)
    init(buffer: BufferMemory, mapAt: Int) {
        unsafe self.buffer = buffer
        self.mapAt = mapAt
    }

    /// Encodes a 32-bit integer.
    @inlinable @inline(__always)
    public mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { unsafe buffer.appendVarint(zigzag(Int64(value))) }

    /// Encodes a 64-bit integer.
    @inlinable @inline(__always)
    public mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { unsafe buffer.appendVarint(zigzag(value)) }

    /// Encodes an unsigned 64-bit integer.
    @inlinable @inline(__always)
    public mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { unsafe buffer.appendVarint(value) }

    /// Encodes a scaled integer.
    @inlinable @inline(__always)
    public mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64, _ documentation: StaticString
    ) { unsafe buffer.appendVarint(zigzag(value)) }

    /// Encodes a time.
    @inlinable @inline(__always)
    public mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) { unsafe buffer.appendVarint(zigzag(value)) }

    /// Encodes a truth value.
    @inlinable @inline(__always)
    public mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) {
        unsafe buffer.append(UInt8(value ? 1 : 0))
    }

    /// Encodes a float; a float that is not finite fails the event.
    @inlinable @inline(__always)
    public mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) {
        if !value.isFinite { failed = true }
        unsafe buffer.append(value.bitPattern)
    }

    /// Encodes a float; a float that is not finite fails the event.
    @inlinable @inline(__always)
    public mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) {
        if !value.isFinite { failed = true }
        unsafe buffer.append(value.bitPattern)
    }

    /// Encodes text.
    @inlinable
    public mutating func string(
        _ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString
    ) { unsafe buffer.append(text: &value) }

    /// Encodes bytes.
    @inlinable
    public mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        unsafe buffer.appendVarint(UInt64(source.count))
        unsafe buffer.append(contentsOf: source)
    }

    /// Encodes integers.
    @inlinable
    public mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) { for index in 0..<count { unsafe buffer.appendVarint(zigzag(Int64(value[index]))) } }

    /// Encodes floats; one that is not finite fails the event.
    @inlinable
    public mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) {
        for index in 0..<count {
            if !value[index].isFinite { failed = true }
            unsafe buffer.append(value[index].bitPattern)
        }
    }

    /// Encodes bytes of a fixed number.
    @inlinable
    public mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString
    ) { unsafe buffer.append(fixed: value) }

    /// Encodes the index of a symbol.
    @inlinable @inline(__always)
    public mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString
    ) { unsafe buffer.appendVarint(UInt64(value.rawValue)) }

    /// Encodes a record.
    @inlinable
    public mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) { unsafe failed = buffer.append(record: &value) || failed }

    /// Encodes a list.
    @inlinable
    public mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) { unsafe failed = buffer.append(list: &value) || failed }

    /// Encodes a field that is there, and says so in the map.
    @inlinable
    public mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout CompactWriter, inout Wrapped) -> Void
    ) {
        let index = optionalIndex
        optionalIndex &+= 1
        guard var wrapped = value else { return }
        unsafe buffer.setBit(index, ofMapAt: mapAt)
        field(&self, &wrapped)
    }

    /// A number outside of its range fails the event.
    @inlinable
    public mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>) {
        if !range.contains(value) { failed = true }
    }
}

extension BufferMemory {
    /// Appends a text with its length.
    @inlinable
    mutating func append(text: inout String) {
        text.withUTF8 { utf8 in
            unsafe appendVarint(UInt64(utf8.count))
            unsafe append(contentsOf: UnsafeRawBufferPointer(utf8))
        }
    }

    /// Appends bytes of a fixed number.
    @inlinable @inline(__always)
    mutating func append<let count: Int>(fixed value: InlineArray<count, UInt8>) {
        unsafe reserve(count)
        for index in 0..<count {
            unsafe base.storeBytes(of: value[index], toByteOffset: self.count &+ index, as: UInt8.self)
        }
        unsafe self.count &+= count
    }

    /// Makes an empty presence map for `optionalCount` fields and returns where it stands.
    @inlinable @inline(__always)
    mutating func appendMap(optionalCount: Int) -> Int {
        let mapAt = unsafe count
        let byteCount = (optionalCount &+ 7) &>> 3
        unsafe reserve(byteCount)
        for index in 0..<byteCount { unsafe base.storeBytes(of: 0, toByteOffset: mapAt &+ index, as: UInt8.self) }
        unsafe count &+= byteCount
        return mapAt
    }

    /// Sets a bit of a presence map.
    @inlinable @inline(__always)
    mutating func setBit(_ index: Int, ofMapAt mapAt: Int) {
        let offset = mapAt &+ index &>> 3
        let bits = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
        unsafe base.storeBytes(of: bits | 1 &<< UInt8(index & 7), toByteOffset: offset, as: UInt8.self)
    }

    /// Appends a record in compact form; true if something in it is not allowed.
    @inlinable
    mutating func append<Record: EventRecord>(record: inout Record) -> Bool {
        var counter = OptionalCounter()
        record.fields(&counter)
        let mapAt = unsafe appendMap(optionalCount: counter.count)
        var writer = unsafe CompactWriter(buffer: self, mapAt: mapAt)
        record.fields(&writer)
        unsafe self = writer.buffer
        return writer.failed
    }

    /// Appends a list in compact form; true if something in it is not allowed.
    @inlinable
    mutating func append<Element: EventElement>(list: inout [Element]) -> Bool {
        unsafe appendVarint(UInt64(list.count))
        var writer = unsafe CompactWriter(buffer: self, mapAt: 0)
        for index in list.indices { list[index].visit("", "", &writer) }
        unsafe self = writer.buffer
        return writer.failed || list.count > FormatLimits.listElementsMax
    }
}

/// The decoder of Swift event types; specialised for each type by the compiler.
///
/// It reads without a length check per byte: the buffer it reads from ends in `slack` readable bytes, and the end is
/// checked before as many fields as could be longer than that together. The compiler knows where that is: in most
/// event types nowhere. A record that runs over the end is noticed and refused before anything of it is used.
@safe
public struct FieldReader: FieldVisitor {
    /// Readable bytes that must follow the raw bytes of a batch.
    @usableFromInline static var slack: Int { 4096 }

    @usableFromInline var cursor: UnsafeRawPointer
    @usableFromInline let end: UnsafeRawPointer
    @usableFromInline let last: UnsafeMutablePointer<Int64>
    @usableFromInline var slots: UnsafeMutablePointer<Int64>
    @usableFromInline let memory: UnsafeMutablePointer<PackingMemory>
    @usableFromInline let eventNanos: Int64
    @usableFromInline var field = 0
    @usableFromInline var keySlot = 0
    @usableFromInline var failed = false
    /// Bytes that the fields since the last look at the end may have taken at most.
    @usableFromInline var unchecked = 128
    /// The presence map of the event.
    @usableFromInline let map: UnsafeRawPointer
    @usableFromInline var optionalIndex = 0

    @inlinable @inline(__always)
    init(
        cursor: UnsafeRawPointer, end: UnsafeRawPointer, memory: UnsafeMutablePointer<PackingMemory>,
        eventNanos: Int64
    ) {
        unsafe map = cursor
        unsafe self.cursor = cursor
        unsafe self.end = end
        unsafe self.memory = memory
        unsafe self.last = memory.pointee.last
        unsafe self.slots = memory.pointee.slab
        self.eventNanos = eventNanos
        let optionalCount = unsafe memory.pointee.optionalCount
        if optionalCount > 0 { readMap(optionalCount) }
    }

    /// Passes over the presence map, which is at most 128 bytes, well inside the slack.
    @inlinable @inline(__always)
    mutating func readMap(_ optionalCount: Int) {
        let byteCount = (optionalCount &+ 7) &>> 3
        let used = optionalCount & 7
        if used != 0, unsafe map.load(fromByteOffset: byteCount &- 1, as: UInt8.self) &>> UInt8(used) != 0 {
            failed = true
        }
        unsafe cursor += byteCount
    }

    /// Stops a record that already ran over the end from reading further than the slack.
    @inlinable @inline(__always)
    mutating func checkEnd() {
        if unsafe cursor > end {
            failed = true
            unsafe cursor = end
        }
        unchecked = 0
    }

    /// Makes sure that a field of at most `byteCount` bytes stays within the slack, wherever it starts.
    @inlinable @inline(__always)
    mutating func expect(_ byteCount: Int) {
        if unchecked &+ byteCount > Self.slack &- 16 { checkEnd() }
        unchecked &+= byteCount
    }

    @inlinable @inline(__always)
    mutating func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> T {
        let value = unsafe cursor.loadUnaligned(as: T.self)
        unsafe cursor += MemoryLayout<T>.size
        return T(littleEndian: value)
    }

    @inlinable @inline(__always)
    mutating func varint() -> UInt64 { unsafe takeVarint(&cursor, &failed) }

    @inlinable @inline(__always)
    mutating func coded(step: UInt64) -> Int64 {
        let value = varint()
        if step == 1 { return unzigzag(value) }
        if value == 0 { return unzigzag(varint()) }
        return unzigzag(value &- 1) &* Int64(bitPattern: step)
    }

    @inlinable @inline(__always)
    mutating func number(isKey: Bool, encoding: FieldEncoding, step: UInt64) -> Int64 {
        expect(20)
        var value = coded(step: step)
        switch encoding {
        case .delta:
            unsafe value &+= last[field]
            unsafe last[field] = value
        case .keyDelta:
            unsafe value &+= slots[keySlot]
            unsafe slots[keySlot] = value
            keySlot &+= 1
        case .eventDelta: value &+= eventNanos
        default: break
        }
        field &+= 1
        if isKey { unsafe slots = memory.slots(of: value) }
        return value
    }

    @inlinable @inline(__always)
    mutating func narrow(_ value: Int64) -> Int32 {
        let small = Int32(truncatingIfNeeded: value)
        if Int64(small) != value { failed = true }
        return small
    }

    /// Decodes a 32-bit integer.
    @inlinable @inline(__always)
    public mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) {
        if encoding == .plain {
            expect(4)
            value = load(Int32.self)
            field &+= 1
            if isKey { unsafe slots = memory.slots(of: Int64(value)) }
        } else {
            value = narrow(number(isKey: isKey, encoding: encoding, step: step))
        }
    }

    /// Decodes a 64-bit integer.
    @inlinable @inline(__always)
    public mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) {
        if encoding == .plain {
            expect(8)
            value = load(Int64.self)
            field &+= 1
            if isKey { unsafe slots = memory.slots(of: value) }
        } else {
            value = number(isKey: isKey, encoding: encoding, step: step)
        }
    }

    /// Decodes an unsigned 64-bit integer.
    @inlinable @inline(__always)
    public mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) {
        switch encoding {
        case .plain:
            expect(8)
            value = load(UInt64.self)
        case .varint:
            expect(20)
            let first = varint()
            value = step == 1 ? first : first == 0 ? varint() : (first &- 1) &* step
        default:
            value = UInt64(bitPattern: number(isKey: isKey, encoding: encoding, step: step))
            return
        }
        field &+= 1
        if isKey { unsafe slots = memory.slots(of: Int64(bitPattern: value)) }
    }

    /// Decodes a scaled integer.
    @inlinable @inline(__always)
    public mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { i64(name, &value, unit: unit, isKey: false, encoding: encoding, step: step, documentation) }

    /// Decodes a time.
    @inlinable @inline(__always)
    public mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) { i64(name, &value, unit: "", isKey: false, encoding: encoding, step: 1, documentation) }

    /// Decodes a truth value.
    @inlinable @inline(__always)
    public mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) {
        expect(1)
        let byte = load(UInt8.self)
        if byte > 1 { failed = true }
        value = byte == 1
        field &+= 1
    }

    /// Decodes a float; one that is not finite fails the event.
    @inlinable @inline(__always)
    public mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) {
        expect(8)
        value = Double(bitPattern: load(UInt64.self))
        if !value.isFinite { failed = true }
        field &+= 1
    }

    /// Decodes a float; one that is not finite fails the event.
    @inlinable @inline(__always)
    public mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) {
        expect(4)
        value = Float(bitPattern: load(UInt32.self))
        if !value.isFinite { failed = true }
        field &+= 1
    }

    /// Decodes text.
    @inlinable
    public mutating func string(
        _ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString
    ) {
        expect(10)
        let count = varint()
        checkEnd()
        field &+= 1
        guard unsafe count <= UInt64(end - cursor) else {
            failed = true
            return
        }
        let utf8 = unsafe UnsafeRawBufferPointer(start: cursor, count: Int(count))
        unsafe cursor += Int(count)
        // Events of a type repeat themselves: a text that is there already is neither checked nor made again.
        if unsafe !holds(&value, utf8) {
            guard let text = unsafe memory.text(utf8) else {
                failed = true
                return
            }
            value = text
        }
        if isKey { unsafe slots = memory.slots(of: utf8) }
    }

    /// Decodes bytes where they lie.
    @inlinable
    public mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        expect(10)
        let count = varint()
        checkEnd()
        field &+= 1
        guard unsafe count <= UInt64(end - cursor) else {
            failed = true
            return
        }
        unsafe body(UnsafeRawBufferPointer(start: cursor, count: Int(count)))
        unsafe cursor += Int(count)
    }

    /// Decodes which elements changed, and by how much.
    @inlinable @inline(__always)
    public mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) {
        expect(8 &+ 20 &* count)
        var mask: UInt64 = 0
        for index in 0..<((count &+ 7) &>> 3) {
            mask |= UInt64(load(UInt8.self)) &<< UInt64(truncatingIfNeeded: 8 &* index)
        }
        if count < 64, mask &>> UInt64(truncatingIfNeeded: count) != 0 {
            failed = true
            mask = 0
        }
        let previous = unsafe slots + keySlot
        while mask != 0 {
            let index = mask.trailingZeroBitCount
            mask &= mask &- 1
            unsafe previous[index] &+= coded(step: step)
        }
        // One look at all elements together, which the compiler can do many at a time.
        var lost: Int64 = 0
        for index in 0..<count {
            let wide = unsafe previous[index]
            let small = Int32(truncatingIfNeeded: wide)
            lost |= wide ^ Int64(small)
            unsafe value[unchecked: index] = small
        }
        if lost != 0 { failed = true }
        keySlot &+= count
        field &+= 1
    }

    /// Decodes floats; one that is not finite fails the event.
    @inlinable @inline(__always)
    public mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) {
        for index in 0..<count {
            // A long list could run over the slack, so the end is looked at as it goes.
            if index & 255 == 0 { expect(4 &* min(count &- index, 256)) }
            let element = Float(bitPattern: load(UInt32.self))
            if !element.isFinite { failed = true }
            unsafe value[unchecked: index] = element
        }
        field &+= 1
    }

    /// Decodes bytes of a fixed number, at most 64.
    @inlinable
    public mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString
    ) {
        expect(count)
        let start = unsafe cursor
        for index in 0..<count { value[index] = load(UInt8.self) }
        field &+= 1
        if isKey { unsafe slots = memory.slots(of: UnsafeRawBufferPointer(start: start, count: count)) }
    }

    /// Decodes the index of a symbol.
    @inlinable @inline(__always)
    public mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString
    ) {
        expect(10)
        let index = varint()
        if let symbol = UInt8(exactly: index).flatMap(Symbol.init(rawValue:)) { value = symbol } else { failed = true }
        field &+= 1
        if isKey { unsafe slots = memory.slots(of: Int64(value.rawValue)) }
    }

    /// Decodes a record.
    @inlinable
    public mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) {
        compact { $0.record(name, &value, documentation) }
        field &+= 1
    }

    /// Decodes a list.
    @inlinable
    public mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) {
        compact { $0.list(name, &value, documentation) }
        field &+= 1
    }

    @inlinable @inline(__always)
    mutating func compact(_ body: (inout CompactReader) -> Void) {
        checkEnd()
        var reader = unsafe CompactReader(cursor: cursor, end: end)
        body(&reader)
        unsafe cursor = reader.cursor
        if reader.failed { failed = true }
        checkEnd()
    }

    /// Decodes a field if the map says that it is there; an absent one leaves its state as it was.
    @inlinable
    public mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout FieldReader, inout Wrapped) -> Void
    ) {
        let index = optionalIndex
        optionalIndex &+= 1
        guard unsafe map.load(fromByteOffset: index &>> 3, as: UInt8.self) &>> UInt8(index & 7) & 1 == 1 else {
            value = nil
            self.field &+= 1
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

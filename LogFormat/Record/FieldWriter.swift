/// The encoder of Swift event types; specialised for each type by the compiler.
@safe
public struct FieldWriter: FieldVisitor {
    @usableFromInline var buffer: BufferMemory
    @usableFromInline let last: UnsafeMutablePointer<Int64>
    @usableFromInline var slots: UnsafeMutablePointer<Int64>
    @usableFromInline let memory: UnsafeMutablePointer<PackingMemory>
    @usableFromInline let eventNanos: Int64
    @usableFromInline var field = 0
    @usableFromInline var keySlot = 0
    @usableFromInline var failed = false
    /// Where the presence map of the event stands.
    @usableFromInline let mapAt: Int
    @usableFromInline var optionalIndex = 0

    @inlinable @inline(__always)
    init(
        buffer: BufferMemory, memory: UnsafeMutablePointer<PackingMemory>, eventNanos: Int64
    ) {
        unsafe self.buffer = buffer
        let optionalCount = unsafe memory.pointee.optionalCount
        mapAt = unsafe optionalCount == 0 ? 0 : self.buffer.appendMap(optionalCount: optionalCount)
        unsafe self.memory = memory
        unsafe self.last = memory.pointee.last
        unsafe self.slots = memory.pointee.slab
        self.eventNanos = eventNanos
    }

    @inlinable @inline(__always)
    mutating func number(_ value: Int64, isKey: Bool, encoding: FieldEncoding, step: UInt64) {
        var previous: Int64 = 0
        switch encoding {
        case .delta:
            unsafe previous = last[field]
            unsafe last[field] = value
        case .keyDelta:
            unsafe previous = slots[keySlot]
            unsafe slots[keySlot] = value
            keySlot &+= 1
        case .eventDelta: previous = eventNanos
        default: break
        }
        unsafe buffer.appendNumber(value &- previous, step: step)
        field &+= 1
        if isKey { unsafe slots = memory.slots(of: value) }
    }

    /// Encodes a 32-bit integer.
    @inlinable @inline(__always)
    public mutating func i32(
        _ name: StaticString, _ value: inout Int32, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) {
        if encoding == .plain {
            unsafe buffer.append(value)
            field &+= 1
            if isKey { unsafe slots = memory.slots(of: Int64(value)) }
        } else {
            number(Int64(value), isKey: isKey, encoding: encoding, step: step)
        }
    }

    /// Encodes a 64-bit integer.
    @inlinable @inline(__always)
    public mutating func i64(
        _ name: StaticString, _ value: inout Int64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) {
        if encoding == .plain {
            unsafe buffer.append(value)
            field &+= 1
            if isKey { unsafe slots = memory.slots(of: value) }
        } else {
            number(value, isKey: isKey, encoding: encoding, step: step)
        }
    }

    /// Encodes an unsigned 64-bit integer.
    @inlinable @inline(__always)
    public mutating func u64(
        _ name: StaticString, _ value: inout UInt64, unit: StaticString, isKey: Bool, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) {
        switch encoding {
        case .plain: unsafe buffer.append(value)
        case .varint: unsafe buffer.appendUnsigned(value, step: step)
        default: return number(Int64(bitPattern: value), isKey: isKey, encoding: encoding, step: step)
        }
        field &+= 1
        if isKey { unsafe slots = memory.slots(of: Int64(bitPattern: value)) }
    }

    /// Encodes a scaled integer.
    @inlinable @inline(__always)
    public mutating func decimal(
        _ name: StaticString, _ value: inout Int64, scale: Int, unit: StaticString, encoding: FieldEncoding,
        step: UInt64,
        _ documentation: StaticString
    ) { i64(name, &value, unit: unit, isKey: false, encoding: encoding, step: step, documentation) }

    /// Encodes a time.
    @inlinable @inline(__always)
    public mutating func time(
        _ name: StaticString, _ value: inout Int64, encoding: FieldEncoding, _ documentation: StaticString
    ) { i64(name, &value, unit: "", isKey: false, encoding: encoding, step: 1, documentation) }

    /// Encodes a truth value.
    @inlinable @inline(__always)
    public mutating func bool(_ name: StaticString, _ value: inout Bool, _ documentation: StaticString) {
        unsafe buffer.append(UInt8(value ? 1 : 0))
        field &+= 1
    }

    /// Encodes a float; a float that is not finite fails the event.
    @inlinable @inline(__always)
    public mutating func f64(
        _ name: StaticString, _ value: inout Double, unit: StaticString, _ documentation: StaticString
    ) {
        if !value.isFinite { failed = true }
        unsafe buffer.append(value.bitPattern)
        field &+= 1
    }

    /// Encodes a float; a float that is not finite fails the event.
    @inlinable @inline(__always)
    public mutating func f32(
        _ name: StaticString, _ value: inout Float, unit: StaticString, _ documentation: StaticString
    ) {
        if !value.isFinite { failed = true }
        unsafe buffer.append(value.bitPattern)
        field &+= 1
    }

    /// Encodes text.
    @inlinable
    public mutating func string(
        _ name: StaticString, _ value: inout String, isKey: Bool, _ documentation: StaticString
    ) {
        value.withUTF8 { utf8 in
            unsafe buffer.appendVarint(UInt64(utf8.count))
            unsafe buffer.append(contentsOf: UnsafeRawBufferPointer(utf8))
            if isKey { unsafe slots = memory.slots(of: UnsafeRawBufferPointer(utf8)) }
        }
        field &+= 1
    }

    /// Encodes bytes.
    @inlinable
    public mutating func opaque(
        _ name: StaticString, _ source: UnsafeRawBufferPointer, _ documentation: StaticString,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        unsafe buffer.appendVarint(UInt64(source.count))
        unsafe buffer.append(contentsOf: source)
        field &+= 1
    }

    /// Encodes which elements changed, and by how much.
    @inlinable @inline(__always)
    public mutating func i32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Int32>, unit: StaticString, step: UInt64,
        _ documentation: StaticString
    ) {
        unsafe buffer.reserve(8 + 21 * count)
        let previous = unsafe slots + keySlot
        let maskAt = unsafe buffer.count
        unsafe buffer.count &+= (count &+ 7) &>> 3
        var mask: UInt64 = 0
        for index in 0..<count {
            let element = unsafe Int64(value[unchecked: index])
            let before = unsafe previous[index]
            if element != before {
                mask |= 1 &<< UInt64(truncatingIfNeeded: index)
                unsafe previous[index] = element
                unsafe buffer.appendNumber(element &- before, step: step)
            }
        }
        for index in 0..<((count &+ 7) &>> 3) {
            unsafe buffer.base.storeBytes(
                of: UInt8(truncatingIfNeeded: mask &>> UInt64(truncatingIfNeeded: 8 &* index)),
                toByteOffset: maskAt &+ index, as: UInt8.self)
        }
        keySlot &+= count
        field &+= 1
    }

    /// Encodes floats; one that is not finite fails the event.
    @inlinable @inline(__always)
    public mutating func f32List<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, Float>, unit: StaticString,
        _ documentation: StaticString
    ) {
        for index in 0..<count {
            let element = unsafe value[unchecked: index]
            if !element.isFinite { failed = true }
            unsafe buffer.append(element.bitPattern)
        }
        field &+= 1
    }

    /// Encodes bytes of a fixed number.
    @inlinable
    public mutating func fixed<let count: Int>(
        _ name: StaticString, _ value: inout InlineArray<count, UInt8>, unit: StaticString, isKey: Bool,
        _ documentation: StaticString
    ) {
        unsafe buffer.append(fixed: value)
        field &+= 1
        if isKey {
            let start = unsafe UnsafeRawPointer(buffer.base) + (buffer.count - count)
            unsafe slots = memory.slots(of: UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    /// Encodes the index of a symbol.
    @inlinable @inline(__always)
    public mutating func symbol<Symbol: EventSymbol>(
        _ name: StaticString, _ value: inout Symbol, isKey: Bool, _ documentation: StaticString
    ) {
        unsafe buffer.appendVarint(UInt64(value.rawValue))
        field &+= 1
        if isKey { unsafe slots = memory.slots(of: Int64(value.rawValue)) }
    }

    /// Encodes a record.
    @inlinable
    public mutating func record<Record: EventRecord>(
        _ name: StaticString, _ value: inout Record, _ documentation: StaticString
    ) {
        unsafe failed = buffer.append(record: &value) || failed
        field &+= 1
    }

    /// Encodes a list.
    @inlinable
    public mutating func list<Element: EventElement>(
        _ name: StaticString, _ value: inout [Element], _ documentation: StaticString
    ) {
        unsafe failed = buffer.append(list: &value) || failed
        field &+= 1
    }

    /// Encodes a field that is there, and says so in the map; an absent one leaves its state as it was.
    @inlinable
    public mutating func optional<Wrapped>(
        _ value: inout Wrapped?, _ null: NullClass, _ placeholder: @autoclosure () -> Wrapped,
        _ field: (inout FieldWriter, inout Wrapped) -> Void
    ) {
        let index = optionalIndex
        optionalIndex &+= 1
        guard var wrapped = value else {
            self.field &+= 1
            return
        }
        unsafe buffer.setBit(index, ofMapAt: mapAt)
        field(&self, &wrapped)
    }

    /// A number outside of its range fails the event.
    @inlinable
    public mutating func range(_ name: StaticString, _ value: Double, _ range: ClosedRange<Double>) {
        if !range.contains(value) { failed = true }
    }
}

/// Encodes checked values by their description; the mirror of `RecordDecoder`.
enum RecordEncoder {
    /// Appends the body of one event; `values` must have passed `Schema.validate`.
    static func encodeBody(_ values: [Value], state: TypeState, eventNanos: Int64, into buffer: inout ByteBuffer) {
        unsafe state.memory.pointee.isDirty = true
        let fields = state.schema.fields
        appendPresence(values, fields, into: &buffer)
        var keySlot = 0
        var slots = unsafe state.memory.pointee.slab
        for index in fields.indices {
            let field = fields[index]
            let value = values[index]
            let width = RecordDecoder.slotWidth(field)
            defer { keySlot += width }
            if case .null = value { continue }
            switch field.encoding {
            case .plain: encodePlain(value, field.type, into: &buffer)
            case .varint where field.type == .u64: buffer.appendUnsigned(bits(value), step: field.step)
            case .varint, .delta, .keyDelta, .eventDelta:
                let number = Int64(bitPattern: bits(value))
                var previous: Int64 = 0
                switch field.encoding {
                case .delta:
                    previous = unsafe state.memory.pointee.last[index]
                    unsafe state.memory.pointee.last[index] = number
                case .keyDelta:
                    previous = unsafe slots[keySlot]
                    unsafe slots[keySlot] = number
                case .eventDelta: previous = eventNanos
                default: break
                }
                buffer.appendNumber(number &- previous, step: field.step)
            case .keyMask: unsafe encodeMask(value, field, slots + keySlot, into: &buffer)
            }
            if field.isKey { unsafe slots = keySlots(value, state) }
        }
    }

    private static func appendPresence(_ values: [Value], _ fields: [Field], into buffer: inout ByteBuffer) {
        var bits: [Bool] = []
        for (field, value) in zip(fields, values) where field.null != .required { bits.append(value != .null) }
        if !bits.isEmpty { buffer.append(contentsOf: PresenceMap(bits).bytes) }
    }

    /// The 64 bits of any integer-like value.
    static func bits(_ value: Value) -> UInt64 {
        switch value {
        case .int(let number): UInt64(bitPattern: number)
        case .uint(let number): number
        case .symbol(let index): UInt64(index)
        case .bool(let flag): flag ? 1 : 0
        default: 0
        }
    }

    private static func keySlots(_ value: Value, _ state: TypeState) -> UnsafeMutablePointer<Int64> {
        switch value {
        case .string(let text): unsafe Array(text.utf8).withUnsafeBytes { unsafe state.slots(of: $0) }
        case .bytes(let bytes): unsafe bytes.withUnsafeBytes { unsafe state.slots(of: $0) }
        default: unsafe state.findKnownSlots(of: Int64(bitPattern: bits(value)))
        }
    }

    private static func encodeMask(
        _ value: Value, _ field: Field, _ previous: UnsafeMutablePointer<Int64>, into buffer: inout ByteBuffer
    ) {
        guard case .list(let values) = value else { return }
        var mask: UInt64 = 0
        for (index, element) in values.enumerated() {
            if unsafe Int64(bitPattern: bits(element)) != previous[index] { mask |= 1 << UInt64(index) }
        }
        for index in 0..<(values.count + 7) / 8 { buffer.append(UInt8(truncatingIfNeeded: mask >> UInt64(8 * index))) }
        for (index, element) in values.enumerated() where mask >> UInt64(index) & 1 == 1 {
            let number = Int64(bitPattern: bits(element))
            buffer.appendNumber(unsafe number &- previous[index], step: field.step)
            unsafe previous[index] = number
        }
    }

    private static func encodePlain(_ value: Value, _ type: FieldType, into buffer: inout ByteBuffer) {
        switch type {
        case .i32: buffer.append(Int32(truncatingIfNeeded: bits(value)))
        case .i64, .u64, .decimal, .time: buffer.append(bits(value))
        default: encodeCompact(value, type, into: &buffer)
        }
    }

    private static func encodeCompact(_ value: Value, _ type: FieldType, into buffer: inout ByteBuffer) {
        switch value {
        case .null: break
        case .bool(let flag): buffer.append(UInt8(flag ? 1 : 0))
        case .int(let number): buffer.appendVarint(zigzag(number))
        case .uint(let number): buffer.appendVarint(number)
        case .double(let number): buffer.append(number.bitPattern)
        case .float(let number): buffer.append(number.bitPattern)
        case .string(let text): buffer.appendText(text)
        case .symbol(let index): buffer.appendVarint(UInt64(index))
        case .bytes(let bytes):
            if case .fixed = type {} else { buffer.appendVarint(UInt64(bytes.count)) }
            buffer.append(contentsOf: bytes)
        case .list(let values):
            guard case .list(let element, let count) = type else { return }
            if count == 0 { buffer.appendVarint(UInt64(values.count)) }
            for value in values { encodeCompact(value, element, into: &buffer) }
        case .record(let values):
            guard case .record(let fields) = type else { return }
            appendPresence(values, fields, into: &buffer)
            for (field, value) in zip(fields, values) { encodeCompact(value, field.type, into: &buffer) }
        }
    }
}

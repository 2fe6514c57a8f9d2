/// Decodes any event by its description, checking every byte, into a sink.
///
/// Sealing, verifying and printing stand on it: what is done for each value is inlined into one loop over the fields,
/// and into one for what is nested.
struct RecordDecoder {
    /// Reads the body of one event of `state`'s type.
    static func decodeBody<Sink: RecordSink & ~Copyable>(
        _ reader: inout ByteReader, state: TypeState, eventNanos: Int64, into sink: inout Sink
    ) throws(FormatError) {
        unsafe state.memory.pointee.isDirty = true
        let presence = try readPresence(&reader, optionalCount: state.optionalCount)
        sink.begin(state, nested: nil, presence: presence)
        var optionalIndex = 0
        var keySlot = 0
        var slots = unsafe state.memory.pointee.slab
        let last = unsafe state.memory.pointee.last
        let plans = unsafe state.plan.baseAddress
        for index in unsafe 0..<state.plan.count {
            // Looked at where it lies: a copy would be made for every field.
            guard let plan = unsafe plans.map({ unsafe $0 + index }) else { break }
            let slot = keySlot
            unsafe keySlot &+= plan.pointee.slotWidth
            if unsafe plan.pointee.isOptional {
                optionalIndex &+= 1
                guard presence.isPresent(optionalIndex &- 1) else { continue }
            }
            unsafe sink.field(index, isVolatile: plan.pointee.isVolatile)
            switch unsafe plan.pointee.action {
            case .plain:
                let before = reader.offset
                try decodeScalar(&reader, unsafe plan.pointee.kind, unsafe plan.pointee.size, into: &sink)
                if unsafe plan.pointee.isKey {
                    unsafe slots = try readKey(reader.moved(to: before), plan.pointee, state: state)
                }
            case .unsigned:
                let value = try reader.readUnsigned(step: unsafe plan.pointee.step)
                sink.u64(value)
                if unsafe plan.pointee.isKey { unsafe slots = state.memory.slots(of: Int64(bitPattern: value)) }
            case .number:
                let coded = try reader.readNumber(step: unsafe plan.pointee.step)
                let value: Int64
                switch unsafe plan.pointee.encoding {
                case .delta:
                    value = unsafe last[index] &+ coded
                    unsafe last[index] = value
                case .keyDelta:
                    value = unsafe slots[slot] &+ coded
                    unsafe slots[slot] = value
                case .eventDelta: value = eventNanos &+ coded
                default: value = coded
                }
                try emit(value, unsafe plan.pointee.kind, into: &sink)
                if unsafe plan.pointee.isKey { unsafe slots = state.memory.slots(of: value) }
            case .mask: unsafe try decodeMask(&reader, plan.pointee, slots + slot, into: &sink)
            case .nested: try decodeNested(&reader, unsafe plan.pointee.nestedPlace, state, into: &sink)
            }
        }
        sink.end()
    }

    static func slotWidth(_ field: Field) -> Int {
        switch field.encoding {
        case .keyDelta: return 1
        case .keyMask:
            if case .list(_, let count) = field.type { return count }
            return 0
        default: return 0
        }
    }

    @inline(__always)
    static func readPresence(_ reader: inout ByteReader, optionalCount: Int) throws(FormatError) -> PresenceView {
        guard optionalCount > 0 else { return .none }
        let bytes = unsafe try reader.readBytes((optionalCount + 7) / 8)
        let spare = bytes.count * 8 - optionalCount
        guard unsafe spare == 0 || bytes[bytes.count - 1] >> UInt8(8 - spare) == 0 else {
            throw .invalid(what: "presence map", detail: "a spare bit is set")
        }
        return unsafe PresenceView(bytes)
    }

    /// A key stored plainly is looked up by its value: integers by number, the rest by bytes.
    @inline(never)
    private static func readKey(
        _ key: ByteReader, _ plan: FieldPlan, state: TypeState
    ) throws(FormatError) -> UnsafeMutablePointer<Int64> {
        var reader = key
        switch plan.kind {
        case 5, 6:
            let count = try reader.readCount(limit: FormatLimits.eventBytesMax, unit: 1, of: "key")
            return unsafe state.slots(of: try reader.readBytes(count))
        case 13: return unsafe state.slots(of: try reader.readBytes(plan.size))
        case 1: return unsafe state.memory.slots(of: Int64(try reader.read(UInt8.self)))
        case 2: return unsafe state.memory.slots(of: Int64(try reader.read(Int32.self)))
        case 9: return unsafe state.memory.slots(of: Int64(bitPattern: try reader.readVarint()))
        default: return unsafe state.memory.slots(of: try reader.read(Int64.self))
        }
    }

    @inline(__always)
    private static func emit<Sink: RecordSink & ~Copyable>(
        _ value: Int64, _ kind: UInt8, into sink: inout Sink
    ) throws(FormatError) {
        switch kind {
        case 2:
            guard let narrow = Int32(exactly: value) else {
                throw .invalid(what: "event record", detail: "\(value) does not fit i32")
            }
            sink.i32(narrow)
        case 11: sink.u64(UInt64(bitPattern: value))
        default: sink.i64(value)
        }
    }

    private static func decodeMask<Sink: RecordSink & ~Copyable>(
        _ reader: inout ByteReader, _ plan: FieldPlan, _ previous: UnsafeMutablePointer<Int64>, into sink: inout Sink
    ) throws(FormatError) {
        let count = plan.size
        var mask: UInt64 = 0
        for index in 0..<(count + 7) / 8 { mask |= UInt64(try reader.read(UInt8.self)) << UInt64(8 * index) }
        guard count == 64 || mask >> UInt64(count) == 0 else {
            throw .invalid(what: "event record", detail: "a spare bit of a change mask is set")
        }
        sink.beginList(count)
        for index in 0..<count {
            if mask >> UInt64(index) & 1 == 1 { unsafe previous[index] &+= try reader.readNumber(step: plan.step) }
            try emit(unsafe previous[index], plan.kind, into: &sink)
        }
        sink.endList()
    }

    /// Encoding 0 of a top-level field: integers at full width, everything else compact.
    @inline(__always)
    private static func decodeScalar<Sink: RecordSink & ~Copyable>(
        _ reader: inout ByteReader, _ kind: UInt8, _ size: Int, into sink: inout Sink
    ) throws(FormatError) {
        switch kind {
        case 1: sink.bool(try readBool(&reader))
        case 2: sink.i32(try reader.read(Int32.self))
        case 4: sink.f64(try readDouble(&reader))
        case 5: unsafe sink.text(try readText(&reader))
        case 6: unsafe sink.bytes(try readBytes(&reader))
        case 9: sink.symbol(try readSymbol(&reader, count: size))
        case 10: sink.f32(try readFloat(&reader))
        case 11: sink.u64(try reader.read(UInt64.self))
        case 13: unsafe sink.fixed(try reader.readBytes(size))
        default: sink.i64(try reader.read(Int64.self))
        }
    }

    @inline(__always)
    private static func readBool(_ reader: inout ByteReader) throws(FormatError) -> Bool {
        let byte = try reader.read(UInt8.self)
        guard byte <= 1 else { throw .invalid(what: "event record", detail: "bool is \(byte)") }
        return byte == 1
    }

    @inline(__always)
    private static func readDouble(_ reader: inout ByteReader) throws(FormatError) -> Double {
        let value = Double(bitPattern: try reader.read(UInt64.self))
        guard value.isFinite else { throw .invalid(what: "event record", detail: "f64 is not finite") }
        return value
    }

    @inline(__always)
    private static func readFloat(_ reader: inout ByteReader) throws(FormatError) -> Float {
        let value = Float(bitPattern: try reader.read(UInt32.self))
        guard value.isFinite else { throw .invalid(what: "event record", detail: "f32 is not finite") }
        return value
    }

    @inline(__always)
    private static func readSymbol(_ reader: inout ByteReader, count: Int) throws(FormatError) -> UInt32 {
        let index = try reader.readVarint()
        guard index < UInt64(count) else {
            throw .invalid(what: "event record", detail: "enum index \(index) of \(count) symbols")
        }
        return UInt32(index)
    }

    @inline(__always)
    private static func readText(_ reader: inout ByteReader) throws(FormatError) -> UnsafeRawBufferPointer {
        let utf8 = unsafe try readBytes(&reader)
        guard unsafe isUTF8(utf8) else { throw .invalid(what: "event record", detail: "string is not UTF-8") }
        return unsafe utf8
    }

    @inline(__always)
    private static func readBytes(_ reader: inout ByteReader) throws(FormatError) -> UnsafeRawBufferPointer {
        let count = try reader.readCount(limit: FormatLimits.eventBytesMax, unit: 1, of: "text or bytes")
        return unsafe try reader.readBytes(count)
    }

    /// Decodes what stands at a place of the plan of what is nested.
    @inline(__always)
    private static func decodeCompact<Sink: RecordSink & ~Copyable>(
        _ reader: inout ByteReader, _ place: Int, _ state: TypeState, into sink: inout Sink
    ) throws(FormatError) {
        let kind = unsafe state.nested[place].kind
        switch kind {
        case 1: sink.bool(try readBool(&reader))
        case 2, 3, 12, 14: try emit(unzigzag(try reader.readVarint()), kind, into: &sink)
        case 4: sink.f64(try readDouble(&reader))
        case 5: unsafe sink.text(try readText(&reader))
        case 6: unsafe sink.bytes(try readBytes(&reader))
        case 7, 8: try decodeNested(&reader, place, state, into: &sink)
        case 9: sink.symbol(try readSymbol(&reader, count: unsafe state.nested[place].size))
        case 10: sink.f32(try readFloat(&reader))
        case 11: sink.u64(try reader.readVarint())
        default: unsafe sink.fixed(try reader.readBytes(state.nested[place].size))
        }
    }

    /// Decodes the list or record at a place.
    @inline(never)
    private static func decodeNested<Sink: RecordSink & ~Copyable>(
        _ reader: inout ByteReader, _ place: Int, _ state: TypeState, into sink: inout Sink
    ) throws(FormatError) {
        let node = unsafe state.nested[place]
        guard node.kind == 8 else {
            let count =
                node.size > 0
                ? node.size : try reader.readCount(limit: FormatLimits.listElementsMax, unit: 1, of: "list")
            // Every element takes at least a byte, so this bounds the work before any is done.
            try reader.need(count)
            sink.beginList(count)
            for _ in 0..<count { try decodeCompact(&reader, node.first, state, into: &sink) }
            return sink.endList()
        }
        let presence = try readPresence(&reader, optionalCount: node.optionalCount)
        sink.begin(state, nested: node.record, presence: presence)
        var optionalIndex = 0
        for member in node.first..<(node.first + node.count) {
            if unsafe state.nested[member].isOptional {
                optionalIndex += 1
                guard presence.isPresent(optionalIndex - 1) else { continue }
            }
            try decodeCompact(&reader, member, state, into: &sink)
        }
        sink.end()
    }
}

/// Whether bytes are well-formed UTF-8.
func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var at = 0
    while at + 8 <= bytes.count {
        let word = unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        if word & 0x8080_8080_8080_8080 != 0 { break }
        at += 8
    }
    while at < bytes.count, unsafe bytes[at] < 0x80 { at += 1 }
    if at == bytes.count { return true }
    return unsafe String(validating: bytes, as: UTF8.self) != nil
}

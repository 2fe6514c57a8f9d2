/// Decodes any event by its description, checking every byte, into a sink.
struct RecordDecoder {
    /// Reads the body of one event of `state`'s type.
    static func decodeBody<Sink: RecordSink & ~Copyable>(
        _ reader: inout ByteReader, state: TypeState, eventNanos: Int64, into sink: inout Sink
    ) throws(FormatError) {
        state.isDirty = true
        let fields = state.schema.fields
        let presence = try readPresence(&reader, optionalCount: fields.optionalCount)
        sink.begin(fields, presence: presence)
        var optionalIndex = 0
        var keySlot = 0
        var slots = unsafe state.slab
        for index in fields.indices {
            let field = fields[index]
            var isPresent = true
            if field.null != .required {
                isPresent = presence.isPresent(optionalIndex)
                optionalIndex += 1
            }
            let width = slotWidth(field)
            defer { keySlot += width }
            guard isPresent else { continue }
            sink.field(index)
            switch field.encoding {
            case .plain:
                if field.isKey {
                    unsafe slots = try readKey(&reader, field: field, state: state, into: &sink)
                } else {
                    try decodePlain(&reader, field.type, into: &sink)
                }
            case .varint where field.type == .u64:
                let value = try reader.readUnsigned(step: field.step)
                sink.u64(value)
                if field.isKey { unsafe slots = state.slots(of: Int64(bitPattern: value)) }
            case .varint, .delta, .keyDelta, .eventDelta:
                let coded = try reader.readNumber(step: field.step)
                let value: Int64
                switch field.encoding {
                case .delta:
                    value = unsafe state.last[index] &+ coded
                    unsafe state.last[index] = value
                case .keyDelta:
                    value = unsafe slots[keySlot] &+ coded
                    unsafe slots[keySlot] = value
                case .eventDelta: value = eventNanos &+ coded
                default: value = coded
                }
                try emit(value, field.type, into: &sink)
                if field.isKey { unsafe slots = state.slots(of: value) }
            case .keyMask:
                unsafe try decodeMask(&reader, field, slots + keySlot, into: &sink)
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

    static func readPresence(_ reader: inout ByteReader, optionalCount: Int) throws(FormatError) -> PresenceMap {
        guard optionalCount > 0 else { return .none }
        let bytes = try reader.readArray((optionalCount + 7) / 8)
        let spare = bytes.count * 8 - optionalCount
        guard spare == 0 || bytes[bytes.count - 1] >> UInt8(8 - spare) == 0 else {
            throw .invalid(what: "presence map", detail: "a spare bit is set")
        }
        return PresenceMap(bytes: bytes)
    }

    /// A key stored plainly is looked up by its value: integers by number, the rest by bytes.
    private static func readKey<Sink: RecordSink & ~Copyable>(
        _ reader: inout ByteReader, field: Field, state: TypeState, into sink: inout Sink
    ) throws(FormatError) -> UnsafeMutablePointer<Int64> {
        switch field.type {
        case .string, .bytes, .fixed:
            let start = reader
            try decodePlain(&reader, field.type, into: &sink)
            var again = start
            return unsafe state.slots(of: try readKeyBytes(&again, field.type))
        default:
            let start = reader
            try decodePlain(&reader, field.type, into: &sink)
            var again = start
            return unsafe state.slots(of: try readKeyInteger(&again, field.type))
        }
    }

    private static func readKeyBytes(
        _ reader: inout ByteReader, _ type: FieldType
    ) throws(FormatError) -> UnsafeRawBufferPointer {
        if case .fixed(let size) = type { return unsafe try reader.readBytes(size) }
        return unsafe try reader.readBytes(try reader.readCount(limit: FormatLimits.eventBytesMax, unit: 1, of: "key"))
    }

    private static func readKeyInteger(_ reader: inout ByteReader, _ type: FieldType) throws(FormatError) -> Int64 {
        switch type {
        case .bool: Int64(try reader.read(UInt8.self))
        case .i32: Int64(try reader.read(Int32.self))
        case .enumeration: Int64(bitPattern: try reader.readVarint())
        default: try reader.read(Int64.self)
        }
    }

    private static func emit<Sink: RecordSink & ~Copyable>(
        _ value: Int64, _ type: FieldType, into sink: inout Sink
    ) throws(FormatError) {
        switch type {
        case .i32:
            guard let narrow = Int32(exactly: value) else {
                throw .invalid(what: "event record", detail: "\(value) does not fit i32")
            }
            sink.i32(narrow)
        case .u64: sink.u64(UInt64(bitPattern: value))
        default: sink.i64(value)
        }
    }

    private static func decodeMask<Sink: RecordSink & ~Copyable>(
        _ reader: inout ByteReader, _ field: Field, _ previous: UnsafeMutablePointer<Int64>, into sink: inout Sink
    ) throws(FormatError) {
        guard case .list(let element, let count) = field.type else {
            throw .invalid(what: field.name, detail: "keyMask needs a list")
        }
        var mask: UInt64 = 0
        let maskBytes = (count + 7) / 8
        for index in 0..<maskBytes { mask |= UInt64(try reader.read(UInt8.self)) << UInt64(8 * index) }
        guard count == 64 || mask >> UInt64(count) == 0 else {
            throw .invalid(what: field.name, detail: "a spare bit of the change mask is set")
        }
        sink.beginList(count)
        for index in 0..<count {
            if mask >> UInt64(index) & 1 == 1 {
                unsafe previous[index] &+= try reader.readNumber(step: field.step)
            }
            try emit(unsafe previous[index], element, into: &sink)
        }
        sink.endList()
    }

    /// Encoding 0 of a top-level field: integers at full width, everything else compact.
    private static func decodePlain<Sink: RecordSink & ~Copyable>(
        _ reader: inout ByteReader, _ type: FieldType, into sink: inout Sink
    ) throws(FormatError) {
        switch type {
        case .i32: sink.i32(try reader.read(Int32.self))
        case .i64, .decimal, .time: sink.i64(try reader.read(Int64.self))
        case .u64: sink.u64(try reader.read(UInt64.self))
        default: try decodeCompact(&reader, type, into: &sink)
        }
    }

    private static func decodeCompact<Sink: RecordSink & ~Copyable>(
        _ reader: inout ByteReader, _ type: FieldType, into sink: inout Sink
    ) throws(FormatError) {
        switch type {
        case .bool:
            let byte = try reader.read(UInt8.self)
            guard byte <= 1 else { throw .invalid(what: "event record", detail: "bool is \(byte)") }
            sink.bool(byte == 1)
        case .i32, .i64, .decimal, .time: try emit(unzigzag(try reader.readVarint()), type, into: &sink)
        case .u64: sink.u64(try reader.readVarint())
        case .f64:
            let value = Double(bitPattern: try reader.read(UInt64.self))
            guard value.isFinite else { throw .invalid(what: "event record", detail: "f64 is not finite") }
            sink.f64(value)
        case .f32:
            let value = Float(bitPattern: try reader.read(UInt32.self))
            guard value.isFinite else { throw .invalid(what: "event record", detail: "f32 is not finite") }
            sink.f32(value)
        case .enumeration(let symbols):
            let index = try reader.readVarint()
            guard index < UInt64(symbols.count) else {
                throw .invalid(what: "event record", detail: "enum index \(index) of \(symbols.count) symbols")
            }
            sink.symbol(UInt32(index))
        case .string:
            let utf8 = unsafe try reader.readBytes(
                try reader.readCount(limit: FormatLimits.eventBytesMax, unit: 1, of: "string"))
            guard unsafe isUTF8(utf8) else { throw .invalid(what: "event record", detail: "string is not UTF-8") }
            unsafe sink.text(utf8)
        case .bytes:
            unsafe sink.bytes(
                try reader.readBytes(try reader.readCount(limit: FormatLimits.eventBytesMax, unit: 1, of: "bytes")))
        case .fixed(let size): unsafe sink.fixed(try reader.readBytes(size))
        case .list(let element, let fixedCount):
            let count =
                fixedCount > 0
                ? fixedCount : try reader.readCount(limit: FormatLimits.listElementsMax, unit: 1, of: "list")
            // Every element takes at least a byte, so this bounds the work before any is done.
            try reader.need(count)
            sink.beginList(count)
            for _ in 0..<count { try decodeCompact(&reader, element, into: &sink) }
            sink.endList()
        case .record(let fields):
            let presence = try readPresence(&reader, optionalCount: fields.optionalCount)
            sink.begin(fields, presence: presence)
            var optionalIndex = 0
            for field in fields {
                if field.null != .required {
                    optionalIndex += 1
                    guard presence.isPresent(optionalIndex - 1) else { continue }
                }
                try decodeCompact(&reader, field.type, into: &sink)
            }
            sink.end()
        }
    }
}

/// Whether bytes are well-formed UTF-8.
func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var isASCII = true
    for unsafe byte in unsafe bytes where byte >= 0x80 {
        isASCII = false
        break
    }
    if isASCII { return true }
    return unsafe String(validating: bytes, as: UTF8.self) != nil
}

extension Schema {
    static func encodeIdentity(name: String, version: UInt16, fields: [Field]) -> [UInt8] {
        var buffer = ByteBuffer(capacity: 1024)
        buffer.appendText(name)
        buffer.append(version)
        encode(fields, into: &buffer)
        return buffer.bytes
    }

    private static func encode(_ fields: [Field], into buffer: inout ByteBuffer) {
        buffer.appendVarint(UInt64(fields.count))
        for field in fields {
            buffer.appendText(field.name)
            buffer.append(field.null.rawValue)
            buffer.append(UInt8((field.isKey ? 1 : 0) | (field.isVolatile ? 2 : 0)))
            buffer.appendText(field.unit)
            encode(field.type, into: &buffer)
        }
    }

    private static func encode(_ type: FieldType, into buffer: inout ByteBuffer) {
        buffer.append(type.kind)
        switch type {
        case .fixed(let size): buffer.appendVarint(UInt64(size))
        case .decimal(let scale): buffer.append(UInt8(scale))
        case .enumeration(let symbols):
            buffer.appendVarint(UInt64(symbols.count))
            for symbol in symbols { buffer.appendText(symbol) }
        case .list(let element, let count):
            buffer.appendVarint(UInt64(count))
            encode(element, into: &buffer)
        case .record(let fields): encode(fields, into: &buffer)
        default: break
        }
    }

    static func encodeDescription(identity: [UInt8], fields: [Field], documentation: String) -> [UInt8] {
        var buffer = ByteBuffer(capacity: identity.count + 256)
        buffer.appendVarint(UInt64(identity.count))
        buffer.append(contentsOf: identity)
        buffer.appendText(documentation)
        for field in fields {
            buffer.append(field.encoding.rawValue)
            buffer.appendVarint(field.step)
            buffer.appendText(field.documentation)
        }
        return buffer.bytes
    }

    /// Decodes a description from disk and checks every rule.
    public init(description bytes: UnsafeRawBufferPointer) throws(FormatError) {
        guard bytes.count <= FormatLimits.schemaBytesMax else {
            throw .limit(what: "schema description", found: bytes.count, limit: FormatLimits.schemaBytesMax)
        }
        var reader = unsafe ByteReader(bytes, what: "schema description")
        let identityCount = try reader.readCount(limit: FormatLimits.schemaBytesMax, unit: 1, of: "identity section")
        let identityEnd = reader.offset + identityCount
        let name = try reader.readText(limit: FormatLimits.nameBytesMax)
        let version = try reader.read(UInt16.self)
        var counter = 0
        var fields = try Self.decodeFields(&reader, depth: 0, counter: &counter)
        guard reader.offset == identityEnd else {
            throw .invalid(what: "schema description", detail: "identity section has another length than it says")
        }
        let documentation = try reader.readText(limit: FormatLimits.documentationBytesMax)
        for index in fields.indices {
            let encoding = try reader.read(UInt8.self)
            guard let known = FieldEncoding(rawValue: encoding) else {
                throw .invalid(what: "schema description", detail: "unknown field encoding \(encoding)")
            }
            fields[index].encoding = known
            fields[index].step = try reader.readVarint()
            fields[index].documentation = try reader.readText(limit: FormatLimits.documentationBytesMax)
        }
        guard reader.remaining == 0 else {
            throw .invalid(what: "schema description", detail: "\(reader.remaining) bytes behind the end")
        }
        try self.init(name: name, version: version, fields: fields, documentation: documentation)
        // The identity digest is taken over the bytes, so one meaning must not have two of them.
        guard description == (unsafe [UInt8](bytes)) else {
            throw .invalid(what: "schema description", detail: "a number in it is longer than needed")
        }
    }

    /// Decodes a description from an array.
    public init(description bytes: [UInt8]) throws(FormatError) {
        self = try unsafe bytes.withRawBytes { buffer throws(FormatError) in unsafe try Schema(description: buffer) }
    }

    private static func decodeFields(
        _ reader: inout ByteReader, depth: Int, counter: inout Int
    ) throws(FormatError) -> [Field] {
        let count = try reader.readCount(limit: FormatLimits.fieldsMax, unit: 5, of: "fields")
        counter += count
        guard counter <= FormatLimits.fieldsMax else {
            throw .limit(what: "fields", found: counter, limit: FormatLimits.fieldsMax)
        }
        var fields: [Field] = []
        for _ in 0..<count {
            let name = try reader.readText(limit: FormatLimits.nameBytesMax)
            let nullClass = try reader.read(UInt8.self)
            guard let null = NullClass(rawValue: nullClass) else {
                throw .invalid(what: "field \(name)", detail: "unknown null class \(nullClass)")
            }
            let bits = try reader.read(UInt8.self)
            guard bits & ~3 == 0 else { throw .invalid(what: "field \(name)", detail: "unknown bits \(bits)") }
            let unit = try reader.readText(limit: FormatLimits.nameBytesMax)
            let type = try decodeType(&reader, depth: depth, counter: &counter)
            fields.append(
                Field(name, type, null: null, unit: unit, isKey: bits & 1 != 0, isVolatile: bits & 2 != 0))
        }
        return fields
    }

    private static func decodeType(
        _ reader: inout ByteReader, depth: Int, counter: inout Int
    ) throws(FormatError) -> FieldType {
        guard depth < FormatLimits.nestingMax else {
            throw .limit(what: "nesting", found: depth + 1, limit: FormatLimits.nestingMax)
        }
        let kind = try reader.read(UInt8.self)
        switch kind {
        case 1: return .bool
        case 2: return .i32
        case 3: return .i64
        case 4: return .f64
        case 5: return .string
        case 6: return .bytes
        case 7:
            let count = try reader.readVarint()
            guard count <= UInt64(FormatLimits.listElementsMax) else {
                throw .limit(what: "list length", found: Int(clamping: count), limit: FormatLimits.listElementsMax)
            }
            counter += 1
            return .list(try decodeType(&reader, depth: depth + 1, counter: &counter), count: Int(count))
        case 8: return .record(try decodeFields(&reader, depth: depth + 1, counter: &counter))
        case 9:
            let count = try reader.readCount(limit: FormatLimits.symbolsMax, unit: 1, of: "symbols")
            var symbols: [String] = []
            for _ in 0..<count { symbols.append(try reader.readText(limit: FormatLimits.nameBytesMax)) }
            return .enumeration(symbols)
        case 10: return .f32
        case 11: return .u64
        case 12: return .decimal(scale: Int(try reader.read(UInt8.self)))
        case 13:
            let size = try reader.readVarint()
            guard size <= 64 else { throw .limit(what: "fixed size", found: Int(clamping: size), limit: 64) }
            return .fixed(size: Int(size))
        case 14: return .time
        default: throw .invalid(what: "schema description", detail: "unknown field kind \(kind)")
        }
    }
}

import LogFormat

/// Random descriptions of event types over everything that the format allows.
extension TestGenerator {
    mutating func schema(_ name: String = "test.Random") throws -> Schema {
        var fields: [Field] = []
        let keyAt = chance(70) ? below(4) : -1
        let count = keyAt < 0 ? below(9) : keyAt + 1 + below(6)
        for index in 0..<count {
            fields.append(field("f\(index)", isKey: index == keyAt, keySeen: keyAt >= 0 && index > keyAt))
        }
        return try Schema(name: name, version: UInt16(1 + below(65_535)), fields: fields, documentation: text())
    }

    /// The same type with other encodings, which must not change its identity.
    mutating func repacked(_ schema: Schema) throws -> Schema {
        var keySeen = false
        let fields = schema.fields.map { field in
            var copy = field
            (copy.encoding, copy.step) = encoding(field.type, keySeen: keySeen)
            copy.documentation = text()
            keySeen = keySeen || field.isKey
            return copy
        }
        return try Schema(name: schema.name, version: schema.version, fields: fields)
    }

    private mutating func field(_ name: String, isKey: Bool, keySeen: Bool) -> Field {
        let type = isKey ? keyType() : self.type(depth: 0)
        let (encoding, step) = encoding(type, keySeen: keySeen)
        return Field(
            name, type, null: isKey ? .required : pick([.required, .required, .optional, .late]),
            unit: pick(["", "USD", "\u{b5}s"]), isKey: isKey, isVolatile: chance(25), encoding: encoding, step: step,
            documentation: text())
    }

    mutating func keyType() -> FieldType {
        pick([
            .bool, .i32, .i64, .u64, .decimal(scale: 3), .time, .enumeration(["a", "b", "c"]), .string, .bytes,
            .fixed(size: 3),
        ])
    }

    mutating func encoding(_ type: FieldType, keySeen: Bool) -> (FieldEncoding, UInt64) {
        let step: UInt64 = pick([1, 1, 5, 1000, UInt64(Int64.max)])
        if type.isNumber {
            let encoding: FieldEncoding = pick(
                [.plain, .varint, .delta, .eventDelta] + (keySeen ? [.keyDelta, .keyDelta] : []))
            return (encoding, encoding == .plain ? 1 : step)
        }
        if keySeen, case .list(let element, let count) = type, (1...64).contains(count),
            element == .i32 || element == .i64 || element == .u64, chance(80)
        {
            return (.keyMask, step)
        }
        return (.plain, 1)
    }

    mutating func type(depth: Int) -> FieldType {
        switch below(depth < 3 ? 17 : 13) {
        case 0: .bool
        case 1: .i32
        case 2: .i64
        case 3: .u64
        case 4: .f64
        case 5: .f32
        case 6: .string
        case 7: .bytes
        case 8: .fixed(size: pick([1, 7, 64]))
        case 9: .decimal(scale: below(19))
        case 10: .time
        case 11: .enumeration((0...below(300)).map { "s\($0)" })
        case 12: .list(pick([.i32, .i64, .u64]), count: pick([1, 5, 8, 9, 63, 64]))
        case 13: .list(type(depth: depth + 1), count: below(4))
        case 14: .list(type(depth: depth + 1), count: 0)
        default:
            .record(
                (0...below(10)).map { index in
                    Field("r\(index)", type(depth: depth + 1), null: pick([.required, .optional, .late]))
                })
        }
    }
}

/// Random values that fit a description.
extension TestGenerator {
    mutating func values(_ schema: Schema) -> [Value] { schema.fields.map { value($0) } }

    private mutating func value(_ field: Field) -> Value {
        if field.isKey, field.type.isNumber, field.type != .u64 { return .int(Int64(pick([0, 1, 2, 1023, 1024, -1]))) }
        return field.null != .required && chance(40) ? .null : value(field.type)
    }

    mutating func value(_ type: FieldType) -> Value {
        switch type {
        case .bool: .bool(chance(50))
        case .i32: .int(Int64(Int32(truncatingIfNeeded: integer())))
        case .i64, .decimal, .time: .int(integer())
        case .u64: .uint(UInt64(bitPattern: integer()))
        case .f64: .double(pick([0, -0.0, 1.5, -1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1]))
        case .f32: .float(pick([0, -0.0, 1.5, -1e30, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1]))
        case .string: .string(text())
        case .bytes: .bytes(bytes(pick([0, 1, 5, 200])))
        case .fixed(let size): .bytes(bytes(size))
        case .enumeration(let symbols): .symbol(UInt32(below(symbols.count)))
        case .list(let element, let count):
            .list((0..<(count > 0 ? count : below(5))).map { _ in value(element) })
        case .record(let fields):
            .record(fields.map { $0.null != .required && chance(40) ? .null : value($0.type) })
        }
    }

    mutating func head(_ typeID: UInt16, after last: RecordHead) -> RecordHead {
        RecordHead(
            typeID: typeID, flags: chance(70) ? [] : EventFlags(rawValue: UInt8(1 + below(63))),
            appendNanos: last.appendNanos &+ Int64(chance(50) ? 0 : below(1_000_000)),
            globalSeq: chance(80) ? last.globalSeq &+ 1 : next(), eventNanos: integer())
    }
}

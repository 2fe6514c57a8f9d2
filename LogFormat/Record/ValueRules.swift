extension Schema {
    /// Checks that `values` (one a top-level field, `.null` for absent) fit the schema and the event limit.
    ///
    /// Errors: `invalid` naming the field and what was expected, `limit` for sizes. An event that passes can be
    /// encoded.
    public func validate(_ values: [Value]) throws(FormatError) {
        guard values.count == fields.count else {
            throw .invalid(what: name, detail: "\(values.count) values for \(fields.count) fields")
        }
        // Heads of both parts, and a presence map for the optional fields of each.
        let optional = fields.filter { $0.null != .required }
        let volatileCount = optional.filter(\.isVolatile).count
        var byteCount = 44 + (optional.count - volatileCount + 7) / 8 + (volatileCount + 7) / 8
        for (field, value) in zip(fields, values) {
            try ValueRules.check(value, field, path: field.name, byteCount: &byteCount)
        }
        guard byteCount <= FormatLimits.eventBytesMax else {
            throw .limit(what: "event of type \(name)", found: byteCount, limit: FormatLimits.eventBytesMax)
        }
    }
}

/// Whether a value fits a field; adds its canonical size.
enum ValueRules {
    static func check(
        _ value: Value, _ field: Field, path: String, byteCount: inout Int
    ) throws(FormatError) {
        if case .null = value {
            guard field.null != .required else {
                throw .invalid(what: path, detail: "is missing, and the field is required")
            }
            return
        }
        try check(value, field.type, path: path, byteCount: &byteCount)
    }

    private static func check(
        _ value: Value, _ type: FieldType, path: String, byteCount: inout Int
    ) throws(FormatError) {
        switch (type, value) {
        case (.bool, .bool): byteCount += 1
        case (.i32, .int(let number)):
            guard Int32(exactly: number) != nil else {
                throw .invalid(what: path, detail: "\(number) does not fit i32")
            }
            byteCount += 4
        case (.i64, .int), (.decimal, .int), (.time, .int), (.u64, .uint): byteCount += 8
        case (.f64, .double(let number)):
            guard number.isFinite else { throw .invalid(what: path, detail: "\(number) is not a finite number") }
            byteCount += 8
        case (.f32, .float(let number)):
            guard number.isFinite else { throw .invalid(what: path, detail: "\(number) is not a finite number") }
            byteCount += 4
        case (.string, .string(let text)): byteCount += 4 + text.utf8.count
        case (.bytes, .bytes(let bytes)): byteCount += 4 + bytes.count
        case (.fixed(let size), .bytes(let bytes)):
            guard bytes.count == size else {
                throw .invalid(what: path, detail: "has \(bytes.count) bytes, expected \(size)")
            }
            byteCount += size
        case (.enumeration(let symbols), .symbol(let index)):
            guard Int(index) < symbols.count else {
                throw .invalid(what: path, detail: "symbol \(index) of \(symbols.count)")
            }
            byteCount += 4
        case (.list(let element, let count), .list(let values)):
            guard count == 0 || values.count == count else {
                throw .invalid(what: path, detail: "has \(values.count) elements, expected \(count)")
            }
            guard values.count <= FormatLimits.listElementsMax else {
                throw .limit(what: path, found: values.count, limit: FormatLimits.listElementsMax)
            }
            byteCount += 4
            for (index, value) in values.enumerated() {
                try check(value, element, path: "\(path)[\(index)]", byteCount: &byteCount)
            }
        case (.record(let fields), .record(let values)):
            guard values.count == fields.count else {
                throw .invalid(what: path, detail: "\(values.count) values for \(fields.count) fields")
            }
            byteCount += (fields.optionalCount + 7) / 8
            for (field, value) in zip(fields, values) {
                try check(value, field, path: "\(path).\(field.name)", byteCount: &byteCount)
            }
        default: throw .invalid(what: path, detail: "value \(value) does not fit the field's type")
        }
        guard byteCount <= FormatLimits.eventBytesMax else {
            throw .limit(what: path, found: byteCount, limit: FormatLimits.eventBytesMax)
        }
    }
}

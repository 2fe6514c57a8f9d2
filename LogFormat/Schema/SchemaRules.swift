/// The rules that every schema keeps, whether declared in Swift, in YAML or read from disk.
enum SchemaRules {
    static func check(
        name: String, version: UInt16, fields: [Field], documentation: String
    ) throws(FormatError) {
        try checkName(name, what: "type name", extra: ".-")
        guard version >= 1 else { throw .invalid(what: name, detail: "version is 0, versions start at 1") }
        try checkDocumentation(documentation, of: name)
        var counter = 0
        try checkFields(fields, of: name, depth: 0, counter: &counter)
        try checkStorage(fields, of: name)
    }

    private static func checkName(_ name: String, what: String, extra: String) throws(FormatError) {
        guard !name.isEmpty, name.utf8.count <= FormatLimits.nameBytesMax else {
            throw .limit(what: what, found: name.utf8.count, limit: FormatLimits.nameBytesMax)
        }
        for (index, byte) in name.utf8.enumerated() {
            let letter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            let digit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            guard letter || (index > 0 && (digit || extra.utf8.contains(byte))) else {
                throw .invalid(what: what, detail: "'\(name)' holds a character that names may not")
            }
        }
    }

    private static func checkDocumentation(_ text: String, of owner: String) throws(FormatError) {
        guard text.utf8.count <= FormatLimits.documentationBytesMax else {
            throw .limit(
                what: "documentation of \(owner)", found: text.utf8.count, limit: FormatLimits.documentationBytesMax)
        }
    }

    private static func checkFields(
        _ fields: [Field], of owner: String, depth: Int, counter: inout Int
    ) throws(FormatError) {
        var names = Set<String>()
        for field in fields {
            counter += 1
            guard counter <= FormatLimits.fieldsMax else {
                throw .limit(what: "fields of \(owner)", found: counter, limit: FormatLimits.fieldsMax)
            }
            try checkName(field.name, what: "field name", extra: "")
            guard names.insert(field.name).inserted else {
                throw .invalid(what: owner, detail: "field '\(field.name)' stands twice")
            }
            guard field.unit.utf8.count <= FormatLimits.nameBytesMax else {
                throw .limit(
                    what: "unit of \(field.name)", found: field.unit.utf8.count, limit: FormatLimits.nameBytesMax)
            }
            try checkType(field.type, of: "\(owner).\(field.name)", depth: depth, counter: &counter)
        }
    }

    private static func checkType(
        _ type: FieldType, of owner: String, depth: Int, counter: inout Int
    ) throws(FormatError) {
        guard depth < FormatLimits.nestingMax else {
            throw .limit(what: "nesting of \(owner)", found: depth + 1, limit: FormatLimits.nestingMax)
        }
        switch type {
        case .fixed(let size):
            guard (1...64).contains(size) else { throw .limit(what: "size of \(owner)", found: size, limit: 64) }
        case .decimal(let scale):
            guard (0...18).contains(scale) else { throw .limit(what: "scale of \(owner)", found: scale, limit: 18) }
        case .enumeration(let symbols):
            guard (1...FormatLimits.symbolsMax).contains(symbols.count) else {
                throw .limit(what: "symbols of \(owner)", found: symbols.count, limit: FormatLimits.symbolsMax)
            }
            guard Set(symbols).count == symbols.count else {
                throw .invalid(what: owner, detail: "a symbol stands twice")
            }
            for symbol in symbols where symbol.isEmpty || symbol.utf8.count > FormatLimits.nameBytesMax {
                throw .limit(what: "symbol of \(owner)", found: symbol.utf8.count, limit: FormatLimits.nameBytesMax)
            }
        case .list(let element, let count):
            guard (0...FormatLimits.listElementsMax).contains(count) else {
                throw .limit(what: "length of \(owner)", found: count, limit: FormatLimits.listElementsMax)
            }
            counter += 1
            guard counter <= FormatLimits.fieldsMax else {
                throw .limit(what: "fields of \(owner)", found: counter, limit: FormatLimits.fieldsMax)
            }
            try checkType(element, of: "\(owner)[]", depth: depth + 1, counter: &counter)
        case .record(let fields):
            guard !fields.isEmpty else { throw .invalid(what: owner, detail: "a record needs a field") }
            try checkFields(fields, of: owner, depth: depth + 1, counter: &counter)
            for field in fields {
                guard !field.isKey, !field.isVolatile, field.step == 1, field.documentation.isEmpty,
                    field.encoding == (field.type.isNumber ? .varint : .plain)
                else {
                    throw .invalid(
                        what: "\(owner).\(field.name)",
                        detail: "key, volatile, encoding, step and documentation belong to top-level fields")
                }
            }
        default: break
        }
    }

    private static func checkStorage(_ fields: [Field], of owner: String) throws(FormatError) {
        var keySeen = false
        for field in fields {
            let what = "\(owner).\(field.name)"
            try checkDocumentation(field.documentation, of: what)
            guard field.step >= 1, field.step <= UInt64(Int64.max) else {
                throw .invalid(what: what, detail: "step \(field.step) is outside 1 … 2^63 - 1")
            }
            guard field.step == 1 || field.encoding != .plain else {
                throw .invalid(what: what, detail: "a step needs an encoding other than plain")
            }
            switch field.encoding {
            case .plain: break
            case .varint, .delta, .keyDelta, .eventDelta:
                guard field.type.isNumber else {
                    throw .invalid(what: what, detail: "encoding \(field.encoding) is for integers, decimals and times")
                }
            case .keyMask:
                guard case .list(let element, let count) = field.type,
                    (1...FormatLimits.maskElementsMax).contains(count),
                    element == .i32 || element == .i64 || element == .u64
                else {
                    throw .invalid(what: what, detail: "keyMask is for lists of 1 to 64 integers of fixed length")
                }
            }
            if field.encoding == .keyDelta || field.encoding == .keyMask {
                guard keySeen else { throw .invalid(what: what, detail: "needs a key field before it") }
            }
            guard field.isKey else { continue }
            guard !keySeen else { throw .invalid(what: what, detail: "is a second key") }
            guard field.null == .required else { throw .invalid(what: what, detail: "a key is not optional") }
            switch field.type {
            case .f64, .f32, .list, .record: throw .invalid(what: what, detail: "this type cannot be a key")
            default: keySeen = true
            }
        }
    }
}

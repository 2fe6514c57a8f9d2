package import LogFormat

/// JSON Schema (draft 2020-12) of event types: what another team's module validates its messages against (GEN-09).
package enum JSONSchema {
    /// `urn:schema:<area>.<name>:v<major>`, with the name in snake case (GEN-09).
    package static func urn(_ schema: Schema) -> String {
        var name = ""
        for character in schema.name {
            if character.isUppercase {
                if let last = name.last, last != "." { name += "_" }
                name += character.lowercased()
            } else {
                name.append(character)
            }
        }
        return "urn:schema:\(name):v\(schema.version)"
    }

    /// The schema document of a type, with members in a fixed order.
    package static func document(_ description: EventDescription) -> String {
        let schema = description.schema
        return """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":\(jsonString(urn(schema))),\
            "title":\(jsonString(schema.name)),"description":\(jsonString(schema.documentation)),\
            \(object(schema.fields, path: "", description))}
            """
    }

    private static func object(_ fields: [Field], path: String, _ description: EventDescription) -> String {
        let properties = fields.map { field in
            let inner = path + field.name
            let note = field.documentation.isEmpty ? description.note(inner) : field.documentation
            var members = type(field.type, path: inner, unit: field.unit, description)
            if !field.unit.isEmpty, field.unit != ulidUnit { members += ",\"x-unit\":\(jsonString(field.unit))" }
            if field.null == .late { members += ",\"x-null\":\"late\"" }
            if field.isVolatile { members += ",\"x-volatile\":true" }
            if !note.isEmpty { members += ",\"description\":\(jsonString(note))" }
            return "\(jsonString(field.name)):{\(members)}"
        }
        let required = fields.filter { $0.null == .required }.map { jsonString($0.name) }
        return "\"type\":\"object\",\"properties\":{\(properties.joined(separator: ","))},"
            + "\"required\":[\(required.joined(separator: ","))],\"additionalProperties\":false"
    }

    private static let ulidUnit = "ulid"

    private static func type(
        _ type: FieldType, path: String, unit: String, _ description: EventDescription
    ) -> String {
        switch type {
        case .bool: return "\"type\":\"boolean\""
        case .i32: return "\"type\":\"integer\",\"minimum\":-2147483648,\"maximum\":2147483647"
        case .i64: return "\"type\":\"integer\""
        case .u64: return "\"type\":\"integer\",\"minimum\":0"
        case .f64, .f32:
            guard let range = description.range(path) else { return "\"type\":\"number\"" }
            return "\"type\":\"number\",\"minimum\":\(number(range.lowerBound)),\"maximum\":\(number(range.upperBound))"
        case .string: return "\"type\":\"string\""
        case .bytes: return "\"type\":\"string\",\"contentEncoding\":\"base64\""
        case .fixed(16) where unit == ulidUnit:
            return "\"type\":\"string\",\"pattern\":\"^[0-7][0-9A-HJKMNP-TV-Z]{25}$\""
        case .fixed(let size): return "\"type\":\"string\",\"contentEncoding\":\"base64\",\"x-bytes\":\(size)"
        case .decimal(let scale):
            return "\"type\":\"string\",\"pattern\":\"^-?[0-9]+\(scale > 0 ? "(\\\\.[0-9]{1,\(scale)})?" : "")$\""
        case .time: return "\"type\":\"string\",\"format\":\"date-time\""
        case .enumeration(let symbols):
            return "\"type\":\"string\",\"enum\":[\(symbols.map(jsonString).joined(separator: ","))]"
        case .list(let element, let count):
            let items = "\"type\":\"array\",\"items\":{\(Self.type(element, path: path, unit: unit, description))}"
            return count > 0 ? "\(items),\"minItems\":\(count),\"maxItems\":\(count)" : items
        case .record(let fields): return object(fields, path: "\(path).", description)
        }
    }

    private static func number(_ value: Double) -> String {
        var buffer = ByteBuffer(capacity: 32)
        buffer.appendFloat(value)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }
}

extension EventDescription {
    /// Range of the number at `path`.
    package func range(_ path: String) -> ClosedRange<Double>? { ranges.first { $0.path == path }?.range }

    /// What the field at `path`, inside of a record, means.
    package func note(_ path: String) -> String { notes.first { $0.path == path }?.documentation ?? "" }
}

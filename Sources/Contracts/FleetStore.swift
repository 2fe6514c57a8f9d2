import Events
import Herald
import LogFormat

/// The columns of a module's store, read off the event types: unit, range and null class of every field (ARC-18).
enum FleetStore {
    static func type(_ type: EventType) throws(FormatError) -> StoredType {
        let description = try type.describe()
        var columns: [Column] = []
        add(description.schema.fields, path: "", description, to: &columns)
        return StoredType(
            description.schema.name, schemaRef: JSONSchema.urn(description.schema), columns: columns)
    }

    private static func add(
        _ fields: [Field], path: String, _ description: EventDescription, to columns: inout [Column]
    ) {
        for field in fields {
            let key = path + field.name
            columns.append(
                Column(
                    key, type: name(field.type), unit: field.unit, range: description.range(key),
                    null: ["req", "null", "late"][Int(field.null.rawValue)]))
            switch field.type {
            case .record(let inner), .list(.record(let inner), _):
                add(inner, path: "\(key).", description, to: &columns)
            default: break
            }
        }
    }

    private static func name(_ type: FieldType) -> String {
        switch type {
        case .bool: "bool"
        case .i32: "i32"
        case .i64: "i64"
        case .u64: "u64"
        case .f64: "f64"
        case .f32: "f32"
        case .string: "text"
        case .bytes: "bytes"
        case .fixed(let size): "fixed(\(size))"
        case .decimal(let scale): "decimal(\(scale))"
        case .time: "time"
        case .enumeration(let symbols): "enum(\(symbols.joined(separator: " ")))"
        case .list(let element, let count): "list\(count > 0 ? "(\(count))" : "") of \(name(element))"
        case .record: "record"
        }
    }
}

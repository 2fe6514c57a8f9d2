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
                    key, type: field.type.plainName, unit: field.unit, range: description.range(key),
                    null: ["req", "null", "late"][Int(field.null.rawValue)]))
            switch field.type {
            case .record(let inner), .list(.record(let inner), _):
                add(inner, path: "\(key).", description, to: &columns)
            default: break
            }
        }
    }
}

package import LogFormat

/// The documentation of the vocabulary (`docs/events.md`), made from the declarations alone.
package enum EventTable {
    /// The whole document.
    package static func markdown() throws(FormatError) -> String {
        var text = """
            # Events

            Made by `lotus schema export --markdown`; a test keeps it current. Every event also has what the log gives
            it: seq, global sequence number, event time, append time and flags (SPEC.md section 9).

            | event | version | logs | projections | says |
            |---|---|---|---|---|

            """
        for type in EventCatalog.types {
            let schema = try type.describe().schema
            text +=
                "| [`\(schema.name)`](#\(anchor(schema.name))) | \(schema.version) "
                + "| \(type.modules.map(\.text).joined(separator: " ")) | \(type.projections.joined(separator: " ")) "
                + "| \(schema.documentation) |\n"
        }
        for type in EventCatalog.types { text += try section(type) }
        return text
    }

    private static func anchor(_ name: String) -> String { name.lowercased().filter { $0 != "." } }

    private static func section(_ type: EventType) throws(FormatError) -> String {
        let description = try type.describe()
        let schema = description.schema
        var text = """

            ## \(schema.name)

            \(schema.documentation). Version \(schema.version), `\(JSONSchema.urn(schema))`.

            | field | type | unit | range | null | meaning |
            |---|---|---|---|---|---|

            """
        rows(schema.fields, path: "", description, &text)
        return text
    }

    private static func rows(_ fields: [Field], path: String, _ description: EventDescription, _ text: inout String) {
        for field in fields {
            let inner = path + field.name
            let range = description.range(inner).map { "\(shown($0.lowerBound)) … \(shown($0.upperBound))" } ?? ""
            let null = ["req", "null", "late"][Int(field.null.rawValue)]
            let note = field.documentation.isEmpty ? description.note(inner) : field.documentation
            text += "| `\(inner)` | \(field.type.plainName) | \(field.unit) | \(range) | \(null) | \(note) |\n"
            switch field.type {
            case .record(let fields), .list(.record(let fields), _):
                rows(fields, path: "\(inner).", description, &text)
            default: break
            }
        }
    }

    private static func shown(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e6 ? "\(Int64(value))" : "\(value)"
    }
}

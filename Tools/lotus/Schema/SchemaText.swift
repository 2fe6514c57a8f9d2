import LogFormat

/// Prints event types as the YAML that `append --schema` reads.
enum SchemaText {
    /// One document.
    static func yaml(_ schema: Schema) -> String {
        var text = "type: \(word(schema.name))\nversion: \(schema.version)\n"
        if !schema.documentation.isEmpty { text += "doc: \(quoted(schema.documentation))\n" }
        text += schema.fields.isEmpty ? "fields: []\n" : "fields:\n"
        for field in schema.fields {
            text += "  - name: \(word(field.name))\n    type: \(type(field.type))\n"
            for (key, value) in attributes(field) { text += "    \(key): \(value)\n" }
        }
        return text
    }

    private static func attributes(_ field: Field) -> [(String, String)] {
        var pairs: [(String, String)] = []
        if !field.unit.isEmpty { pairs.append(("unit", quoted(field.unit))) }
        switch field.null {
        case .required: break
        case .optional: pairs.append(("optional", "true"))
        case .late: pairs.append(("null", "late"))
        }
        if field.isKey { pairs.append(("key", "true")) }
        if field.isVolatile { pairs.append(("volatile", "true")) }
        if field.encoding != (field.type.isNumber ? .varint : .plain) {
            pairs.append(("encoding", FieldYAML.encodings.first { $0.encoding == field.encoding }?.name ?? "plain"))
        }
        if field.step != 1 { pairs.append(("step", "\(field.step)")) }
        if !field.documentation.isEmpty { pairs.append(("doc", quoted(field.documentation))) }
        return pairs
    }

    private static func type(_ type: FieldType) -> String {
        switch type {
        case .bool: "bool"
        case .i32: "i32"
        case .i64: "i64"
        case .u64: "u64"
        case .f64: "f64"
        case .f32: "f32"
        case .string: "string"
        case .bytes: "bytes"
        case .time: "time"
        case .fixed(let size): "{fixed: \(size)}"
        case .decimal(let scale): "{decimal: \(scale)}"
        case .enumeration(let symbols): "{enum: [\(symbols.map(quoted).joined(separator: ", "))]}"
        case .list(let element, let count): "{list: \(self.type(element))\(count > 0 ? ", count: \(count)" : "")}"
        case .record(let fields):
            "{record: ["
                + fields.map { field in
                    let rest = attributes(field).map { ", \($0): \($1)" }.joined()
                    return "{name: \(word(field.name)), type: \(self.type(field.type))\(rest)}"
                }.joined(separator: ", ") + "]}"
        }
    }

    /// A name, quoted if YAML might take it for something else.
    private static func word(_ text: String) -> String {
        let reserved = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        return reserved.contains(text.lowercased()) ? "\"\(text)\"" : text
    }

    /// A double-quoted scalar, with everything escaped that YAML does not let stand.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case " "..."~", "\u{A0}"..."\u{2027}", "\u{202A}"..."\u{D7FF}", "\u{E000}"..."\u{FEFE}",
                "\u{FF00}"..."\u{FFFD}",
                "\u{10000}"..."\u{10FFFF}":
                result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            }
        }
        return result + "\""
    }
}

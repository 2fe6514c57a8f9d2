import Events
package import Herald
import LogFormat

/// The YAML of a manifest and of the model map, as the files in `manifests/` hold it.
package enum ManifestText {
    /// The file of a module.
    package static func yaml(_ manifest: ModuleManifest) -> String {
        var text = """
            # Contract of \(manifest.module.text) (SCH-HER-4). `lotus manifest check` holds it against the code.
            module: \(manifest.module.text)
            version: \(quoted(manifest.version))
            events:

            """
        text += list(
            "  outbound", manifest.outbound.map { "{intent: \($0.intent.text), schema_ref: \(quoted($0.schemaRef))}" })
        text += list(
            "  inbound",
            manifest.inbound.map {
                "{intent: \($0.intent.text), schema_ref: \(quoted($0.schemaRef)), action: \($0.action)}"
            })
        text += "priors:\n"
        text += "  patch_schema: \(quoted(manifest.patchSchemaRef))\n"
        text += list("  knobs", manifest.knobs.map(knob))
        text += "store:\(manifest.store.isEmpty ? " []" : "")\n"
        for type in manifest.store {
            text += "  - event: \(type.event)\n    schema_ref: \(quoted(type.schemaRef))\n"
            text += list("    columns", type.columns.map(column))
        }
        return text
    }

    /// The file of the model map.
    package static func yaml(_ routes: [Route]) -> String {
        var text = """
            # Who says what to whom (SCH-HER-5). `lotus manifest check` holds it against the code.
            routing: {broker: herald, delivery: at-least-once, poison_queue: true, auth: ed25519}
            modules:

            """
        for route in routes {
            text += "  - module: \(route.module.text)\n"
            text += "    emits: [\(route.emits.map(\.text).joined(separator: ", "))]\n"
            text += "    listens: [\(route.listens.map(\.text).joined(separator: ", "))]\n"
            text += "    may_address: [\(route.mayAddress.map(\.text).joined(separator: ", "))]\n"
        }
        return text
    }

    private static func list(_ name: String, _ items: [String]) -> String {
        let indent = String(name.prefix { $0 == " " })
        if items.isEmpty { return "\(name): []\n" }
        return "\(name):\n" + items.map { "\(indent)  - \($0)\n" }.joined()
    }

    private static func knob(_ knob: Knob) -> String {
        "{name: \(knob.key), kind: \(knob.kind.text)" + (knob.unit.isEmpty ? "" : ", unit: \(quoted(knob.unit))")
            + ", default: \(knob.base), min: \(knob.range.lowerBound), max: \(knob.range.upperBound), "
            + "step_max: \(knob.step)}"
    }

    private static func column(_ column: Column) -> String {
        var text = "{key: \(quoted(column.key)), type: \(quoted(column.type))"
        if !column.unit.isEmpty { text += ", unit: \(quoted(column.unit))" }
        if let range = column.range { text += ", min: \(range.lowerBound), max: \(range.upperBound)" }
        return text + ", null_class: \(column.null)}"
    }

    /// Names and URNs hold neither quotes nor backslashes nor control characters.
    private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}

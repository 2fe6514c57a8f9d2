import Events
package import Herald
internal import LogFormat

/// Reads manifests and the model map from YAML (SCH-HER-4, SCH-HER-5).
///
/// Total: any text gives contracts or an error with its place.
package enum ManifestReader {
    /// The manifest of a module.
    package static func manifest(_ text: String, file: String) throws(ManifestError) -> ModuleManifest {
        let root = try YAMLNode.document(text, file: file)
            .mapping("the manifest", required: ["module", "version", "events", "priors", "store"])
        var manifest = ModuleManifest(
            try symbol(Module.self, try root.node("module"), "'module'"), version: try root.text("version"))
        let events = try root.node("events").mapping("'events'", required: ["outbound", "inbound"])
        for node in try events.list("outbound") {
            let map = try node.mapping("an outbound event", required: ["intent", "schema_ref"])
            let intent = try symbol(Intent.self, try map.node("intent"), "'intent'")
            if manifest.outbound.contains(where: { $0.intent == intent }) {
                throw node.error("\(intent.text) stands twice among the outbound events: keep one")
            }
            manifest.outbound.append(Outbound(intent, try map.text("schema_ref")))
        }
        for node in try events.list("inbound") {
            let map = try node.mapping("an inbound event", required: ["intent", "schema_ref", "action"])
            let intent = try symbol(Intent.self, try map.node("intent"), "'intent'")
            if manifest.inbound.contains(where: { $0.intent == intent }) {
                throw node.error("\(intent.text) stands twice among the inbound events: keep one")
            }
            manifest.inbound.append(Inbound(intent, try map.text("schema_ref"), action: try map.text("action")))
        }
        let priors = try root.node("priors").mapping("'priors'", required: ["patch_schema", "knobs"])
        manifest.patchSchemaRef = try priors.text("patch_schema")
        for node in try priors.list("knobs") {
            let knob = try knob(node)
            if manifest.knobs.contains(where: { $0.key == knob.key }) {
                throw node.error("knob \(knob.key) stands twice: keep one")
            }
            manifest.knobs.append(knob)
        }
        for node in try root.list("store") {
            let type = try type(node)
            if manifest.store.contains(where: { $0.event == type.event }) {
                throw node.error("type \(type.event) stands twice in the store: keep one")
            }
            manifest.store.append(type)
        }
        return manifest
    }

    /// The rows of the model map.
    package static func routes(_ text: String, file: String) throws(ManifestError) -> [Route] {
        let root = try YAMLNode.document(text, file: file).mapping("the model map", required: ["routing", "modules"])
        let routing = try root.node("routing")
            .mapping("'routing'", required: ["broker", "delivery", "poison_queue", "auth"])
        let expected = [
            ("broker", "herald"), ("delivery", "at-least-once"), ("poison_queue", "true"), ("auth", "ed25519"),
        ]
        for (key, value) in expected {
            let found = try routing.text(key)
            if found != value {
                throw try routing.node(key).error("'\(key)' is '\(found)', expected '\(value)': nothing else is built")
            }
        }
        var routes: [Route] = []
        for node in try root.list("modules") {
            let map = try node.mapping("a row", required: ["module", "emits", "listens", "may_address"])
            let module = try symbol(Module.self, try map.node("module"), "'module'")
            if routes.contains(where: { $0.module == module }) {
                throw node.error("module \(module.text) has two rows: keep one")
            }
            routes.append(
                Route(
                    module, emits: try symbols(Intent.self, map, "emits"),
                    listens: try symbols(Intent.self, map, "listens"),
                    mayAddress: try symbols(Module.self, map, "may_address")))
        }
        return routes
    }

    private static func knob(_ node: YAMLNode) throws(ManifestError) -> Knob {
        let map = try node.mapping(
            "a knob", required: ["name", "kind", "default", "min", "max", "step_max"], optional: ["unit"])
        let low = try map.number("min")
        let high = try map.number("max")
        let base = try map.number("default")
        let step = try map.number("step_max")
        let name = try map.text("name")
        guard low <= high else { throw node.error("knob \(name) has min \(low) above max \(high): exchange them") }
        guard (low...high).contains(base) else {
            throw node.error("knob \(name) has default \(base), expected \(low) … \(high)")
        }
        guard step > 0 else { throw node.error("knob \(name) has step_max \(step), expected above 0") }
        return Knob(
            PriorKey(name), try symbol(KnobKind.self, try map.node("kind"), "'kind'"),
            unit: try map.optionalText("unit"), base: base, range: low...high, step: step)
    }

    private static func type(_ node: YAMLNode) throws(ManifestError) -> StoredType {
        let map = try node.mapping("a stored type", required: ["event", "schema_ref", "columns"])
        var type = StoredType(try map.text("event"), schemaRef: try map.text("schema_ref"), columns: [])
        for place in try map.list("columns") {
            let column = try column(place)
            if type.columns.contains(where: { $0.key == column.key }) {
                throw place.error("column \(column.key) stands twice in \(type.event): keep one")
            }
            type.columns.append(column)
        }
        return type
    }

    private static func column(_ node: YAMLNode) throws(ManifestError) -> Column {
        let map = try node.mapping(
            "a column", required: ["key", "type", "null_class"], optional: ["unit", "min", "max"])
        let null = try map.text("null_class")
        guard ["req", "null", "late"].contains(null) else {
            throw try map.node("null_class").error("'null_class' is '\(null)', expected req, null or late")
        }
        var range: ClosedRange<Double>?
        switch (try map.optionalNumber("min"), try map.optionalNumber("max")) {
        case (let low?, let high?):
            guard low <= high else { throw node.error("min \(low) is above max \(high): exchange them") }
            range = low...high
        case (nil, nil): break
        default: throw node.error("a column has only one of 'min' and 'max', expected both or none")
        }
        return Column(
            try map.text("key"), type: try map.text("type"), unit: try map.optionalText("unit"), range: range,
            null: null)
    }

    private static func symbols<Symbol: EventSymbol>(
        _ type: Symbol.Type, _ map: YAMLMapping, _ key: String
    ) throws(ManifestError) -> [Symbol] {
        var all: [Symbol] = []
        for node in try map.list(key) {
            let one = try symbol(type, node, "an element of '\(key)'")
            if all.contains(one) { throw node.error("\(one.text) stands twice in '\(key)': keep one") }
            all.append(one)
        }
        return all
    }

    private static func symbol<Symbol: EventSymbol>(
        _ type: Symbol.Type, _ node: YAMLNode, _ what: String
    ) throws(ManifestError) -> Symbol {
        let text = try node.text(what)
        guard let symbol = Symbol(text: text) else {
            throw node.error("\(what) is '\(text)', expected one of \(Symbol.symbols.joined(separator: ", "))")
        }
        return symbol
    }
}

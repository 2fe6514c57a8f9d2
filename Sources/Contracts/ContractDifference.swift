import Events
package import Herald
package import LogFormat

/// Something that stands in the manifests or in the code only, or says something else in each (ARC-18, ARC-21).
package struct ContractDifference: Equatable, Sendable {
    /// What differs.
    package enum Kind: String, Sendable {
        case intent, listener, pair, knob, type, column, module, version
    }

    /// What differs.
    package var kind: Kind
    /// Whose contract it is.
    package var module: String
    /// The name of what differs.
    package var name: String
    /// What the manifest says, nil if it says nothing.
    package var manifest: String?
    /// What the code says, nil if it says nothing.
    package var code: String?

    /// The difference in one line, with what to do.
    package var text: String {
        let what = "\(module): \(kind.rawValue) \(name)"
        switch (manifest, code) {
        case (let manifest?, let code?):
            return "\(what) is '\(manifest)' in the manifest, '\(code)' in the code: make them equal"
        case (let manifest?, nil):
            return "\(what) stands in the manifest only ('\(manifest)'): take it out, or declare it in the code"
        case (nil, let code?):
            return "\(what) stands in the code only ('\(code)'): add it to the manifest, or take it out of the code"
        case (nil, nil): return "\(what) stands nowhere"
        }
    }
}

/// Contracts of all modules with the model map, as files or code declare them.
package struct ContractSet: Equatable, Sendable {
    /// Manifests, in the order of the modules.
    package var manifests: [ModuleManifest]
    /// Rows of the model map.
    package var routes: [Route]

    /// Makes a set.
    package init(manifests: [ModuleManifest], routes: [Route]) {
        self.manifests = manifests.sorted { $0.module < $1.module }
        self.routes = routes.sorted { $0.module < $1.module }
    }

    /// What the code declares.
    package static func code() throws(FormatError) -> ContractSet {
        var manifests: [ModuleManifest] = []
        for module in Fleet.modules { manifests.append(try Fleet.manifest(module)) }
        return ContractSet(manifests: manifests, routes: Fleet.routes)
    }

    /// Everything in which this set, as the files say it, differs from the code's, in a fixed order.
    package func differences(from code: ContractSet) -> [ContractDifference] {
        var found = ContractComparison()
        let modules = Set((manifests + code.manifests).map(\.module)).sorted()
        for module in modules {
            found.compare(
                module, manifests.first { $0.module == module }, code.manifests.first { $0.module == module })
        }
        for module in Set((routes + code.routes).map(\.module)).sorted() {
            found.compare(
                module, routes.first { $0.module == module }, code.routes.first { $0.module == module })
        }
        return found.differences
    }
}

/// Collects differences.
private struct ContractComparison {
    var differences: [ContractDifference] = []
    private var module = ""

    mutating func compare(_ module: Module, _ manifest: ModuleManifest?, _ code: ModuleManifest?) {
        self.module = module.text
        guard let manifest, let code else {
            add(.module, "manifest", manifest.map { $0.version }, code.map { $0.version })
            return
        }
        add(.version, "version", manifest.version, code.version)
        add(.knob, "patch schema", manifest.patchSchemaRef, code.patchSchemaRef)
        let sent = [manifest, code].map { $0.outbound.map { (name: $0.intent.text, value: $0.schemaRef) } }
        compare(.intent, sent[0], sent[1])
        let taken = [manifest, code].map {
            $0.inbound.map { (name: $0.intent.text, value: "\($0.schemaRef) \($0.action)") }
        }
        compare(.listener, taken[0], taken[1])
        let knobs = [manifest, code].map { $0.knobs.map { (name: $0.key.text, value: Self.text($0)) } }
        compare(.knob, knobs[0], knobs[1])
        let types = [manifest, code].map { $0.store.map { (name: $0.event, value: $0.schemaRef) } }
        compare(.type, types[0], types[1])
        for stored in manifest.store {
            guard let other = code.store.first(where: { $0.event == stored.event }) else { continue }
            let columns = [stored, other].map { type in
                type.columns.map { (name: "\(type.event).\($0.key)", value: Self.text($0)) }
            }
            compare(.column, columns[0], columns[1])
        }
    }

    mutating func compare(_ module: Module, _ manifest: Route?, _ code: Route?) {
        self.module = module.text
        let rows = [manifest, code]
        let emits = rows.map { ($0?.emits ?? []).map { (name: $0.text, value: "emits") } }
        compare(.intent, emits[0], emits[1])
        let listens = rows.map { ($0?.listens ?? []).map { (name: $0.text, value: "listens") } }
        compare(.listener, listens[0], listens[1])
        let pairs = rows.map { ($0?.mayAddress ?? []).map { (name: $0.text, value: "may address") } }
        compare(.pair, pairs[0], pairs[1])
        if (manifest == nil) != (code == nil) {
            add(.module, "row of the model map", manifest.map { _ in "a row" }, code.map { _ in "a row" })
        }
    }

    /// Compares by name, in the order of the names; a name that stands twice on a side is met twice.
    private mutating func compare(
        _ kind: ContractDifference.Kind, _ manifest: [(name: String, value: String)],
        _ code: [(name: String, value: String)]
    ) {
        let names = Set((manifest + code).map(\.name)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for name in names {
            let left = manifest.filter { $0.name == name }.map(\.value)
            let right = code.filter { $0.name == name }.map(\.value)
            for index in 0..<max(left.count, right.count) {
                add(
                    kind, name, index < left.count ? left[index] : nil, index < right.count ? right[index] : nil)
            }
        }
    }

    private mutating func add(_ kind: ContractDifference.Kind, _ name: String, _ manifest: String?, _ code: String?) {
        guard manifest != code else { return }
        differences.append(
            ContractDifference(kind: kind, module: module, name: name, manifest: manifest, code: code))
    }

    private static func text(_ knob: Knob) -> String {
        "\(knob.kind.text) base \(knob.base) range \(knob.range.lowerBound)...\(knob.range.upperBound)"
            + " step \(knob.step)"
            + (knob.unit.isEmpty ? "" : " unit \(knob.unit)")
    }

    private static func text(_ column: Column) -> String {
        var text = "\(column.type) \(column.null)"
        if !column.unit.isEmpty { text += " unit \(column.unit)" }
        if let range = column.range { text += " range \(range.lowerBound)...\(range.upperBound)" }
        return text
    }
}

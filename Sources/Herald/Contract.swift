package import Events

/// A kind of message that a module sends.
package struct Outbound: Equatable, Sendable {
    /// What it wants.
    package var intent: Intent
    /// `urn:schema:…` of its payload.
    package var schemaRef: String

    /// Makes an entry.
    package init(_ intent: Intent, _ schemaRef: String) {
        self.intent = intent
        self.schemaRef = schemaRef
    }
}

/// A kind of message that a module takes.
package struct Inbound: Equatable, Sendable {
    /// What it wants.
    package var intent: Intent
    /// `urn:schema:…` that the receiver's mapping expects.
    package var schemaRef: String
    /// Name of what is done with it.
    package var action: String

    /// Makes an entry.
    package init(_ intent: Intent, _ schemaRef: String, action: String) {
        self.intent = intent
        self.schemaRef = schemaRef
        self.action = action
    }
}

/// A column of a stored type (SCH-HER-4): exact name, unit, range and null behaviour.
package struct Column: Equatable, Sendable {
    /// Its dotted key.
    package var key: String
    /// Its type as written.
    package var type: String
    /// Unit of measure, empty for a plain value.
    package var unit: String
    /// Lowest and highest value, nil where any is good.
    package var range: ClosedRange<Double>?
    /// `req`, `null` or `late` (GEN-06).
    package var null: String

    /// Makes a column.
    package init(_ key: String, type: String, unit: String = "", range: ClosedRange<Double>? = nil, null: String) {
        self.key = key
        self.type = type
        self.unit = unit
        self.range = range
        self.null = null
    }
}

/// An event type that a module stores, with its columns.
package struct StoredType: Equatable, Sendable {
    /// Name of the event type.
    package var event: String
    /// `urn:schema:…` of it.
    package var schemaRef: String
    /// Its columns, in the order of the schema.
    package var columns: [Column]

    /// Makes a type.
    package init(_ event: String, schemaRef: String, columns: [Column]) {
        self.event = event
        self.schemaRef = schemaRef
        self.columns = columns
    }
}

/// The contract of a module (SCH-HER-4).
package struct ModuleManifest: Equatable, Sendable {
    /// Whose it is.
    package var module: Module
    /// Version of the contract.
    package var version: String
    /// What it sends.
    package var outbound: [Outbound]
    /// What it takes.
    package var inbound: [Inbound]
    /// Knobs that patches may move.
    package var knobs: [Knob]
    /// `urn:schema:…` that a patch for it must follow, empty if it takes none (HER-17).
    package var patchSchemaRef: String
    /// What it stores and sends, type by type (ARC-18).
    package var store: [StoredType]

    /// Makes a manifest.
    package init(
        _ module: Module, version: String, outbound: [Outbound] = [], inbound: [Inbound] = [], knobs: [Knob] = [],
        patchSchemaRef: String = "", store: [StoredType] = []
    ) {
        self.module = module
        self.version = version
        self.outbound = outbound
        self.inbound = inbound
        self.knobs = knobs
        self.patchSchemaRef = patchSchemaRef
        self.store = store
    }
}

/// A row of the model map: what a module says, hears, and to whom it may speak (SCH-HER-5).
package struct Route: Equatable, Sendable {
    /// Whose row it is.
    package var module: Module
    /// What it sends.
    package var emits: [Intent]
    /// What it takes.
    package var listens: [Intent]
    /// Whom it may address (HER-13).
    package var mayAddress: [Module]

    /// Makes a row.
    package init(_ module: Module, emits: [Intent], listens: [Intent], mayAddress: [Module]) {
        self.module = module
        self.emits = emits
        self.listens = listens
        self.mayAddress = mayAddress
    }
}

/// Who may say what to whom (SCH-HER-5).
package struct ModelMap: Equatable, Sendable {
    /// Manifests of all modules, by rank.
    package private(set) var manifests: [ModuleManifest]
    /// Pairs of sender and receiver that may talk (HER-13).
    private var pairs: Set<Pair>

    private struct Pair: Hashable, Sendable {
        var from: Module
        var to: Module
    }

    /// Makes a map.
    package init(_ manifests: [ModuleManifest], mayAddress: [(from: Module, to: [Module])]) {
        self.manifests = manifests.sorted { $0.module < $1.module }
        pairs = Set(mayAddress.flatMap { entry in entry.to.map { Pair(from: entry.from, to: $0) } })
    }

    /// Makes a map of its rows.
    package init(_ manifests: [ModuleManifest], routes: [Route]) {
        self.init(manifests, mayAddress: routes.map { ($0.module, $0.mayAddress) })
    }

    /// The contract of a module, nil if it has none.
    package func manifest(_ module: Module) -> ModuleManifest? { manifests.first { $0.module == module } }

    /// Whether a module may address another.
    package func mayAddress(_ from: Module, _ to: Module) -> Bool { pairs.contains(Pair(from: from, to: to)) }
}

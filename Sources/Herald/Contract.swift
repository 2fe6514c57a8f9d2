package import Events

/// A knob that a module owns (SCH-HER-4).
package struct Knob: Equatable, Sendable {
    /// Its key among the priors.
    package var key: PriorKey
    /// How changes of it add up.
    package var kind: KnobKind
    /// Unit of measure.
    package var unit: String
    /// Value without any patch.
    package var initial: Double
    /// Lowest value ever.
    package var minimum: Double
    /// Highest value ever.
    package var maximum: Double
    /// Largest change of a night.
    package var stepMax: Double

    /// Makes a knob.
    package init(
        _ key: PriorKey, kind: KnobKind, unit: String, initial: Double, minimum: Double, maximum: Double,
        stepMax: Double
    ) {
        self.key = key
        self.kind = kind
        self.unit = unit
        self.initial = initial
        self.minimum = minimum
        self.maximum = maximum
        self.stepMax = stepMax
    }
}

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

    /// Makes a manifest.
    package init(
        _ module: Module, version: String, outbound: [Outbound] = [], inbound: [Inbound] = [], knobs: [Knob] = []
    ) {
        self.module = module
        self.version = version
        self.outbound = outbound
        self.inbound = inbound
        self.knobs = knobs
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

    /// The contract of a module, nil if it has none.
    package func manifest(_ module: Module) -> ModuleManifest? { manifests.first { $0.module == module } }

    /// Whether a module may address another.
    package func mayAddress(_ from: Module, _ to: Module) -> Bool { pairs.contains(Pair(from: from, to: to)) }
}

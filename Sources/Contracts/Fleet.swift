package import Events
package import Herald
package import LogFormat

/// The code's side of all contracts: who sends and takes what, which knobs it owns, what it stores (SCH-HER-4, 5).
///
/// The one declaration: the router runs on it, and `lotus manifest check` holds the YAML files against it.
package enum Fleet {
    /// Version of the contracts, on the `herald.ManifestRegistered` records.
    package static let version = "1.0.0"

    /// The modules that ship a manifest (ARC-18).
    package static let modules: [Module] = [.vis, .sig, .dm, .tr]

    /// The model map (SCH-HER-5).
    ///
    /// To the table's entries come those without which its own rules could not hold: whoever sends PRIOR_PATCH hears
    /// the two answers to it (HER-16), owners may address the authors of patches, and an alert reaches the curators.
    package static let routes: [Route] = [
        Route(
            .vis,
            emits: [.alphaHint, .lessonPublished, .watchdogAlert, .priorPatchApplied, .priorPatchRejected],
            listens: [.priorPatch, .lessonPublished], mayAddress: [.sig, .dm, .weave, .ops]),
        Route(
            .sig,
            emits: [
                .alphaProposed, .alphaWithdrawn, .metaSignal, .lessonPublished, .priorPatch, .priorPatchApplied,
                .priorPatchRejected, .watchdogAlert,
            ],
            listens: [
                .decision, .execReport, .priorPatch, .alphaHint, .lessonPublished, .priorPatchApplied,
                .priorPatchRejected,
            ],
            mayAddress: [.dm, .tr, .weave, .ops]),
        Route(
            .dm,
            emits: [
                .decision, .priorPatch, .lessonPublished, .decisionCancelled, .priorPatchApplied, .priorPatchRejected,
                .watchdogAlert,
            ],
            listens: [
                .alphaProposed, .alphaWithdrawn, .metaSignal, .execReport, .triggerEval, .priorPatch, .alphaHint,
                .lessonPublished, .priorPatchApplied, .priorPatchRejected,
            ],
            mayAddress: [.tr, .sig, .weave, .ops]),
        Route(
            .tr,
            emits: [
                .execReport, .triggerEval, .lessonPublished, .priorPatch, .priorPatchApplied, .priorPatchRejected,
                .watchdogAlert,
            ],
            listens: [
                .decision, .decisionCancelled, .priorPatch, .lessonPublished, .priorPatchApplied,
                .priorPatchRejected,
            ],
            mayAddress: [.dm, .sig, .weave, .ops]),
        Route(
            .weave, emits: [.lessonPublished, .priorPatch],
            listens: [.lessonPublished, .priorPatchApplied, .priorPatchRejected],
            mayAddress: [.sig, .dm, .tr, .vis]),
        Route(
            .ops, emits: [.priorPatch], listens: [.watchdogAlert, .priorPatchApplied, .priorPatchRejected],
            mayAddress: [.vis, .sig, .dm, .tr, .weave]),
    ]

    /// The event type that carries an intent; an intent without one is not sent by anybody yet.
    package static func payload(of intent: Intent) -> (any MessageEvent.Type)? {
        switch intent {
        case .alphaProposed: SignalPublished.self
        case .priorPatch: PatchProposed.self
        case .priorPatchApplied: PatchApplied.self
        case .priorPatchRejected: PatchRejected.self
        case .lessonPublished: BraidProposed.self
        case .watchdogAlert: AlertRaised.self
        case .metaSignal: MetaSignalPublished.self
        case .alphaWithdrawn, .decision, .execReport, .alphaHint, .triggerEval, .decisionCancelled: nil
        }
    }

    /// Intents of the model map whose event type is not in the vocabulary yet.
    package static var awaited: [Intent] { Intent.allCases.filter { payload(of: $0) == nil } }

    /// `urn:schema:…` of an intent's payload, nil while no event type carries it.
    package static func schemaRef(_ intent: Intent) throws(FormatError) -> String? {
        guard let type = payload(of: intent) else { return nil }
        return JSONSchema.urn(try type.makeSchema())
    }

    /// What a receiver does with an intent.
    static func action(_ intent: Intent) -> String {
        switch intent {
        case .alphaProposed, .alphaHint, .metaSignal, .execReport, .decision, .triggerEval, .lessonPublished: "strand"
        case .alphaWithdrawn, .decisionCancelled: "withdraw"
        case .priorPatch: "propose_patch"
        case .priorPatchApplied, .priorPatchRejected: "acknowledge"
        case .watchdogAlert: "queue_for_curators"
        }
    }

    /// The knobs of a module, with their bounds.
    package static func knobs(of module: Module) -> [Knob] { FleetKnobs.of(module) }

    /// The contract of a module.
    package static func manifest(_ module: Module) throws(FormatError) -> ModuleManifest {
        var manifest = ModuleManifest(module, version: version, knobs: knobs(of: module))
        guard let route = routes.first(where: { $0.module == module }) else { return manifest }
        for intent in route.emits {
            if let urn = try schemaRef(intent) { manifest.outbound.append(Outbound(intent, urn)) }
        }
        for intent in route.listens {
            if let urn = try schemaRef(intent) {
                manifest.inbound.append(Inbound(intent, urn, action: action(intent)))
            }
        }
        if route.listens.contains(.priorPatch) { manifest.patchSchemaRef = try schemaRef(.priorPatch) ?? "" }
        for type in EventCatalog.types where type.modules.contains(module) {
            manifest.store.append(try FleetStore.type(type))
        }
        return manifest
    }

    /// Everything that the router needs.
    package static func map() throws(FormatError) -> ModelMap {
        var manifests: [ModuleManifest] = []
        for route in routes { manifests.append(try manifest(route.module)) }
        return ModelMap(manifests, routes: routes)
    }
}

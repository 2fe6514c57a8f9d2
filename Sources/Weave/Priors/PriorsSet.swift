package import Events
internal import LogFormat
internal import Statistics

/// All priors of a module at a version, in the order of keys and patches (SCH-PRI-3).
package struct PriorsSet: Equatable, Sendable {
    package let priors: [ActivePrior]

    /// Nothing at all.
    package static let empty = PriorsSet(ordered: [])

    init(ordered: [ActivePrior]) { priors = ordered }

    /// The set of some priors, in any order.
    package init(_ priors: [ActivePrior]) { self.priors = priors.sorted(by: Self.precedes) }

    /// What the patches in force make of the module's knobs, and the patches themselves.
    ///
    /// The remaining set is always computed anew from all patches in force, so taking one away cannot undo another
    /// (WDG-06).
    init(_ patches: [LivePatch], _ rules: PriorsRules) {
        let effects = patches.map(\.effect)
        let knobs = rules.knobs.map { rule in
            var prior = ActivePrior()
            prior.key = rule.key
            prior.value = Self.value(rule, effects)
            return prior
        }
        self.init(knobs + patches.map(\.prior))
    }

    private static func value(_ rule: Knob, _ effects: [Effect]) -> Double {
        let amounts = effects.flatMap { $0.knobs.filter { $0.knob == rule.key && $0.kind == rule.kind } }.map(\.amount)
        let moved: Double
        switch rule.kind {
        case .additive: moved = Sum.of([rule.base] + amounts)
        case .multiplicative: moved = amounts.reduce(rule.base, *)
        case .boolean, .categorical: moved = amounts.last ?? rule.base
        }
        return min(max(moved, rule.range.lowerBound), rule.range.upperBound)
    }

    /// Order of the keys; the knob itself before the patches on it.
    static func precedes(_ a: ActivePrior, _ b: ActivePrior) -> Bool {
        if a.key != b.key { return a.key < b.key }
        return (a.patchID ?? "") < (b.patchID ?? "")
    }

    /// The value of a plain knob.
    package func value(of key: PriorKey) -> Double? { priors.first { $0.key == key && $0.patchID == nil }?.value }

    /// The entry of a patch.
    package subscript(_ patchID: PatchID) -> ActivePrior? { priors.first { $0.patchID == patchID } }

    /// The canonical text: one line of JSON a prior, fields in the order of the schema (GEN-07).
    package var text: String { priors.map { $0.canonicalJSON + "\n" }.joined() }

    /// SHA-256 of the canonical text (PRI-28).
    package var hash: PayloadHash { PayloadHash(Digest(hashing: Array(text.utf8))) }
}

extension ActivePrior {
    /// The prior as JSON in one form only.
    package var canonicalJSON: String {
        let fields = [
            "\"key\":\(jsonString(key.text))", "\"effect\":\(effect.canonicalJSON)",
            "\"value\":\(value.map { "\($0)" } ?? "null")",
            "\"patch_id\":\(patchID.map { jsonString($0.text) } ?? "null")",
            "\"braid_id\":\(braidID.map { jsonString("\($0)") } ?? "null")",
            "\"operator_event\":\(operatorEventID.map { jsonString("\($0)") } ?? "null")",
            "\"rule\":[\(rule.map(\.canonicalJSON).joined(separator: ","))]", "\"from\":\(fromNanos)",
            "\"until\":\(untilNanos.map { "\($0)" } ?? "null")",
            "\"confidence\":\(confidence.map { "\($0)" } ?? "null")",
        ]
        return "{" + (fields + laterFields).joined(separator: ",") + "}"
    }
}

extension ActivePrior {
    /// What came with version 2 of the snapshot, only where it says something: older sets keep their hashes.
    private var laterFields: [String] {
        (jobEventID.map { ["\"job_event\":\(jsonString("\($0)"))"] } ?? [])
            + (curves.isEmpty ? [] : ["\"curves\":[\(curves.map(\.canonicalJSON).joined(separator: ","))]"])
    }
}

extension CalibrationCurve {
    /// The map as JSON in one form only.
    package var canonicalJSON: String {
        func list(_ values: [Double]) -> String { "[" + values.map { "\($0)" }.joined(separator: ",") + "]" }
        return "{\"input\":\(jsonString(input.text)),\"scores\":\(list(scores)),"
            + "\"probabilities\":\(list(probabilities)),\"samples\":\(samples)}"
    }
}

extension Effect {
    /// The effect as JSON in one form only.
    package var canonicalJSON: String {
        let changes = knobs.map {
            "{\"knob\":\(jsonString($0.knob.text)),\"kind\":\(jsonString($0.kind.text)),\"amount\":\($0.amount)}"
        }
        return "{\"theta_delta\":\(thetaDelta),\"phi_mult\":\(phiMult),\"theta_min\":\(thetaMin),"
            + "\"phi_mult_max\":\(phiMultMax),\"knobs\":[\(changes.joined(separator: ","))]}"
    }
}

extension Literal {
    /// The literal as JSON in one form only.
    package var canonicalJSON: String {
        "{\"feature\":\(jsonString(feature)),\"cmp\":\(jsonString(comparison.text)),\"value\":\(jsonString(value))}"
    }
}

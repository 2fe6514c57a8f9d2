package import LogFormat

/// When a patch is taken back (PRI-24).
package struct RevertRule: EventRecord, Equatable, Sendable {
    /// Reverts when the fifth percentile of out-of-sample uplift is at or below this.
    package var upliftP05AtMost = 0.0
    /// Not judged with fewer windows than this.
    package var supportMin: Int64 = 1200

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.f64("oos_uplift_p05", &upliftP05AtMost, unit: "", "Reverts at or below this")
        v.i64("support_min", &supportMin, unit: "window", isKey: false, encoding: .varint, step: 1, "")
    }
}

/// A bounded, expiring change of priors (SCH-PRI-1).
package struct Patch: EventRecord, Equatable, Sendable {
    package var patchID = PatchID()
    /// The prior that it changes: a gate, a calibration, a knob, a policy.
    package var key = PriorKey()
    /// The module that owns the prior.
    package var owner = Module.sig
    package var effect = Effect()
    package var ttlDays: Int64 = 30
    package var revertRule = RevertRule()
    package var braidID: BraidID?
    /// The operator's record, when no braid is behind it.
    package var operatorEventID: EventID?
    /// The learning job's record, for what a job may set by itself: calibrations and the blend (LRN-62).
    package var jobEventID: EventID?
    package var rule: [Literal] = []
    /// Maps of a calibration (SIG-09).
    package var curves: [CalibrationCurve] = []

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("patch_id", &patchID)
        v.field("key", &key, "The prior that it changes (PRI-02)")
        v.field("owner", &owner, "The module that owns the prior")
        v.field("effect", &effect)
        v.i64("ttl_days", &ttlDays, unit: "d", isKey: false, encoding: .varint, step: 1, "")
        v.field("revert_if", &revertRule)
        v.field("created_by_braid", &braidID)
        v.field("created_by_operator", &operatorEventID)
        v.list("rule", &rule, "Where it applies")
        v.field("created_by_job", &jobEventID, "The learning job's record, when neither is")
        v.list("curves", &curves, "Maps of a calibration (SIG-09)")
    }
}

/// A patch was asked for; addressed to its owner it is PRIOR_PATCH (HER-16).
package struct PatchProposed: MessageEvent {
    package static let typeName = "priors.PatchProposed"
    package static let version: UInt16 = 2
    package static let documentation = "A change of priors was asked for"

    package var lineage = Lineage()
    package var envelope: Envelope?
    package var patch = Patch()

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("message", &envelope, "The envelope; not part of the payload")
        v.field("patch", &patch)
    }
}

/// A patch took effect in a new version of the priors.
package struct PatchApplied: MessageEvent {
    package static let typeName = "priors.PatchApplied"
    package static let version: UInt16 = 2
    package static let documentation = "A patch took effect; told to the sender it is PRIOR_PATCH_APPLIED"

    package var lineage = Lineage()
    package var envelope: Envelope?
    /// What was asked for.
    package var asked = Patch()
    /// What was applied, within the owner's caps.
    package var applied = Effect()
    package var priorsVersion = PriorsVersion()
    package var expiresNanos: Int64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("message", &envelope, "The envelope; not part of the payload")
        v.field("asked", &asked, "What was asked for")
        v.field("applied", &applied, "What was applied, within the owner's caps")
        v.field("priors_ver", &priorsVersion, "Version that it takes effect in")
        v.time("expires", &expiresNanos, encoding: .eventDelta, "End of its time to live")
    }
}

/// A patch was refused by the owner of the prior (HER-17).
package struct PatchRejected: MessageEvent {
    package static let typeName = "priors.PatchRejected"
    package static let version: UInt16 = 1
    package static let documentation = "A patch was refused; told to the sender it is PRIOR_PATCH_REJECTED"

    package var lineage = Lineage()
    package var envelope: Envelope?
    package var patchID = PatchID()
    package var reason = PatchRejection.unknownKnob
    package var detail = ""

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("message", &envelope, "The envelope; not part of the payload")
        v.field("patch_id", &patchID)
        v.field("reason", &reason)
        v.field("detail", &detail, "What was found and what was expected")
    }
}

/// A part of a patch was cut back to a cap (PRI-20, PRI-21).
package struct PatchClipped: DomainEvent {
    package static let typeName = "priors.PatchClipped"
    package static let version: UInt16 = 1
    package static let documentation = "A patch asked for more than its cap allows"

    package var lineage = Lineage()
    package var patchID = PatchID()
    package var knob = PriorKey()
    package var asked = 0.0
    package var applied = 0.0
    package var cap = 0.0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("patch_id", &patchID)
        v.field("knob", &knob)
        v.f64("asked", &asked, unit: "", "")
        v.f64("applied", &applied, unit: "", "")
        v.f64("cap", &cap, unit: "", "")
    }
}

/// How a patch left force, or was weakened.
package enum PatchEnd: UInt8, EventSymbol {
    case reverted, expired, attenuated, extended, suspended

    package static let symbols = ["REVERTED", "EXPIRED", "ATTENUATED", "EXTENDED", "SUSPENDED"]
}

/// A patch was reverted, expired, attenuated, extended or suspended (EVT-41).
package struct PatchChanged: DomainEvent {
    package static let typeName = "priors.PatchChanged"
    package static let version: UInt16 = 1
    package static let documentation = "A patch in force was reverted, expired, attenuated, extended or suspended"

    package var lineage = Lineage()
    package var patchID = PatchID()
    package var change = PatchEnd.reverted
    package var cause = ""
    /// Factor of an attenuation.
    package var factor: Double?
    /// New end of an extension.
    package var expiresNanos: Int64?
    package var evidence: [Metric] = []
    package var operatorEventID: EventID?

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("patch_id", &patchID)
        v.field("change", &change)
        v.field("cause", &cause)
        v.f64("factor", &factor, in: 0...1, "Of an attenuation")
        v.time("expires", &expiresNanos, "New end of an extension")
        v.list("evidence", &evidence, "")
        v.field("operator_event", &operatorEventID, "The operator's or board's record behind it")
    }
}

/// A prior as it stands in a version.
package struct ActivePrior: EventRecord, Equatable, Sendable {
    package var key = PriorKey()
    package var effect = Effect()
    /// Value of a plain knob; nil for rule-effects.
    package var value: Double?
    package var patchID: PatchID?
    package var braidID: BraidID?
    package var operatorEventID: EventID?
    package var jobEventID: EventID?
    package var rule: [Literal] = []
    package var fromNanos: Int64 = 0
    package var untilNanos: Int64?
    package var confidence: Double?
    package var curves: [CalibrationCurve] = []

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("key", &key)
        v.field("effect", &effect)
        v.f64("value", &value)
        v.field("patch_id", &patchID)
        v.field("braid_id", &braidID)
        v.field("operator_event", &operatorEventID)
        v.list("rule", &rule, "")
        v.time("from", &fromNanos, encoding: .varint, "")
        v.time("until", &untilNanos)
        v.f64("confidence", &confidence, in: 0...1)
        v.field("job_event", &jobEventID)
        v.list("curves", &curves, "Maps of a calibration (SIG-09)")
    }
}

/// The set of active braids was compiled for a module and scope (BRD-53).
package struct SetCompiled: DomainEvent {
    package static let typeName = "priors.SetCompiled"
    package static let version: UInt16 = 1
    package static let documentation = "Which patches were chosen, and what room was left (BRD-37, BRD-38)"

    package var lineage = Lineage()
    package var chosen: [PatchID] = []
    package var refused: [PatchID] = []
    package var upliftSum = 0.0
    package var thetaSlack = 0.0
    package var phiSlack = 0.0
    /// `exact` or `greedy`.
    package var method = ""

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.list("chosen", &chosen, "")
        v.list("refused", &refused, "")
        v.f64("tau_sum", &upliftSum, unit: "", "")
        v.f64("theta_slack", &thetaSlack, unit: "", "Room left above the floor")
        v.f64("phi_slack", &phiSlack, unit: "", "Room left below the cap, in logs")
        v.field("method", &method, "exact or greedy")
    }
}

/// A new version of a module's priors exists; it is in force from the next record on (PRI-06).
package struct VersionMinted: DomainEvent {
    package static let typeName = "priors.VersionMinted"
    package static let version: UInt16 = 1
    package static let documentation = "A new version of a module's priors, with the hash of the whole set (PRI-28)"

    package var lineage = Lineage()
    package var owner = Module.sig
    package var priorsVersion = PriorsVersion()
    package var previous: PriorsVersion?
    package var setHash = PayloadHash()

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("owner", &owner)
        v.field("priors_ver", &priorsVersion)
        v.field("previous", &previous)
        v.field("set_hash", &setHash, "SHA-256 of the whole set, in order of keys")
    }
}

/// The whole set of priors at a version (SCH-PRI-3).
package struct SnapshotTaken: DomainEvent {
    package static let typeName = "priors.SnapshotTaken"
    package static let version: UInt16 = 2
    package static let documentation = "Hashes before and after, and the full image after a change of priors"

    package var lineage = Lineage()
    package var owner = Module.sig
    package var priorsVersion = PriorsVersion()
    package var previous: PriorsVersion?
    package var beforeHash = PayloadHash()
    package var afterHash = PayloadHash()
    package var after: [ActivePrior] = []
    package var added: [PatchID] = []
    package var removed: [PatchID] = []
    package var cause = ""

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("owner", &owner)
        v.field("priors_ver", &priorsVersion)
        v.field("previous", &previous)
        v.field("before_hash", &beforeHash)
        v.field("after_hash", &afterHash)
        v.list("after", &after, "The whole set, in order of keys")
        v.list("added", &added, "")
        v.list("removed", &removed, "")
        v.field("cause", &cause)
    }
}

/// The nightly map was shown to be a contraction (PRI-22).
package struct ContractionChecked: DomainEvent {
    package static let typeName = "priors.ContractionChecked"
    package static let version: UInt16 = 1
    package static let documentation = "Estimated Lipschitz constant of the nightly map"

    package var lineage = Lineage()
    package var estimate = 0.0
    package var pairs: Int64 = 0
    package var seed: UInt64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.f64("L", &estimate, in: 0...1e9)
        v.i64("pairs", &pairs)
        v.u64("seed", &seed, unit: "", isKey: false, encoding: .plain, step: 1, "")
    }
}

package import Events
package import LogFormat

/// A change of priors and its life (SCH-PRI-1).
package struct PatchRow: ViewRow {
    package static let typeName = "patches"
    package static let documentation = "Patches from request to end, with what was asked, applied and clipped"
    package static let keyColumnCount = 1
    package static let view = View.priors
    package static let sources = [
        "priors.PatchProposed", "priors.PatchApplied", "priors.PatchRejected", "priors.PatchClipped",
        "priors.PatchChanged", "wdg.PatchWatched",
    ]

    package var key = PatchID()
    package var prior = PriorKey()
    package var owner = Module.sig
    package var status = PatchStatus.proposed
    package var asked = "{}"
    package var applied: String?
    package var rule = "[]"
    package var braidID: BraidID?
    package var operatorEventID: EventID?
    package var jobEventID: EventID?
    package var priorsVersion: PriorsVersion?
    package var expiresNanos: Int64?
    package var factor: Double?
    package var clips: UInt64 = 0
    package var cause: String?
    package var upliftP05: Double?
    package var support: Int64?
    package var failures: Int64?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: PatchID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("patch_id", &key, "The patch")
        v.field("prior_key", &prior, "The prior that it changes")
        v.field("owner", &owner, "The module that owns the prior")
        v.field("status", &status, "Where it stands")
        v.field("asked", &asked, "What was asked for, as JSON")
        v.field("applied", &applied, "What was applied within the caps, as JSON")
        v.field("rule", &rule, "Where it applies, as JSON")
        v.field("braid_id", &braidID, "The braid behind it")
        v.field("operator_event", &operatorEventID, "The operator's record behind it")
        v.field("job_event", &jobEventID, "The learning job's record behind it")
        v.field("priors_ver", &priorsVersion, "Version that it took effect in")
        v.time("expires_ts", &expiresNanos, "End of its time to live")
        v.f64("factor", &factor, "Of its latest attenuation")
        v.count("clips", &clips, "Knobs that were cut back to a cap")
        v.field("cause", &cause, "Why it was refused, or why it changed last")
        v.f64("p05", &upliftP05, "Fifth percentile of uplift, out of sample, when it was watched last")
        v.i64("support", &support, unit: "window", "Windows behind that")
        v.i64("failures", &failures, "Evaluations in a row at or below the threshold")
        v.place(&globalSeq)
    }
}

/// Where a patch stands.
package enum PatchStatus: UInt8, EventSymbol {
    case proposed, rejected, active, attenuated, suspended, reverted, expired

    package static let symbols = [
        "proposed", "rejected", "active", "attenuated", "suspended", "reverted", "expired",
    ]

    package init() { self = .proposed }
}

/// A prior in force (VOC-16).
package struct PriorRow: ViewRow {
    package static let typeName = "active_priors"
    package static let documentation = "Priors in force with their provenance: the latest snapshot of each owner"
    package static let keyColumnCount = 2
    package static let view = View.priors
    package static let sources = ["priors.SnapshotTaken"]

    package var key = Pair(Module.sig, Int64(0))
    package var prior = PriorKey()
    package var effect = "{}"
    package var value: Double?
    package var patchID: PatchID?
    package var braidID: BraidID?
    package var operatorEventID: EventID?
    package var jobEventID: EventID?
    package var rule = "[]"
    package var curves = "[]"
    package var fromNanos: Int64 = 0
    package var untilNanos: Int64?
    package var confidence: Double?
    package var priorsVersion = PriorsVersion()
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<Module, Int64>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("owner", &key.first, "The module that owns the prior")
        v.number("position", &key.second, "Place in the snapshot, from 0, in order of keys")
        v.field("prior_key", &prior, "The prior")
        v.field("effect", &effect, "What it does, as JSON")
        v.f64("value", &value, "Value of a plain knob")
        v.field("patch_id", &patchID, "Patch that set it")
        v.field("braid_id", &braidID, "Braid behind it")
        v.field("operator_event", &operatorEventID, "Operator's record behind it")
        v.field("job_event", &jobEventID, "Learning job's record behind it")
        v.field("rule", &rule, "Where it applies, as JSON")
        v.field("curves", &curves, "Maps of a calibration, as JSON (SIG-09)")
        v.moment("from_ts", &fromNanos, "In force from")
        v.time("until_ts", &untilNanos, "In force until")
        v.f64("confidence", &confidence, "How sure its author was")
        v.field("priors_ver", &priorsVersion, "Version of the snapshot")
        v.place(&globalSeq)
    }
}

/// A version of a module's priors (VOC-19).
package struct PriorsVersionRow: ViewRow {
    package static let typeName = "priors_versions"
    package static let documentation = "Versions of the priors with the hash of the whole set (PRI-28)"
    package static let keyColumnCount = 1
    package static let view = View.priors
    package static let sources = ["priors.VersionMinted", "priors.SnapshotTaken"]

    package var key = PriorsVersion()
    package var owner = Module.sig
    package var previous: PriorsVersion?
    package var mintedNanos: Int64?
    package var setHash: String?
    package var snapshotHash: String?
    package var priors: Int64?
    package var added: String?
    package var removed: String?
    package var cause: String?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: PriorsVersion) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("priors_ver", &key, "The version")
        v.field("owner", &owner, "Whose priors")
        v.field("previous", &previous, "The version before")
        v.time("minted_ts", &mintedNanos, "When it came into force")
        v.field("set_hash", &setHash, "Hash of the whole set, as minted")
        v.field("snapshot_hash", &snapshotHash, "Hash of the whole set, as the snapshot says")
        v.i64("priors", &priors, "Priors in the snapshot")
        v.field("added", &added, "Patches that came in, as a JSON list")
        v.field("removed", &removed, "Patches that went out, as a JSON list")
        v.field("cause", &cause, "Why it was made")
        v.place(&globalSeq)
    }
}

/// A compiled set of patches (BRD-53).
package struct CompiledSetRow: ViewRow {
    package static let typeName = "compiled_sets"
    package static let documentation = "Which patches were chosen, and what room was left (BRD-37, BRD-38)"
    package static let keyColumnCount = 1
    package static let view = View.effective
    package static let sources = ["priors.SetCompiled"]

    package var key = EventID()
    package var module = Module.sig
    package var eventNanos: Int64 = 0
    package var chosen = "[]"
    package var refused = "[]"
    package var upliftSum = 0.0
    package var thetaSlack = 0.0
    package var phiSlack = 0.0
    package var method = ""
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: EventID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("event_id", &key, "The record")
        v.field("module", &module, "The log that it stands in")
        v.moment("event_ts", &eventNanos, "When")
        v.field("chosen", &chosen, "Patches that were chosen, as a JSON list")
        v.field("refused", &refused, "Patches that were not, as a JSON list")
        v.real("tau_sum", &upliftSum, "Uplift of the set")
        v.real("theta_slack", &thetaSlack, "Room left above the floor")
        v.real("phi_slack", &phiSlack, "Room left below the cap, in logs")
        v.field("method", &method, "exact or greedy")
        v.place(&globalSeq)
    }
}

/// A run of a check on the priors (PRI-22, WDG-10).
package struct PriorsCheckRow: ViewRow {
    package static let typeName = "priors_checks"
    package static let documentation = "Watchdog runs and checks that the nightly map contracts (WDG-10, PRI-22)"
    package static let keyColumnCount = 1
    package static let view = View.priors
    package static let sources = ["wdg.RunCompleted", "priors.ContractionChecked"]

    package var key = EventID()
    package var module = Module.sig
    package var eventNanos: Int64 = 0
    package var checked: Int64 = 0
    package var reverted: String?
    package var contraction: Double?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: EventID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("event_id", &key, "The record")
        v.field("module", &module, "The log that it stands in")
        v.moment("event_ts", &eventNanos, "When")
        v.number("checked", &checked, "Patches, or pairs of priors, that were looked at")
        v.field("reverted", &reverted, "Patches that a watchdog reverted, as a JSON list")
        v.f64("lipschitz", &contraction, "Estimated Lipschitz constant of the nightly map")
        v.place(&globalSeq)
    }
}

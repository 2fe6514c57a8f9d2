package import Events
package import LogFormat

/// A lesson and its standing (SCH-BRD-1).
package struct BraidRow: ViewRow {
    package static let typeName = "braids"
    package static let documentation = "Braids of all types with parents, effects and standing (LOOM-01, LOOM-12)"
    package static let keyColumnCount = 1
    package static let view = View.braids
    package static let sources = [
        "learn.BraidProposed", "learn.BraidEvaluated", "learn.BraidActivated", "learn.BraidStateChanged",
    ]

    package var key = BraidID()
    package var module = Module.sig
    package var type = BraidType.micro
    package var scope = BraidScope.sig
    package var effectScope = EffectScope.detector
    package var clusterKey: String?
    package var parents = "[]"
    package var composition: BraidOperator?
    package var rule = "[]"
    package var effect = "{}"
    package var uplift = "[]"
    package var support: Int64 = 0
    package var winRate = 0.0
    package var stability = 0.0
    package var score = 0.0
    package var outOfSampleScore = 0.0
    package var complexityPenalty = 0.0
    package var ttlDays: Int64 = 0
    package var members = "[]"
    package var fixturesHash = ""
    package var codeRevision = ""
    package var proposedNanos: Int64 = 0
    package var state = BraidState.proposed
    package var stateCause: String?
    package var quality: Double?
    package var qualityParts: String?
    package var patchID: PatchID?
    package var priorsBefore: PriorsVersion?
    package var priorsAfter: PriorsVersion?
    package var activatedNanos: Int64?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: BraidID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("braid_id", &key, "The braid")
        v.field("module", &module, "The log that it stands in")
        v.field("braid_type", &type, "Scale")
        v.field("scope", &scope, "Whose lesson it is")
        v.field("effect_scope", &effectScope, "What its effect covers")
        v.field("cluster_key", &clusterKey, "{detector_id}:{horizon}")
        v.field("parents", &parents, "Braids it is composed of, as a JSON list")
        v.field("op", &composition, "How it is composed")
        v.field("rule", &rule, "Literals that must all hold, as JSON")
        v.field("effect", &effect, "What it changes, as JSON")
        v.field("uplift_dr", &uplift, "Measured uplift by metric, as JSON")
        v.number("n", &support, unit: "window", "Support")
        v.real("win_rate", &winRate, "Share of right signs")
        v.real("stability", &stability, "Mean over deviation across folds (LRN-45)")
        v.real("score", &score, "Quality when it was proposed (BRD-30)")
        v.real("oos_score", &outOfSampleScore, "The same, out of sample")
        v.real("mdl_penalty", &complexityPenalty, "Price of its complexity")
        v.number("ttl_days", &ttlDays, unit: "d", "Time to live")
        v.field("members_sample", &members, "Sample strands, as a JSON list (LOOM-06)")
        v.field("fixtures_hash", &fixturesHash, "Data that it was found in")
        v.field("code_sha", &codeRevision, "Program that found it")
        v.moment("proposed_ts", &proposedNanos, "When it was proposed")
        v.field("state", &state, "Standing (BRD-04)")
        v.field("state_cause", &stateCause, "What moved it")
        v.f64("bqs", &quality, "Latest quality (BRD-30)")
        v.field("bqs_parts", &qualityParts, "Its parts, as JSON")
        v.field("patch_id", &patchID, "Patch through which it took effect")
        v.field("priors_before", &priorsBefore, "Version before it took effect")
        v.field("priors_after", &priorsAfter, "Version that it took effect in")
        v.time("activated_ts", &activatedNanos, "When it took effect")
        v.place(&globalSeq)
    }
}

/// What a person or the board did (GOV-07, GOV-11).
package struct GovernanceRow: ViewRow {
    package static let typeName = "governance_actions"
    package static let documentation = "Actions of the review board and of operators (GOV-07, GOV-11)"
    package static let keyColumnCount = 1
    package static let view = View.braids
    package static let sources = ["gov.BoardActed", "gov.OperatorActed"]

    package var key = EventID()
    package var eventNanos: Int64 = 0
    package var isBoard = false
    package var by = OperatorID()
    package var action = ""
    package var subject = ""
    package var reason = ""
    package var amount: Double?
    package var expiresNanos: Int64?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: EventID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("event_id", &key, "The record")
        v.moment("event_ts", &eventNanos, "When")
        v.bool("board", &isBoard, "By the review board, not by an operator alone")
        v.field("by", &by, "Who")
        v.field("action", &action, "What")
        v.field("subject", &subject, "To what: a braid, a patch, a detector")
        v.field("reason", &reason, "Why")
        v.f64("amount", &amount, "How much")
        v.time("expires_ts", &expiresNanos, "Until when")
        v.place(&globalSeq)
    }
}

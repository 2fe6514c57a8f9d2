package import Events
package import LogFormat

/// What all active braids together do to a detector on an asset, as it was last computed (BRD-40, LOOM-03).
package struct EffectivePatchRow: ViewRow {
    package static let typeName = "effective_patches"
    package static let documentation = "The effective patch of each detector on each asset, with its trace (LOOM-03)"
    package static let keyColumnCount = 2
    package static let view = View.effective
    package static let sources = ["sig.EffectivePatchComputed"]

    package var key = Pair(DetectorID(), AssetID())
    package var horizon = ""
    package var hash = ""
    package var braids = "[]"
    package var thetaBefore = 0.0
    package var thetaAfter = 0.0
    package var phiBefore = 1.0
    package var phiAfter = 1.0
    package var cuts = "[]"
    package var trace = ""
    package var priorsVersion = PriorsVersion()
    package var computedNanos: Int64 = 0
    package var computations: UInt64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<DetectorID, AssetID>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("detector_id", &key.first, "The detector")
        v.field("asset", &key.second, "The asset")
        v.field("horizon", &horizon, "The detector's horizon")
        v.field("hash", &hash, "What effective_patch_ref of a strand names")
        v.field("braids", &braids, "Braids that act, as JSON")
        v.real("theta_before", &thetaBefore, "Penalty without braids")
        v.real("theta_after", &thetaAfter, "Penalty with them")
        v.real("phi_before", &phiBefore, "Resonance multiplier without braids")
        v.real("phi_after", &phiAfter, "Resonance multiplier with them")
        v.field("caps_hit", &cuts, "What the caps took, as JSON")
        v.field("trace", &trace, "Which braids, composed how, made it (BRD-40)")
        v.field("priors_ver", &priorsVersion, "Version of the priors that the braids stand in")
        v.moment("computed_ts", &computedNanos, "When it was computed last")
        v.count("computations", &computations, "How often it changed")
        v.place(&globalSeq)
    }
}

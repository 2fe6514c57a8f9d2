package import LogFormat

/// A braid that acts in an effective patch.
package struct ActingBraid: EventRecord, Equatable, Sendable {
    package var braidID = BraidID()
    package var type = BraidType.micro
    /// How it is composed, as text.
    package var composition = ""
    package var thetaDelta = 0.0
    package var phiMult = 1.0
    /// Its share in the union of its scope (BRD-35).
    package var weight = 1.0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("braid_id", &braidID)
        v.field("type", &type)
        v.field("composition", &composition, "How it is composed")
        v.f64("theta_delta", &thetaDelta, unit: "", "")
        v.f64("phi_mult", &phiMult, unit: "", "")
        v.f64("weight", &weight, in: 0...1, "Share in the union of its scope (BRD-35)")
    }
}

/// What a cap took from a scope's patch.
package struct CapCut: EventRecord, Equatable, Sendable {
    package var type = BraidType.micro
    /// `theta_delta` or `phi_mult`.
    package var what = ""
    package var asked = 0.0
    package var applied = 0.0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("type", &type)
        v.field("what", &what, "theta_delta or phi_mult")
        v.f64("asked", &asked, unit: "", "")
        v.f64("applied", &applied, unit: "", "")
    }
}

/// What all active braids together do to a detector on an asset (BRD-34…40); written when it changes.
package struct EffectivePatchComputed: DomainEvent {
    package static let typeName = "sig.EffectivePatchComputed"
    package static let version: UInt16 = 1
    package static let documentation = "The effective patch of a detector on an asset, with its trace (BRD-40)"

    package var lineage = Lineage()
    package var detectorID = DetectorID()
    package var asset = AssetID()
    package var horizon = ""
    /// What `effective_patch_ref` of a strand names.
    package var hash = PayloadHash()
    package var braids: [ActingBraid] = []
    package var thetaBefore = 0.0
    package var thetaAfter = 0.0
    package var phiBefore = 1.0
    package var phiAfter = 1.0
    package var cuts: [CapCut] = []
    /// The printable trace, line by line.
    package var trace = ""
    package var priorsVersion = PriorsVersion()

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("detector_id", &detectorID)
        v.field("asset", &asset)
        v.field("horizon", &horizon)
        v.field("hash", &hash, "What effective_patch_ref of a strand names")
        v.list("braids", &braids, "Braids that act, in the order of precedence")
        v.f64("theta_before", &thetaBefore, in: 0...1, "")
        v.f64("theta_after", &thetaAfter, in: 0...1, "")
        v.f64("phi_before", &phiBefore, in: 0...1e6, "")
        v.f64("phi_after", &phiAfter, in: 0...1e6, "")
        v.list("caps_hit", &cuts, "What the caps took")
        v.field("trace", &trace, "Which braids, composed how, made it (BRD-40)")
        v.field("priors_ver", &priorsVersion, "Version of the priors that the braids stand in")
    }
}

package import Events

/// A braid as the composition needs it: where it fires, what it does, how good it is.
package struct Braid: Equatable, Sendable {
    package var id: BraidID
    package var type = BraidType.micro
    package var state = BraidState.active
    /// The detector it speaks of; nil for any.
    package var detector: DetectorID?
    /// The horizon it speaks of; nil for any.
    package var horizon: String?
    /// The asset it speaks of; nil for any.
    package var asset: AssetID?
    /// Where a braid without parents fires.
    package var rule = Rule([])
    /// What a braid without parents does.
    package var shift = Shift.neutral
    /// How far it may go.
    package var caps = Caps.standard
    /// How it is composed of its parents; nil for a braid of its own.
    package var composition: BraidOperator?
    package var parents: [BraidID] = []
    /// Weights of UNION, one a parent; none for equal ones.
    package var weights: [Double] = []
    /// Factor of ATTENUATE.
    package var attenuation = 1.0
    /// Quality (BRD-30).
    package var quality = 0.0
    /// Share of windows where it fires, as measured.
    package var firingShare = 1.0
    /// Share of its effect that is left: below 1 when an operator weakened it or its time runs out.
    package var strength = 1.0

    /// Makes a braid that fires everywhere and does nothing.
    package init(_ id: BraidID) { self.id = id }

    /// The braid of a proposal, in a state.
    ///
    /// Errors: `factor` for an effect that is no shift.
    package init(_ proposed: BraidProposed, state: BraidState, firingShare: Double = 1) throws(WeaveError) {
        id = proposed.braidID
        type = proposed.type
        self.state = state
        let parts = (proposed.clusterKey ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2 { (detector, horizon) = (DetectorID(parts[0]), parts[1]) }
        rule = Rule(proposed.rule)
        shift = try Shift(proposed.effect)
        caps = Caps(thetaMin: proposed.effect.thetaMin, phiMultMax: proposed.effect.phiMultMax)
        composition = proposed.composition
        parents = proposed.parents
        weights = proposed.weights
        attenuation = proposed.attenuation ?? 1
        quality = proposed.score
        self.firingShare = firingShare
    }

    /// How narrow it is.
    package var specificity: Specificity {
        Specificity(firingShare: firingShare, literals: rule.literals.count, id: id)
    }

    /// Whether it goes before another of its scope (BRD-36): better, then stricter, then by id.
    package func precedes(_ other: Braid) -> Bool {
        quality != other.quality ? quality > other.quality : specificity < other.specificity
    }

    /// Share of the effect left at a moment of a patch's life: whole for four fifths, then down to 0 in a straight
    /// line (BRD-04).
    package static func strength(at nanos: Int64, from: Int64, until: Int64) -> Double {
        guard nanos < until, from < until else { return 0 }
        let (left, life) = (Double(until - nanos), Double(until - from))
        return min(1, left / (0.2 * life))
    }
}

/// What a patch is computed for.
package struct PatchTarget: Equatable, Sendable {
    package var detector: DetectorID
    package var asset: AssetID
    package var horizon: String

    /// Makes a target.
    package init(detector: DetectorID, asset: AssetID, horizon: String) {
        self.detector = detector
        self.asset = asset
        self.horizon = horizon
    }

    /// Whether a braid speaks of this target.
    package func isCovered(by braid: Braid) -> Bool {
        (braid.detector ?? detector) == detector && (braid.asset ?? asset) == asset
            && (braid.horizon ?? horizon) == horizon
    }
}

package import LogFormat

/// One condition of a rule.
package struct Literal: EventRecord, Equatable, Hashable, Sendable {
    /// Feature on the whitelist (LRN-21).
    package var feature = ""
    package var comparison = Comparison.greater
    /// A number, or the name of a bin.
    package var value = ""

    package init() {}

    /// Makes a literal.
    package init(_ feature: String, _ comparison: Comparison, _ value: String) {
        self.feature = feature
        self.comparison = comparison
        self.value = value
    }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("feature", &feature)
        v.field("cmp", &comparison)
        v.field("value", &value, "A number, or the name of a bin")
    }
}

/// A change of one knob.
package struct KnobChange: EventRecord, Equatable, Sendable {
    package var knob = PriorKey()
    package var kind = KnobKind.additive
    /// Added to, or multiplied with, the knob.
    package var amount = 0.0

    package init() {}

    /// Makes a change.
    package init(_ knob: PriorKey, _ kind: KnobKind, _ amount: Double) {
        self.knob = knob
        self.kind = kind
        self.amount = amount
    }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("knob", &knob)
        v.field("kind", &kind)
        v.f64("amount", &amount, unit: "", "Added or multiplied")
    }
}

/// What a patch does and how far it may go (BRD-10…16, PRI-20).
package struct Effect: EventRecord, Equatable, Sendable {
    /// Added to the penalty.
    package var thetaDelta = 0.0
    /// Multiplies the resonance; neutral is 1.
    package var phiMult = 1.0
    /// Floor of the penalty afterwards.
    package var thetaMin = 0.0
    /// Cap of the total multiplier.
    package var phiMultMax = 1.15
    /// Changes of a module's own knobs.
    package var knobs: [KnobChange] = []

    package init() {}

    /// Makes an effect on gates.
    package init(thetaDelta: Double, phiMult: Double, thetaMin: Double = 0, phiMultMax: Double = 1.15) {
        self.thetaDelta = thetaDelta
        self.phiMult = phiMult
        self.thetaMin = thetaMin
        self.phiMultMax = phiMultMax
    }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.f64("theta_delta", &thetaDelta, in: -1...1, "Added to the penalty")
        v.f64("phi_mult", &phiMult, in: 0...10, "Multiplies the resonance")
        v.f64("theta_min", &thetaMin, in: 0...1, "Floor of the penalty afterwards")
        v.f64("phi_mult_max", &phiMultMax, in: 0...10, "Cap of the total multiplier")
        v.list("knobs", &knobs, "Changes of a module's own knobs")
    }
}

/// Measured uplift of a rule on one metric.
package struct Uplift: EventRecord, Equatable, Sendable {
    package var metric = ""
    /// Doubly robust estimate.
    package var estimate = 0.0
    package var low = 0.0
    package var high = 0.0
    /// Fifth percentile.
    package var p05 = 0.0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("metric", &metric)
        v.f64("dr", &estimate, unit: "", "Doubly robust estimate")
        v.f64("ci_low", &low, unit: "", "")
        v.f64("ci_high", &high, unit: "", "")
        v.f64("p05", &p05, unit: "", "Fifth percentile")
    }
}

/// A lesson was proposed (SCH-BRD-1).
package struct BraidProposed: MessageEvent {
    package static let typeName = "learn.BraidProposed"
    package static let version: UInt16 = 1
    package static let documentation = "A tested lesson entered the cohort of braids; shared, it is LESSON_PUBLISHED"

    package var lineage = Lineage()
    package var envelope: Envelope?
    package var braidID = BraidID()
    package var type = BraidType.micro
    package var scope = BraidScope.sig
    package var effectScope = EffectScope.detector
    /// `{detector_id}:{horizon}`; nil for composed braids.
    package var clusterKey: String?
    package var parents: [BraidID] = []
    package var composition: BraidOperator?
    package var weights: [Double] = []
    /// Factor of ATTENUATE.
    package var attenuation: Double?
    package var rule: [Literal] = []
    package var effect = Effect()
    package var uplift: [Uplift] = []
    package var support: Int64 = 0
    package var winRate = 0.0
    package var psiP50: Double?
    package var favourableBps = 0.0
    package var adverseBps = 0.0
    package var stability = 0.0
    /// Quality (BRD-30).
    package var score = 0.0
    package var outOfSampleScore = 0.0
    package var complexityPenalty = 0.0
    package var ttlDays: Int64 = 30
    /// Strands for the eye of an auditor, at most 20.
    package var members: [EventID] = []
    package var labels: [String] = []
    package var atoms: [AtomID] = []
    package var fixturesHash = PayloadHash()
    package var codeRevision = ""
    package var seed: UInt64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("message", &envelope, "The envelope; not part of the payload")
        v.field("braid_id", &braidID)
        v.field("braid_type", &type)
        v.field("scope", &scope)
        v.field("effect_scope", &effectScope)
        v.field("cluster_key", &clusterKey, "{detector_id}:{horizon}")
        v.list("parents", &parents, "Braids it is composed of (BRD-02)")
        v.field("op", &composition, "How it is composed")
        v.list("weights", &weights, "Weights of UNION")
        v.f64("lambda", &attenuation, in: 0...1, "Factor of ATTENUATE")
        v.list("rule", &rule, "All must hold")
        v.field("effect", &effect)
        v.list("uplift_dr", &uplift, "Measured uplift by metric")
        v.i64("n", &support, unit: "window", isKey: false, encoding: .varint, step: 1, "Support")
        v.f64("win_rate", &winRate, in: 0...1)
        v.f64("psi_p50", &psiP50)
        v.f64("mfe_avg", &favourableBps, in: 0...1e9, unit: "bps")
        v.f64("mae_avg", &adverseBps, in: 0...1e9, unit: "bps")
        v.f64("stability", &stability, unit: "", "Mean over deviation across folds (LRN-45)")
        v.f64("score", &score, unit: "", "BRD-30")
        v.f64("oos_score", &outOfSampleScore, unit: "", "")
        v.f64("mdl_penalty", &complexityPenalty, unit: "", "")
        v.i64("ttl_days", &ttlDays, unit: "d", isKey: false, encoding: .varint, step: 1, "")
        v.list("members_sample", &members, "Strands for the eye of an auditor")
        v.list("labels", &labels, "Display only")
        v.list("provenance_atoms", &atoms, "Supporting atoms")
        v.field("fixtures_hash", &fixturesHash)
        v.field("code_sha", &codeRevision)
        v.u64("seed", &seed, unit: "", isKey: false, encoding: .plain, step: 1, "")
    }
}

/// A braid was measured again.
package struct BraidEvaluated: DomainEvent {
    package static let typeName = "learn.BraidEvaluated"
    package static let version: UInt16 = 1
    package static let documentation = "Quality of a braid and its parts (BRD-30)"

    package var lineage = Lineage()
    package var braidID = BraidID()
    package var quality = 0.0
    package var parts: [Metric] = []

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("braid_id", &braidID)
        v.f64("bqs", &quality, unit: "", "BRD-30")
        v.list("parts", &parts, "")
    }
}

/// A braid took effect, with the priors before and after (BRD-06).
package struct BraidActivated: DomainEvent {
    package static let typeName = "learn.BraidActivated"
    package static let version: UInt16 = 1
    package static let documentation = "A braid took effect through a patch"

    package var lineage = Lineage()
    package var braidID = BraidID()
    package var patchID = PatchID()
    package var priorsBefore = PriorsVersion()
    package var priorsAfter = PriorsVersion()

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("braid_id", &braidID)
        v.field("patch_id", &patchID)
        v.field("priors_before", &priorsBefore)
        v.field("priors_after", &priorsAfter)
    }
}

/// A braid changed its standing (BRD-04).
package struct BraidStateChanged: DomainEvent {
    package static let typeName = "learn.BraidStateChanged"
    package static let version: UInt16 = 1
    package static let documentation = "A braid moved along proposed, active, sunset, archived"

    package var lineage = Lineage()
    package var braidID = BraidID()
    package var from = BraidState.proposed
    package var to = BraidState.active
    package var cause = ""

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("braid_id", &braidID)
        v.field("from", &from)
        v.field("to", &to)
        v.field("cause", &cause, "The evidence that moved it")
    }
}

/// An aggregate outcome of one detector in one condition was updated (LRN-24).
package struct AtomUpdated: DomainEvent {
    package static let typeName = "learn.AtomsUpdated"
    package static let version: UInt16 = 1
    package static let documentation = "Decayed outcome of a detector in one condition (LRN-20…25)"

    package var lineage = Lineage()
    package var atomID = AtomID()
    package var detectorID = DetectorID()
    package var conditionKey = ""
    package var samples = 0.0
    package var hitRate = 0.0
    package var favourableBps = 0.0
    package var adverseBps = 0.0
    package var liftHit = 0.0
    package var liftFavourableBps = 0.0
    package var liftAdverseBps = 0.0
    package var stability: Double?
    package var fromNanos: Int64 = 0
    package var untilNanos: Int64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("atom_id", &atomID)
        v.field("detector_id", &detectorID)
        v.field("cond_key", &conditionKey)
        v.f64("samples", &samples, in: 0...1e18, "Decayed count")
        v.f64("hit_rate", &hitRate, in: 0...1)
        v.f64("mfe_avg", &favourableBps, in: 0...1e9, unit: "bps")
        v.f64("mae_avg", &adverseBps, in: 0...1e9, unit: "bps")
        v.f64("lift_hit", &liftHit, in: -1...1)
        v.f64("lift_mfe", &liftFavourableBps, unit: "bps", "")
        v.f64("lift_mae", &liftAdverseBps, unit: "bps", "")
        v.f64("stability", &stability)
        v.time("window_from", &fromNanos, encoding: .eventDelta, "")
        v.time("window_until", &untilNanos, encoding: .eventDelta, "")
    }
}

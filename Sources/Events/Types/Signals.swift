package import LogFormat

/// A detector entered the cohort (SIG-22).
package struct DetectorRegistered: DomainEvent {
    package static let typeName = "sig.DetectorRegistered"
    package static let version: UInt16 = 1
    package static let documentation = "A detector was compiled and entered the cohort"

    package var lineage = Lineage()
    /// The detector.
    package var detectorID = DetectorID()
    /// SHA-256 of its canonical recipe.
    package var versionHash = PayloadHash()
    /// The recipe, as it was compiled.
    package var recipe = ""
    /// Detectors it was bred from.
    package var parents: [DetectorID] = []
    /// Family (SIG-25).
    package var family = ""
    /// Depth of the recipe graph.
    package var depth: Int64 = 0
    /// Description length in bits (DEF-12).
    package var descriptionLength = 0.0

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("detector_id", &detectorID, "The detector")
        v.field("version_hash", &versionHash, "SHA-256 of the canonical recipe")
        v.field("recipe", &recipe, "The recipe as compiled")
        v.list("parents", &parents, "Detectors it was bred from")
        v.field("family", &family, "Family (SIG-25)")
        v.i64("depth", &depth)
        v.f64("description_length", &descriptionLength, in: 0...1e9, unit: "bit", "DEF-12")
    }
}

/// A detector changed its standing (SIG-20).
package struct DetectorStateChanged: DomainEvent {
    package static let typeName = "sig.DetectorStateChanged"
    package static let version: UInt16 = 1
    package static let documentation = "A detector was promoted or set back, by numbers alone (SIG-21)"

    package var lineage = Lineage()
    /// The detector.
    package var detectorID = DetectorID()
    /// Standing before.
    package var from = DetectorState.candidate
    /// Standing from now on.
    package var to = DetectorState.experimental
    /// The numbers that decided.
    package var evidence: [Metric] = []

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("detector_id", &detectorID)
        v.field("from", &from)
        v.field("to", &to)
        v.list("evidence", &evidence, "The numbers that decided")
    }
}

/// A named number.
package struct Metric: EventRecord, Equatable, Sendable {
    /// What is measured, with its unit.
    package var name = ""
    /// How much; nil when it is not defined.
    package var value: Double?

    package init() {}

    /// Makes a metric.
    package init(_ name: String, _ value: Double?) {
        self.name = name
        self.value = value
    }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("name", &name)
        v.f64("value", &value)
    }
}

/// Parts of the signal-quality core (SIG-02).
package struct QualityParts: EventRecord, Equatable, Sendable {
    package var accuracy: Double?
    package var precision: Double?
    package var stability: Double?
    package var orthogonality: Double?
    package var cost: Double?
    package var score: Double?

    @inlinable
    package init() {}

    @inlinable
    package mutating func fields(_ v: inout some FieldVisitor) {
        v.f64("accuracy", &accuracy, in: 0...1)
        v.f64("precision", &precision, in: 0...1)
        v.f64("stability", &stability, in: 0...1)
        v.f64("orthogonality", &orthogonality, in: 0...1)
        v.f64("cost", &cost, in: 0...1)
        v.f64("score", &score, in: 0...1)
    }
}

/// Parts of the kernel resonance (SIG-03).
package struct KernelParts: EventRecord, Equatable, Sendable {
    package var deltaPhi: Double?
    package var theta: Double?
    package var phi: Double?
    package var rho: Double?
    package var hbar: Double?
    package var coherence: Double?
    package var novelty: Double?
    package var emergence: Double?

    @inlinable
    package init() {}

    @inlinable
    package mutating func fields(_ v: inout some FieldVisitor) {
        v.f64("delta_phi", &deltaPhi, in: 0...1)
        v.f64("theta", &theta, in: 0...1)
        v.f64("phi", &phi, in: 0...1)
        v.f64("rho", &rho, in: 0...1)
        v.f64("hbar", &hbar, in: 0...1)
        v.f64("coherence", &coherence, in: 0...1)
        v.f64("novelty", &novelty, in: 0...1)
        v.f64("emergence", &emergence, in: 0...1)
    }
}

/// The steps from the parts of a score to the score, in the order of SIG-06, with the numbers that they went by.
///
/// Together with `sq`, `kr` and the base values they give the score again, bit for bit: what a step starts from and
/// what it ends with is on the record.
package struct ScoreSteps: EventRecord, Equatable, Sendable {
    /// Lowest theta that evidence and braids may bring about.
    package var thetaFloor = 0.0
    /// gamma_mx of option B.
    package var evidenceRelief = 0.0
    /// Theta after option B (SIG-05).
    package var relievedTheta = 0.0
    /// Shift of theta by braids, which brings it to `kr.theta`; 0 without a patch.
    package var thetaDelta = 0.0
    /// Resonance at that theta.
    package var rawDeltaPhi = 0.0
    /// beta_mx of option A.
    package var evidenceBoost = 0.0
    /// Resonance after option A (SIG-04).
    package var boostedDeltaPhi = 0.0
    /// Factor of braids as it was applied, within its cap; 1 without a patch.
    package var phiFactor = 1.0
    /// Resonance after that factor, before it is clipped to `kr.delta_phi`.
    package var braidedDeltaPhi = 0.0
    /// u of SIG-01.
    package var blend = 0.0

    @inlinable
    package init() {}

    @inlinable
    package mutating func fields(_ v: inout some FieldVisitor) {
        v.f64("theta_min", &thetaFloor, in: 0...1, "Lowest theta that evidence and braids may bring about")
        v.f64("gamma_mx", &evidenceRelief, in: 0...1, "Relief of theta by evidence (SIG-05)")
        v.f64("theta_relieved", &relievedTheta, in: 0...1, "Theta after the relief")
        v.f64("theta_delta", &thetaDelta, in: -1...1, "Shift by braids, which brings it to kr.theta")
        v.f64("delta_phi_raw", &rawDeltaPhi, in: 0...1, "Resonance at that theta")
        v.f64("beta_mx", &evidenceBoost, in: 0...1, "Boost by evidence (SIG-04)")
        v.f64("delta_phi_boosted", &boostedDeltaPhi, in: 0...1, "Resonance after the boost")
        v.f64("phi_mult", &phiFactor, in: 0...100, "Factor of braids as applied")
        v.f64("delta_phi_braided", &braidedDeltaPhi, in: 0...100, "Resonance after it, not clipped yet")
        v.f64("blend_u", &blend, in: 0...1, "u of SIG-01")
    }
}

/// A feature and its bin (LRN-21).
package struct ContextBin: EventRecord, Equatable, Sendable {
    /// Name on the whitelist.
    package var feature = ""
    /// The bin.
    package var bin = ""

    @inlinable
    package init() {}

    /// Makes a bin.
    package init(_ feature: String, _ bin: String) {
        self.feature = feature
        self.bin = bin
    }

    @inlinable
    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("feature", &feature)
        v.field("bin", &bin)
    }
}

/// A gate and whether it let the window pass.
package struct GateResult: EventRecord, Equatable, Sendable {
    package var name = ""
    package var passed = false

    @inlinable
    package init() {}

    /// Makes a result.
    package init(_ name: String, _ passed: Bool) {
        self.name = name
        self.passed = passed
    }

    @inlinable
    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("name", &name)
        v.bool("passed", &passed, "")
    }
}

/// Evidence for one detector, asset, horizon and window: a strand (SCH-SIG-1, VOC-10).
package struct SignalScored: DomainEvent {
    package static let typeName = "sig.SignalScored"
    package static let version: UInt16 = 3
    package static let documentation = "A window was scored, published or not (SIG-10); event time is asof_ts"

    package var lineage = Lineage()
    package var symbol = AssetID()
    package var timeframe = Timeframe.minute1
    package var horizon = Horizon.seconds30
    package var session = Session.asia
    package var regime: Regime?
    package var detectorID = DetectorID()
    package var detectorVersionHash = PayloadHash()
    /// Direction and strength.
    package var signal = 0.0
    package var abstained = false
    /// Selection score (VOC-20); nil until both parts exist.
    package var sigma: Double?
    package var quality: QualityParts?
    package var kernel: KernelParts?
    /// Penalty before braids and evidence.
    package var baseTheta: Double?
    /// Resonance before braids and evidence.
    package var baseDeltaPhi: Double?
    package var evidence: Double?
    package var confirmed: Bool?
    package var experts: [String] = []
    package var kairos: Double?
    package var entrainment: Double?
    package var uncertainty: Double?
    package var gates: [GateResult] = []
    package var context: [ContextBin] = []
    /// Canonical condition key (LRN-22).
    package var conditionKey = ""
    /// First 8 bytes of SHA-256 of the condition key.
    package var conditionHash: UInt64 = 0
    package var propensity: Double?
    /// Hash of the effective patch in force, nil if none.
    package var effectivePatch: PayloadHash?
    package var priorsVersion = PriorsVersion()
    /// Every intermediate value of SIG-06; nil without a score.
    package var steps: ScoreSteps?

    @inlinable
    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("symbol", &symbol)
        v.field("timeframe", &timeframe)
        v.field("horizon", &horizon)
        v.field("session_bucket", &session)
        v.field("regime", &regime, "Nil until 200 samples")
        v.field("detector_id", &detectorID)
        v.field("detector_ver_hash", &detectorVersionHash)
        v.f64("signal", &signal, in: -1...1, "Direction and strength")
        v.bool("abstained", &abstained, "Too uncertain, or the data were bad")
        v.f64("sig_sigma", &sigma, in: 0...1, "Selection score; nil until both parts exist")
        v.field("sq", &quality, "Signal-quality core; nil until there are enough samples")
        v.field("kr", &kernel, "Kernel resonance; nil until there are enough samples")
        v.f64("kr_base_theta", &baseTheta, in: 0...1, "Before evidence and braids")
        v.f64("kr_base_delta_phi", &baseDeltaPhi, in: 0...1, "Before evidence and braids")
        v.f64("mx_evidence", &evidence, in: 0...1, "Nil when the experts are stale")
        v.bool("mx_confirm", &confirmed)
        v.list("mx_experts", &experts, "Experts behind the evidence")
        v.f64("ms_kairos", &kairos, in: 0...1)
        v.f64("ms_entrain_r", &entrainment, in: 0...1)
        v.f64("sig_uncert", &uncertainty, in: 0...1)
        v.list("gates", &gates, "Gates and whether they let it pass")
        v.list("context", &context, "Quantised features (LRN-21)")
        v.field("cond_key", &conditionKey, "Canonical condition key (LRN-22)")
        v.u64("cond_hash", &conditionHash, unit: "", isKey: false, encoding: .plain, step: 1, "")
        v.f64("propensity", &propensity, in: 0...1, "Model probability of publishing")
        v.field("effective_patch_ref", &effectivePatch, "Hash of the effective patch in force")
        v.field("priors_ver", &priorsVersion, "Version of the priors that it was scored under (PRI-05)")
        v.field("steps", &steps, "Every intermediate value between the parts and the score (SIG-06); nil without one")
    }
}

/// The outcome of a scored window at one horizon (SCH-SIG-2).
package struct SignalEvaluated: DomainEvent {
    package static let typeName = "sig.SignalEvaluated"
    package static let version: UInt16 = 1
    package static let documentation = "Outcome of a scored window, appended once the horizon has passed (LRN-04)"

    package var lineage = Lineage()
    /// The scored window.
    package var scoredID = EventID()
    package var horizonSeconds: Int64 = 30
    /// Forward return, as a fraction.
    package var forwardReturn = 0.0
    /// Most favourable excursion.
    package var favourableBps = 0.0
    /// Most adverse excursion.
    package var adverseBps = 0.0
    package var favourableR: Double?
    package var adverseR: Double?
    /// Whether the sign was right; nil when the signal was 0.
    package var hit: Bool?
    /// True when no live trade stood behind it.
    package var isPaper = true
    package var tradeID: EventID?
    package var decisionID: EventID?
    /// Price at the window, in 1e-8.
    package var benchPrice: Int64 = 0
    /// Price at the horizon, in 1e-8.
    package var endPrice: Int64 = 0

    @inlinable
    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("event_id", &scoredID, "The scored window")
        v.i64("h_secs", &horizonSeconds, unit: "s", isKey: false, encoding: .varint, step: 1, "30, 300 or 3600")
        v.f64("fwd_ret", &forwardReturn, unit: "fraction", "Forward return")
        v.f64("mfe_bps", &favourableBps, in: 0...1e9, unit: "bps", "Most favourable excursion")
        v.f64("mae_bps", &adverseBps, in: 0...1e9, unit: "bps", "Most adverse excursion, a magnitude")
        v.f64("mfe_R", &favourableR, unit: "R", "In multiples of risk; nil without a live trade")
        v.f64("mae_R", &adverseR, unit: "R", "In multiples of risk; nil without a live trade")
        v.bool("hit", &hit, "Nil when the signal was 0")
        v.bool("paper", &isPaper, "No live trade stood behind it")
        v.field("trade_id", &tradeID)
        v.field("decision_id", &decisionID)
        v.decimal("bench_px", &benchPrice, scale: 8, unit: "quote", "Price at the window")
        v.decimal("end_px", &endPrice, scale: 8, unit: "quote", "Price at the horizon")
    }
}

/// A signal was published to those who may use it (SCH-SIG-5).
package struct SignalPublished: MessageEvent {
    package static let typeName = "sig.SignalPublished"
    package static let version: UInt16 = 1
    package static let documentation = "A signal passed the publication gate; as a message it is ALPHA_PROPOSED"

    package var lineage = Lineage()
    package var envelope: Envelope?
    /// The scored window.
    package var scoredID = EventID()
    package var detectorID = DetectorID()
    package var asset = AssetID()
    package var horizon = Horizon.seconds30
    package var signal = 0.0
    package var sigma = 0.0
    package var curatedSigma = 0.0
    package var quality = QualityParts()
    package var kernel = KernelParts()
    package var evidence: Double?
    package var kairos: Double?
    package var entrainment: Double?
    package var uncertainty: Double?
    package var correlationLabel = ""
    package var halfLifeBars: Int64 = 1
    package var calibratedHit: Double?
    package var suggestedTriggers: [String] = []

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("message", &envelope, "The envelope; not part of the payload")
        v.field("scored_id", &scoredID, "The scored window")
        v.field("detector_id", &detectorID)
        v.field("asset", &asset)
        v.field("horizon", &horizon)
        v.f64("signal", &signal, in: -1...1)
        v.f64("sig_sigma", &sigma, in: 0...1)
        v.f64("sig_curated_sigma", &curatedSigma, in: 0...1)
        v.field("sq", &quality)
        v.field("kr", &kernel)
        v.f64("mx_evidence", &evidence, in: 0...1)
        v.f64("ms_kairos", &kairos, in: 0...1)
        v.f64("ms_entrain_r", &entrainment, in: 0...1)
        v.f64("sig_uncert", &uncertainty, in: 0...1)
        v.field("correlation_label", &correlationLabel)
        v.i64("half_life_bars", &halfLifeBars)
        v.f64("p_hit_calibrated", &calibratedHit, in: 0...1)
        v.list("suggested_triggers", &suggestedTriggers, "Trigger expressions (SIG-26)")
    }
}

/// A signal was not published, and why (ENUM-27).
package struct SignalWithheld: DomainEvent {
    package static let typeName = "sig.SignalWithheld"
    package static let version: UInt16 = 1
    package static let documentation = "A scored window was kept back, with every reason"

    package var lineage = Lineage()
    package var scoredID = EventID()
    package var reasons: [WithheldReason] = []
    /// What each reason compared: found and needed.
    package var margins: [Metric] = []

    package init() {}

    @specialized(where V == FieldReader)
    @specialized(where V == FieldWriter)
    package mutating func fields<V: FieldVisitor>(_ v: inout V) {
        lineage.fields(&v)
        v.field("scored_id", &scoredID)
        v.list("reasons", &reasons, "Every gate that stopped it")
        v.list("margins", &margins, "By how much each gate was missed")
    }
}

package import LogFormat

/// A detector's kernel state on an asset moved (SIG-08).
package struct KernelStateUpdated: DomainEvent {
    package static let typeName = "sig.KernelStateUpdated"
    package static let version: UInt16 = 1
    package static let documentation = "The slow parts of a detector's resonance were computed anew"

    package var lineage = Lineage()
    package var detectorID = DetectorID()
    package var symbol = AssetID()
    package var horizon = Horizon.seconds30
    /// Exposure to opportunity, smoothed (DEF-10).
    package var phi: Double?
    /// Unreliability in context, moved towards its raw value (DEF-11).
    package var theta: Double?
    /// Complexity (DEF-12).
    package var rho = 0.0
    /// Exposure before smoothing.
    package var rawPhi: Double?
    /// Information of the signal about the outcome, in nats; may be negative (DEF-09).
    package var information: Double?
    /// What the cohort's best reach.
    package var informationReference: Double?
    package var coherence: Double?
    package var novelty: Double?
    package var emergence: Double?
    package var quality: QualityParts?
    /// Outcomes behind it.
    package var samples: Int64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("detector_id", &detectorID)
        v.field("symbol", &symbol)
        v.field("horizon", &horizon)
        v.f64("phi", &phi, in: 0...1, "Exposure to opportunity, smoothed (DEF-10)")
        v.f64("theta", &theta, in: 0...1, "Unreliability in context (DEF-11)")
        v.f64("rho", &rho, in: 0...1, "Complexity (DEF-12)")
        v.f64("raw_phi", &rawPhi, in: 0...1, "Before smoothing")
        v.f64("information", &information, unit: "nat", "Of the signal about the outcome (DEF-09); may be negative")
        v.f64("information_ref", &informationReference, unit: "nat", "95th percentile of the cohort")
        v.f64("coherence", &coherence, in: 0...1, "DEF-08")
        v.f64("novelty", &novelty, in: 0...1, "DEF-15")
        v.f64("emergence", &emergence, in: 0...1, "DEF-16; 0.5 before three days have scores")
        v.field("sq", &quality, "Quality that it was computed with")
        v.i64("samples", &samples, unit: "outcome", isKey: false, encoding: .varint, step: 1, "Outcomes behind it")
    }
}

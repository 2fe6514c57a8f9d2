package import LogFormat

/// How a micro-expert works (ENUM-07).
package enum ExpertKind: UInt8, EventSymbol {
    case stateMachine, temporalNetwork, convolution, anomaly, distilled, recurrent

    package static let symbols = ["fsm", "tcn", "cnn", "anom", "llm_distill", "gru"]
}

/// Why an expert was put aside (EVT-12, DSI-25…27).
package enum ExpertReason: UInt8, EventSymbol {
    case redundant, weak, latency, unproven

    package static let symbols = ["REDUNDANT", "WEAK", "LATENCY", "UNPROVEN"]
}

/// What one expert said in a window (DSI-10).
package struct ExpertReading: EventRecord, Equatable, Sendable {
    package var expertID = ExpertID()
    package var fired = false
    /// Log-likelihood ratio.
    package var score = 0.0
    package var confidence = 0.0
    package var latencyMillis = 0.0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("id", &expertID)
        v.bool("f", &fired, "Whether its flag is up")
        v.f64("z", &score, in: -6...6, unit: "nat", "Log-likelihood ratio, clipped (DSI-10)")
        v.f64("conf", &confidence, in: 0...1, "Calibrated")
        v.f64("latency_ms", &latencyMillis, in: 0...1e9, unit: "ms", "")
    }
}

/// Evidence of the micro-experts about an asset (SCH-DSI-1); event time is asof_ts.
package struct Annotated: DomainEvent {
    package static let typeName = "dsi.Annotated"
    package static let version: UInt16 = 1
    package static let documentation = "What the micro-experts said and what it was fused to (DSI-11, DSI-12)"

    package var lineage = Lineage()
    package var asset = AssetID()
    /// Calibrated evidence (DSI-11).
    package var evidence = 0.0
    /// Whether enough experts agree (DSI-12).
    package var confirmed = false
    package var experts: [ExpertReading] = []
    /// Version of weights and threshold.
    package var fusionVersion = ""

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("asset", &asset)
        v.f64("mx_evidence", &evidence, in: 0...1, "Fused evidence (DSI-11)")
        v.bool("mx_confirm", &confirmed, "Whether enough experts agree (DSI-12)")
        v.list("experts", &experts, "Which fired, with what confidence (DSI-15)")
        v.field("fusion_ver", &fusionVersion, "Version of weights and threshold")
    }
}

/// An expert entered the registry, in the shadow (SCH-DSI-2, DSI-29).
package struct ExpertRegistered: DomainEvent {
    package static let typeName = "dsi.ExpertRegistered"
    package static let version: UInt16 = 1
    package static let documentation = "A micro-expert entered the registry; it speaks for nothing until activated"

    package var lineage = Lineage()
    package var expertID = ExpertID()
    package var kind = ExpertKind.stateMachine
    /// The design, as canonical text.
    package var design = ""
    package var expertVersion = ""

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("expert_id", &expertID)
        v.field("kind", &kind, "ENUM-07")
        v.field("spec", &design, "The design, as canonical text")
        v.field("ver", &expertVersion, "A new one is needed to come back (DSI-29)")
    }
}

/// An expert counts from now on.
package struct ExpertActivated: DomainEvent {
    package static let typeName = "dsi.ExpertActivated"
    package static let version: UInt16 = 1
    package static let documentation = "A micro-expert earned its place: it helps two detectors or more (DSI-27)"

    package var lineage = Lineage()
    package var expertID = ExpertID()
    /// The numbers that decided.
    package var evidence: [Metric] = []

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("expert_id", &expertID)
        v.list("evidence", &evidence, "The numbers that decided")
    }
}

/// An expert counts no longer.
package struct ExpertDeactivated: DomainEvent {
    package static let typeName = "dsi.ExpertDeactivated"
    package static let version: UInt16 = 1
    package static let documentation = "A micro-expert lost its place, by numbers alone (DSI-25, DSI-26)"

    package var lineage = Lineage()
    package var expertID = ExpertID()
    package var reason = ExpertReason.weak
    /// The numbers that decided.
    package var evidence: [Metric] = []

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("expert_id", &expertID)
        v.field("reason", &reason)
        v.list("evidence", &evidence, "The numbers that decided")
    }
}

/// A reading of an expert was right or wrong, by a mechanical rule (DSI-18, DSI-19).
package struct ExpertLabelled: DomainEvent {
    package static let typeName = "learn.ExpertLabelled"
    package static let version: UInt16 = 1
    package static let documentation = "A reading whose flag was up was judged, once its horizon had passed"

    package var lineage = Lineage()
    package var expertID = ExpertID()
    package var asset = AssetID()
    /// The annotation that the reading is part of.
    package var annotationID = EventID()
    package var horizonSeconds: Int64 = 45
    package var succeeded = false
    /// Excursions over the horizon, in the direction that the expert meant and against it.
    package var favourableBps = 0.0
    package var adverseBps = 0.0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("expert_id", &expertID)
        v.field("asset", &asset)
        v.field("annotation_id", &annotationID, "The annotation that the reading is part of")
        v.i64("h_secs", &horizonSeconds, unit: "s", isKey: false, encoding: .varint, step: 1, "")
        v.bool("success", &succeeded, "By the expert's mechanical rule")
        v.f64("mfe_bps", &favourableBps, in: 0...1e9, unit: "bps", "")
        v.f64("mae_bps", &adverseBps, in: 0...1e9, unit: "bps", "A magnitude")
    }
}

/// How far an expert can be trusted was computed anew (DSI-20, DSI-21).
package struct ExpertReliabilityUpdated: DomainEvent {
    package static let typeName = "learn.ExpertReliabilityUpdated"
    package static let version: UInt16 = 1
    package static let documentation = "Beta-Bernoulli reliability of an expert, over all assets or pooled for one"

    package var lineage = Lineage()
    package var expertID = ExpertID()
    /// Nil: over all assets.
    package var asset: AssetID?
    package var alpha = 1.0
    package var beta = 1.0
    /// Mean of the posterior; for an asset the pooled one.
    package var reliability = 0.5
    package var samples: Int64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("expert_id", &expertID)
        v.field("asset", &asset, "Nil: over all assets")
        v.f64("alpha", &alpha, in: 0...1e12, "")
        v.f64("beta", &beta, in: 0...1e12, "")
        v.f64("reliability", &reliability, in: 0...1, "Mean of the posterior, pooled for an asset (DSI-21)")
        v.i64("samples", &samples, unit: "label", isKey: false, encoding: .varint, step: 1, "")
    }
}

/// What an expert was worth to a detector in a week (SCH-DSI-4).
package struct ExpertCredited: DomainEvent {
    package static let typeName = "learn.ExpertCredited"
    package static let version: UInt16 = 1
    package static let documentation = "Marginal contribution of an expert to a detector's score (DSI-22, DSI-23)"

    package var lineage = Lineage()
    /// Monday of the week, UTC midnight.
    package var weekNanos: Int64 = 0
    package var detectorID = DetectorID()
    package var expertID = ExpertID()
    /// Median change of sigma when the expert is masked.
    package var sigmaDelta = 0.0
    /// Mean gain over random orders of inclusion.
    package var shapley: Double?
    package var windows: Int64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.time("week", &weekNanos, encoding: .varint, "Monday, UTC midnight")
        v.field("detector_id", &detectorID)
        v.field("expert_id", &expertID)
        v.f64("delta_sigma", &sigmaDelta, in: -1...1, "Median of sigma with the expert less sigma without (DSI-22)")
        v.f64("shapley_approx", &shapley, in: -1...1, "Mean gain over 8 to 16 orders of inclusion (DSI-23)")
        v.i64("windows", &windows, unit: "window", isKey: false, encoding: .varint, step: 1, "")
    }
}

package import Events
package import LogFormat

/// A micro-expert and its standing (SCH-DSI-2).
package struct ExpertRow: ViewRow {
    package static let typeName = "experts"
    package static let documentation = "Micro-experts with design, standing and reliability (SCH-DSI-2)"
    package static let keyColumnCount = 1
    package static let view = View.registry
    package static let sources = [
        "dsi.ExpertRegistered", "dsi.ExpertActivated", "dsi.ExpertDeactivated", "learn.ExpertReliabilityUpdated",
    ]

    package var key = ExpertID()
    package var kind: ExpertKind?
    package var expertVersion = ""
    package var design = ""
    package var isActive = false
    package var reason: ExpertReason?
    package var evidence: String?
    package var alpha: Double?
    package var beta: Double?
    package var reliability: Double?
    package var samples: Int64 = 0
    package var changedNanos: Int64?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: ExpertID) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("expert_id", &key, "The expert")
        v.field("kind", &kind, "How it works (ENUM-07)")
        v.field("ver", &expertVersion, "Version")
        v.field("spec", &design, "The design, as canonical text")
        v.bool("active", &isActive, "Whether its readings count")
        v.field("reason", &reason, "Why it was put aside")
        v.field("evidence", &evidence, "Numbers behind its latest change, as JSON")
        v.f64("alpha", &alpha, "Of the Beta posterior (DSI-20)")
        v.f64("beta", &beta, "Of the Beta posterior (DSI-20)")
        v.f64("reliability", &reliability, "Mean of the posterior over all assets")
        v.number("samples", &samples, "Labels behind it")
        v.time("updated_at", &changedNanos, "When it changed last")
        v.place(&globalSeq)
    }
}

/// What an expert says of an asset, and how often it was right (DSI-15, DSI-21).
package struct ExpertReadingRow: ViewRow {
    package static let typeName = "expert_readings"
    package static let documentation = "Readings and labels of each expert on each asset (DSI-15, SCH-DSI-3)"
    package static let keyColumnCount = 2
    package static let view = View.attribution
    package static let sources = ["dsi.Annotated", "learn.ExpertLabelled", "learn.ExpertReliabilityUpdated"]

    package var key = Pair(ExpertID(), AssetID())
    package var readings: UInt64 = 0
    package var fired: UInt64 = 0
    package var score: Double?
    package var confidence: Double?
    package var latencyMillisMax = 0.0
    package var readNanos: Int64?
    package var successes: UInt64 = 0
    package var failures: UInt64 = 0
    package var favourableBpsSum = 0.0
    package var adverseBpsSum = 0.0
    package var reliability: Double?
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<ExpertID, AssetID>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("expert_id", &key.first, "The expert")
        v.field("asset", &key.second, "The asset")
        v.count("readings", &readings, "Readings so far")
        v.count("fired", &fired, "Readings with the flag up")
        v.f64("z", &score, "Latest log-likelihood ratio")
        v.f64("conf", &confidence, "Latest confidence")
        v.real("latency_max", &latencyMillisMax, unit: "ms", "Longest so far")
        v.time("read_ts", &readNanos, "Latest reading")
        v.count("successes", &successes, "Labels that say it was right")
        v.count("failures", &failures, "Labels that say it was wrong")
        v.real("mfe_sum", &favourableBpsSum, unit: "bps", "Sum over the labels")
        v.real("mae_sum", &adverseBpsSum, unit: "bps", "Sum over the labels")
        v.f64("reliability", &reliability, "Pooled for the asset (DSI-21)")
        v.place(&globalSeq)
    }
}

/// What an expert was worth to a detector in a week (SCH-DSI-4).
package struct ExpertCreditRow: ViewRow {
    package static let typeName = "expert_credits"
    package static let documentation = "Contribution of each expert to each detector, week by week (SCH-DSI-4)"
    package static let keyColumnCount = 3
    package static let view = View.attribution
    package static let sources = ["learn.ExpertCredited"]

    package var key = Pair(Int64(0), Pair(DetectorID(), ExpertID()))
    package var sigmaDelta = 0.0
    package var shapley: Double?
    package var windows: Int64 = 0
    package var globalSeq: UInt64 = 0

    package init() {}
    package init(key: Pair<Int64, Pair<DetectorID, ExpertID>>) { self.key = key }

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.moment("week", &key.first, "Monday, UTC midnight")
        v.field("detector_id", &key.second.first, "The detector")
        v.field("expert_id", &key.second.second, "The expert")
        v.real("delta_sigma", &sigmaDelta, "Sigma with the expert less sigma without (DSI-22)")
        v.f64("shapley_approx", &shapley, "Mean gain over orders of inclusion (DSI-23)")
        v.number("windows", &windows, "Windows behind it")
        v.place(&globalSeq)
    }
}

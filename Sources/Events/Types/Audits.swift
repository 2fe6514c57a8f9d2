package import LogFormat

/// A test of a detector, an expert or the whole program (ENUM-06).
package enum AuditTest: UInt8, EventSymbol {
    case futureTimestamp, labelReuse, rollingOrigin, labelShuffle, horizonMismatch, orthogonality, latencyBudget
    case outOfSampleLift, noiseInjection, barDrop, slippageWiden, gapSimulation, depthVacuum, spreadWiden
    case timestampJitter, shape, coverage, invariants, metricRegression, truncationReplay

    /// The tests as written.
    package static let symbols = [
        "future_timestamp", "label_reuse", "rolling_origin_cv", "label_shuffle", "horizon_mismatch", "orthogonality",
        "latency_budget", "oos_lift", "noise_injection", "bar_drop", "slippage_widen", "gap_sim", "depth_vacuum",
        "spread_widen", "timestamp_jitter", "shape", "coverage", "invariants", "metric_regression",
        "truncation_replay",
    ]
}

/// An audit came to its verdict (AUD-15); its event id is the audit's.
///
/// An audit that the pipeline makes of its own records has neither fixtures nor code of its own: the inputs are all
/// that it had seen, and the program is the one that the segment's header names.
package struct AuditCompleted: DomainEvent {
    package static let typeName = "aud.AuditCompleted"
    package static let version: UInt16 = 1
    package static let documentation = "An audit of a detector or an expert came to its verdict (AUD-15)"

    package var lineage = Lineage()
    /// Id of the detector or expert.
    package var subject = ""
    /// Version of the detector or expert.
    package var versionHash = PayloadHash()
    package var test = AuditTest.orthogonality
    package var parameters: [Metric] = []
    /// Seed of what was drawn; 0 where nothing was.
    package var seed: UInt64 = 0
    package var fixturesHash: PayloadHash?
    /// What was measured.
    package var statistic: Double?
    /// What it was held against.
    package var threshold: Double?
    package var passed = false
    package var codeRevision: String?
    package var startedNanos: Int64 = 0
    package var finishedNanos: Int64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("subject", &subject, "Id of the detector or expert")
        v.field("version_hash", &versionHash, "Version of the subject")
        v.field("test", &test, "What was tested (ENUM-06)")
        v.list("params", &parameters, "Numbers that the test went by")
        v.u64("seed", &seed, documentation: "Of what was drawn; 0 where nothing was")
        v.field("fixtures_hash", &fixturesHash, "Nil where the inputs are all up to seen_gsn")
        v.f64("statistic", &statistic, unit: "", "What was measured; nil where it is not defined")
        v.f64("threshold", &threshold, unit: "", "What it was held against")
        v.bool("passed", &passed, "")
        v.field("code_sha", &codeRevision, "Nil where it is the program that wrote the segment")
        v.time("started", &startedNanos, encoding: .eventDelta, "")
        v.time("finished", &finishedNanos, encoding: .eventDelta, "")
    }
}

/// A detector's metrics were compared with a frozen fixture (SIG-12).
package struct RegressionChecked: DomainEvent {
    package static let typeName = "rep.RegressionChecked"
    package static let version: UInt16 = 1
    package static let documentation = "A detector's metrics were compared with a frozen fixture (SIG-12)"

    package var lineage = Lineage()
    package var detectorID = DetectorID()
    package var detectorVersionHash = PayloadHash()
    /// Version that the fixture was made of; another one makes its metrics another detector's.
    package var fixtureVersionHash = PayloadHash()
    package var fixturesHash = PayloadHash()
    package var codeRevision = ""
    /// Largest drift that passes.
    package var epsilon = 0.0
    package var comparedCount: Int64 = 0
    /// Largest drift among the compared metrics.
    package var largestDelta = 0.0
    /// New less old of every metric that drifted beyond epsilon; nil where one of both is not defined.
    package var deltas: [Metric] = []
    package var passed = false

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("detector_id", &detectorID)
        v.field("detector_ver_hash", &detectorVersionHash)
        v.field("fixture_ver_hash", &fixtureVersionHash, "Version that the fixture was made of")
        v.field("fixtures_hash", &fixturesHash, "SHA-256 of the fixture")
        v.field("code_sha", &codeRevision)
        v.f64("epsilon", &epsilon, in: 0...1, "Largest drift that passes")
        v.i64("compared", &comparedCount, unit: "metric", isKey: false, encoding: .varint, step: 1, "")
        v.f64("largest_delta", &largestDelta, in: 0...1e300, "Largest drift among the compared metrics")
        v.list("deltas", &deltas, "New less old of what drifted; nil where one of both is not defined")
        v.bool("passed", &passed, "")
    }
}

package import LogFormat

/// What a calibration map takes (SIG-09).
package enum CalibrationInput: UInt8, EventSymbol {
    /// Evidence of the micro-experts, to the probability that the direction is right.
    case evidence
    /// The selection score, to the probability of a hit.
    case sigma

    /// The inputs as written: the fields of a scored window.
    package static let symbols = ["mx_evidence", "sig_sigma"]
}

/// A monotone map of a score to a probability: linear between its knots, constant outside (SIG-09).
package struct CalibrationCurve: EventRecord, Equatable, Sendable {
    package var input = CalibrationInput.sigma
    /// Scores, rising.
    package var scores: [Double] = []
    /// Probability at each of them, never falling.
    package var probabilities: [Double] = []
    /// Outcomes that it was fitted on.
    package var samples: Int64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        v.field("input", &input, "Field of a scored window that it takes")
        v.list("scores", &scores, "Knots, rising")
        v.list("probabilities", &probabilities, "At each knot; never falling")
        v.i64("samples", &samples, unit: "outcome", isKey: false, encoding: .varint, step: 1, "It was fitted on")
    }
}

/// A learning job began; patches that it asks for name this event as their cause (EVT-33, LRN-63).
///
/// Its fixtures are all that it had seen before its cut-off, its code the program that the segment's header names.
package struct LearnerStarted: DomainEvent {
    package static let typeName = "learn.RunStarted"
    package static let version: UInt16 = 1
    package static let documentation = "A learning job began on the records before its cut-off (LRN-63, LRN-64)"

    package var lineage = Lineage()
    /// Name of the job.
    package var job = ""
    package var cutOffNanos: Int64 = 0
    package var priorsVersion = PriorsVersion()
    package var seed: UInt64 = 0

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("job", &job, "Name of the job")
        v.time("cut_off", &cutOffNanos, encoding: .eventDelta, "It reads records before this moment only")
        v.field("priors_ver", &priorsVersion, "In force when it began")
        v.u64("seed", &seed, unit: "", isKey: false, encoding: .plain, step: 1, "Of what it draws")
    }
}

/// A learning job ended (EVT-33).
package struct LearnerCompleted: DomainEvent {
    package static let typeName = "learn.RunCompleted"
    package static let version: UInt16 = 1
    package static let documentation = "A learning job ended, with what it measured; its parent is the beginning"

    package var lineage = Lineage()
    /// Name of the job.
    package var job = ""
    package var metrics: [Metric] = []
    /// In force from now on.
    package var priorsVersion = PriorsVersion()

    package init() {}

    package mutating func fields(_ v: inout some FieldVisitor) {
        lineage.fields(&v)
        v.field("job", &job, "Name of the job")
        v.list("metrics", &metrics, "What it measured, and decided by")
        v.field("priors_ver", &priorsVersion, "In force from now on")
    }
}

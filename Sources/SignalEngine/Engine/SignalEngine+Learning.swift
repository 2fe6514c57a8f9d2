package import Events

/// Calibration maps of one detector, fitted anew (SIG-09).
package struct DetectorCalibration: Equatable, Sendable {
    package let detectorID: DetectorID
    package let curves: [CalibrationCurve]
}

/// What the engine's outcomes teach about its own numbers, at the end of a day; outcomes known at the cut-off or later
/// do not count (LRN-64).
extension SignalEngine {
    /// Whether there are outcomes before a moment that no night has seen.
    package mutating func hasNewOutcomes(before nanos: Int64) -> Bool {
        useOutcomes(before: nanos)
        return book.hasNewOutcomes
    }

    /// Maps of the detectors that have new outcomes and enough of them, in the order of the cohort.
    package mutating func calibrations(before nanos: Int64) -> [DetectorCalibration] {
        useOutcomes(before: nanos)
        let since = nanos - Int64(setup.policy.qualityDays) * TimeText.dayNanos
        return cohort.indices.compactMap { detector in
            let curves = book.calibration(detector, since: since)
            return curves.isEmpty ? nil : DetectorCalibration(detectorID: cohort[detector].id, curves: curves)
        }
    }

    /// Whether quality and resonance are weighed as their outcomes say; nil where nothing can be said (SIG-11).
    package mutating func blendEvidence(before nanos: Int64) -> BlendEvidence? {
        useOutcomes(before: nanos)
        return book.blend(since: nanos - Int64(setup.policy.qualityDays) * TimeText.dayNanos)
    }
}

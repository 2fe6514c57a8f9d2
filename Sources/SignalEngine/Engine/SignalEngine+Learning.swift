package import Events
package import Statistics

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
        return book.hasNewOutcomes || horizons.isFresh
    }

    /// Scores every detector that has new outcomes at every horizon, in the order of the cohort (LRN-05, LRN-06).
    ///
    /// - Parameter cause: the record of the job.
    /// - Returns: how many were scored.
    /// - Throws: `nonFiniteInput`, `invalidProbability` for outcomes that no window can have.
    package mutating func scoreHorizons(
        before nanos: Int64, cause: EventID, seenGlobalSeq: UInt64, into output: inout some WindowOutput
    ) throws(StatisticsError) -> Int {
        useOutcomes(before: nanos)
        var count = 0
        for (detector, recipe) in cohort.enumerated() where horizons.takeFresh(detector) {
            var lineage = Self.lineage("horizons|\(recipe.id.text)", nanos, seenGlobalSeq)
            lineage.parentID = cause
            output.append(
                try HorizonScores.event(
                    detector: recipe.id, versionHash: recipe.hash,
                    windows: { horizons.windows(detector, $0) }, cutOffNanos: nanos, lineage: lineage))
            count += 1
        }
        return count
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

package import Events
import Statistics

/// Computes a recorded score again from what stands on its record alone, step by step and bit for bit (SIG-06).
///
/// Every step starts from recorded numbers, so the first one that does not follow is the one that is wrong.
package enum ScoreCheck: Equatable, Sendable {
    /// The window has no score.
    case withoutScore
    /// The score was recorded without its steps, by an older version.
    case withoutSteps
    /// Every step gives what was recorded.
    case follows
    /// A step gives something else, or a number that it needs is not on the record.
    case differs(step: String, recorded: Double?, computed: Double?)

    /// Checks a record; O(1).
    package init(_ event: SignalScored) {
        guard event.sigma != nil else {
            self = event.steps == nil ? .withoutScore : .differs(step: "sig_sigma", recorded: nil, computed: nil)
            return
        }
        guard let steps = event.steps else {
            self = .withoutSteps
            return
        }
        let recorded = Record(event, steps)
        for step in recorded.all where step.recorded == nil || step.recorded != step.computed {
            self = .differs(step: step.name, recorded: step.recorded, computed: step.computed)
            return
        }
        self = .follows
    }

    /// A record as the inputs and results of its steps.
    private struct Record {
        let event: SignalScored
        let steps: ScoreSteps
        let quality: QualityParts
        let kernel: KernelParts

        init(_ event: SignalScored, _ steps: ScoreSteps) {
            self.event = event
            self.steps = steps
            quality = event.quality ?? QualityParts()
            kernel = event.kernel ?? KernelParts()
        }

        /// The steps in the order of SIG-06.
        var all: [(name: String, recorded: Double?, computed: Double?)] {
            let evidence = event.evidence ?? 0
            return [
                ("sq.score", quality.score, score),
                ("kr_base_delta_phi", event.baseDeltaPhi, resonance(event.baseTheta)),
                (
                    "steps.theta_relieved", steps.relievedTheta,
                    event.baseTheta.map {
                        SigmaTrace.relieved(
                            $0, evidence: evidence, relief: steps.evidenceRelief, floor: steps.thetaFloor)
                    }
                ),
                (
                    "kr.theta", kernel.theta,
                    SigmaTrace.patched(steps.relievedTheta, delta: steps.thetaDelta, floor: steps.thetaFloor)
                ),
                ("steps.delta_phi_raw", steps.rawDeltaPhi, resonance(kernel.theta)),
                (
                    "steps.delta_phi_boosted", steps.boostedDeltaPhi,
                    SigmaTrace.boosted(steps.rawDeltaPhi, evidence: evidence, boost: steps.evidenceBoost)
                ),
                ("steps.delta_phi_braided", steps.braidedDeltaPhi, steps.boostedDeltaPhi * steps.phiFactor),
                ("kr.delta_phi", kernel.deltaPhi, min(1, max(0, steps.braidedDeltaPhi))),
                ("sig_sigma", event.sigma, sigma),
            ]
        }

        private var score: Double? {
            guard let accuracy = quality.accuracy, let precision = quality.precision,
                let stability = quality.stability, let orthogonality = quality.orthogonality, let cost = quality.cost
            else { return nil }
            return try? SignalScores.composite(
                accuracy: accuracy, precision: precision, stability: stability, orthogonality: orthogonality,
                cost: cost)
        }

        private var sigma: Double? {
            guard let score = quality.score, let deltaPhi = kernel.deltaPhi else { return nil }
            return SigmaTrace.blended(score, deltaPhi, blend: steps.blend)
        }

        private func resonance(_ theta: Double?) -> Double? {
            guard let theta, let phi = kernel.phi, let rho = kernel.rho, let hbar = kernel.hbar,
                let coherence = kernel.coherence, let novelty = kernel.novelty, let emergence = kernel.emergence
            else { return nil }
            var input = SigmaInput()
            (input.phi, input.rho, input.hbar) = (phi, rho, hbar)
            (input.coherence, input.novelty, input.emergence) = (coherence, novelty, emergence)
            return try? SigmaTrace.resonance(input, theta: theta)
        }
    }
}

package import Events
import LogFormat
import Statistics
package import Weave

/// A window as it was scored, with what is needed to score it again under other priors (SIG-06).
package struct ScoredWindow: Equatable, Sendable {
    package let id: EventID
    package let globalSeq: UInt64
    package let nanos: Int64
    package let target: PatchTarget
    /// What rules are tried on.
    package let context: ContextWindow
    /// Penalty and resonance before evidence and braids.
    package let baseTheta: Double
    package let baseDeltaPhi: Double
    /// Signal quality.
    package let quality: Double
    /// Surprise; tilts the weights of the resonance.
    package let hbar: Double
    /// Strength of the evidence; 0 where it was stale.
    package let evidence: Double
    /// Whether every gate other than that of the score let it pass, and its detector did not abstain.
    package let isOpen: Bool
    /// The score that was recorded.
    package let sigma: Double?
    package let priorsVersion: PriorsVersion

    /// Names of the gate that compares the score with `tau`: it is tried again, so what was recorded of it says
    /// nothing.
    static let scoreGates: Set<String> = ["tau", "sigma", "tau_publish", "below_tau", "sig_sigma"]

    /// The window of a record; nil where a part of the score was not known then, so that there is nothing to compare.
    package init?(_ event: SignalScored, globalSeq: UInt64, nanos: Int64) {
        guard let theta = event.baseTheta, let deltaPhi = event.baseDeltaPhi, let quality = event.quality?.score,
            let hbar = event.kernel?.hbar
        else { return nil }
        id = event.lineage.id
        self.globalSeq = globalSeq
        self.nanos = nanos
        target = PatchTarget(detector: event.detectorID, asset: event.symbol, horizon: event.horizon.text)
        (baseTheta, baseDeltaPhi, self.quality, self.hbar) = (theta, deltaPhi, quality, hbar)
        evidence = event.evidence ?? 0
        isOpen =
            !event.abstained && event.signal != 0
            && event.gates.allSatisfy { $0.passed || Self.scoreGates.contains($0.name.lowercased()) }
        sigma = event.sigma
        priorsVersion = event.priorsVersion
        context = Self.context(of: event)
    }

    /// Features by the names that rules use: numbers of the score, and the quantised bins (LRN-21).
    private static func context(of event: SignalScored) -> ContextWindow {
        var window = ContextWindow()
        let kernel = event.kernel ?? KernelParts()
        let numbers: [(String, Double?)] = [
            ("mx", event.evidence), ("mx_evidence", event.evidence), ("kairos", event.kairos),
            ("ms_kairos", event.kairos), ("entrain_r", event.entrainment), ("ms_entrain_r", event.entrainment),
            ("uncert", event.uncertainty), ("sig_uncert", event.uncertainty), ("signal", event.signal),
            ("hbar", kernel.hbar), ("phi", kernel.phi), ("rho", kernel.rho), ("coherence", kernel.coherence),
            ("novelty", kernel.novelty), ("emergence", kernel.emergence),
        ]
        for (name, value) in numbers { if let value { window.numbers[name] = value } }
        window.bins["session"] = event.session.text
        window.bins["regime"] = event.regime?.text
        for entry in event.context {
            // A bin that is a number can be compared as one.
            if let number = Literal(entry.feature, .equal, entry.bin).number { window.numbers[entry.feature] = number }
            window.bins[entry.feature] = entry.bin
        }
        return window
    }
}

/// The score of windows under one set of priors (SIG-01, SIG-04…06, DEF-14).
package struct WindowScorer: Sendable {
    private let gates: GateBraids
    private let blend: Double
    private let boost: Double
    private let relief: Double
    private let tau: Double

    /// Values of knobs that a set does not name (SIG-01, SIG-04, SIG-05, BUS-04).
    private static let blendDefault = 0.6
    private static let boostDefault = 0.10
    private static let reliefDefault = 0.05
    private static let tauDefault = 0.35

    /// Makes a scorer of a set.
    ///
    /// Errors: `factor` for an effect that is no shift.
    package init(_ set: PriorsSet, owner: Module) throws(WeaveError) {
        gates = try GateBraids(set, owner: owner)
        blend = set.value(of: "sig.blend_u") ?? Self.blendDefault
        boost = set.value(of: "sig.beta_mx") ?? Self.boostDefault
        relief = set.value(of: "sig.gamma_mx") ?? Self.reliefDefault
        tau = set.value(of: "sig.tau_publish") ?? Self.tauDefault
    }

    /// A score in millionths, and whether the window is published with it.
    package struct Verdict: Equatable, Sendable {
        package let microSigma: Int64
        package let isPublished: Bool
    }

    /// Scores a window: base → relief → patch on the penalty → resonance → boost → patch on the resonance → score.
    ///
    /// The resonance is a weighted geometric mean, so a moved penalty moves it by the power of one factor (DEF-14).
    package func verdict(_ window: ScoredWindow) throws(WeaveError) -> Verdict {
        let relieved = max(0, window.baseTheta - relief * window.evidence)
        let patch = try EffectivePatch.compute(
            try gates.graph(at: window.nanos), target: window.target, window: window.context, theta: relieved)
        let hasPatch = !patch.scopes.isEmpty
        let theta = hasPatch ? patch.thetaAfter : relieved
        let factor = hasPatch ? patch.phiAfter : 1
        var deltaPhi = window.baseDeltaPhi
        if theta != window.baseTheta, deltaPhi > 0 {
            let ratio = Self.floored(1 - theta) / Self.floored(1 - window.baseTheta)
            deltaPhi *= Elementary.exp(Self.penaltyShare(hbar: window.hbar) * Elementary.log(ratio))
        }
        deltaPhi = min(1, max(0, min(1, deltaPhi * (1 + boost * window.evidence)) * factor))
        let sigma = Self.blend(window.quality, deltaPhi, blend)
        let micro = Int64((sigma * 1_000_000).rounded())
        return Verdict(microSigma: micro, isPublished: window.isOpen && sigma >= tau)
    }

    private static func floored(_ x: Double) -> Double { max(x, 1e-6) }

    /// The weight of (1 − penalty) among the weights of DEF-14, tilted by surprise.
    static func penaltyShare(hbar: Double) -> Double {
        let tilted = (0.10 + 0.10) * (1 + 0.5 * hbar) + 0.20 * (1 + 0.5 * (1 - hbar))
        return 0.20 / (0.25 + tilted + 0.20 + 0.15)
    }

    /// `quality^u · resonance^(1−u)`; 0 where a factor with a positive exponent is 0 (SIG-01).
    private static func blend(_ quality: Double, _ deltaPhi: Double, _ u: Double) -> Double {
        if (quality <= 0 && u > 0) || (deltaPhi <= 0 && u < 1) { return 0 }
        let first = u > 0 ? u * Elementary.log(quality) : 0
        let second = u < 1 ? (1 - u) * Elementary.log(deltaPhi) : 0
        return min(1, Elementary.exp(first + second))
    }
}

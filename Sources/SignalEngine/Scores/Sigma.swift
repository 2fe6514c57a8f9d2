package import Events
package import Statistics

/// What the selection score of a window is made of.
package struct SigmaInput: Equatable, Sendable {
    /// Signal quality (DEF-06).
    package var quality = 0.0
    package var phi = 0.0
    package var coherence = 0.0
    package var novelty = 0.0
    package var emergence = 0.0
    /// Penalty before evidence and braids (DEF-11).
    package var theta = 0.0
    package var rho = 0.0
    package var hbar = 0.0
    /// Evidence of the micro-experts, nil where they are stale.
    package var evidence: Double?
    package var patch = ScorePatch()

    /// All zeros.
    package init() {}
}

/// A selection score with every step on the way, in the order of SIG-06.
package struct SigmaTrace: Equatable, Sendable {
    /// Theta before evidence and braids.
    package var baseTheta = 0.0
    /// Resonance at that theta, before evidence and braids.
    package var baseDeltaPhi = 0.0
    /// What lies between, as it goes on the record.
    package var steps = ScoreSteps()
    /// Theta after the braid's patch.
    package var theta = 0.0
    /// Resonance after the braid's factor, clipped to 0...1.
    package var deltaPhi = 0.0
    /// The score.
    package var sigma = 0.0

    /// Computes the score; O(1).
    ///
    /// A shift beyond 1 counts as 1, a factor beyond `factorMax` as that: neither could say more. Throws
    /// `invalidProbability` for a part outside 0...1.
    package init(_ input: SigmaInput, policy: ScorePolicy) throws(StatisticsError) {
        let patch = input.patch.reference == nil ? ScorePatch() : input.patch
        steps.thetaFloor = min(1, max(0, patch.thetaMin))
        steps.thetaDelta = min(1, max(-1, patch.thetaDelta))
        steps.phiFactor = min(Self.factorMax, max(0, min(patch.phiFactorMax, patch.phiFactor)))
        steps.evidenceRelief = policy.evidenceRelief
        steps.evidenceBoost = policy.evidenceBoost
        steps.blend = policy.blend
        try compute(input)
    }

    /// Computes the steps from the numbers that they go by.
    private mutating func compute(_ input: SigmaInput) throws(StatisticsError) {
        let evidence = input.evidence ?? 0
        baseTheta = input.theta
        baseDeltaPhi = try Self.resonance(input, theta: baseTheta)
        steps.relievedTheta = Self.relieved(
            baseTheta, evidence: evidence, relief: steps.evidenceRelief, floor: steps.thetaFloor)
        theta = Self.patched(steps.relievedTheta, delta: steps.thetaDelta, floor: steps.thetaFloor)
        // Most windows have no evidence and no patch.
        steps.rawDeltaPhi = theta == baseTheta ? baseDeltaPhi : try Self.resonance(input, theta: theta)
        steps.boostedDeltaPhi = Self.boosted(steps.rawDeltaPhi, evidence: evidence, boost: steps.evidenceBoost)
        steps.braidedDeltaPhi = steps.boostedDeltaPhi * steps.phiFactor
        deltaPhi = min(1, max(0, steps.braidedDeltaPhi))
        sigma = Self.blended(input.quality, deltaPhi, blend: steps.blend)
    }

    /// Largest factor of a braid that can be recorded.
    package static let factorMax = 100.0

    /// Option A: delta_phi (1 + beta evidence), clipped to 0...1 (SIG-04).
    package static func boosted(_ deltaPhi: Double, evidence: Double, boost: Double) -> Double {
        min(1, max(0, deltaPhi * (1 + boost * evidence)))
    }

    /// Option B: theta - gamma evidence, not below the floor (SIG-05); the floor never raises theta by itself.
    package static func relieved(_ theta: Double, evidence: Double, relief: Double, floor: Double) -> Double {
        max(min(theta, floor), theta - relief * evidence)
    }

    /// Theta with a braid's shift, not below the floor nor above 1 (BRD-33).
    package static func patched(_ theta: Double, delta: Double, floor: Double) -> Double {
        min(1, max(floor, theta + delta))
    }

    /// quality^u deltaPhi^(1-u); 0 if a part with a positive exponent is 0 (SIG-01).
    package static func blended(_ quality: Double, _ deltaPhi: Double, blend: Double) -> Double {
        if blend > 0, quality <= 0 { return 0 }
        if blend < 1, deltaPhi <= 0 { return 0 }
        let first = blend > 0 ? blend * Elementary.log(quality) : 0
        let second = blend < 1 ? (1 - blend) * Elementary.log(deltaPhi) : 0
        return min(1, Elementary.exp(first + second))
    }

    static func resonance(_ input: SigmaInput, theta: Double) throws(StatisticsError) -> Double {
        min(
            1,
            try Resonance(
                phi: input.phi, coherence: input.coherence, novelty: input.novelty, emergence: input.emergence,
                theta: theta, rho: input.rho, surprise: input.hbar
            ).value)
    }
}

/// Evidence of micro-experts, fused (DSI-11, DSI-12).
package enum Evidence {
    /// Largest log-likelihood ratio of one expert (DSI-10).
    package static let ratioMax = 6.0

    /// The summed log-likelihood ratio and its probability; experts beyond the shorter list do not count.
    package static func fused(_ ratios: [Double], weights: [Double]) -> (ratio: Double, evidence: Double) {
        var sum = CompensatedSum()
        for index in 0..<min(ratios.count, weights.count) {
            sum.add(weights[index] * min(ratioMax, max(-ratioMax, ratios[index])))
        }
        return (sum.value, Elementary.sigmoid(sum.value))
    }

    /// Whether the weighted flags reach m.
    package static func isConfirmed(_ flags: [Bool], weights: [Double], atLeast m: Double) -> Bool {
        var sum = CompensatedSum()
        for index in 0..<min(flags.count, weights.count) where flags[index] { sum.add(weights[index]) }
        return sum.value >= m
    }
}

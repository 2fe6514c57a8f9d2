package import Events

/// Numbers that scoring goes by; defaults are those of the register (THR).
package struct ScorePolicy: Equatable, Sendable {
    /// u of SIG-01, 0...1; knob `sig.blend_u`.
    package var blend = 0.6
    /// Boost per unit of evidence (SIG-04); knob `sig.beta_mx`.
    package var evidenceBoost = 0.10
    /// Relief of theta per unit of evidence (SIG-05); knob `sig.gamma_mx`.
    package var evidenceRelief = 0.05
    /// Largest uncertainty at which a window counts; knob `sig.uncert_max`.
    package var uncertaintyMax = 0.15
    /// Fee of a trade, in basis points of its size (DEF-05).
    package var feeBps = 2.0
    /// Half spread where the feed has no book, in basis points.
    package var halfSpreadBps = 1.0
    /// Weight of the squared turnover, in basis points (kappa of DEF-05).
    package var impactBps = 1.0
    /// Fewest outcomes for any score (DEF, common minimum).
    package var samplesMin = 200
    /// Days that quality looks back on (DEF-01).
    package var qualityDays = 60
    /// Seconds between refreshes of the scores in the first day of a strand, and afterwards.
    package var refreshSecondsEarly: Int64 = 3600
    package var refreshSeconds: Int64 = 6 * 3600

    /// The defaults.
    package init() {}
}

/// A braid's effect at a moment, compiled elsewhere (BRD-33).
package struct ScorePatch: Equatable, Sendable {
    /// Added to theta.
    package var thetaDelta = 0.0
    /// Factor of the resonance.
    package var phiFactor = 1.0
    /// Lowest theta while a patch is in force.
    package var thetaMin = 0.0
    /// Largest factor.
    package var phiFactorMax = 1.15
    /// Hash of the effective patch; nil if none is in force.
    package var reference: PayloadHash?

    /// No patch.
    package init() {}
}

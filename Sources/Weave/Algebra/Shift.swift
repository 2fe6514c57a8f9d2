package import Events
internal import LogFormat

/// What a braid does to the numbers: the pair (dtheta, Phi) of BRD-10…16, and the same per knob of a module.
///
/// Knobs are kept in the order of their keys, one change a knob and kind, so that equal shifts have equal bits.
package struct Shift: Equatable, Sendable {
    /// Added to the penalty; negative relieves.
    package let thetaDelta: Double
    /// Multiplies the resonance; neutral is 1.
    package let phiMult: Double
    /// Changes of a module's own knobs, in the order of their keys.
    package let knobs: [KnobChange]

    /// Does nothing.
    package static let neutral = Shift(unchecked: 0, 1, [])

    /// Makes a shift.
    ///
    /// Errors: `factor` for a number that is not finite, or a factor that is not positive.
    package init(thetaDelta: Double = 0, phiMult: Double = 1, knobs: [KnobChange] = []) throws(WeaveError) {
        try Self.check(thetaDelta, phiMult, knobs)
        self.init(unchecked: thetaDelta, phiMult, knobs.count < 2 ? knobs : Self.merged(knobs))
    }

    /// The shift of an effect as recorded.
    package init(_ effect: Effect) throws(WeaveError) {
        try self.init(thetaDelta: effect.thetaDelta, phiMult: effect.phiMult, knobs: effect.knobs)
    }

    /// A shift of numbers that are known to be good.
    init(unchecked thetaDelta: Double, _ phiMult: Double, _ knobs: [KnobChange]) {
        self.thetaDelta = thetaDelta
        self.phiMult = phiMult
        self.knobs = knobs
    }

    /// Whether it changes nothing.
    package var isNeutral: Bool { thetaDelta == 0 && phiMult == 1 && knobs.allSatisfy { $0.amount == $0.kind.neutral } }

    private static func check(_ theta: Double, _ phi: Double, _ knobs: [KnobChange]) throws(WeaveError) {
        guard theta.isFinite, phi.isFinite, phi > 0 else {
            throw WeaveError(
                .factor, found: "(\(theta), \(phi))", expected: "a finite theta_delta and a phi_mult above 0",
                advice: "correct the effect; neutral is (0, 1)")
        }
        for knob in knobs where !knob.amount.isFinite || (knob.kind == .multiplicative && knob.amount <= 0) {
            throw WeaveError(
                .factor, found: "\(knob.knob) \(knob.kind.text) \(knob.amount)",
                expected: "a finite amount, above 0 for a factor", advice: "correct the knob's change")
        }
    }

    /// One change a knob and kind: what the same effect lists twice acts together.
    private static func merged(_ knobs: [KnobChange]) -> [KnobChange] {
        var result: [KnobChange] = []
        for knob in knobs.sorted(by: KnobChange.precedes) {
            guard let last = result.last, last.knob == knob.knob, last.kind == knob.kind else {
                result.append(knob)
                continue
            }
            switch knob.kind {
            case .additive: result[result.count - 1].amount += knob.amount
            case .multiplicative: result[result.count - 1].amount *= knob.amount
            case .boolean, .categorical: break
            }
        }
        return result
    }
}

extension KnobKind {
    /// The amount that changes nothing; NaN where every amount sets a value.
    package var neutral: Double {
        switch self {
        case .additive: 0
        case .multiplicative: 1
        case .boolean, .categorical: .nan
        }
    }
}

extension KnobChange {
    /// Order of the keys, then of the kinds, then of the amounts.
    static func precedes(_ a: KnobChange, _ b: KnobChange) -> Bool {
        if a.knob != b.knob { return a.knob < b.knob }
        return a.kind != b.kind ? a.kind.rawValue < b.kind.rawValue : a.amount < b.amount
    }
}

package import Events

/// How far patches may move a gate (BRD-16, THR-20).
package struct Caps: Equatable, Sendable {
    /// Floor of the penalty.
    package var thetaMin: Double
    /// Cap of the total multiplier.
    package var phiMultMax: Double

    /// The seed's caps.
    package static let standard = Caps(thetaMin: 0.05, phiMultMax: 1.15)

    /// Key under which a field braid moves the floor.
    package static let thetaMinKey: PriorKey = "policy:theta_min"
    /// Key under which a field braid moves the cap.
    package static let phiMultMaxKey: PriorKey = "policy:phi_mult_max"

    /// Makes caps.
    package init(thetaMin: Double, phiMultMax: Double) {
        self.thetaMin = thetaMin
        self.phiMultMax = phiMultMax
    }

    /// The stricter of both, cap by cap.
    package func tightened(by other: Caps) -> Caps {
        Caps(thetaMin: max(thetaMin, other.thetaMin), phiMultMax: min(phiMultMax, other.phiMultMax))
    }

    /// The caps after the policy knobs of a field braid, which may only make them stricter.
    ///
    /// Room is given by the review board alone (GOV-07). The cap never falls below neutral, the floor never rises above
    /// 1.
    package func tightened(byPolicy shift: Shift) -> Caps {
        var moved = self
        for knob in shift.knobs {
            switch (knob.knob, knob.kind) {
            case (Self.thetaMinKey, .additive): moved.thetaMin += knob.amount
            case (Self.thetaMinKey, .multiplicative): moved.thetaMin *= knob.amount
            case (Self.phiMultMaxKey, .additive): moved.phiMultMax += knob.amount
            case (Self.phiMultMaxKey, .multiplicative): moved.phiMultMax *= knob.amount
            default: break
            }
        }
        let stricter = tightened(by: moved)
        return Caps(thetaMin: min(stricter.thetaMin, 1), phiMultMax: max(stricter.phiMultMax, min(phiMultMax, 1)))
    }

    /// The penalty after a shift, held above the floor.
    package func theta(_ theta: Double, shiftedBy delta: Double) -> Double { max(thetaMin, theta + delta) }

    /// The multiplier after a shift, held below the cap.
    package func phi(_ phi: Double, multipliedBy factor: Double) -> Double { min(phiMultMax, phi * factor) }
}

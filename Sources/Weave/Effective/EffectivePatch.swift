package import Events
internal import LogFormat
internal import Statistics

/// What braids do to one detector on one asset in one window, with the way it came about (BRD-33…36, BRD-40).
package struct EffectivePatch: Equatable, Sendable {
    /// A braid that acts.
    package struct Member: Equatable, Sendable {
        package var id: BraidID
        /// How it is composed, as text.
        package var composition: String
        package var shift: Shift
        package var quality: Double
        /// Its share in the union of its scope.
        package var weight: Double
    }

    /// The composed patch of a scope.
    package struct Scope: Equatable, Sendable {
        package var type: BraidType
        /// In the order of precedence.
        package var members: [Member]
        package var shift: Shift
    }

    /// A firing braid that does not act itself.
    package struct Yielded: Equatable, Sendable {
        package var id: BraidID
        /// The braid that acts in its place.
        package var to: BraidID
        package var reason: YieldReason
    }

    /// What a cap took from a scope's patch.
    package struct Cut: Equatable, Sendable {
        package var type: BraidType
        package var what: String
        package var asked: Double
        package var applied: Double
    }

    package var target: PatchTarget
    /// Scopes with acting braids, in the order of precedence.
    package var scopes: [Scope] = []
    package var yielded: [Yielded] = []
    package var baseCaps: Caps
    /// The caps in force: the tightest of all acting braids, and the field braids' policy.
    package var caps: Caps
    package var thetaBefore: Double
    package var thetaAfter: Double
    package var phiBefore: Double
    package var phiAfter: Double
    /// Sum and product over the scopes, before the caps.
    package var asked: Shift
    package var cuts: [Cut] = []
}

/// Why a firing braid does not act.
package enum YieldReason: String, Sendable {
    /// A composed braid that fires uses it (BRD-34).
    case usedByChild = "used by"
    /// A composed braid before it already uses a braid that it is made of.
    case sharesParent = "shares a parent with"
    /// An active EXCEPT of it does not fire here: its context is taken out (BRD-12).
    case forbidden = "forbidden by"
    /// It says the same as a braid before it (BRD-39).
    case nearIdentical = "nearly the same as"
}

extension EffectivePatch {
    /// The effective patch of a target in a window.
    ///
    /// Active and sunset braids act; proposed ones only as parts of composed ones, archived ones nowhere. `theta` and
    /// `phi` are the values before; `nearIdentical` names pairs of which only the preceding one acts.
    package static func compute(
        _ graph: BraidGraph, target: PatchTarget, window: ContextWindow, theta: Double, phi: Double = 1,
        caps: Caps = .standard, nearIdentical: [(BraidID, BraidID)] = []
    ) throws(WeaveError) -> EffectivePatch {
        var firing = try Firing(graph, target: target, window: window)
        firing.consumeParents()
        firing.dropForbidden()
        firing.dropNearIdentical(nearIdentical)
        var patch = EffectivePatch(
            target: target, yielded: firing.yielded, baseCaps: caps, caps: caps, thetaBefore: theta, thetaAfter: theta,
            phiBefore: phi, phiAfter: phi, asked: .neutral)
        for type in [BraidType.micro, .meta, .field] {
            let acting = firing.acting.filter { $0.braid.type == type }.sorted { $0.braid.precedes($1.braid) }
            if acting.isEmpty { continue }
            patch.scopes.append(try scope(type, acting))
            for entry in acting { patch.caps = patch.caps.tightened(by: entry.braid.caps) }
        }
        for scope in patch.scopes where scope.type == .field {
            patch.caps = patch.caps.tightened(byPolicy: scope.shift)
        }
        patch.applyCaps()
        return patch
    }

    /// Siblings merge by union, with weights in proportion to their quality (BRD-35).
    private static func scope(_ type: BraidType, _ acting: [Firing.Entry]) throws(WeaveError) -> Scope {
        let weights = acting.map { max($0.braid.quality, 1e-6) }
        let total = Sum.of(weights)
        let shift = try Shift.union(acting.indices.map { WeightedShift(weights[$0], acting[$0].shift) })
        let members = acting.indices.map {
            Member(
                id: acting[$0].braid.id, composition: acting[$0].composition, shift: acting[$0].shift,
                quality: acting[$0].braid.quality, weight: weights[$0] / total)
        }
        return Scope(type: type, members: members, shift: shift)
    }

    /// Sum and product over the scopes, held within the caps; what is cut is taken from the last in precedence first.
    private mutating func applyCaps() {
        guard let all = try? Shift.intersect(scopes.map(\.shift)) else {
            thetaAfter = caps.theta(thetaBefore, shiftedBy: 0)
            phiAfter = caps.phi(phiBefore, multipliedBy: 1)
            return
        }
        asked = all
        thetaAfter = caps.theta(thetaBefore, shiftedBy: all.thetaDelta)
        phiAfter = caps.phi(phiBefore, multipliedBy: all.phiMult)
        var below = thetaAfter - (thetaBefore + all.thetaDelta)
        var above = phiBefore * all.phiMult / phiAfter
        for scope in scopes.reversed() {
            if below > 0, scope.shift.thetaDelta < 0 {
                let taken = min(below, -scope.shift.thetaDelta)
                let delta = scope.shift.thetaDelta
                cuts.append(Cut(type: scope.type, what: "theta_delta", asked: delta, applied: delta + taken))
                below -= taken
            }
            if above > 1, scope.shift.phiMult > 1 {
                let taken = min(above, scope.shift.phiMult)
                let factor = scope.shift.phiMult
                cuts.append(Cut(type: scope.type, what: "phi_mult", asked: factor, applied: factor / taken))
                above /= taken
            }
        }
    }

    /// SHA-256 of the trace: equal hashes, equal patch on equal grounds (`effective_patch_ref` of a strand).
    package var hash: PayloadHash { PayloadHash(Digest(hashing: Array(text.utf8))) }
}

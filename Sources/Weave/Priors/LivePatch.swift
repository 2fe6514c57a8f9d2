package import Events

/// A patch in force.
package struct LivePatch: Equatable, Sendable {
    package let asked: Patch
    /// What was applied, within the caps.
    package let applied: Effect
    package let sender: Module?
    package let fromNanos: Int64
    package internal(set) var untilNanos: Int64
    /// Share of the effect that operators left (PRI-26).
    package internal(set) var factor = 1.0
    /// Whether it does nothing until its watchdog has looked (WDG-11).
    package internal(set) var isSuspended = false
    /// Whether its one extension was used (PRI-25).
    package internal(set) var isExtended = false
    /// When its watchdog last looked; its start until then.
    package internal(set) var watchedNanos: Int64
    /// Evaluations in a row at or below the threshold.
    package internal(set) var failures: Int64 = 0

    init(_ event: PatchApplied) {
        asked = event.asked
        applied = event.applied
        sender = event.envelope?.to.first
        untilNanos = event.expiresNanos
        fromNanos = event.expiresNanos - event.asked.ttlDays * TimeText.dayNanos
        watchedNanos = fromNanos
    }

    /// What it does now: nothing while suspended, else what operators left of it.
    package var effect: Effect {
        var effect = applied
        let share = isSuspended ? 0 : factor
        let shift = Shift(unchecked: applied.thetaDelta, applied.phiMult, applied.knobs).scaled(by: share)
        effect.thetaDelta = shift.thetaDelta
        effect.phiMult = shift.phiMult
        effect.knobs = shift.knobs
        return effect
    }

    /// Share of the effect that acts at a moment: nothing while suspended, less towards the end of its time (BRD-04).
    package func strength(at nanos: Int64) -> Double {
        isSuspended ? 0 : factor * Braid.strength(at: nanos, from: fromNanos, until: untilNanos)
    }

    /// The patch as an entry of the set.
    var prior: ActivePrior {
        var prior = ActivePrior()
        prior.key = asked.key
        prior.effect = effect
        prior.patchID = asked.patchID
        prior.braidID = asked.braidID
        prior.operatorEventID = asked.operatorEventID
        prior.jobEventID = asked.jobEventID
        prior.rule = asked.rule
        // A map is no number that could be weakened: it is there or it is not.
        prior.curves = isSuspended ? [] : asked.curves
        prior.fromNanos = fromNanos
        prior.untilNanos = untilNanos
        return prior
    }

    /// Order of the keys, then of the patches.
    static func precedes(_ a: LivePatch, _ b: LivePatch) -> Bool {
        a.asked.key != b.asked.key ? a.asked.key < b.asked.key : a.asked.patchID < b.asked.patchID
    }
}

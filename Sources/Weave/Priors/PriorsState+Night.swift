package import Events

/// What one night of a module's learning asks of its priors.
package struct PriorsNight: Equatable, Sendable {
    /// What was measured of patches in force.
    package var evaluations: [PatchEvaluation] = []
    /// Patches that take the place of earlier ones of the same key, such as a calibration that was fitted anew.
    package var refits: [Patch] = []
    /// Patches beside those in force.
    package var patches: [Patch] = []

    /// A night that asks for nothing.
    package init() {}
}

extension PriorsState {
    /// A night as one version (OQ-29): evaluations, ends of time, refits, new patches, suspensions.
    ///
    /// A refit that is refused leaves the earlier one in force. Nothing if nothing changed.
    ///
    /// Errors: as `watch`.
    package func night(_ night: PriorsNight, _ cause: PriorsCause) throws(WeaveError) -> [PriorsRecord] {
        var draft = PriorsDraft(self, cause)
        try draft.watch(night.evaluations)
        try draft.expire()
        for patch in night.refits { try draft.refit(patch) }
        for patch in night.patches { try draft.propose(AskedPatch(patch)) }
        try draft.suspendUnwatched()
        try draft.mint(cause: "night")
        return draft.records
    }
}

extension PriorsDraft {
    fileprivate mutating func refit(_ patch: Patch) throws(WeaveError) {
        let earlier = state.patches.filter { $0.asked.key == patch.key && $0.asked.patchID != patch.patchID }
        try propose(AskedPatch(patch))
        guard state.live(patch.patchID) != nil else { return }
        for live in earlier {
            var event = PatchChanged()
            event.patchID = live.asked.patchID
            event.change = .expired
            event.cause = "fitted anew: \(patch.patchID)"
            try end(event, braid: live.asked.braidID, from: .sunset)
        }
    }
}

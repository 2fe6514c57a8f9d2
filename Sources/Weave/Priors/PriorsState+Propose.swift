package import Events
internal import LogFormat

/// Asking for new priors.
extension PriorsState {
    /// The first version: the knobs as they are without any patch; nothing if a version exists.
    package func genesis(_ cause: PriorsCause) throws(WeaveError) -> [PriorsRecord] {
        guard version == nil else { return [] }
        var draft = PriorsDraft(self, cause)
        try draft.mint(cause: "genesis", isGenesis: true)
        return draft.records
    }

    /// Checks patches, applies what the owner allows within its caps, and mints one version for all of them.
    ///
    /// A patch id that was applied or refused before is passed over, unless it now stands for other content, which is
    /// refused (PRI-07). `selection` is the choice among candidates that brought these patches forth.
    package func propose(
        _ asked: [AskedPatch], selection: SetCompiled? = nil, _ cause: PriorsCause
    ) throws(WeaveError) -> [PriorsRecord] {
        var draft = PriorsDraft(self, cause)
        for request in asked { try draft.propose(request) }
        try draft.mint(cause: "patches applied", selection: selection)
        return draft.records
    }
}

extension PriorsDraft {
    /// Answers one request: applies it within the caps, or refuses it.
    mutating func propose(_ request: AskedPatch) throws(WeaveError) {
        let patch = request.patch
        let before = state.appliedBefore(patch.patchID)
        if before != nil, before == PriorsState.content(of: patch) { return }
        // Said once: a refusal is final for its id, whatever comes under it later.
        if state.wasRefused(patch.patchID) { return }
        guard before == nil else {
            return try reject(
                request, .notAllowed,
                "found id \(patch.patchID) with other content, expected a new id: an applied patch never changes")
        }
        let checked: (applied: Effect, clips: [PatchCheck.Clip])
        do {
            checked = try PatchCheck.check(patch, state.rules)
        } catch { return try reject(request, error.reason, error.detail) }
        try apply(request, checked.applied, checked.clips)
    }

    private mutating func apply(
        _ request: AskedPatch, _ applied: Effect, _ clips: [PatchCheck.Clip]
    ) throws(WeaveError) {
        for clip in clips {
            var event = PatchClipped()
            event.patchID = request.patch.patchID
            event.knob = clip.knob
            event.asked = clip.asked
            event.applied = clip.applied
            event.cap = clip.cap
            try emit(event, about: "\(request.patch.patchID)|\(clip.knob)", PriorsEvent.clipped)
        }
        var event = PatchApplied()
        event.envelope = answer(request, .priorPatchApplied)
        event.asked = request.patch
        event.applied = applied
        event.priorsVersion = nextVersion
        event.expiresNanos = cause.nanos + request.patch.ttlDays * TimeText.dayNanos
        try emit(event, about: request.patch.patchID.text, PriorsEvent.applied)
    }

    private mutating func reject(
        _ request: AskedPatch, _ reason: PatchRejection, _ detail: String
    ) throws(WeaveError) {
        var event = PatchRejected()
        event.envelope = answer(request, .priorPatchRejected)
        event.patchID = request.patch.patchID
        event.reason = reason
        event.detail = detail
        try emit(event, about: request.patch.patchID.text, PriorsEvent.rejected)
    }

    /// The acknowledgement to another module (HER-16); hash and signature are the router's to fill.
    private func answer(_ request: AskedPatch, _ intent: Intent) -> Envelope? {
        guard let sender = request.sender, sender != state.rules.owner else { return nil }
        var envelope = Envelope()
        envelope.to = [sender]
        envelope.intent = intent
        envelope.dedupeKey = "\(intent.text)|\(request.patch.patchID)"
        envelope.priorsVersion = state.version
        return envelope
    }
}

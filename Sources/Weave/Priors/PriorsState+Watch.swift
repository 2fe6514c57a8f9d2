internal import Events
internal import LogFormat

/// What the watchdog does with patches in force (WDG-01…12).
extension PriorsState {
    /// Judges evaluations, reverts what has failed, and lifts suspensions.
    ///
    /// A patch with too little support is not judged. One failing evaluation is not enough before its time is over
    /// (WDG-03); instability is.
    ///
    /// Errors: `notInForce` for a patch that is not in force, `evaluation` for numbers that are not finite: they would
    /// pass every comparison with a threshold unnoticed.
    package func watch(_ evaluations: [PatchEvaluation], _ cause: PriorsCause) throws(WeaveError) -> [PriorsRecord] {
        var draft = PriorsDraft(self, cause)
        try draft.watch(evaluations)
        try draft.mint(cause: "watchdog")
        return draft.records
    }

    /// Takes patches out whose time is over (WDG-04); renewing one is a new patch.
    package func expire(_ cause: PriorsCause) throws(WeaveError) -> [PriorsRecord] {
        var draft = PriorsDraft(self, cause)
        try draft.expire()
        try draft.mint(cause: "expiry")
        return draft.records
    }

    /// Neutralises patches whose watchdog has not looked for 48 hours, until it does (WDG-11, NEV-29).
    package func suspendUnwatched(_ cause: PriorsCause) throws(WeaveError) -> [PriorsRecord] {
        var draft = PriorsDraft(self, cause)
        try draft.suspendUnwatched()
        try draft.mint(cause: "no watchdog")
        return draft.records
    }

    /// The patch in force of an id.
    func inForce(_ id: PatchID) throws(WeaveError) -> LivePatch {
        if let live = live(id) { return live }
        let was = appliedBefore(id) == nil ? "never applied" : "no longer in force"
        throw WeaveError(
            .notInForce, found: "patch \(id) \(was)", expected: "a patch in force",
            advice: "list the patches in force and name one of them")
    }
}

extension PriorsDraft {
    mutating func watch(_ evaluations: [PatchEvaluation]) throws(WeaveError) {
        for evaluation in evaluations.sorted(by: { $0.patchID < $1.patchID }) {
            let live = try state.inForce(evaluation.patchID)
            guard evaluation.upliftP05.isFinite, evaluation.stability?.isFinite ?? true else {
                throw WeaveError(
                    .evaluation, found: "p05 \(evaluation.upliftP05) of \(evaluation.patchID)",
                    expected: "finite numbers; no stability where there is none",
                    advice: "leave the patch out of this run; unwatched for long it is suspended")
            }
            try judge(evaluation, live)
        }
    }

    private mutating func judge(_ evaluation: PatchEvaluation, _ live: LivePatch) throws(WeaveError) {
        let rule = live.asked.revertRule
        let isJudged = evaluation.support >= rule.supportMin
        let isFailing = isJudged && evaluation.upliftP05 <= rule.upliftP05AtMost
        var watched = PatchWatched()
        watched.patchID = evaluation.patchID
        watched.upliftP05 = evaluation.upliftP05
        watched.support = evaluation.support
        watched.stability = evaluation.stability
        watched.failures = isFailing ? live.failures + 1 : isJudged ? 0 : live.failures
        try emit(watched, about: evaluation.patchID.text, PriorsEvent.watched)
        let failuresMax = cause.nanos >= live.untilNanos ? 1 : state.rules.failuresMax
        if isFailing, watched.failures >= failuresMax {
            try revert(
                live, evaluation,
                "p05 \(evaluation.upliftP05) at or below \(rule.upliftP05AtMost), \(watched.failures) in a row")
        } else if isJudged, let stability = evaluation.stability, stability < state.rules.stabilityFloor {
            try revert(live, evaluation, "stability \(stability) below \(state.rules.stabilityFloor)")
        }
    }

    mutating func expire() throws(WeaveError) {
        for live in state.patches where live.untilNanos <= cause.nanos {
            var event = PatchChanged()
            event.patchID = live.asked.patchID
            event.change = .expired
            event.cause = "its time is over"
            try end(event, braid: live.asked.braidID, from: .sunset)
        }
    }

    mutating func suspendUnwatched() throws(WeaveError) {
        let hourNanos: Int64 = 3_600_000_000_000
        for live in state.patches where !live.isSuspended {
            guard cause.nanos - live.watchedNanos >= state.rules.watchHoursMax * hourNanos else { continue }
            var event = PatchChanged()
            event.patchID = live.asked.patchID
            event.change = .suspended
            event.cause = "no watchdog for \((cause.nanos - live.watchedNanos) / hourNanos) hours"
            try change(event)
        }
    }

    private mutating func revert(
        _ live: LivePatch, _ evaluation: PatchEvaluation, _ reason: String
    ) throws(WeaveError) {
        var event = PatchChanged()
        event.patchID = live.asked.patchID
        event.change = .reverted
        event.cause = reason
        event.evidence = [
            Metric("oos_uplift_p05", evaluation.upliftP05), Metric("support", Double(evaluation.support)),
            Metric("stability", evaluation.stability),
        ]
        try end(event, braid: live.asked.braidID, from: .active)
        var alert = AlertRaised()
        alert.kind = .lessonValidity
        alert.subject = live.asked.patchID.text
        alert.detail = "reverted: \(reason)"
        if let sender = live.sender {
            // A patch from elsewhere is watched here, and its sender is told (WDG-12).
            var envelope = Envelope()
            envelope.to = [sender]
            envelope.intent = .watchdogAlert
            envelope.dedupeKey = "reverted|\(live.asked.patchID)"
            envelope.priorsVersion = nextVersion
            alert.envelope = envelope
        }
        try emit(alert, about: live.asked.patchID.text, PriorsEvent.alert)
    }
}

package import Events

/// What operators and the review board may do to a patch in force; each act needs its own record (PRI-26, GOV-11).
///
/// A record that was acted upon before changes nothing.
extension PriorsState {
    /// Leaves a share of a patch's effect (the seed's step is 0.8).
    ///
    /// Errors: `notInForce`, or `attenuation` for a share outside (0, 1).
    package func attenuate(
        _ id: PatchID, by factor: Double, record: EventID, _ cause: PriorsCause
    ) throws(WeaveError) -> [PriorsRecord] {
        if hasUsed(record) { return [] }
        _ = try inForce(id)
        guard factor > 0, factor < 1 else {
            throw WeaveError(
                .attenuation, found: "a factor of \(factor)", expected: "a factor above 0 and below 1",
                advice: "archive the braid to take the patch away altogether")
        }
        var event = PatchChanged()
        event.patchID = id
        event.change = .attenuated
        event.cause = "operator"
        event.factor = factor
        event.operatorEventID = record
        return try changed(event, cause)
    }

    /// Lengthens a patch's life, once, by at most its first life (PRI-25, THR-21).
    ///
    /// Errors: `notInForce`, or `alreadyExtended` at the second time, or `attenuation` for a length out of bounds.
    package func extend(
        _ id: PatchID, byDays days: Int64, record: EventID, _ cause: PriorsCause
    ) throws(WeaveError) -> [PriorsRecord] {
        if hasUsed(record) { return [] }
        let live = try inForce(id)
        guard !live.isExtended else {
            throw WeaveError(
                .alreadyExtended, found: "patch \(id), extended before", expected: "one extension a patch",
                advice: "let it expire; a lesson that still holds earns a new patch")
        }
        guard (1...live.asked.ttlDays).contains(days), live.untilNanos > cause.nanos else {
            throw WeaveError(
                .alreadyExtended, found: "\(days) days for a patch of \(live.asked.ttlDays)",
                expected: "1 to \(live.asked.ttlDays) days, before its time is over", advice: "ask for less, or sooner")
        }
        var event = PatchChanged()
        event.patchID = id
        event.change = .extended
        event.cause = "review board"
        event.expiresNanos = live.untilNanos + days * TimeText.dayNanos
        event.operatorEventID = record
        return try changed(event, cause)
    }

    /// Takes a patch back and archives its braid by an operator's decision.
    ///
    /// Errors: `notInForce`.
    package func archive(_ id: PatchID, record: EventID, _ cause: PriorsCause) throws(WeaveError) -> [PriorsRecord] {
        if hasUsed(record) { return [] }
        let live = try inForce(id)
        var draft = PriorsDraft(self, cause)
        var event = PatchChanged()
        event.patchID = id
        event.change = .reverted
        event.cause = "operator"
        event.operatorEventID = record
        try draft.end(event, braid: live.asked.braidID, from: .active)
        try draft.mint(cause: "operator")
        return draft.records
    }

    private func changed(_ event: PatchChanged, _ cause: PriorsCause) throws(WeaveError) -> [PriorsRecord] {
        var draft = PriorsDraft(self, cause)
        try draft.change(event)
        try draft.mint(cause: event.cause)
        return draft.records
    }
}

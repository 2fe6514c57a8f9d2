package import Events
internal import LogFormat

/// The priors of one module as a fold of its events (PRI-01…07, PRI-28).
///
/// Asking (`propose`, `watch`, …) changes nothing and returns the events to append; folding these is the only way that
/// the state changes, live and on rebuild. An event that was folded before changes nothing.
package struct PriorsState: Equatable, Sendable {
    package let rules: PriorsRules
    /// The patches in force once the next version is minted, in the order of keys and ids.
    package private(set) var patches: [LivePatch] = []
    /// The set in force: the one of the last version (PRI-06).
    package private(set) var current = PriorsSet.empty
    package private(set) var version: PriorsVersion?
    /// Events folded so far.
    package private(set) var count: UInt64 = 0
    /// The content of every patch that was ever applied, as asked: its hash, since a year of nightly maps is long.
    private var appliedPatches: [PatchID: PayloadHash] = [:]
    private var refusedPatches: Set<PatchID> = []
    /// Operators' records that were acted upon.
    private var operatorEvents: Set<EventID> = []
    private var seen: Set<EventID> = []

    /// The state before the first event.
    package init(rules: PriorsRules) { self.rules = rules }

    /// The patch in force of an id.
    package func live(_ id: PatchID) -> LivePatch? { patches.first { $0.asked.patchID == id } }

    /// The content of the patch of an id as it was asked for when it was applied, in force or not.
    package func appliedBefore(_ id: PatchID) -> PayloadHash? { appliedPatches[id] }

    /// The hash of a patch's canonical bytes; nil for one that no log would take.
    package static func content(of patch: Patch) -> PayloadHash? {
        var event = PatchProposed()
        event.patch = patch
        return try? unsafe CanonicalBytes().encode(&event, eventNanos: 0) { stable, _ in
            PayloadHash(Digest(hashing: unsafe [UInt8](stable)))
        }
    }

    /// Whether a patch of this id was refused.
    package func wasRefused(_ id: PatchID) -> Bool { refusedPatches.contains(id) }

    /// Whether an operator's record was acted upon.
    package func hasUsed(_ id: EventID) -> Bool { operatorEvents.contains(id) }

    /// Braids as the priors let them act at a moment: with the applied effect of their patch, and its strength.
    ///
    /// A braid without a patch in force acts as a part of others only; nothing but priors changes behaviour (PRI-01).
    package func braids(_ known: [Braid], at nanos: Int64) throws(WeaveError) -> [Braid] {
        var result: [Braid] = []
        for braid in known {
            var braid = braid
            if let live = patches.first(where: { $0.asked.braidID == braid.id }) {
                if braid.composition == nil {
                    braid.shift = try Shift(live.applied)
                    braid.rule = Rule(live.asked.rule)
                }
                braid.caps = Caps(thetaMin: live.applied.thetaMin, phiMultMax: live.applied.phiMultMax)
                braid.strength = live.strength(at: nanos)
            } else if braid.state != .archived {
                braid.state = .proposed
            }
            result.append(braid)
        }
        return result
    }

    /// The set that the patches in force make.
    package var compiled: PriorsSet { PriorsSet(patches, rules) }

    /// Folds records in their order.
    ///
    /// Errors: `brokenFold` where a version's hash is not that of the set as rebuilt.
    package mutating func fold(_ records: [PriorsRecord]) throws(WeaveError) {
        for record in records { try fold(record) }
    }

    /// Folds one record; O(patches) and, at a new version, the size of the set.
    package mutating func fold(_ record: PriorsRecord) throws(WeaveError) {
        guard !seen.contains(record.event.id) else { return }
        switch record.event {
        case .rejected(let event): refusedPatches.insert(event.patchID)
        case .applied(let event): apply(event)
        case .watched(let event): watch(event, record.eventNanos)
        case .changed(let event): change(event)
        case .minted(let event): try mint(event)
        case .clipped, .braid, .alert, .compiled, .snapshot: break
        }
        seen.insert(record.event.id)
        count += 1
    }

    private mutating func apply(_ event: PatchApplied) {
        let content = Self.content(of: event.asked) ?? PayloadHash()
        guard appliedPatches.updateValue(content, forKey: event.asked.patchID) == nil else { return }
        if let record = event.asked.operatorEventID { operatorEvents.insert(record) }
        patches.append(LivePatch(event))
        patches.sort(by: LivePatch.precedes)
    }

    private mutating func watch(_ event: PatchWatched, _ nanos: Int64) {
        guard let index = patches.firstIndex(where: { $0.asked.patchID == event.patchID }) else { return }
        patches[index].watchedNanos = max(patches[index].watchedNanos, nanos)
        patches[index].failures = event.failures
        patches[index].isSuspended = false
    }

    private mutating func change(_ event: PatchChanged) {
        if let record = event.operatorEventID { operatorEvents.insert(record) }
        guard let index = patches.firstIndex(where: { $0.asked.patchID == event.patchID }) else { return }
        switch event.change {
        case .reverted, .expired: patches.remove(at: index)
        case .attenuated: patches[index].factor *= event.factor ?? 1
        case .extended:
            patches[index].untilNanos = event.expiresNanos ?? patches[index].untilNanos
            patches[index].isExtended = true
        case .suspended: patches[index].isSuspended = true
        }
    }

    private mutating func mint(_ event: VersionMinted) throws(WeaveError) {
        let set = compiled
        guard event.owner == rules.owner, event.setHash == set.hash else {
            throw WeaveError(
                .brokenFold, found: "\(set.hash) for \(event.priorsVersion) of \(event.owner.text)",
                expected: "\(event.setHash) for \(rules.owner.text)",
                advice: "rebuild with the rules that were in force, from the first event on; else the log is damaged")
        }
        current = set
        version = event.priorsVersion
    }
}

internal import Events

/// The braids that fire for a target in a window, until it is settled which of them act.
struct Firing {
    /// A firing braid with what it does here.
    struct Entry {
        let braid: Braid
        let shift: Shift
        let composition: String
        /// The braids without parents that it is made of and that fire.
        let sources: [BraidID]
    }

    private let graph: BraidGraph
    /// In the order of ids.
    private(set) var acting: [Entry] = []
    private(set) var yielded: [EffectivePatch.Yielded] = []
    /// Active braids of EXCEPT that do not fire.
    private var guards: Set<BraidID> = []

    init(_ graph: BraidGraph, target: PatchTarget, window: ContextWindow) throws(WeaveError) {
        self.graph = graph
        var shifts: [BraidID: Shift] = [:]
        for braid in graph.braids where braid.composition == nil && braid.state != .archived {
            guard target.isCovered(by: braid), braid.rule.holds(in: window) else { continue }
            shifts[braid.id] = braid.shift.scaled(by: braid.strength)
        }
        for braid in graph.braids where braid.state == .active || braid.state == .sunset {
            guard braid.strength > 0, target.isCovered(by: braid) else { continue }
            let composition = graph.composition(of: braid.id)
            guard let shift = try composition.shift({ shifts[$0] }) else {
                if braid.composition == .except { guards.insert(braid.id) }
                continue
            }
            acting.append(
                Entry(
                    braid: braid, shift: shift, composition: composition.text,
                    sources: composition.sources.filter { shifts[$0] != nil }))
        }
    }

    /// A composed braid that fires acts in place of all that it is made of (BRD-34).
    ///
    /// Deep compositions first, then intersections, then precedence. A braid without parents counts once: a second
    /// composition that would use it again yields, and leaves its other parents to act for themselves.
    mutating func consumeParents() {
        let composed = acting.filter { $0.braid.composition != nil }.sorted { a, b in
            let depths = (graph.depth(of: a.braid.id), graph.depth(of: b.braid.id))
            if depths.0 != depths.1 { return depths.0 > depths.1 }
            let isFirst = (a.braid.composition == .intersect, b.braid.composition == .intersect)
            return isFirst.0 != isFirst.1 ? isFirst.0 : a.braid.precedes(b.braid)
        }
        var gone: [BraidID: EffectivePatch.Yielded] = [:]
        var users: [BraidID: BraidID] = [:]
        for entry in composed where gone[entry.braid.id] == nil {
            let id = entry.braid.id
            if let user = entry.sources.lazy.compactMap({ users[$0] }).first {
                gone[id] = EffectivePatch.Yielded(id: id, to: user, reason: .sharesParent)
                continue
            }
            for source in entry.sources { users[source] = id }
            for ancestor in graph.ancestors(of: id) where gone[ancestor] == nil {
                gone[ancestor] = EffectivePatch.Yielded(id: ancestor, to: id, reason: .usedByChild)
            }
        }
        remove(gone)
    }

    /// Where an active EXCEPT holds its first parent back, that parent does not act by itself either.
    ///
    /// Else the guard-rail would only hold for braids that are not active.
    mutating func dropForbidden() {
        var gone: [BraidID: EffectivePatch.Yielded] = [:]
        for braid in graph.braids where guards.contains(braid.id) {
            guard let first = braid.parents.first, gone[first] == nil else { continue }
            gone[first] = EffectivePatch.Yielded(id: first, to: braid.id, reason: .forbidden)
        }
        remove(gone)
    }

    /// Of two braids of a scope that fire in nearly the same windows only the preceding one acts (BRD-39).
    mutating func dropNearIdentical(_ pairs: [(BraidID, BraidID)]) {
        var gone: [BraidID: EffectivePatch.Yielded] = [:]
        let ordered = acting.map(\.braid).sorted { $0.precedes($1) }
        for (index, braid) in ordered.enumerated() {
            let rival = ordered[..<index].first { other in
                gone[other.id] == nil && other.type == braid.type
                    && pairs.contains { $0 == (other.id, braid.id) || $0 == (braid.id, other.id) }
            }
            if let rival {
                gone[braid.id] = EffectivePatch.Yielded(id: braid.id, to: rival.id, reason: .nearIdentical)
            }
        }
        remove(gone)
    }

    private mutating func remove(_ gone: [BraidID: EffectivePatch.Yielded]) {
        yielded += acting.compactMap { gone[$0.braid.id] }
        acting.removeAll { gone[$0.braid.id] != nil }
    }
}

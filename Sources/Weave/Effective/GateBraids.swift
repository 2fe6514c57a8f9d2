package import Events

/// The braids that a set of priors lets act (PRI-01): one for each patch on gates, or on the policy of all.
package struct GateBraids: Equatable, Sendable {
    /// Span of a patch's life.
    private struct Life: Equatable, Sendable {
        let from: Int64
        let until: Int64
    }

    private let braids: [Braid]
    private let lives: [BraidID: Life]

    /// No braids at all.
    package static let none = GateBraids()

    private init() {
        braids = []
        lives = [:]
    }

    /// Makes the braids of a set.
    ///
    /// Errors: `factor` for an effect that is no shift.
    package init(_ set: PriorsSet, owner: Module) throws(WeaveError) {
        var braids: [Braid] = []
        var lives: [BraidID: Life] = [:]
        for prior in set.priors {
            guard let patchID = prior.patchID, var braid = try Self.braid(prior, patchID, owner) else { continue }
            // A patch may share its braid with others; as an actor each has an id of its own.
            if let id = prior.braidID, !braids.contains(where: { $0.id == id }) { braid.id = id }
            braids.append(braid)
            if let until = prior.untilNanos { lives[braid.id] = Life(from: prior.fromNanos, until: until) }
        }
        self.braids = braids
        self.lives = lives
        _ = try BraidGraph(braids)
    }

    /// Whether there are none.
    package var isEmpty: Bool { braids.isEmpty }

    /// The braids at a moment: they weaken toward the end of their lives (BRD-04).
    package func graph(at nanos: Int64) throws(WeaveError) -> BraidGraph {
        try BraidGraph(
            braids.map { braid in
                guard let life = lives[braid.id] else { return braid }
                var weakened = braid
                weakened.strength = Braid.strength(at: nanos, from: life.from, until: life.until)
                return weakened
            })
    }

    /// The braid of a patch on gates, `gate:detector:horizon:…`, or on the policy of all; nil for one that only moves a
    /// knob, whose value stands in the set.
    private static func braid(_ prior: ActivePrior, _ patchID: PatchID, _ owner: Module) throws(WeaveError) -> Braid? {
        let parts = prior.key.text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let isGate = parts.count >= 3 && parts[0] == "gate"
        let isPolicy = parts[0] == "policy"
        guard isGate || isPolicy || prior.effect.thetaDelta != 0 || prior.effect.phiMult != 1 else { return nil }
        var braid = Braid(BraidID(module: owner, key: patchID.text, eventNanos: 0))
        braid.type = isPolicy ? .field : isGate ? .micro : .meta
        if isGate { (braid.detector, braid.horizon) = (DetectorID(parts[1]), parts[2]) }
        braid.rule = Rule(prior.rule)
        braid.shift = try Shift(prior.effect)
        braid.caps = Caps(thetaMin: prior.effect.thetaMin, phiMultMax: prior.effect.phiMultMax)
        braid.quality = prior.confidence ?? 0
        return braid
    }
}

package import Events

/// What differs between two versions of a module's priors, and why (PRI-27, EX-38).
package struct PriorsDiff: Equatable, Sendable {
    /// One prior that differs: a knob's value, or a patch that came, went or changed.
    package struct Entry: Equatable, Sendable {
        package var key: PriorKey
        /// The patch; for a knob, the patches on it that came, went or changed.
        package var patches: [PatchID]
        package var braids: [BraidID]
        /// Records of operators and the review board.
        package var operators: [EventID]
        package var old: ActivePrior?
        package var new: ActivePrior?
        /// What the events in between say of it, in their order.
        package var causes: [String]
        package var evidence: [Metric]
        /// For each of `patches`, whether its effect is more than noise; none for sets without their records.
        package var noise: [PatchNoise]
    }

    package var owner: Module
    package var from: PriorsVersion
    package var to: PriorsVersion
    /// In the order of keys and patches.
    package var entries: [Entry]

    /// The difference between two sets, without the events in between: causes are those that the priors name.
    package init(owner: Module, from: (PriorsVersion, PriorsSet), to: (PriorsVersion, PriorsSet)) {
        self.init(owner: owner, from: from, to: to, between: [], upTo: nil)
    }

    /// The difference between two versions found in a module's records.
    ///
    /// Errors: `unknownPatch` for a version without a snapshot in the records.
    package init(_ records: [PriorsRecord], from: PriorsVersion, to: PriorsVersion) throws(WeaveError) {
        let start = try Self.place(of: from, records)
        let end = try Self.place(of: to, records)
        let last = max(start.place, end.place)
        let between = records[min(start.place, end.place)..<last].dropFirst()
        self.init(
            owner: end.snapshot.owner, from: (from, PriorsSet(start.snapshot.after)),
            to: (to, PriorsSet(end.snapshot.after)), between: Array(between), upTo: records[...last])
    }

    private static func place(
        of version: PriorsVersion, _ records: [PriorsRecord]
    ) throws(WeaveError) -> (place: Int, snapshot: SnapshotTaken) {
        for (place, record) in records.enumerated() {
            if case .snapshot(let snapshot) = record.event, snapshot.priorsVersion == version {
                return (place, snapshot)
            }
        }
        throw WeaveError(
            .unknownPatch, found: "no snapshot of \(version)", expected: "a version that was minted",
            advice: "list the versions and name two of them, of one module")
    }

    private init(
        owner: Module, from: (PriorsVersion, PriorsSet), to: (PriorsVersion, PriorsSet), between: [PriorsRecord],
        upTo all: ArraySlice<PriorsRecord>?
    ) {
        self.owner = owner
        self.from = from.0
        self.to = to.0
        let said = PatchHistory(between)
        let evaluations = all.map { PatchEvaluations($0) }
        let (old, new) = (from.1.priors, to.1.priors)
        var both = old + new.filter { prior in !old.contains { $0.isSame(as: prior) } }
        both.sort(by: PriorsSet.precedes)
        let pairs = both.map { prior in (old.first { $0.isSame(as: prior) }, new.first { $0.isSame(as: prior) }) }
            .filter { $0.0 != $0.1 }
        entries = pairs.map { old, new in
            var entry = Self.entry(old, new, among: pairs.flatMap { [$0.0, $0.1].compactMap(\.self) }, said)
            if let evaluations { entry.noise = entry.patches.map(evaluations.noise) }
            return entry
        }
    }

    private static func entry(
        _ old: ActivePrior?, _ new: ActivePrior?, among changed: [ActivePrior], _ said: PatchHistory
    ) -> Entry {
        let prior = new ?? old ?? ActivePrior()
        // A knob's value is explained by the patches on it that changed as well.
        let behind =
            prior.patchID != nil
            ? [prior] : changed.filter { $0.patchID != nil && $0.effect.knobs.contains { $0.knob == prior.key } }
        let patches = unique(behind.compactMap(\.patchID))
        let operators = behind.compactMap(\.operatorEventID) + patches.flatMap { said.operators($0) }
        return Entry(
            key: prior.key, patches: patches, braids: unique(behind.compactMap(\.braidID)),
            operators: unique(operators), old: old, new: new, causes: patches.flatMap { said.causes($0) },
            evidence: patches.flatMap { said.evidence($0) }, noise: [])
    }

    private static func unique<Value: Comparable>(_ values: [Value]) -> [Value] {
        let sorted = values.sorted()
        return sorted.indices.filter { $0 == 0 || sorted[$0 - 1] != sorted[$0] }.map { sorted[$0] }
    }
}

extension ActivePrior {
    /// Whether both are the same prior, however it stands.
    fileprivate func isSame(as other: ActivePrior) -> Bool { key == other.key && patchID == other.patchID }
}

/// What events say about patches.
private struct PatchHistory {
    private let events: [PriorsEvent]

    init(_ records: [PriorsRecord]) { events = records.map(\.event) }

    private func changes(_ id: PatchID) -> [PatchChanged] {
        events.compactMap { if case .changed(let event) = $0, event.patchID == id { event } else { nil } }
    }

    func causes(_ id: PatchID) -> [String] {
        events.compactMap { event in
            switch event {
            case .applied(let applied) where applied.asked.patchID == id: "applied"
            case .watched(let watched) where watched.patchID == id:
                "watched: p05 \(watched.upliftP05), support \(watched.support), failures \(watched.failures)"
            case .changed(let changed) where changed.patchID == id:
                "\(changed.change.name): \(changed.cause)" + (changed.factor.map { ", factor \($0)" } ?? "")
            default: nil
            }
        }
    }

    func operators(_ id: PatchID) -> [EventID] { changes(id).compactMap(\.operatorEventID) }

    func evidence(_ id: PatchID) -> [Metric] { changes(id).flatMap(\.evidence) }
}

extension PatchEnd {
    /// The change in a sentence.
    fileprivate var name: String { PatchEnd.symbols[Int(rawValue)].lowercased() }
}

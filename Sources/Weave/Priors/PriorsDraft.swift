internal import Events
internal import LogFormat

/// Events of one answer, folded as they are written so that each sees the ones before it.
struct PriorsDraft {
    private(set) var state: PriorsState
    private(set) var records: [PriorsRecord] = []
    let cause: PriorsCause
    /// The version that this answer mints if it changes anything.
    let nextVersion: PriorsVersion
    private let before: PriorsState
    private var removed: [PatchID] = []

    init(_ state: PriorsState, _ cause: PriorsCause) {
        self.state = state
        self.cause = cause
        before = state
        nextVersion = Self.version(after: state.version, owner: state.rules.owner, nanos: cause.nanos)
    }

    /// `<module>:<YYYY-MM-DD>.v<n>`: n counts within the day, and a clock that steps back stays on the last day.
    static func version(after last: PriorsVersion?, owner: Module, nanos: Int64) -> PriorsVersion {
        let prefix = owner.text + ":"
        let today = String(TimeText.text(nanos).prefix(10))
        guard let last, last.text.hasPrefix(prefix) else { return PriorsVersion("\(prefix)\(today).v1") }
        let parts = last.text.dropFirst(prefix.count).split(separator: ".")
        guard parts.count == 2, let number = Int(parts[1].dropFirst()), !utf8Precedes(String(parts[0]), today) else {
            return PriorsVersion("\(prefix)\(today).v1")
        }
        return PriorsVersion("\(prefix)\(parts[0]).v\(number + 1)")
    }

    /// Adds an event of a type, with its lineage filled in.
    mutating func emit<Event: DomainEvent>(
        _ event: Event, about subject: String, _ wrap: (Event) -> PriorsEvent
    ) throws(WeaveError) {
        var event = event
        // The count tells apart what happens to one subject at one moment; on replay it is the same again.
        event.lineage = Lineage(
            id: EventID(
                module: state.rules.owner, key: "\(Event.typeName)|\(subject)|\(state.count)", eventNanos: cause.nanos),
            lifecycleID: cause.lifecycleID, parentID: cause.parentID, seenGlobalSeq: cause.seenGlobalSeq)
        let record = PriorsRecord(eventNanos: cause.nanos, event: wrap(event))
        try state.fold(record)
        records.append(record)
    }

    /// Ends a patch and archives its braid (WDG-05); `from` is the state that the braid leaves.
    mutating func end(_ event: PatchChanged, braid: BraidID?, from: BraidState) throws(WeaveError) {
        try change(event)
        guard let braid else { return }
        var moved = BraidStateChanged()
        moved.braidID = braid
        moved.from = from
        moved.to = .archived
        moved.cause = event.cause
        try emit(moved, about: "\(braid)", PriorsEvent.braid)
    }

    mutating func change(_ event: PatchChanged) throws(WeaveError) {
        try emit(event, about: event.patchID.text, PriorsEvent.changed)
        if event.change == .reverted || event.change == .expired { removed.append(event.patchID) }
    }

    /// The choice among candidates that led to the set, or, when patches left, the recompiled rest (WDG-06).
    private mutating func compile(_ selection: SetCompiled?) throws(WeaveError) {
        if let selection { return try emit(selection, about: nextVersion.text, PriorsEvent.compiled) }
        guard !removed.isEmpty else { return }
        var compiled = SetCompiled()
        compiled.chosen = state.patches.map(\.asked.patchID)
        compiled.refused = removed.sorted()
        compiled.method = "recompiled"
        try emit(compiled, about: nextVersion.text, PriorsEvent.compiled)
    }

    /// Mints the next version with its snapshot (PRI-03); nothing if nothing changed.
    mutating func mint(
        cause text: String, selection: SetCompiled? = nil, isGenesis: Bool = false
    ) throws(WeaveError) {
        let set = state.compiled
        // Compared with the set in force, not with the patches: what a crash left without a version gets one now.
        guard isGenesis || set != (before.version == nil ? before.compiled : before.current) else { return }
        try compile(selection)
        var minted = VersionMinted()
        minted.owner = state.rules.owner
        minted.priorsVersion = nextVersion
        minted.previous = before.version
        minted.setHash = set.hash
        try emit(minted, about: nextVersion.text, PriorsEvent.minted)
        var snapshot = SnapshotTaken()
        snapshot.owner = state.rules.owner
        snapshot.priorsVersion = nextVersion
        snapshot.previous = before.version
        snapshot.beforeHash = before.current.hash
        snapshot.afterHash = set.hash
        snapshot.after = set.priors
        snapshot.added = state.patches.map(\.asked.patchID).filter { before.live($0) == nil }.sorted()
        snapshot.removed = removed.sorted()
        snapshot.cause = text
        try emit(snapshot, about: nextVersion.text, PriorsEvent.snapshot)
    }
}

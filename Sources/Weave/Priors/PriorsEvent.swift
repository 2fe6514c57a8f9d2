package import Events

/// An event about the priors of a module, as it goes to its log and comes back from it.
package enum PriorsEvent: Equatable, Sendable {
    case rejected(PatchRejected)
    case clipped(PatchClipped)
    case applied(PatchApplied)
    case watched(PatchWatched)
    case changed(PatchChanged)
    case braid(BraidStateChanged)
    case alert(AlertRaised)
    case compiled(SetCompiled)
    case minted(VersionMinted)
    case snapshot(SnapshotTaken)

    /// The id of the event.
    package var id: EventID { lineage.id }

    /// Where it stands in its story.
    package var lineage: Lineage {
        switch self {
        case .rejected(let event): event.lineage
        case .clipped(let event): event.lineage
        case .applied(let event): event.lineage
        case .watched(let event): event.lineage
        case .changed(let event): event.lineage
        case .braid(let event): event.lineage
        case .alert(let event): event.lineage
        case .compiled(let event): event.lineage
        case .minted(let event): event.lineage
        case .snapshot(let event): event.lineage
        }
    }
}

/// An event with its event time.
package struct PriorsRecord: Equatable, Sendable {
    package var eventNanos: Int64
    package var event: PriorsEvent

    /// Makes a record.
    package init(eventNanos: Int64, event: PriorsEvent) {
        self.eventNanos = eventNanos
        self.event = event
    }
}

/// When and why something is asked of the priors.
package struct PriorsCause: Equatable, Sendable {
    /// The virtual time.
    package var nanos: Int64
    /// The event that asks.
    package var parentID: EventID?
    package var lifecycleID: LifecycleID?
    /// Inputs seen up to this place.
    package var seenGlobalSeq: UInt64

    /// Makes a cause.
    package init(
        nanos: Int64, parentID: EventID? = nil, lifecycleID: LifecycleID? = nil, seenGlobalSeq: UInt64 = 0
    ) {
        self.nanos = nanos
        self.parentID = parentID
        self.lifecycleID = lifecycleID
        self.seenGlobalSeq = seenGlobalSeq
    }
}

/// A patch that was asked for, and by whom.
package struct AskedPatch: Equatable, Sendable {
    package var patch: Patch
    /// The other module that sent it; nil for the owner itself.
    package var sender: Module?

    /// Makes a request.
    package init(_ patch: Patch, sender: Module? = nil) {
        self.patch = patch
        self.sender = sender
    }
}

/// What a watchdog measured of a patch, on records before its cut-off (WDG-10).
package struct PatchEvaluation: Equatable, Sendable {
    package var patchID: PatchID
    package var upliftP05: Double
    package var support: Int64
    package var stability: Double?

    /// Makes an evaluation.
    package init(_ patchID: PatchID, upliftP05: Double, support: Int64, stability: Double? = nil) {
        self.patchID = patchID
        self.upliftP05 = upliftP05
        self.support = support
        self.stability = stability
    }
}

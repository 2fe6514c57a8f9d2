import Events
package import LogFormat

/// Decodes the events of a root's logs and gives them to the views.
///
/// It remembers what the type ids of each log mean; all that it knows of the events themselves is in `state`.
package final class Folder {
    /// The views.
    package var state = ProjectionState()

    private var steps: [[Step?]] = Array(repeating: [], count: Module.allCases.count)

    /// Makes a folder whose views are empty.
    package init() {}

    /// Whether views have a use for a type, by its name: types that they fold, and types that nobody knows, which are
    /// counted.
    package static func wants(_ typeName: String) -> Bool {
        foldedTypes.contains(typeName) || EventCatalog.type(named: typeName) == nil
    }

    /// Folds the current event of `batch` and moves behind it.
    ///
    /// Errors: when the event does not decode, or is of a version that the program cannot lift.
    @inline(__always)
    package func fold(_ batch: inout BatchReader, _ place: EventPlace) throws(FormatError) {
        let typeID = Int(batch.head.typeID)
        let module = Int(place.module.rawValue)
        if typeID < steps[module].count, let step = steps[module][typeID] {
            try step.fold(&batch, &state, place)
        } else {
            try firstOfType(&batch, place).fold(&batch, &state, place)
        }
        state.pass(place)
    }

    private func firstOfType(_ batch: inout BatchReader, _ place: EventPlace) throws(FormatError) -> Step {
        guard let type = batch.state.state(of: batch.head.typeID) else {
            throw .unknownType(typeID: batch.head.typeID)
        }
        let step = try Self.step(for: type.schema)
        let module = Int(place.module.rawValue)
        while steps[module].count <= Int(batch.head.typeID) { steps[module].append(nil) }
        steps[module][Int(batch.head.typeID)] = step
        return step
    }

    private static func step(for schema: Schema) throws(FormatError) -> Step {
        for (name, make) in makers() where name == schema.name { return try make() }
        return EventCatalog.type(named: schema.name) == nil ? UnknownStep(schema) : Step()
    }

    private typealias Maker = () throws(FormatError) -> Step

    private static func maker<Event: DomainEvent>(
        _ type: Event.Type, _ apply: @escaping (inout ProjectionState, borrowing Event, EventPlace) -> Void
    ) -> (String, Maker) {
        (Event.typeName, { () throws(FormatError) in try EventStep(apply) })
    }

    private static func makers() -> [(String, Maker)] {
        [
            maker(SignalScored.self) { $0.fold($1, $2) },
            maker(SignalEvaluated.self) { $0.fold($1, $2) },
            maker(SignalPublished.self) { $0.fold($1, $2) },
            maker(SignalWithheld.self) { $0.fold($1, $2) },
            maker(DetectorRegistered.self) { $0.fold($1, $2) },
            maker(DetectorStateChanged.self) { $0.fold($1, $2) },
            maker(EffectivePatchComputed.self) { $0.fold($1, $2) },
            maker(MetaSignalPublished.self) { $0.fold($1, $2) },
            maker(Annotated.self) { $0.fold($1, $2) },
            maker(ExpertRegistered.self) { $0.fold($1, $2) },
            maker(ExpertActivated.self) { $0.fold($1, $2) },
            maker(ExpertDeactivated.self) { $0.fold($1, $2) },
            maker(ExpertLabelled.self) { $0.fold($1, $2) },
            maker(ExpertReliabilityUpdated.self) { $0.fold($1, $2) },
            maker(ExpertCredited.self) { $0.fold($1, $2) },
            maker(ContextSnapshotted.self) { $0.fold($1, $2) },
            maker(MessageReceived.self) { $0.fold($1, $2) },
            maker(AtomUpdated.self) { $0.fold($1, $2) },
            maker(BraidProposed.self) { $0.fold($1, $2) },
            maker(BraidEvaluated.self) { $0.fold($1, $2) },
            maker(BraidActivated.self) { $0.fold($1, $2) },
            maker(BraidStateChanged.self) { $0.fold($1, $2) },
            maker(PatchProposed.self) { $0.fold($1, $2) },
            maker(PatchApplied.self) { $0.fold($1, $2) },
            maker(PatchRejected.self) { $0.fold($1, $2) },
            maker(PatchClipped.self) { $0.fold($1, $2) },
            maker(PatchChanged.self) { $0.fold($1, $2) },
            maker(SetCompiled.self) { $0.fold($1, $2) },
            maker(VersionMinted.self) { $0.fold($1, $2) },
            maker(SnapshotTaken.self) { $0.fold($1, $2) },
            maker(ContractionChecked.self) { $0.fold($1, $2) },
            maker(WatchdogRan.self) { $0.fold($1, $2) },
            maker(PatchWatched.self) { $0.fold($1, $2) },
            maker(AlertRaised.self) { $0.fold($1, $2) },
            maker(ManifestRegistered.self) { $0.fold($1, $2) },
            maker(KeyRotated.self) { $0.fold($1, $2) },
            maker(MessagePicked.self) { $0.fold($1, $2) },
            maker(DeliveryRecorded.self) { $0.fold($1, $2) },
            maker(DeadLettered.self) { $0.fold($1, $2) },
            maker(Redriven.self) { $0.fold($1, $2) },
            maker(LagReported.self) { $0.fold($1, $2) },
            maker(BoardActed.self) { $0.fold($1, $2) },
            maker(OperatorActed.self) { $0.fold($1, $2) },
            maker(FixtureFrozen.self) { $0.fold($1, $2) },
            maker(RunStarted.self) { $0.fold($1, $2) },
            maker(RunCompleted.self) { $0.fold($1, $2) },
            maker(RebuildVerified.self) { $0.fold($1, $2) },
            maker(AlarmRaised.self) { $0.fold($1, $2) },
        ]
    }

    /// Types that views fold.
    package static let foldedTypes: Set<String> = Set(makers().map(\.0))
}

/// What is done with the events of one type of one log; by itself it passes over them.
private class Step {
    func fold(
        _ batch: inout BatchReader, _ state: inout ProjectionState, _ place: EventPlace
    ) throws(FormatError) { try batch.skip() }
}

/// Counts events of a type that the program does not know.
private final class UnknownStep: Step {
    private let name: String
    private let version: UInt16

    init(_ schema: Schema) { (name, version) = (schema.name, schema.version) }

    override func fold(
        _ batch: inout BatchReader, _ state: inout ProjectionState, _ place: EventPlace
    ) throws(FormatError) {
        try batch.skip()
        state.countUnknown(name, version: version, place)
    }
}

/// Decodes events of one type into the same memory again and again, and folds them.
@safe
private final class EventStep<Event: DomainEvent>: Step {
    private let name = Event.typeName
    private let apply: (inout ProjectionState, borrowing Event, EventPlace) -> Void
    // SAFETY: allocated and initialised in init, freed in deinit, and never handed out. A stored property would be
    // checked for overlapping uses with every event.
    private let event: UnsafeMutablePointer<Event>
    private let digest: Digest
    private var lifting: EventDecoder<Event>
    private var isCurrent: Bool?
    private var hint = 0

    init(_ apply: @escaping (inout ProjectionState, borrowing Event, EventPlace) -> Void) throws(FormatError) {
        self.apply = apply
        digest = try Event.makeSchema().identityDigest
        lifting = try EventDecoder<Event>()
        unsafe event = .allocate(capacity: 1)
        unsafe event.initialize(to: Event())
    }

    deinit {
        unsafe event.deinitialize(count: 1)
        unsafe event.deallocate()
    }

    override func fold(
        _ batch: inout BatchReader, _ state: inout ProjectionState, _ place: EventPlace
    ) throws(FormatError) {
        guard let type = batch.state.state(of: batch.head.typeID) else {
            throw .unknownType(typeID: batch.head.typeID)
        }
        // A step serves one type id of one log, so the answer stays: on the short way when the log's description is the
        // program's own, otherwise lifted.
        let current = isCurrent ?? (type.schema.identityDigest == digest)
        isCurrent = current
        if current {
            unsafe try batch.decode(&event.pointee, type)
        } else {
            unsafe try lifting.decode(&batch, into: &event.pointee)
        }
        guard unsafe state.admit(event.pointee.lineage, name, version: Event.version, hint: &hint, place) else {
            return
        }
        unsafe apply(&state, event.pointee, place)
    }
}

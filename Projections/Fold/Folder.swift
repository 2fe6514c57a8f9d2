import Events
package import LogFormat

/// Decodes the events of a root's logs and gives them to the views.
///
/// It remembers what the type ids of each log mean; all that it knows of the events themselves is in `state`.
@safe
package final class Folder {
    private struct Memory {
        var state = ProjectionState()
        var steps: [[Step?]] = Array(repeating: [], count: Module.allCases.count)
    }

    // SAFETY: made in init, freed in deinit, and never handed out. A stored property would be checked for overlapping
    // uses with every event.
    private let memory: UnsafeMutablePointer<Memory>

    /// The views.
    package var state: ProjectionState {
        _read { yield unsafe memory.pointee.state }
        _modify { yield unsafe &memory.pointee.state }
    }

    /// Makes a folder whose views are empty.
    package init() {
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(to: Memory())
    }

    deinit {
        unsafe memory.deinitialize(count: 1)
        unsafe memory.deallocate()
    }

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
        if unsafe typeID < memory.pointee.steps[module].count, let step = unsafe memory.pointee.steps[module][typeID] {
            unsafe try step.fold(&batch, &memory.pointee.state, place)
        } else {
            unsafe try firstOfType(&batch, place).fold(&batch, &memory.pointee.state, place)
        }
        unsafe memory.pointee.state.pass(place)
    }

    private func firstOfType(_ batch: inout BatchReader, _ place: EventPlace) throws(FormatError) -> Step {
        guard let type = batch.state.state(of: batch.head.typeID) else {
            throw .unknownType(typeID: batch.head.typeID)
        }
        let step = try Self.step(for: type.schema)
        let module = Int(place.module.rawValue)
        let typeID = Int(batch.head.typeID)
        while unsafe memory.pointee.steps[module].count <= typeID { unsafe memory.pointee.steps[module].append(nil) }
        unsafe memory.pointee.steps[module][typeID] = step
        return step
    }

    private static func step(for schema: Schema) throws(FormatError) -> Step {
        for (name, make) in makers() where name == schema.name { return try make() }
        return EventCatalog.type(named: schema.name) == nil ? UnknownStep(schema) : Step()
    }

    private typealias Maker = () throws(FormatError) -> Step

    private static func maker<Event: DomainEvent>(
        _ type: Event.Type, _ apply: @escaping (inout ProjectionState, inout Event, EventPlace) -> Void
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
            maker(AuditCompleted.self) { $0.fold($1, $2) },
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
            maker(RegressionChecked.self) { $0.fold($1, $2) },
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

/// What a step knows of its type, whatever that is.
private struct StepFacts {
    var type: TypeOfStep
    /// Whether the log describes the type as the program does; a step serves one type id of one log, so the answer
    /// stays.
    var isCurrent: Bool?

    init(_ name: String, _ version: UInt16) {
        type = TypeOfStep(name: name, version: version, number: FoldedType.number(name))
    }
}

/// Decodes events of one type into the same memory again and again, and folds them.
@safe
private final class EventStep<Event: DomainEvent>: Step {
    private let apply: (inout ProjectionState, inout Event, EventPlace) -> Void
    // SAFETY: both are made in init, freed in deinit, and never handed out. A stored property would be checked for
    // overlapping uses with every event; one struct of both would be looked up among the types of the runtime.
    private let event: UnsafeMutablePointer<Event>
    private let facts: UnsafeMutablePointer<StepFacts>
    private let digest: Digest
    private var lifting: EventDecoder<Event>

    init(_ apply: @escaping (inout ProjectionState, inout Event, EventPlace) -> Void) throws(FormatError) {
        self.apply = apply
        digest = try Event.makeSchema().identityDigest
        lifting = try EventDecoder<Event>()
        unsafe event = .allocate(capacity: 1)
        unsafe event.initialize(to: Event())
        unsafe facts = .allocate(capacity: 1)
        unsafe facts.initialize(to: StepFacts(Event.typeName, Event.version))
    }

    deinit {
        unsafe event.deinitialize(count: 1)
        unsafe event.deallocate()
        unsafe facts.deinitialize(count: 1)
        unsafe facts.deallocate()
    }

    override func fold(
        _ batch: inout BatchReader, _ state: inout ProjectionState, _ place: EventPlace
    ) throws(FormatError) {
        guard let type = batch.state.state(of: batch.head.typeID) else {
            throw .unknownType(typeID: batch.head.typeID)
        }
        // On the short way when the log's description is the program's own, otherwise lifted.
        let isCurrent = unsafe facts.pointee.isCurrent ?? (type.schema.identityDigest == digest)
        unsafe facts.pointee.isCurrent = isCurrent
        if isCurrent {
            unsafe try batch.decode(&event.pointee, type)
        } else {
            unsafe try lifting.decode(&batch, into: &event.pointee)
        }
        guard unsafe state.admit(event.pointee.lineage, &facts.pointee.type, place) else { return }
        unsafe apply(&state, &event.pointee, place)
    }
}

import Events
package import LogFormat

/// Decodes the events of a root's logs and gives them to the views.
///
/// It remembers what the type ids of each log mean; all that it knows of the events themselves is in `state`.
package final class Folder {
    /// The views.
    package var state = ProjectionState()

    private typealias Step = (inout BatchReader, inout ProjectionState, EventPlace) throws(FormatError) -> Void
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
            try step(&batch, &state, place)
        } else {
            try firstOfType(&batch, place)
        }
        state.pass(place)
    }

    private func firstOfType(_ batch: inout BatchReader, _ place: EventPlace) throws(FormatError) {
        guard let type = batch.state.state(of: batch.head.typeID) else {
            throw .unknownType(typeID: batch.head.typeID)
        }
        let step = try Self.step(for: type.schema)
        let module = Int(place.module.rawValue)
        while steps[module].count <= Int(batch.head.typeID) { steps[module].append(nil) }
        steps[module][Int(batch.head.typeID)] = step
        try step(&batch, &state, place)
    }

    private static func step(for schema: Schema) throws(FormatError) -> Step {
        for (name, make) in makers() where name == schema.name { return try make() }
        let (name, version) = (schema.name, schema.version)
        let isFolded = foldedTypes.contains(name) || EventCatalog.type(named: name) != nil
        return { (batch, state, place) throws(FormatError) in
            try batch.skip()
            if !isFolded { state.count(name, version: version, isKnown: false, isNew: true, place) }
        }
    }

    private typealias Maker = () throws(FormatError) -> Step

    /// A step for a type, with a decoder and an event of its own that are used again and again.
    private static func maker<Event: DomainEvent>(
        _ type: Event.Type, _ apply: @escaping (inout ProjectionState, borrowing Event, EventPlace) -> Void
    ) -> (String, Maker) {
        let name = Event.typeName
        return (
            name,
            { () throws(FormatError) in
                var decoder = try ViewDecoder<Event>()
                var event = Event()
                return { (batch, state, place) throws(FormatError) in
                    try decoder.decode(&batch, into: &event)
                    guard state.admit(event.lineage, name, version: Event.version, place) else { return }
                    apply(&state, event, place)
                }
            }
        )
    }

    private static func makers() -> [(String, Maker)] {
        [
            maker(SignalScored.self) { $0.fold($1, $2) },
            maker(SignalEvaluated.self) { $0.fold($1, $2) },
            maker(SignalPublished.self) { $0.fold($1, $2) },
            maker(SignalWithheld.self) { $0.fold($1, $2) },
            maker(DetectorRegistered.self) { $0.fold($1, $2) },
            maker(DetectorStateChanged.self) { $0.fold($1, $2) },
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

/// Decodes events of one type: on the short way when the log's description is the program's own, otherwise lifted.
private struct ViewDecoder<Event: LogEvent> {
    private let digest: Digest
    private var lifting: EventDecoder<Event>
    private var isCurrent: Bool?

    init() throws(FormatError) {
        digest = try Event.makeSchema().identityDigest
        lifting = try EventDecoder<Event>()
    }

    @inline(__always)
    mutating func decode(_ batch: inout BatchReader, into event: inout Event) throws(FormatError) {
        guard let type = batch.state.state(of: batch.head.typeID) else {
            throw .unknownType(typeID: batch.head.typeID)
        }
        // A step serves one type id of one log, so the answer stays.
        let current = isCurrent ?? (type.schema.identityDigest == digest)
        isCurrent = current
        if current { try batch.decode(&event, type) } else { try lifting.decode(&batch, into: &event) }
    }
}

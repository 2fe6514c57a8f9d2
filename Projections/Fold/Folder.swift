import Events
package import LogFormat

/// Decodes the events of a root's logs and gives them to the views.
///
/// It remembers what the type ids of each log mean; all that it knows of the events themselves is in `state`. Beside
/// the thread that calls it, a second one keeps the views.
@safe
package final class Folder {
    private struct Memory: ~Copyable {
        var state = ProjectionState()
        var steps = StepTable()
    }

    // SAFETY: made in init, freed in deinit, and never handed out. A stored property would be checked for overlapping
    // uses with every event. The views in it belong to the line until that is drained.
    private let memory: UnsafeMutablePointer<Memory>
    private let line: FoldLine

    /// The views.
    package var state: ProjectionState {
        _read {
            settle()
            yield unsafe memory.pointee.state
        }
        _modify {
            settle()
            yield unsafe &memory.pointee.state
        }
    }

    /// Makes a folder whose views are empty.
    ///
    /// - Parameter threads: with more than one, the views are kept by a thread of their own.
    package init(threads: Int = 2) {
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(to: Memory())
        let views = unsafe withUnsafeMutablePointer(to: &memory.pointee.state.views) { unsafe $0 }
        unsafe line = FoldLine(views, hasThread: threads > 1)
    }

    deinit {
        line.stop()
        unsafe memory.deinitialize(count: 1)
        unsafe memory.deallocate()
    }

    /// Ends when everything that was folded stands in the views.
    private func settle() {
        line.drain()
        for (module, step) in unsafe memory.pointee.steps.all {
            unsafe step.settle(&memory.pointee.state.admitted, module)
        }
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
        let step =
            if let known = unsafe memory.pointee.steps.step(place.module, batch.head.typeID) {
                unsafe known
            } else {
                unsafe Unmanaged.passUnretained(try firstOfType(&batch, place))
            }
        let taken: Result<Int?, FormatError> = unsafe step._withUnsafeGuaranteedRef { step in
            do throws(FormatError) {
                return unsafe .success(try step.take(&batch, &memory.pointee.state.admitted, place, line.portion))
            } catch {
                return .failure(error)
            }
        }
        if let slot = try taken.get() { unsafe line.add(step, slot, place) }
        unsafe memory.pointee.state.admitted.pass(place)
    }

    private func firstOfType(_ batch: inout BatchReader, _ place: EventPlace) throws(FormatError) -> Step {
        guard let type = batch.state.state(of: batch.head.typeID) else {
            throw .unknownType(typeID: batch.head.typeID)
        }
        let step = try Self.step(for: type.schema)
        unsafe memory.pointee.steps.insert(step, place.module, batch.head.typeID)
        return step
    }

    private static func step(for schema: Schema) throws(FormatError) -> Step {
        for (name, make) in makers() where name == schema.name { return try make() }
        return EventCatalog.type(named: schema.name) == nil ? UnknownStep(schema) : Step()
    }

    private typealias Maker = () throws(FormatError) -> Step

    private static func maker<Event: DomainEvent>(
        _ type: Event.Type, _ fold: @escaping (inout FoldedViews, inout Event, EventPlace) -> Void
    ) -> (String, Maker) {
        (Event.typeName, { () throws(FormatError) in try EventStep(fold) })
    }

    private static func makers() -> [(String, Maker)] {
        [
            maker(SignalScored.self) { $0.fold(&$1, $2) },
            maker(SignalEvaluated.self) { $0.fold(&$1, $2) },
            maker(SignalPublished.self) { $0.fold(&$1, $2) },
            maker(SignalWithheld.self) { $0.fold(&$1, $2) },
            maker(DetectorRegistered.self) { $0.fold($1, $2) },
            maker(DetectorStateChanged.self) { $0.fold($1, $2) },
            maker(AuditCompleted.self) { $0.fold($1, $2) },
            maker(EffectivePatchComputed.self) { $0.fold($1, $2) },
            maker(MetaSignalPublished.self) { $0.fold(&$1, $2) },
            maker(Annotated.self) { $0.fold($1, $2) },
            maker(ExpertRegistered.self) { $0.fold($1, $2) },
            maker(ExpertActivated.self) { $0.fold($1, $2) },
            maker(ExpertDeactivated.self) { $0.fold($1, $2) },
            maker(ExpertLabelled.self) { $0.fold($1, $2) },
            maker(ExpertReliabilityUpdated.self) { $0.fold($1, $2) },
            maker(ExpertCredited.self) { $0.fold($1, $2) },
            maker(ContextSnapshotted.self) { $0.fold($1, $2) },
            maker(MessageReceived.self) { $0.fold(&$1, $2) },
            maker(AtomUpdated.self) { $0.fold($1, $2) },
            maker(HorizonScored.self) { $0.fold($1, $2) },
            maker(BraidProposed.self) { $0.fold(&$1, $2) },
            maker(BraidEvaluated.self) { $0.fold($1, $2) },
            maker(BraidActivated.self) { $0.fold($1, $2) },
            maker(BraidStateChanged.self) { $0.fold($1, $2) },
            maker(PatchProposed.self) { $0.fold(&$1, $2) },
            maker(PatchApplied.self) { $0.fold(&$1, $2) },
            maker(PatchRejected.self) { $0.fold(&$1, $2) },
            maker(PatchClipped.self) { $0.fold($1, $2) },
            maker(PatchChanged.self) { $0.fold($1, $2) },
            maker(SetCompiled.self) { $0.fold($1, $2) },
            maker(VersionMinted.self) { $0.fold($1, $2) },
            maker(SnapshotTaken.self) { $0.fold($1, $2) },
            maker(ContractionChecked.self) { $0.fold($1, $2) },
            maker(WatchdogRan.self) { $0.fold($1, $2) },
            maker(PatchWatched.self) { $0.fold($1, $2) },
            maker(AlertRaised.self) { $0.fold(&$1, $2) },
            maker(ManifestRegistered.self) { $0.fold($1, $2) },
            maker(KeyRotated.self) { $0.fold($1, $2) },
            maker(MessagePicked.self) { $0.fold($1, $2) },
            maker(DeliveryRecorded.self) { $0.fold(&$1, $2) },
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

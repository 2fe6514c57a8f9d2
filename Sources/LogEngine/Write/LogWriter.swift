public import LogFormat
package import Synchronization

/// One batch on its way from the producers to the disk.
///
/// The builder stands behind a pointer, so that appending to it costs no exclusivity check; the front lock is what
/// keeps it exclusive.
@usableFromInline
@safe
final class PendingBatch {
    @usableFromInline let builder: UnsafeMutablePointer<BatchBuilder>
    var lastSeq: UInt64 = 0

    init() {
        unsafe builder = .allocate(capacity: 1)
        unsafe builder.initialize(to: BatchBuilder(state: BatchState()))
    }

    deinit {
        unsafe builder.deinitialize(count: 1)
        unsafe builder.deallocate()
    }

    var count: UInt32 { unsafe builder.pointee.count }
}

/// The one writer of a log: takes events from any number of threads, in one order, and tells when they are safe.
///
/// Threading: all methods may be called from any thread. `append` only encodes into memory; compression, writing and
/// syncing happen on the writer's own
/// threads or, for whoever waits, on the waiting thread. The append lock is never held across a system call on a
/// file.
public final class LogWriter: @unchecked Sendable {
    // SAFETY: `front` is touched under `frontLock`, `core` under `coreLock`; the watermarks are atomics.
    let frontLock = Lock()
    package let coreLock = Lock()
    let front: OwnMemory<Front>
    package let core: LogCore
    let group: CommitGroup
    let options: LogOptions
    let fileSystem: any LogFS
    let isRealClock: Bool

    let written: Atomic<UInt64>
    package let durable: Atomic<UInt64>
    let hasStopped = Atomic<Bool>(false)
    let asksForSync = Atomic<UInt64>(0)
    /// Whether the sealing thread should prepare the next segment, before or in the middle of its other work.
    let asksForNext = Atomic<Bool>(false)
    /// Moves whenever a watermark does.
    let progress = EventCount()
    /// Wakes the writer thread.
    let work = EventCount()
    var thread: EngineThread?
    var sealThread: EngineThread?
    let sealWork = EventCount()
    /// The processor's time of the threads that write and that seal, known once the writer is closed.
    public internal(set) var threadNanos: (writing: Int64, sealing: Int64) = (0, 0)
    let isClosing = Atomic<Bool>(false)
    /// Whether the writer thread sleeps until someone wakes it; while it only naps, it will see new events by itself.
    let sleeps = Atomic<Bool>(false)

    /// What producers touch.
    struct Front {
        var open: PendingBatch
        var filled: [PendingBatch] = []
        var spare: [PendingBatch] = []
        var nextSeq: UInt64
        var lastAppendNanos: Int64
        var lastGlobalSeq: UInt64 = 0
        var registry: SchemaRegistry
        var openedAtNanos: Int64 = 0
        var isClosed = false
        /// Why nothing is accepted any more: the core's poison, kept here because whoever holds the front lock must
        /// not take the core's.
        var poison: LogError?
        var isLowOnSpace = false
        /// Wall time minus monotonic time: the log clock is monotonic and anchored once, at open.
        let clockAnchorNanos: Int64
    }

    /// Opens a log for writing, making it if it does not exist, and recovers it if the last writer died.
    ///
    /// - Parameters:
    ///   - directory: the log's directory; its parent must exist.
    ///   - name: name for a new log; the directory's name if nil.
    ///   - group: logs that commit together; a group of its own if nil.
    /// - Throws: `locked`, `damaged`, `unsupported`, `notALog`, `noSpace`, `fileSystem`.
    public convenience init(
        _ directory: String, name: String? = nil, options: LogOptions = LogOptions(),
        environment: LogEnvironment = .real(), group: CommitGroup? = nil
    ) throws(LogError) {
        let core = try LogCore.open(directory, name: name, options: options, environment: environment)
        self.init(core, group: group ?? CommitGroup())
    }

    init(_ core: LogCore, group: CommitGroup) {
        self.core = core
        self.group = group
        options = core.options
        fileSystem = core.fileSystem
        let clock = core.environment.clock
        isRealClock = clock is RealClock
        let wall = max(clock.wallNanos(), core.lastAppendNanos == .min ? .min : core.lastAppendNanos + 1)
        front = OwnMemory(
            Front(
                open: PendingBatch(), nextSeq: core.nextSeq, lastAppendNanos: core.lastAppendNanos,
                registry: core.registry, isLowOnSpace: core.isLowOnSpace,
                clockAnchorNanos: wall - clock.monotonicNanos()))
        written = Atomic(core.writtenSeq)
        durable = Atomic(core.durableSeq)
        group.join(self)
        thread = EngineThread { [unowned self] in self.runWriter() }
        sealThread = EngineThread { [unowned self] in self.runSealer() }
    }

    /// What recovery found and did when the log was opened.
    public var recovery: RecoveryReport { core.recovery }
    /// The log's name.
    public var name: String { core.name }
    /// The log's directory.
    public var directory: String { core.directory }
    /// This writer's epoch.
    public var epoch: UInt64 { core.epoch }
    /// Highest seq that survives the death of the process.
    public var writtenSeq: UInt64 { written.load(ordering: .acquiring) }
    /// Highest seq that survives a power cut.
    public var durableSeq: UInt64 { durable.load(ordering: .acquiring) }
    /// Highest seq given out.
    public var lastSeq: UInt64 { frontLock.locked { front.value.nextSeq - 1 } }

    /// Takes an event type into the log and returns its id for `append`.
    ///
    /// - Throws: `schemaClash` when the log knows the type and version with another meaning; the poison.
    public func register(_ schema: Schema) throws(LogError) -> UInt16 {
        let known = try frontLock.locked { () throws(LogError) in try front.value.registry.find(schema) }
        if let known { return known }
        return try coreLock.locked { () throws(LogError) in
            let typeID = try core.register(schema)
            let registry = core.registry
            frontLock.locked { front.value.registry = registry }
            return typeID
        }
    }

    /// Registers a Swift event type.
    public func register<Event: LogEvent>(_ type: Event.Type) throws(LogError) -> UInt16 {
        let schema = try wrapping(at: Event.typeName) { () throws(FormatError) in try Event.makeSchema() }
        return try register(schema)
    }

    /// The registered description of a type.
    public func schema(_ typeID: UInt16) -> Schema? { frontLock.locked { front.value.registry.schema(typeID) } }
}

extension LogWriter {
    /// Appends an event of a registered Swift type and returns its seq; it is `.buffered` now.
    ///
    /// - Parameters:
    ///   - eventNanos: what moment the event is about.
    ///   - globalSeq: place among all logs of the root; the seq if nil.
    ///   - appendNanos: append time for replays and salvage; the log clock if nil. Never goes back.
    /// - Throws: `badEvent`, `noSpace`, `closed`, the poison.
    @discardableResult
    @inlinable
    public func append<Event: LogEvent>(
        _ event: inout Event, typeID: UInt16, eventNanos: Int64, flags: EventFlags = [], globalSeq: UInt64? = nil,
        appendNanos: Int64? = nil
    ) throws(LogError) -> UInt64 {
        // Only this shell is specialised for the event type; everything that does not depend on it stays in one
        // place.
        let (batch, head) = try beginAppend(
            typeID: typeID, eventNanos: eventNanos, flags: flags, globalSeq: globalSeq, appendNanos: appendNanos)
        do throws(FormatError) {
            unsafe try batch.builder.pointee.append(&event, head: head)
        } catch {
            throw abortAppend(error, Event.typeName)
        }
        return endAppend(head)
    }

    /// Takes the front lock and makes the head of the next event; `endAppend` or `abortAppend` must follow.
    @usableFromInline
    func beginAppend(
        typeID: UInt16, eventNanos: Int64, flags: EventFlags, globalSeq: UInt64?, appendNanos: Int64?
    ) throws(LogError) -> (PendingBatch, RecordHead) {
        frontLock.lock()
        do throws(LogError) {
            while front.value.filled.count >= options.pendingBatchesMax { try waitForRoomUnlocked() }
            let head = try makeHead(
                typeID: typeID, eventNanos: eventNanos, flags: flags, globalSeq: globalSeq, appendNanos: appendNanos)
            return (front.value.open, head)
        } catch {
            frontLock.unlock()
            throw error
        }
    }

    @usableFromInline
    func endAppend(_ head: RecordHead) -> UInt64 {
        defer { frontLock.unlock() }
        return accept(head)
    }

    @usableFromInline
    func abortAppend(_ error: FormatError, _ typeName: String) -> LogError {
        defer { frontLock.unlock() }
        // The packing state of the type has moved on: no further event may be packed after it in this batch.
        if front.value.open.count > 0 { rotate() } else { unsafe front.value.open.builder.pointee.removeAll() }
        return LogError(.badEvent, "\(typeName): \(error)")
    }

    /// Appends an event given as one value a field (`.null` for absent) and returns its seq; it is `.buffered` now.
    ///
    /// - Throws: `badEvent`, `noSpace`, `closed`, the poison.
    @discardableResult
    public func append(
        _ values: [Value], typeID: UInt16, eventNanos: Int64, flags: EventFlags = [], globalSeq: UInt64? = nil,
        appendNanos: Int64? = nil
    ) throws(LogError) -> UInt64 {
        guard let schema = schema(typeID) else { throw LogError(.badEvent, "type id \(typeID) is not registered") }
        do throws(FormatError) { try schema.validate(values) } catch { throw LogError(.badEvent, "\(error)") }
        let (batch, head) = try beginAppend(
            typeID: typeID, eventNanos: eventNanos, flags: flags, globalSeq: globalSeq, appendNanos: appendNanos)
        do throws(FormatError) {
            unsafe try batch.builder.pointee.append(values, head: head)
        } catch {
            throw abortAppend(error, schema.name)
        }
        return endAppend(head)
    }

    private func makeHead(
        typeID: UInt16, eventNanos: Int64, flags: EventFlags, globalSeq: UInt64?, appendNanos: Int64?
    ) throws(LogError) -> RecordHead {
        if front.value.isClosed { throw closedErrorHoldingFront() }
        if front.value.isLowOnSpace { try refuseWithoutSpace() }
        if unsafe !front.value.open.builder.pointee.state.knows(typeID) {
            guard let schema = front.value.registry.schema(typeID) else {
                throw LogError(.badEvent, "type id \(typeID) is not registered")
            }
            unsafe front.value.open.builder.pointee.state.register(schema, typeID: typeID)
        }
        let now = appendNanos ?? logClockNanos()
        return RecordHead(
            typeID: typeID, flags: flags, appendNanos: max(now, front.value.lastAppendNanos),
            globalSeq: globalSeq ?? front.value.nextSeq, eventNanos: eventNanos)
    }

    /// The log clock ticks every 10 microseconds, a tenth of the fastest commit: neighbours share a tick, which costs
    /// no byte.
    private func logClockNanos() -> Int64 {
        let nanos = front.value.clockAnchorNanos &+ monotonicNanos()
        return nanos &- nanos % 10_000
    }

    /// The machine's clock without a detour through the existential, since every append reads it.
    private func monotonicNanos() -> Int64 {
        isRealClock ? RealClock().monotonicNanos() : core.environment.clock.monotonicNanos()
    }

    private func accept(_ head: RecordHead) -> UInt64 {
        let seq = front.value.nextSeq
        front.value.nextSeq = seq &+ 1
        front.value.lastAppendNanos = head.appendNanos
        front.value.open.lastSeq = seq
        let count = front.value.open.count
        if unsafe front.value.open.builder.pointee.raw.count >= options.batchBytes
            || count >= UInt32(FormatLimits.batchEventsMax)
        {
            rotate()
            work.notify()
        } else if count == 1, sleeps.load(ordering: .sequentiallyConsistent) {
            work.notify()
        }
        return seq
    }

    /// Closes the open batch; the caller holds `frontLock`.
    func rotate() {
        front.value.filled.append(front.value.open)
        front.value.open = front.value.spare.popLast() ?? PendingBatch()
    }

    /// Closes the open batch and returns the last seq given out; the caller holds `frontLock`.
    func cutOpenBatch() -> UInt64 {
        if front.value.open.count > 0 { rotate() }
        return front.value.nextSeq - 1
    }

    /// Waits, without the front lock, until a batch was written; the caller holds the lock before and after.
    private func waitForRoomUnlocked() throws(LogError) {
        let seen = progress.current
        frontLock.unlock()
        defer { frontLock.lock() }
        if hasStopped.load(ordering: .acquiring) { throw closedError() }
        progress.wait(seen: seen)
    }

    private func refuseWithoutSpace() throws(LogError) {
        let free = (try? fileSystem.freeBytes(core.directory)) ?? UInt64.max
        if free >= options.reserve {
            front.value.isLowOnSpace = false
            return
        }
        throw LogError(
            .noSpace,
            "\(core.directory): \(free) bytes are free on the disk, \(options.reserve) are kept in reserve; "
                + "everything accepted so far is safe; free space and append again")
    }

    func closedError() -> LogError { frontLock.locked { closedErrorHoldingFront() } }

    private func closedErrorHoldingFront() -> LogError {
        front.value.poison ?? LogError(.closed, "\(core.directory): this writer is closed")
    }
}

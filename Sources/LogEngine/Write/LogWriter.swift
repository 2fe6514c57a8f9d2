public import LogFormat
internal import Synchronization

/// One batch on its way from the producers to the disk.
///
/// The builder stands behind a pointer, so that appending to it costs no exclusivity check; the front lock is what keeps it exclusive.
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
/// Threading: all methods may be called from any thread. `append` only encodes into memory; compression, writing and syncing happen on the writer's own
/// threads or, for whoever waits, on the waiting thread. The append lock is never held across a system call on a file.
public final class LogWriter: @unchecked Sendable {
    // SAFETY: `front` is touched under `frontLock`, `core` under `coreLock`; the watermarks are atomics.
    let frontLock = Lock()
    private let coreLock = Lock()
    private var front: Front
    private let core: LogCore
    private let group: CommitGroup
    private let options: LogOptions
    private let fileSystem: any LogFS
    private let isRealClock: Bool

    private let written: Atomic<UInt64>
    private let durable: Atomic<UInt64>
    private let hasStopped = Atomic<Bool>(false)
    private let asksForSync = Atomic<UInt64>(0)
    /// Moves whenever a watermark does.
    private let progress = EventCount()
    /// Wakes the writer thread.
    private let work = EventCount()
    private var thread: EngineThread?
    private var sealThread: EngineThread?
    private let sealWork = EventCount()
    private let isClosing = Atomic<Bool>(false)
    /// Whether the writer thread sleeps until someone wakes it; while it only naps, it will see new events by itself.
    private let sleeps = Atomic<Bool>(false)

    /// What producers touch.
    private struct Front {
        var open: PendingBatch
        var filled: [PendingBatch] = []
        var spare: [PendingBatch] = []
        var nextSeq: UInt64
        var lastAppendNanos: Int64
        var lastGlobalSeq: UInt64 = 0
        var registry: SchemaRegistry
        var openedAtNanos: Int64 = 0
        var isClosed = false
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
        front = Front(
            open: PendingBatch(), nextSeq: core.nextSeq, lastAppendNanos: core.lastAppendNanos,
            registry: core.registry, clockAnchorNanos: wall - clock.monotonicNanos())
        front.isLowOnSpace = core.isLowOnSpace
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
    public var lastSeq: UInt64 { frontLock.locked { front.nextSeq - 1 } }

    /// Takes an event type into the log and returns its id for `append`.
    ///
    /// - Throws: `schemaClash` when the log knows the type and version with another meaning; the poison.
    public func register(_ schema: Schema) throws(LogError) -> UInt16 {
        let known = try frontLock.locked { () throws(LogError) in try front.registry.find(schema) }
        if let known { return known }
        return try coreLock.locked { () throws(LogError) in
            let typeID = try core.register(schema)
            let registry = core.registry
            frontLock.locked { front.registry = registry }
            return typeID
        }
    }

    /// Registers a Swift event type.
    public func register<Event: LogEvent>(_ type: Event.Type) throws(LogError) -> UInt16 {
        let schema = try wrapping(at: Event.typeName) { () throws(FormatError) in try Event.makeSchema() }
        return try register(schema)
    }

    /// The registered description of a type.
    public func schema(_ typeID: UInt16) -> Schema? { frontLock.locked { front.registry.schema(typeID) } }
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
        // Only this shell is specialised for the event type; everything that does not depend on it stays in one place.
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
            while front.filled.count >= options.pendingBatchesMax { try waitForRoomUnlocked() }
            let head = try makeHead(
                typeID: typeID, eventNanos: eventNanos, flags: flags, globalSeq: globalSeq, appendNanos: appendNanos)
            return (front.open, head)
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
        if front.open.count > 0 { rotate() }
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
        if front.isClosed { throw closedError() }
        if front.isLowOnSpace { try refuseWithoutSpace() }
        if unsafe !front.open.builder.pointee.state.knows(typeID) {
            guard let schema = front.registry.schema(typeID) else {
                throw LogError(.badEvent, "type id \(typeID) is not registered")
            }
            unsafe front.open.builder.pointee.state.register(schema, typeID: typeID)
        }
        let now = appendNanos ?? logClockNanos()
        return RecordHead(
            typeID: typeID, flags: flags, appendNanos: max(now, front.lastAppendNanos),
            globalSeq: globalSeq ?? front.nextSeq, eventNanos: eventNanos)
    }

    /// The log clock ticks every 10 microseconds, a tenth of the fastest commit: neighbours share a tick, which costs no byte.
    private func logClockNanos() -> Int64 {
        let nanos = front.clockAnchorNanos &+ monotonicNanos()
        return nanos &- nanos % 10_000
    }

    /// The machine's clock without a detour through the existential, since every append reads it.
    private func monotonicNanos() -> Int64 {
        isRealClock ? RealClock().monotonicNanos() : core.environment.clock.monotonicNanos()
    }

    private func accept(_ head: RecordHead) -> UInt64 {
        let seq = front.nextSeq
        front.nextSeq = seq &+ 1
        front.lastAppendNanos = head.appendNanos
        front.open.lastSeq = seq
        let count = front.open.count
        if unsafe front.open.builder.pointee.raw.count >= options.batchBytes
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
    private func rotate() {
        front.filled.append(front.open)
        front.open = front.spare.popLast() ?? PendingBatch()
    }

    /// Closes the open batch and returns the last seq given out; the caller holds `frontLock`.
    func cutOpenBatch() -> UInt64 {
        if front.open.count > 0 { rotate() }
        return front.nextSeq - 1
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
            front.isLowOnSpace = false
            return
        }
        throw LogError(
            .noSpace,
            "\(core.directory): \(free) bytes are free on the disk, \(options.reserve) are kept in reserve; "
                + "everything accepted so far is safe; free space and append again")
    }

    private func closedError() -> LogError {
        coreLock.locked { core.poison } ?? LogError(.closed, "\(core.directory): this writer is closed")
    }
}

extension LogWriter {
    /// Waits until the event `seq` and all before it have reached `level`.
    ///
    /// - Throws: the poison, if the level will never be reached.
    public func wait(for seq: UInt64, _ level: AppendLevel = .durable) throws(LogError) {
        switch level {
        case .buffered: return
        case .written:
            if writtenSeq < seq { try flush() }
        case .durable:
            if durableSeq < seq { group.commit(self, upTo: seq) }
            if durableSeq < seq { throw closedError() }
        }
    }

    /// Asks for the event `seq` to become durable soon, without waiting: the writer's thread commits back to back.
    public func requestDurable(_ seq: UInt64) {
        let before = asksForSync.load(ordering: .relaxed)
        if seq > before { asksForSync.store(seq, ordering: .releasing) }
        if before <= durableSeq { work.notify() }
    }

    /// Writes everything appended so far; afterwards it survives the death of the process.
    public func flush() throws(LogError) {
        let seq = frontLock.locked { cutOpenBatch() }
        try write(upTo: seq)
    }

    /// Writes pending batches up to `seq`, in order.
    private func write(upTo seq: UInt64) throws(LogError) {
        try coreLock.locked { () throws(LogError) in try writeHoldingCore(upTo: seq) }
    }

    private func writeHoldingCore(upTo seq: UInt64) throws(LogError) {
        if let poison = core.poison { throw poison }
        while core.writtenSeq < seq {
            let next = frontLock.locked { front.filled.isEmpty ? nil : front.filled.removeFirst() }
            guard let batch = next else { return }
            let pending = core.sealer.pending.count
            do throws(LogError) { unsafe try core.write(batch.builder.pointee) } catch {
                stopHoldingCore()
                throw error
            }
            unsafe batch.builder.pointee.removeAll()
            frontLock.locked {
                front.spare.append(batch)
                front.isLowOnSpace = core.isLowOnSpace
            }
            written.store(core.writtenSeq, ordering: .releasing)
            durable.store(core.durableSeq, ordering: .releasing)
            if core.sealer.pending.count > pending { sealWork.notify() }
        }
        progress.notify()
    }

    /// The log's part of a commit round: writes up to `seq` and syncs; the result is not published yet.
    func writeAndSync(upTo seq: UInt64) -> Result<LogCore.SyncTarget?, LogError> {
        do throws(LogError) {
            coreLock.lock()
            defer { coreLock.unlock() }
            try writeHoldingCore(upTo: seq)
            core.closeRetired()
            guard let target = core.beginSync(upTo: seq) else { return .success(nil) }
            coreLock.unlock()
            defer { coreLock.lock() }
            try target.run(fileSystem)
            return .success(target)
        } catch {
            return .failure(error)
        }
    }

    /// Publishes what a round made durable.
    func release(_ target: LogCore.SyncTarget) {
        coreLock.locked {
            core.finishSync(target)
            durable.store(core.durableSeq, ordering: .releasing)
        }
        progress.notify()
    }

    /// Refuses everything from now on.
    func stop(_ error: LogError) {
        coreLock.locked {
            core.poison(error)
            stopHoldingCore()
        }
    }

    private func stopHoldingCore() {
        hasStopped.store(true, ordering: .releasing)
        frontLock.locked { front.isClosed = true }
        progress.notify()
        work.notify()
        sealWork.notify()
    }

    /// Whether `seq` is durable, or never will be.
    func isSettled(_ seq: UInt64) -> Bool { durableSeq >= seq || hasStopped.load(ordering: .acquiring) }

    /// Writes full batches, and small ones that waited long enough; commits for those who asked without waiting; notes marks when idle.
    private func runWriter() {
        let napsBeforeSleep = max(1, options.markDelayNanos / options.batchDelayNanos)
        var quietNaps: Int64 = 0
        while !isClosing.load(ordering: .acquiring), !hasStopped.load(ordering: .acquiring) {
            let seen = work.current
            let (filled, open, last) = frontLock.locked {
                (front.filled.last?.lastSeq, front.open.count, front.nextSeq - 1)
            }
            if asksForSync.load(ordering: .acquiring) > durableSeq {
                group.commit(self, upTo: asksForSync.load(ordering: .acquiring))
                quietNaps = 0
            } else if let filled {
                try? write(upTo: filled)
                quietNaps = 0
            } else if open > 0 {
                work.wait(seen: seen, timeoutNanos: options.batchDelayNanos)
                // Events that stood there before the nap have waited their time, if nobody wrote them in the meantime.
                if writtenSeq < last { try? flush() }
                quietNaps = 0
            } else if quietNaps < napsBeforeSleep {
                quietNaps += 1
                work.wait(seen: seen, timeoutNanos: options.batchDelayNanos)
            } else {
                if quietNaps == napsBeforeSleep { coreLock.locked { try? core.writeMark() } }
                quietNaps = napsBeforeSleep + 1
                sleeps.store(true, ordering: .sequentiallyConsistent)
                if frontLock.locked({ front.open.count == 0 && front.filled.isEmpty }) { work.wait(seen: seen) }
                sleeps.store(false, ordering: .sequentiallyConsistent)
                if frontLock.locked({ front.open.count > 0 || !front.filled.isEmpty }) { quietNaps = 0 }
            }
        }
    }

    /// Seals closed segments in the background; only the last step touches what the writer touches.
    private func runSealer() {
        while true {
            let seen = sealWork.current
            let (closed, types) = coreLock.locked { (core.sealer.takeNext(), core.registry.all) }
            guard let closed else {
                if isClosing.load(ordering: .acquiring) || hasStopped.load(ordering: .acquiring) { return }
                sealWork.wait(seen: seen)
                continue
            }
            do throws(LogError) {
                var sealer = coreLock.locked { core.sealer }
                sealer.types = { types }
                let record = try sealer.seal(closed, environment: core.environment, directory: core.directory)
                try coreLock.locked { () throws(LogError) in
                    core.sealer.adopt(sealer)
                    try core.finishSeal(record, of: closed)
                }
            } catch {
                stop(error)
                return
            }
        }
    }

    /// Ends the log cleanly: everything durable, marked and noted. With `seal`, also seals the last segment.
    ///
    /// - Throws: the poison; the log is then closed all the same, and recovery runs at the next open.
    public func close(seal: Bool = false) throws(LogError) {
        let seq = frontLock.locked {
            front.isClosed = true
            return cutOpenBatch()
        }
        group.commit(self, upTo: seq)
        isClosing.store(true, ordering: .releasing)
        work.notify()
        sealWork.notify()
        thread?.join()
        sealThread?.join()
        thread = nil
        sealThread = nil
        group.leave(self)
        try coreLock.locked { () throws(LogError) in try core.close(seal: seal) }
    }
}

public import LogFormat
internal import Synchronization

/// Follows a log: first what is there, then what comes, with no gap and no repeat at the change-over.
///
/// One thread owns a tail and blocks in `next`; `stop` may be called from another. The writer is in this process or
/// in any other: both are met through the
/// COMMIT page. The default level is `.durable`: nothing is delivered that a power cut could take back.
public final class LogTail: @unchecked Sendable {
    // SAFETY: everything but `isStopped` is used by the owning thread only.
    /// What a tail delivers.
    public enum Delivery: Sendable {
        /// A batch; decode it with `decode`.
        case batch(BlockHeader)
        /// Events up to `from` were delivered, but the log now ends at `to`: they were lost in a crash of the
        /// writer's machine.
        case rewound(from: UInt64, to: UInt64)
        /// Nothing came within the time-out.
        case idle
        /// `stop` was called.
        case stopped
    }

    /// The reader underneath.
    public let reader: LogReader
    private let isStopped = Atomic<Bool>(false)
    private var lastHash: UInt64 = 0
    private var lastMark = LogMark(ordinal: 0, offset: 0, seq: 0)
    private var epochSeen: UInt64 = 0
    /// Epoch (low half) of the writer of the batch delivered last.
    private var lastBatchEpoch: UInt32 = 0
    /// Batches up to it were delivered already: after a new stand at the end of a log, they come once more.
    private var deliveredSeq: UInt64 = 0

    /// Sleeps between looks when nobody wakes us: a writer that cannot be woken by is met by polling.
    private var pace = PollPace()
    private var generationSeen: UInt32 = 0

    /// Seq of the first event that is wanted: the batch it stands in may begin before it.
    public private(set) var wantedSeq: UInt64 = 1

    /// Opens a tail at the log's first event; move it with `seek`.
    public init(_ path: String, level: AppendLevel = .durable, environment: LogEnvironment = .real()) throws(LogError) {
        reader = try LogReader(
            try LogLocation(path, environment: environment), level: level, watches: true)
        epochSeen = reader.commitPage?.read()?.epoch ?? 0
    }

    /// Stands before `seq`.
    public func seek(toSeq seq: UInt64) throws(LogError) {
        wantedSeq = seq
        (lastMark.seq, deliveredSeq) = (0, 0)
        try reader.seek(toSeq: seq)
    }

    /// Stands before the first batch with an event appended at or after `nanos`.
    public func seek(toAppendNanos nanos: Int64) throws(LogError) {
        try reader.seek(toAppendNanos: nanos)
        wantedSeq = reader.nextSeq
        (lastMark.seq, deliveredSeq) = (0, 0)
    }

    /// Stands behind the last event delivered under a stored cursor.
    ///
    /// - Throws: `rewound` when the batch of the cursor is not there any more or is another one.
    public func seek(to cursor: Cursor) throws(LogError) {
        guard cursor.logID == reader.location.manifest?.identity?.logID else {
            throw LogError(
                .rewound, "the cursor belongs to log \(hex(cursor.logID)), not to \(reader.location.directory)")
        }
        guard cursor.seq > 0 else { return }
        try reader.seek(toSeq: cursor.seq)
        guard let block = try reader.next(), block.firstSeq <= cursor.seq, block.lastSeq >= cursor.seq,
            block.headerHash == cursor.hash
        else {
            throw LogError(
                .rewound,
                "\(reader.location.directory): the batch with seq \(cursor.seq) is not the one the "
                    + "cursor was stored in: "
                    + "history was rewound or replaced; start again from a seq you trust, with --from seq:N")
        }
        try seek(toSeq: cursor.seq)
        wantedSeq = cursor.seq + 1
    }

    /// Waits for the next batch; gives up after `timeoutNanos` (never, if negative).
    ///
    /// - Throws: `damaged`, `fileSystem`.
    public func next(timeoutNanos: Int64 = -1) throws(LogError) -> Delivery {
        let clock = reader.location.environment.clock
        let deadline = timeoutNanos < 0 ? Int64.max : clock.monotonicNanos() + timeoutNanos
        while true {
            if isStopped.load(ordering: .acquiring) { return .stopped }
            // Read before looking: a publication in between changes the word, and the sleep below ends at once.
            let generation = reader.commitPage?.generation ?? 0
            if generation != generationSeen || mustPollWriter { pace.hurry() }
            generationSeen = generation
            if let rewound = try checkEpoch() { return rewound }
            let step: BlockHeader?
            do throws(LogError) { step = try reader.next() } catch {
                // A new writer may have come between the two lines above, and have written over this place.
                guard error.code == .damaged, hasNewWriter else { throw error }
                continue
            }
            if let block = step {
                if block.lastSeq <= deliveredSeq { continue }
                lastHash = block.headerHash
                lastBatchEpoch = block.writerEpoch
                lastMark = reader.position
                pace.hurry()
                return .batch(block)
            }
            let now = clock.monotonicNanos()
            if now >= deadline { return .idle }
            let nap = min(deadline - now, pace.napNanos)
            pace.slowDown()
            guard let page = reader.commitPage else {
                EventCount().wait(seen: 0, timeoutNanos: nap)
                continue
            }
            page.wait(seen: generation, timeoutNanos: nap)
        }
    }

    /// Whether a writer is alive that will not wake us, because we could not announce ourselves on its page.
    private var mustPollWriter: Bool {
        guard let page = reader.commitPage, !page.isWritable, let state = page.read() else { return false }
        return state.writerPID != 0 && reader.location.environment.isProcessAlive(state.writerPID)
    }

    private var hasNewWriter: Bool { reader.commitPage?.read().map { $0.epoch != epochSeen } ?? false }

    /// A new writer may have cut what was delivered but was not durable, and may be beyond the old place already.
    private func checkEpoch() throws(LogError) -> Delivery? {
        guard let state = reader.commitPage?.read(), state.epoch != epochSeen else { return nil }
        let from = lastMark.seq
        if state.written.seq >= from, try reader.stillStands() {
            epochSeen = state.epoch
            return nil
        }
        let kept = try reader.lastSeq(ofWritersUpTo: lastBatchEpoch, lastSeq: state.written.seq)
        epochSeen = state.epoch
        // If only marks or descriptions were lost, or nothing was read behind a jump yet, it is enough to stand there
        // anew.
        if from > 0 { wantedSeq = min(kept, from) + 1 }
        deliveredSeq = min(kept, from)
        try reader.reopen(atSeq: wantedSeq)
        guard kept < from else { return nil }
        lastMark = LogMark(ordinal: 0, offset: 0, seq: kept)
        return .rewound(from: from, to: kept)
    }

    /// The cursor behind event `seq` of the batch delivered last.
    public func cursor(at seq: UInt64) -> Cursor {
        Cursor(
            logID: reader.location.manifest?.identity?.logID ?? [UInt8](repeating: 0, count: 16), epoch: reader.epoch,
            seq: seq, hash: lastHash, ordinal: lastMark.ordinal, offset: lastMark.offset)
    }

    /// How many events have reached the level and were not delivered yet; 0 where the log does not say.
    public var waitingCount: UInt64 {
        guard let state = reader.commitPage?.read() else { return 0 }
        let mark = reader.level == .durable ? state.durable.seq : state.written.seq
        return mark > lastMark.seq ? mark - lastMark.seq : 0
    }

    /// Makes `next` return `.stopped` soon.
    public func stop() { isStopped.store(true, ordering: .releasing) }
}

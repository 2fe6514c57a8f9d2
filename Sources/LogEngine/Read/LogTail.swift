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
        try reader.seek(toSeq: seq)
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
        try reader.seek(toSeq: cursor.seq)
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
            if let block = try reader.next() {
                lastHash = block.headerHash
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

    /// A new writer may have cut what was delivered but was not durable.
    private func checkEpoch() throws(LogError) -> Delivery? {
        guard let state = reader.commitPage?.read(), state.epoch != epochSeen else { return nil }
        epochSeen = state.epoch
        guard lastMark.seq > 0 else { return nil }
        let from = lastMark.seq
        guard state.written.seq < from else { return nil }
        try reader.seek(toSeq: state.written.seq + 1)
        lastMark.seq = state.written.seq
        wantedSeq = state.written.seq + 1
        return .rewound(from: from, to: state.written.seq)
    }

    /// The cursor behind event `seq` of the batch delivered last.
    public func cursor(at seq: UInt64) -> Cursor {
        Cursor(
            logID: reader.location.manifest?.identity?.logID ?? [UInt8](repeating: 0, count: 16), epoch: reader.epoch,
            seq: seq, hash: lastHash, ordinal: lastMark.ordinal, offset: lastMark.offset)
    }

    /// Makes `next` return `.stopped` soon.
    public func stop() { isStopped.store(true, ordering: .releasing) }
}

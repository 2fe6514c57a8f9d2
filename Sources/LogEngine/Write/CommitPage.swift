internal import CLotus
internal import LogFormat

/// A place in a log: segment ordinal, end offset in it, and the last seq before that place.
public struct LogMark: Equatable, Comparable, Sendable {
    /// Ordinal of the segment.
    public var ordinal: UInt64
    /// Offset just behind a block.
    public var offset: UInt64
    /// Seq of the last event before it.
    public var seq: UInt64

    /// Makes a mark.
    public init(ordinal: UInt64, offset: UInt64, seq: UInt64) {
        self.ordinal = ordinal
        self.offset = offset
        self.seq = seq
    }

    /// By place in the log.
    public static func < (a: LogMark, b: LogMark) -> Bool { (a.ordinal, a.offset) < (b.ordinal, b.offset) }
}

/// The published marks of a log, as other processes see them (SPEC.md section 13).
public struct CommitState: Equatable, Sendable {
    /// Epoch of the writer.
    public var epoch: UInt64 = 0
    /// Readable after the death of the process.
    public var written = LogMark(ordinal: 0, offset: 0, seq: 0)
    /// Readable after a power cut.
    public var durable = LogMark(ordinal: 0, offset: 0, seq: 0)
    /// Header hash of the block at the written mark.
    public var lastHash: UInt64 = 0
    /// Process id of the writer, 0 after a clean close.
    public var writerPID: UInt32 = 0
}

/// The mapped COMMIT page: one writer publishes, any number of readers look and sleep.
@safe
package final class CommitPage: @unchecked Sendable {
    // SAFETY: all access to the mapped memory goes through atomics, in the order that the sequence lock demands.
    static let byteCount = 4096
    private static let magic: UInt64 = 0x544D_4353_5554_4F4C  // "LOTUSCMT"

    private let fileSystem: any LogFS
    private let file: FileID
    private let page: UnsafeMutableRawPointer
    private let logID: [UInt8]
    /// Whether sleepers can announce themselves, so that the writer wakes them.
    let isWritable: Bool

    /// Maps the page; with `creates`, which needs the writer's lock, makes it first if need be.
    init(
        _ fileSystem: any LogFS, directory: String, logID: [UInt8], writable: Bool, creates: Bool = false
    ) throws(FSError) {
        let path = "\(directory)/\(LogPaths.commit)"
        if creates, fileSystem.kind(path) != .file {
            // Written, not only extended: a hole in a mapped file raises SIGBUS on a full disk.
            try fileSystem.createDurably(
                LogPaths.commit, in: directory, [UInt8](repeating: 0, count: Self.byteCount))
        }
        file = try fileSystem.open(path, writable ? .readWrite : .read)
        self.fileSystem = fileSystem
        self.logID = logID
        isWritable = writable
        guard try fileSystem.size(file) >= UInt64(Self.byteCount) else {
            if creates {
                try fileSystem.write(file, [UInt8](repeating: 0, count: Self.byteCount), at: 0)
            } else {
                throw FSError(code: 22, operation: "map a COMMIT page that is too short,", path: path)
            }
            unsafe page = try fileSystem.map(file, byteCount: Self.byteCount, writable: writable)
            return
        }
        unsafe page = try fileSystem.map(file, byteCount: Self.byteCount, writable: writable)
    }

    deinit {
        unsafe fileSystem.unmap(page, byteCount: Self.byteCount)
        fileSystem.close(file)
    }

    /// Publishes new marks and wakes sleeping readers.
    func publish(_ state: CommitState, heartbeatNanos: Int64) {
        let lock = unsafe clotus_load_relaxed_u64(page + 48)
        unsafe clotus_store_relaxed_u64(page + 48, lock | 1)
        clotus_fence()
        unsafe page.storeBytes(of: Self.magic, as: UInt64.self)
        unsafe page.storeBytes(of: 1, toByteOffset: 8, as: UInt32.self)
        for index in 0..<16 { unsafe page.storeBytes(of: logID[index], toByteOffset: 24 + index, as: UInt8.self) }
        unsafe clotus_store_relaxed_u64(page + 40, state.epoch)
        let fields = [
            state.written.ordinal, state.written.offset, state.written.seq, state.durable.ordinal,
            state.durable.offset, state.durable.seq, state.lastHash, UInt64(bitPattern: heartbeatNanos),
            UInt64(state.writerPID),
        ]
        for (index, field) in fields.enumerated() { unsafe clotus_store_relaxed_u64(page + 56 + 8 * index, field) }
        unsafe clotus_store_relaxed_u64(page + 128, Self.hash(copyPage()))
        unsafe clotus_store_u64(page + 48, (lock | 1) &+ 1)
        unsafe _ = clotus_add_u32(page + 12, 1)
        if unsafe clotus_load_u32(page + 16) > 0 { unsafe clotus_futex_wake_all(page + 12) }
    }

    private func copyPage() -> [UInt8] {
        unsafe [UInt8](UnsafeRawBufferPointer(start: page, count: 136))
    }

    private static let version: UInt32 = 1
    /// Offset just behind the hash, the last field.
    private static let usedByteCount = 136

    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        xxh3(Array(bytes[24..<48] + bytes[56..<128]), seed: 0)
    }

    /// The marks, read without ever waiting for the writer; nil if the page holds nothing valid for this log.
    ///
    /// A page of another log, or one that a crash left half written, is ignored: its hash or its log id does not hold.
    package func read() -> CommitState? {
        for _ in 0..<1000 {
            let before = unsafe clotus_load_u64(page + 48)
            if before & 1 == 1 { continue }
            let state = look()
            clotus_fence()
            if unsafe clotus_load_u64(page + 48) == before { return state }
        }
        return nil
    }

    /// The marks as they stand now, which is true only if the writer did not change them meanwhile.
    private func look() -> CommitState? {
        unsafe withUnsafeTemporaryAllocation(byteCount: Self.usedByteCount, alignment: 8) { copy in
            for offset in stride(from: 0, to: Self.usedByteCount, by: 8) {
                let word = unsafe clotus_load_relaxed_u64(page + offset)
                unsafe copy.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
            }
            func field(_ offset: Int) -> UInt64 { unsafe copy.load(fromByteOffset: offset, as: UInt64.self) }
            func mark(_ offset: Int) -> LogMark {
                LogMark(ordinal: field(offset), offset: field(offset + 8), seq: field(offset + 16))
            }
            guard field(0) == Self.magic, UInt32(truncatingIfNeeded: field(8)) == Self.version,
                unsafe UnsafeRawBufferPointer(rebasing: copy[24..<40]).elementsEqual(logID)
            else { return nil }
            var state = CommitState()
            state.epoch = field(40)
            state.written = mark(56)
            state.durable = mark(80)
            state.lastHash = field(104)
            state.writerPID = UInt32(truncatingIfNeeded: field(120))
            let stored = field(128)
            // What is hashed stands in two parts with the lock between them: close the gap.
            unsafe copy.baseAddress.map {
                unsafe ($0 + 32).copyMemory(from: $0 + 24, byteCount: 24)
            }
            return unsafe xxh3(UnsafeRawBufferPointer(rebasing: copy[32..<128]), seed: 0) == stored ? state : nil
        }
    }

    /// The marks of a page that a crash may have left half written: nil unless hash and log id hold.
    package func readAfterCrash() -> CommitState? { read() }

    /// The futex word; read it before looking at the marks, then sleep on it.
    var generation: UInt32 { unsafe clotus_load_u32(page + 12) }

    /// Sleeps until the generation is no longer `seen`, or for `timeoutNanos`.
    func wait(seen: UInt32, timeoutNanos: Int64) {
        // Where the page may not be written, as on a read-only mount, nobody is told: the time-out does the waking.
        let announces = isWritable
        if announces { unsafe _ = clotus_add_u32(page + 16, 1) }
        unsafe _ = clotus_futex_wait(page + 12, seen, timeoutNanos)
        if announces { unsafe _ = clotus_add_u32(page + 16, UInt32.max) }
    }
}

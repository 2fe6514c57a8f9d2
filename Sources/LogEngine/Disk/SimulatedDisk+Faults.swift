internal import Synchronization

/// How a simulated disk misbehaves: probabilities from 0 to 1 for each kind of fault, and one call that fails for
/// sure.
public struct DiskFaults: Equatable, Sendable {
    /// A write transfers only a part.
    public var shortWrite = 0.0
    /// A read transfers only a part.
    public var shortRead = 0.0
    /// A write fails with `EIO`, with nothing or a part written.
    public var writeError = 0.0
    /// A read fails with `EIO`.
    public var readError = 0.0
    /// `syncData` fails once with `EIO` and drops what was not durable.
    ///
    /// Readers go on seeing it and later syncs succeed, but a power cut loses it, unless it was written again.
    public var syncError = 0.0
    /// `open` fails with `EMFILE`; nothing is created.
    public var openError = 0.0
    /// `rename` fails with `EIO`; nothing is renamed.
    public var renameError = 0.0
    /// `syncDirectory` fails with `EIO`; the names stay as undurable as they were.
    public var syncDirectoryError = 0.0

    /// The call that fails without doing anything, counted from 1 over all throwing operations; see `callCount`.
    ///
    /// A `syncData` that fails so drops its data, as for `syncError`, unless `failForever` is set.
    public var failNthCall: Int?
    /// Whether all later calls fail too: the disk is dead, and nothing on it changes any more.
    public var failForever = false
    /// Error number of the call that fails.
    public var failCode: Int32 = 5

    /// Makes a disk that does not misbehave.
    public init() {}

    /// Draws a mix in which about half of the probabilities are zero and the others at most `intensity`.
    ///
    /// Runs with few kinds of faults go deeper than runs with all of them, and together they reach more.
    public static func swarm(_ generator: inout SeededGenerator, intensity: Double = 0.05) -> DiskFaults {
        let kinds: [WritableKeyPath<DiskFaults, Double>] = [
            \.shortWrite, \.shortRead, \.writeError, \.readError, \.syncError, \.openError, \.renameError,
            \.syncDirectoryError,
        ]
        var faults = DiskFaults()
        for kind in kinds where generator.chance(0.5) {
            faults[keyPath: kind] = intensity * Double(generator.below(1000) + 1) / 1000
        }
        return faults
    }
}

/// Something that changed a simulated disk or made it durable.
public enum DiskOperation: Equatable, Sendable {
    /// A file was created.
    case create(path: String)
    /// A directory was created.
    case createDirectory(path: String)
    /// A file got another name.
    case rename(from: String, to: String)
    /// Bytes were written; only those that were, if the call was short.
    case write(path: String, offset: UInt64, bytes: [UInt8])
    /// A file was cut or extended.
    case truncate(path: String, size: UInt64)
    /// A file became durable.
    case syncData(path: String)
    /// The names in a directory became durable.
    case syncDirectory(path: String)
}

extension SimulatedDisk {
    /// How the disk misbehaves from now on; stays through crashes.
    public var faults: DiskFaults {
        get { state.withLock { $0.faults } }
        set { state.withLock { $0.faults = newValue } }
    }

    /// Calls so far of operations that can throw, the failed ones included.
    public var callCount: Int { state.withLock { $0.callCount } }

    /// Counts calls from 0 again, so that `failNthCall` has its turn again too.
    public func resetCallCount() { state.withLock { $0.callCount = 0 } }

    /// Whether operations are remembered in `trace`; switching on starts an empty trace.
    public var isTracing: Bool {
        get { state.withLock { $0.trace != nil } }
        set { state.withLock { $0.trace = newValue ? [] : nil } }
    }

    /// The operations since tracing began that succeeded and changed something, by the paths of that moment.
    ///
    /// A power cut empties it. Stores through mappings and the changes that tests make by hand are not in it, nor is
    /// what happens to a file that another one replaced.
    public var trace: [DiskOperation] { state.withLock { $0.trace ?? [] } }

    /// Does the operations of a trace, without counting calls and without faults.
    ///
    /// A copy from before the trace, with the first k operations replayed, is the disk as it was after k operations.
    public func replay(_ operations: some Sequence<DiskOperation>) throws(FSError) {
        for operation in operations {
            try state.withLock { state throws(FSError) in try state.replay(operation) }
        }
    }
}

extension DiskState {
    /// Whether the disk has failed for good.
    var isDead: Bool {
        guard let nth = faults.failNthCall else { return false }
        return faults.failForever && callCount >= nth
    }

    /// Counts a call, and fails it if it is its turn.
    mutating func begin(_ operation: String, _ path: @autoclosure () -> String) throws(FSError) {
        callCount += 1
        guard let nth = faults.failNthCall, callCount == nth || isDead else { return }
        throw FSError(code: faults.failCode, operation: operation, path: path())
    }

    /// Counts a call on an open file, and fails it if it is its turn.
    mutating func begin(_ operation: String, _ file: FileID) throws(FSError) {
        let path = openFiles[file.value].map { name($0.file) } ?? "file \(file.value)"
        try begin(operation, path)
    }

    /// Whether a fault happens now.
    mutating func strikes(_ kind: KeyPath<DiskFaults, Double>) -> Bool { generator.chance(faults[keyPath: kind]) }

    /// The length of a transfer, less if a fault cuts it.
    mutating func shortened(_ count: Int, _ kind: KeyPath<DiskFaults, Double>) -> Int {
        count > 1 && strikes(kind) ? 1 + generator.below(count - 1) : count
    }

    /// Writes as much as faults and the free space allow.
    mutating func write(_ id: FileID, _ bytes: [UInt8], at offset: UInt64) throws(FSError) -> Int {
        let opened = try opened(id, "write")
        let name = name(opened.file)
        guard opened.isWritable else { throw FSError(code: DiskError.badFile, operation: "write", path: name) }
        if bytes.isEmpty { return 0 }
        guard offset <= UInt64(Self.sizeMax - bytes.count) else {
            throw FSError(code: DiskError.tooBig, operation: "write", path: name)
        }
        let start = Int(offset)
        let isFailing = strikes(\.writeError)
        let wanted = isFailing ? generator.below(bytes.count) : shortened(bytes.count, \.shortWrite)
        let count = max(0, reachableEnd(opened.file, start + wanted) - start)
        if count > 0 {
            let prefix = count == bytes.count ? bytes : Array(bytes[..<count])
            files[opened.file].write(prefix, at: start)
            note(opened.file) { .write(path: $0, offset: offset, bytes: prefix) }
        }
        if isFailing { throw FSError(code: DiskError.io, operation: "write", path: name) }
        if count == 0 { throw FSError(code: DiskError.noSpace, operation: "write", path: name) }
        return count
    }

    fileprivate mutating func replay(_ operation: DiskOperation) throws(FSError) {
        switch operation {
        case .create(let path): _ = try create(path)
        case .createDirectory(let path): try createDirectory(path)
        case .rename(let path, let newPath): try rename(path, to: newPath)
        case .write(let path, let offset, let bytes):
            files[try replayed(path)].write(bytes, at: Int(offset))
            note(operation)
        case .truncate(let path, let size):
            files[try replayed(path)].truncate(to: Int(size))
            note(operation)
        case .syncData(let path):
            files[try replayed(path)].sync()
            note(operation)
        case .syncDirectory(let path):
            directories[try directory(path, "replay")].sync()
            note(operation)
        }
    }

    private func replayed(_ path: String) throws(FSError) -> Int {
        guard let file = file(path) else {
            throw FSError(code: DiskError.noEntry, operation: "replay", path: path)
        }
        return file
    }
}

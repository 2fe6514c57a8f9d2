/// A disk in memory that fails on command, and forgets in a power cut what was not synced.
///
/// Each file has a content that processes see (the page cache) and one that is durable; between them lie the writes
/// and
/// truncations since its last `syncData`. Each directory has visible and durable names; new names and renames are
/// durable after `syncDirectory` of that directory. A new *directory* is durable at once, unless the disk is made
/// with
/// `directoriesAreDurableAtOnce: false`; then it too needs `syncDirectory` of its parent.
///
/// Everything follows from the seed and the order of the calls. Calls from several threads are safe, but then their
/// order is the scheduler's.
public final class SimulatedDisk: LogFS {
    let state: Guarded<DiskState>

    /// Makes an empty disk with only a root directory.
    public init(seed: UInt64 = 0, capacityBytes: UInt64? = nil, directoriesAreDurableAtOnce: Bool = true) {
        var state = DiskState(
            directoriesAreDurableAtOnce: directoriesAreDurableAtOnce, generator: SeededGenerator(seed: seed))
        state.capacity = capacityBytes
        self.state = Guarded(state)
    }

    init(_ state: DiskState) { self.state = Guarded(state) }

    /// Size of the disk, nil for no limit; beyond it a write is cut short, then fails with `ENOSPC`.
    ///
    /// Holes count.
    public var capacityBytes: UInt64? {
        get { state.withLock { $0.capacity } }
        set { state.withLock { $0.capacity = newValue } }
    }

    /// An independent disk with the same durable and visible contents and faults, on which nothing is open.
    public func copy() -> SimulatedDisk {
        SimulatedDisk(
            state.withLock { state in
                for index in state.files.indices { state.files[index].absorb() }
                var copy = state
                copy.closeAll()
                copy.regions = [:]
                return copy
            })
    }
}

// MARK: - Files

extension SimulatedDisk {
    /// Opens a file; a new one is visible at once.
    public func open(_ path: String, _ mode: OpenMode) throws(FSError) -> FileID {
        try state.withLock { state throws(FSError) in
            try state.begin("open", path)
            if state.strikes(\.openError) { throw FSError(code: DiskError.tooManyOpen, operation: "open", path: path) }
            let file: Int
            if case .create = mode {
                file = try state.create(path)
            } else {
                switch state.entry(path) {
                case .file(let index): file = index
                case .directory: throw FSError(code: DiskError.isDirectory, operation: "open", path: path)
                case nil: throw FSError(code: DiskError.noEntry, operation: "open", path: path)
                }
            }
            let id = FileID(state.nextFileID)
            state.nextFileID += 1
            let isWritable = if case .read = mode { false } else { true }
            state.openFiles[id.value] = OpenFile(file: file, isWritable: isWritable)
            state.files[file].openCount += 1
            return id
        }
    }

    /// Closes a file and releases its lock.
    public func close(_ file: FileID) {
        state.withLock { state in
            guard let opened = state.openFiles.removeValue(forKey: file.value) else { return }
            state.files[opened.file].openCount -= 1
            if state.files[opened.file].lockHolder == file.value { state.files[opened.file].lockHolder = nil }
        }
    }

    /// Reads what is visible, mapped memory included.
    public func readSome(
        _ file: FileID, into target: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(FSError) -> Int {
        try state.withLock { state throws(FSError) in
            try state.begin("read", file)
            let index = try state.opened(file, "read").file
            if state.strikes(\.readError) {
                throw FSError(code: DiskError.io, operation: "read", path: state.name(index))
            }
            state.files[index].absorb()
            let size = state.files[index].visible.count
            guard offset < UInt64(size) else { return 0 }
            let start = Int(offset)
            let count = state.shortened(min(target.count, size - start), \.shortRead)
            unsafe state.files[index].visible.withUnsafeBytes { content in
                unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: content[start..<start + count]))
            }
            return count
        }
    }

    /// Writes into the page cache.
    public func writeSome(
        _ file: FileID, _ source: UnsafeRawBufferPointer, at offset: UInt64
    ) throws(FSError) -> Int {
        let bytes = unsafe [UInt8](source)
        return try state.withLock { state throws(FSError) in
            try state.begin("write", file)
            return try state.write(file, bytes, at: offset)
        }
    }

    /// Makes the content and size of a file durable, or fails and drops what it should have made durable.
    public func syncData(_ file: FileID) throws(FSError) {
        try state.withLock { state throws(FSError) in
            let opened = try state.opened(file, "fdatasync")
            do throws(FSError) {
                try state.begin("fdatasync", file)
                if state.strikes(\.syncError) {
                    throw FSError(code: DiskError.io, operation: "fdatasync", path: state.name(opened.file))
                }
            } catch {
                if !state.isDead { state.files[opened.file].dropDirtyData() }
                throw error
            }
            state.files[opened.file].sync()
            state.note(opened.file) { .syncData(path: $0) }
        }
    }

    /// Size of a file.
    public func size(_ file: FileID) throws(FSError) -> UInt64 {
        try state.withLock { state throws(FSError) in
            try state.begin("stat", file)
            return UInt64(state.files[try state.opened(file, "stat").file].visible.count)
        }
    }

    /// Cuts or extends a file.
    public func truncate(_ file: FileID, to size: UInt64) throws(FSError) {
        try state.withLock { state throws(FSError) in
            try state.begin("truncate", file)
            let opened = try state.opened(file, "truncate")
            let name = state.name(opened.file)
            guard opened.isWritable else {
                throw FSError(code: DiskError.invalid, operation: "truncate", path: name)
            }
            guard size <= UInt64(DiskState.sizeMax) else {
                throw FSError(code: DiskError.tooBig, operation: "truncate", path: name)
            }
            guard state.reachableEnd(opened.file, Int(size)) == Int(size) else {
                throw FSError(code: DiskError.noSpace, operation: "truncate", path: name)
            }
            state.files[opened.file].truncate(to: Int(size))
            state.note(opened.file) { .truncate(path: $0, size: size) }
        }
    }

    /// `flock`: the lock belongs to this open file and ends with it.
    public func lock(_ file: FileID) throws(FSError) -> Bool {
        try state.withLock { state throws(FSError) in
            try state.begin("flock", file)
            let index = try state.opened(file, "flock").file
            if let holder = state.files[index].lockHolder { return holder == file.value }
            state.files[index].lockHolder = file.value
            return true
        }
    }
}

// MARK: - Mapped memory

extension SimulatedDisk {
    /// Gives the memory that stands for a file's first bytes; all who map the file share it.
    ///
    /// Stores are visible to readers at once and durable after `syncData`, else by chance. The first mapping decides
    /// how much is mapped; a larger one beside it is refused.
    public func map(
        _ file: FileID, byteCount: Int, writable: Bool
    ) throws(FSError) -> UnsafeMutableRawPointer {
        let region = try state.withLock { state throws(FSError) in
            try state.begin("mmap", file)
            let opened = try state.opened(file, "mmap")
            let name = state.name(opened.file)
            guard byteCount > 0 else { throw FSError(code: DiskError.invalid, operation: "mmap", path: name) }
            guard opened.isWritable || !writable else {
                throw FSError(code: DiskError.access, operation: "mmap", path: name)
            }
            let region: MappedRegion
            if let shared = state.files[opened.file].region {
                guard byteCount <= shared.byteCount else {
                    throw FSError(code: DiskError.noMemory, operation: "mmap", path: name)
                }
                region = shared
            } else {
                region = MappedRegion(byteCount: byteCount)
                region.store(state.files[opened.file].visible, at: 0)
                state.files[opened.file].region = region
                unsafe state.regions[UInt(bitPattern: region.base)] = region
            }
            region.mapperCount += 1
            return region
        }
        return unsafe region.base
    }

    /// Ends a mapping; the file keeps what the memory says.
    public func unmap(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
        let address = UInt(bitPattern: pointer)
        state.withLock { state in
            guard let region = state.regions[address] else { return }
            region.mapperCount -= 1
            guard region.mapperCount == 0 else { return }
            if let file = state.files.firstIndex(where: { $0.region === region }) { state.files[file].detach() }
            state.regions[address] = nil
        }
    }
}

/// Error numbers that the simulated disk gives; those of Linux.
enum DiskError {
    static let noEntry: Int32 = 2
    static let io: Int32 = 5
    static let badFile: Int32 = 9
    static let noMemory: Int32 = 12
    static let access: Int32 = 13
    static let exists: Int32 = 17
    static let crossDevice: Int32 = 18
    static let notDirectory: Int32 = 20
    static let isDirectory: Int32 = 21
    static let invalid: Int32 = 22
    static let tooManyOpen: Int32 = 24
    static let tooBig: Int32 = 27
    static let noSpace: Int32 = 28
}

/// A file as one process has it open.
struct OpenFile: Sendable {
    var file: Int
    var isWritable: Bool
}

/// Everything a simulated disk knows, as one value, so that a copy of it is a copy of the disk.
struct DiskState: Sendable {
    /// No file grows beyond; an absurd offset must not take the machine's memory.
    static let sizeMax = 1 << 31

    /// All files there ever were since the last power cut.
    var files: [SimulatedFile] = []
    /// All directories; the first is the root.
    var directories = [SimulatedDirectory()]
    var openFiles: [Int32: OpenFile] = [:]
    /// Mapped memory by address; it outlives a crash, since tests may still hold objects of the dead process.
    var regions: [UInt: MappedRegion] = [:]
    /// Never used twice, so that what the dead process still holds cannot touch files of the next one.
    var nextFileID: Int32 = 3
    var capacity: UInt64?
    var directoriesAreDurableAtOnce: Bool
    var faults = DiskFaults()
    var callCount = 0
    var generator: SeededGenerator
    var trace: [DiskOperation]?
    var bootCount: UInt32 = 0
    var environmentCount: UInt64 = 0

    /// Names on the way to `path`; there are no links and no working directory.
    static func names(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init)
    }

    /// What stands at a path.
    func entry(_ path: String) -> DirectoryEntry? {
        var entry = DirectoryEntry.directory(0)
        for name in Self.names(path) {
            guard case .directory(let index) = entry, let next = directories[index].visible[name] else { return nil }
            entry = next
        }
        return entry
    }

    /// The index of the file at a path.
    func file(_ path: String) -> Int? {
        if case .file(let index)? = entry(path) { return index }
        return nil
    }

    /// The directory at a path.
    func directory(_ path: String, _ operation: String) throws(FSError) -> Int {
        switch entry(path) {
        case .directory(let index): return index
        case .file: throw FSError(code: DiskError.notDirectory, operation: operation, path: path)
        case nil: throw FSError(code: DiskError.noEntry, operation: operation, path: path)
        }
    }

    /// The directory that a path's last name belongs to, and that name.
    func parent(_ path: String, _ operation: String) throws(FSError) -> (directory: Int, name: String) {
        let names = Self.names(path)
        guard let name = names.last else { throw FSError(code: DiskError.invalid, operation: operation, path: path) }
        return (try directory("/" + names.dropLast().joined(separator: "/"), operation), name)
    }

    /// The path in the one form that files remember.
    static func canonical(_ path: String) -> String { "/" + names(path).joined(separator: "/") }

    /// An open file.
    func opened(_ id: FileID, _ operation: String) throws(FSError) -> OpenFile {
        guard let opened = openFiles[id.value] else {
            throw FSError(code: DiskError.badFile, operation: operation, path: "file \(id.value)")
        }
        return opened
    }

    /// The name of a file for messages.
    func name(_ file: Int) -> String { files[file].path ?? "a replaced file" }

    /// Bytes that all files take which have a name or are open; holes count like data.
    var usedBytes: UInt64 {
        files.reduce(0) { $1.path != nil || $1.openCount > 0 ? $0 + UInt64($1.visible.count) : $0 }
    }

    /// Bytes that can still be written.
    var freeBytes: UInt64 {
        guard let capacity else { return 1 << 50 }
        let used = usedBytes
        return used < capacity ? capacity - used : 0
    }

    /// How far a file may grow to end at `end`, less if the disk is full.
    func reachableEnd(_ file: Int, _ end: Int) -> Int {
        let size = files[file].visible.count
        guard capacity != nil, end > size else { return end }
        return size + Int(min(freeBytes, UInt64(end - size)))
    }

    /// Remembers an operation, if anyone wants the trace.
    mutating func note(_ operation: @autoclosure () -> DiskOperation) {
        if trace != nil { trace?.append(operation()) }
    }

    /// Remembers an operation on a file that still has a name.
    mutating func note(_ file: Int, _ operation: (String) -> DiskOperation) {
        if let path = files[file].path { note(operation(path)) }
    }

    /// The process ends: nothing is open or locked any more, and mapped files keep what their memory says.
    mutating func closeAll() {
        openFiles.removeAll()
        for index in files.indices {
            files[index].detach()
            files[index].lockHolder = nil
            files[index].openCount = 0
        }
    }
}

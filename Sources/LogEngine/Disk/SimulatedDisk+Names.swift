internal import Synchronization

extension SimulatedDisk {
    /// Makes the names in a directory durable.
    public func syncDirectory(_ path: String) throws(FSError) {
        try state.withLock { state throws(FSError) in
            try state.begin("fsync", path)
            let directory = try state.directory(path, "fsync")
            if state.strikes(\.syncDirectoryError) {
                throw FSError(code: DiskError.io, operation: "fsync", path: path)
            }
            state.directories[directory].sync()
            state.note(.syncDirectory(path: DiskState.canonical(path)))
        }
    }

    /// Names in a directory, sorted by their bytes.
    public func list(_ path: String) throws(FSError) -> [String] {
        try state.withLock { state throws(FSError) in
            try state.begin("list", path)
            return state.directories[try state.directory(path, "list")].visible.sortedByName.map(\.name)
        }
    }

    /// Makes a directory; it may exist already.
    public func createDirectory(_ path: String) throws(FSError) {
        try state.withLock { state throws(FSError) in
            try state.begin("mkdir", path)
            try state.createDirectory(path)
        }
    }

    /// Gives a file another name in the same directory, replacing what had it.
    public func rename(_ path: String, to newPath: String) throws(FSError) {
        try state.withLock { state throws(FSError) in
            try state.begin("rename", path)
            if state.strikes(\.renameError) { throw FSError(code: DiskError.io, operation: "rename", path: path) }
            try state.rename(path, to: newPath)
        }
    }

    /// Whether a path is a directory, a file, or nothing; not counted, since it cannot fail.
    public func kind(_ path: String) -> PathKind {
        state.withLock { state in
            switch state.entry(path) {
            case .file: .file
            case .directory: .directory
            case nil: .nothing
            }
        }
    }

    /// Bytes that can still be written.
    public func freeBytes(_ path: String) throws(FSError) -> UInt64 {
        try state.withLock { state throws(FSError) in
            try state.begin("statvfs", path)
            guard state.entry(path) != nil else {
                throw FSError(code: DiskError.noEntry, operation: "statvfs", path: path)
            }
            return state.freeBytes
        }
    }
}

extension DiskState {
    /// Creates an empty file.
    mutating func create(_ path: String) throws(FSError) -> Int {
        guard entry(path) == nil else { throw FSError(code: DiskError.exists, operation: "open", path: path) }
        let (parent, name) = try parent(path, "open")
        let file = files.count
        files.append(SimulatedFile(path: Self.canonical(path)))
        directories[parent].perform(DirectoryOperation(name: name, entry: .file(file)))
        note(.create(path: Self.canonical(path)))
        return file
    }

    /// Creates a directory that may exist already.
    mutating func createDirectory(_ path: String) throws(FSError) {
        switch entry(path) {
        case .directory: return
        case .file: throw FSError(code: DiskError.exists, operation: "mkdir", path: path)
        case nil: break
        }
        let (parent, name) = try parent(path, "mkdir")
        let entry = DirectoryEntry.directory(directories.count)
        directories.append(SimulatedDirectory())
        if directoriesAreDurableAtOnce {
            directories[parent].visible[name] = entry
            directories[parent].durable[name] = entry
        } else {
            directories[parent].perform(DirectoryOperation(name: name, entry: entry))
        }
        note(.createDirectory(path: Self.canonical(path)))
    }

    /// Renames a file within its directory.
    mutating func rename(_ path: String, to newPath: String) throws(FSError) {
        let (oldParent, oldName) = try parent(path, "rename")
        let (newParent, newName) = try parent(newPath, "rename")
        guard oldParent == newParent else {
            throw FSError(code: DiskError.crossDevice, operation: "rename", path: path)
        }
        guard let entry = directories[oldParent].visible[oldName] else {
            throw FSError(code: DiskError.noEntry, operation: "rename", path: path)
        }
        guard case .file(let file) = entry else {
            throw FSError(code: DiskError.isDirectory, operation: "rename", path: path)
        }
        let replaced = directories[oldParent].visible[newName]
        if replaced == entry { return }
        switch replaced {
        case .directory: throw FSError(code: DiskError.isDirectory, operation: "rename", path: newPath)
        case .file(let other): files[other].path = nil
        case nil: break
        }
        directories[oldParent].perform(DirectoryOperation(name: newName, entry: entry))
        files[file].path = Self.canonical(newPath)
        note(.rename(from: Self.canonical(path), to: Self.canonical(newPath)))
    }
}

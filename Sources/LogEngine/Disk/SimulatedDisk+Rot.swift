internal import Synchronization

// What tests do to a disk behind the engine's back: none of it counts as a call, fails, or is traced.
extension SimulatedDisk {
    /// Changes one byte of a file, in the page cache and on the platter.
    ///
    /// A byte that lies only in the one is changed only there; one beyond both is a mistake of the test.
    public func mutateDurable(_ path: String, _ offset: Int, _ change: (inout UInt8) -> Void) {
        state.withLock { state in
            guard let file = state.file(path) else { preconditionFailure("Invariant: \(path) is a file") }
            state.files[file].absorb()
            let sizes = (state.files[file].visible.count, state.files[file].durable.count)
            precondition(offset < max(sizes.0, sizes.1), "Invariant: the byte to change is within \(path)")
            if offset < sizes.1 { change(&state.files[file].durable[offset]) }
            if offset < sizes.0 {
                change(&state.files[file].visible[offset])
                state.files[file].region?.store([state.files[file].visible[offset]], at: offset)
            }
        }
    }

    /// What readers of a file see, or nil if there is none.
    public func contents(_ path: String) -> [UInt8]? {
        state.withLock { state in
            guard let file = state.file(path) else { return nil }
            state.files[file].absorb()
            return state.files[file].visible
        }
    }

    /// What a power cut that loses everything would leave of a file, or nil if it has no durable name.
    public func durableContents(_ path: String) -> [UInt8]? {
        state.withLock { state in
            var entry = DirectoryEntry.directory(0)
            for name in DiskState.names(path) {
                guard case .directory(let index) = entry, let next = state.directories[index].durable[name] else {
                    return nil
                }
                entry = next
            }
            guard case .file(let file) = entry else { return nil }
            return state.files[file].durable
        }
    }

    /// Puts a durable file with a durable name on the disk, or gives one that is there another content.
    ///
    /// Missing directories are made.
    public func setContents(_ path: String, _ bytes: [UInt8]) {
        state.withLock { state in
            let names = DiskState.names(path)
            guard let name = names.last else { preconditionFailure("Invariant: a file has a name") }
            let parent = state.durableDirectory(names.dropLast())
            let file: Int
            if case .file(let index)? = state.directories[parent].visible[name] {
                file = index
            } else {
                precondition(state.directories[parent].visible[name] == nil, "Invariant: \(path) is no directory")
                file = state.files.count
                state.files.append(SimulatedFile(path: DiskState.canonical(path)))
            }
            state.directories[parent].settle(name, .file(file))
            state.files[file].absorb()
            state.files[file].visible = bytes
            state.files[file].durable = bytes
            state.files[file].unsynced = []
            state.files[file].region?.store(bytes, at: 0)
        }
    }

    /// Takes a file away, durably, under its old names too; who has it open keeps it until it is closed.
    public func removeFile(_ path: String) {
        state.withLock { state in
            guard let file = state.file(path), let (parent, name) = try? state.parent(path, "remove") else { return }
            state.directories[parent].settle(name, nil)
            state.directories[parent].durable = state.directories[parent].durable.filter { $0.value != .file(file) }
            state.directories[parent].unsynced.removeAll { $0.entry == .file(file) }
            state.files[file].path = nil
        }
    }

    /// Paths of all visible files, sorted by their bytes.
    public func paths() -> [String] {
        state.withLock { state in
            state.files.compactMap(\.path).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// Files that are open now; what a test that closed everything compares with zero.
    public var openFileCount: Int { state.withLock { $0.openFiles.count } }

    /// Mappings that were not ended.
    public var mappingCount: Int { state.withLock { $0.regions.values.reduce(0) { $0 + $1.mapperCount } } }
}

extension DiskState {
    /// Finds or makes a directory.
    fileprivate mutating func durableDirectory(_ names: ArraySlice<String>) -> Int {
        var index = 0
        for name in names {
            switch directories[index].visible[name] {
            case .directory(let next):
                directories[index].settle(name, .directory(next))
                index = next
            case .file: preconditionFailure("Invariant: \(name) is a directory")
            case nil:
                directories.append(SimulatedDirectory())
                directories[index].settle(name, .directory(directories.count - 1))
                index = directories.count - 1
            }
        }
        return index
    }
}

extension SimulatedDirectory {
    /// Makes a name stand for something, or nothing, visibly and durably.
    fileprivate mutating func settle(_ name: String, _ entry: DirectoryEntry?) {
        durable = durable.filter { $0.value != entry }
        durable[name] = entry
        visible[name] = entry
        unsynced.removeAll { $0.name == name }
    }
}

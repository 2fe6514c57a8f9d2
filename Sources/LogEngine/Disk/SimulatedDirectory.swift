/// What a name in a simulated directory stands for: an index into the files or directories of the disk.
enum DirectoryEntry: Hashable, Sendable {
    case file(Int)
    case directory(Int)
}

/// A change of a directory that is not yet on stable storage: a creation, or a rename, which takes the file's old
/// name
/// away and replaces what had the new one, and is never half done.
struct DirectoryOperation: Sendable {
    var name: String
    var entry: DirectoryEntry
}

/// A directory of the simulated disk: the names that processes see, and those that a power cut leaves.
struct SimulatedDirectory: Sendable {
    var visible: [String: DirectoryEntry] = [:]
    var durable: [String: DirectoryEntry] = [:]
    var unsynced: [DirectoryOperation] = []

    /// Does something that is visible at once.
    mutating func perform(_ operation: DirectoryOperation) {
        Self.apply(operation, to: &visible)
        unsynced.append(operation)
    }

    /// Makes the names durable.
    mutating func sync() {
        durable = visible
        unsynced.removeAll()
    }

    /// The names after a power cut that lost some of the unsynced operations.
    func names(applying isApplied: [Bool]) -> [String: DirectoryEntry] {
        var names = durable
        for (operation, isApplied) in zip(unsynced, isApplied) where isApplied { Self.apply(operation, to: &names) }
        return names
    }

    private static func apply(_ operation: DirectoryOperation, to names: inout [String: DirectoryEntry]) {
        // By what it is, not by its old name: the operation that gave it that name may have been lost.
        names = names.filter { $0.value != operation.entry }
        names[operation.name] = operation.entry
    }
}

extension [String: DirectoryEntry] {
    /// In the only order that anything may depend on.
    var sortedByName: [(name: String, entry: DirectoryEntry)] {
        map { (name: $0.key, entry: $0.value) }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

internal import Synchronization

/// What a power cut leaves of the operations that were not synced.
public enum CrashStyle: Equatable, Sendable {
    /// Nothing.
    case loseAll
    /// Everything that a failed sync did not drop.
    case keepAll
    /// A seeded choice for each sector, truncation, mapped store, and name.
    case random
}

extension SimulatedDisk {
    /// The process dies, the machine goes on: all files are closed, all locks released, all that was visible stays.
    ///
    /// What was not synced is still not durable.
    public func restartAfterKill() {
        state.withLock { $0.closeAll() }
    }

    /// The power fails: what was not synced is lost, kept, or mixed, and all that is left is durable.
    ///
    /// Sectors of 512 or 4,096 bytes (drawn once for each cut) persist independently of each other, so later writes
    /// can survive earlier ones. A single sector holds what the page cache held at some moment: the first few of the
    /// writes that touched it. Rarely the first write that it lost left zeros or garbage in its place. Sectors of new
    /// space that were lost before one that was not read as zeros. Bytes that nobody wrote to are never damaged.
    /// Mapped stores survive as a whole or not at all. Each name and each rename survives or not by itself; a file
    /// whose name is lost is lost. File handles and mappings of before are dead, and faults stay as set.
    public func powerCut(_ generator: inout SeededGenerator, _ style: CrashStyle = .random) {
        var source = generator.split()
        state.withLock { state in
            for index in state.files.indices { state.files[index].absorb() }
            let sectorBytes = source.chance(0.5) ? 512 : 4096
            let before = state
            state = before.crashed(
                { index in
                    let file = before.files[index]
                    return switch style {
                    case .loseAll: FileSurvival(file) { _ in false }
                    case .keepAll: FileSurvival(file) { _ in true }
                    case .random: FileSurvival(file, sectorBytes: sectorBytes, &source)
                    }
                },
                { index in
                    let operations = before.directories[index].unsynced
                    switch style {
                    case .loseAll: return operations.map { _ in false }
                    case .keepAll: return operations.map { _ in true }
                    case .random:
                        let keep = source.pick(FileSurvival.keepProbabilities)
                        return operations.map { _ in source.chance(keep) }
                    }
                })
        }
    }

    /// A power cut with a generator of its own.
    public func powerCut(seed: UInt64, _ style: CrashStyle = .random) {
        var generator = SeededGenerator(seed: seed)
        powerCut(&generator, style)
    }
}

extension DiskState {
    /// The disk after a power cut, when `survival` and `isApplied` tell what was left of each file and directory, by
    /// their indices.
    func crashed(
        _ survival: (Int) -> FileSurvival, _ isApplied: (Int) -> [Bool]
    ) -> DiskState {
        var after = self
        after.closeAll()
        after.files = []
        after.directories = []
        after.bootCount += 1
        if after.trace != nil { after.trace = [] }
        _ = addDirectory(0, path: "", to: &after, survival, isApplied)
        return after
    }

    /// Adds what is left of a directory and of all below it, and returns its new index.
    private func addDirectory(
        _ index: Int, path: String, to after: inout DiskState, _ survival: (Int) -> FileSurvival,
        _ isApplied: (Int) -> [Bool]
    ) -> Int {
        let newIndex = after.directories.count
        after.directories.append(SimulatedDirectory())
        let names = directories[index].names(applying: isApplied(index))
        for (name, entry) in names.sortedByName {
            let newEntry: DirectoryEntry
            switch entry {
            case .directory(let child):
                newEntry = .directory(addDirectory(child, path: "\(path)/\(name)", to: &after, survival, isApplied))
            case .file(let file):
                let content = survival(file).content(of: files[file])
                newEntry = .file(after.files.count)
                after.files.append(SimulatedFile(path: "\(path)/\(name)", visible: content, durable: content))
            }
            after.directories[newIndex].visible[name] = newEntry
            after.directories[newIndex].durable[name] = newEntry
        }
        return newIndex
    }
}

/// What is left of the unsynced operations of one file.
struct FileSurvival {
    /// How much of a file or directory survives is drawn first, so that some survive whole and others not at all.
    static let keepProbabilities = [0, 0.1, 0.5, 0.9, 1]

    private let sectorBytes: Int
    /// Whether a truncation or mapped store was applied, by operation.
    private var isApplied: [Bool]
    /// The last write of each sector that was persisted; none if missing.
    private var lastWrite: [Int: Int] = [:]
    /// The first lost write of a sector, and what stands in its place: garbage, or zeros if nil.
    private var spoiled: [Int: (write: Int, garbage: SeededGenerator?)] = [:]

    /// Whole operations; of one sector's writes those before an applied one are applied too.
    init(_ file: SimulatedFile, applying isApplied: (Int) -> Bool) {
        sectorBytes = 512
        self.isApplied = file.unsynced.indices.map(isApplied)
        for (index, operation) in file.unsynced.enumerated() where self.isApplied[index] {
            for piece in operation.pieces(sectorBytes) { lastWrite[piece.sector] = index }
        }
    }

    /// A seeded choice for each sector.
    init(_ file: SimulatedFile, sectorBytes: Int, _ generator: inout SeededGenerator) {
        self.sectorBytes = sectorBytes
        let keep = generator.pick(Self.keepProbabilities)
        let spoil = generator.chance(0.25) ? 0.125 : 0
        isApplied = file.unsynced.map { _ in generator.chance(keep) }
        var writes: [Int: [Int]] = [:]
        for (index, operation) in file.unsynced.enumerated() {
            for piece in operation.pieces(sectorBytes) { writes[piece.sector, default: []].append(index) }
        }
        for (sector, writes) in writes.sorted(by: { $0.key < $1.key }) {
            let lost = writes.firstIndex { _ in !generator.chance(keep) } ?? writes.count
            if lost > 0 { lastWrite[sector] = writes[lost - 1] }
            if lost < writes.count, generator.chance(spoil) {
                spoiled[sector] = (writes[lost], generator.chance(0.5) ? generator.split() : nil)
            }
        }
    }

    /// The content that is left.
    func content(of file: SimulatedFile) -> [UInt8] {
        var content = file.durable
        for (index, operation) in file.unsynced.enumerated() {
            switch operation {
            case .truncate(let size): if isApplied[index] { content.resize(size) }
            case .mapped(let bytes): if isApplied[index] { content.put(bytes[...], at: 0) }
            case .write(let offset, let bytes):
                for piece in operation.pieces(sectorBytes) {
                    let start = piece.range.lowerBound
                    if index <= lastWrite[piece.sector] ?? -1 {
                        content.put(bytes[start - offset..<piece.range.upperBound - offset], at: start)
                    } else if let spoiled = spoiled[piece.sector], spoiled.write == index {
                        var garbage = spoiled.garbage
                        let zeros = [UInt8](repeating: 0, count: piece.range.count)
                        content.put((garbage?.bytes(piece.range.count) ?? zeros)[...], at: start)
                    }
                }
            }
        }
        return content
    }
}

extension FileOperation {
    /// The parts of a write that fall into one sector each.
    func pieces(_ sectorBytes: Int) -> [(sector: Int, range: Range<Int>)] {
        guard case .write(let offset, let bytes) = self else { return [] }
        let end = offset + bytes.count
        return (offset / sectorBytes...(end - 1) / sectorBytes).map { sector in
            (sector, max(offset, sector * sectorBytes)..<min(end, (sector + 1) * sectorBytes))
        }
    }
}

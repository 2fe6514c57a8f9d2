internal import Synchronization

extension SimulatedDisk {
    /// The disks that a power cut now could leave, when each unsynced operation is persisted as a whole or not at
    /// all.
    ///
    /// All combinations, if there are at most `limit`. Else first those where each file and each directory kept the
    /// first few of its operations (all of them if they fit, else a seeded sample of half the limit), then a seeded
    /// sample of the others. The first state lost everything. The copies have no faults and counted no calls; this
    /// disk
    /// goes on as if nothing had happened. For torn sectors see `powerCut`.
    public func crashStates(limit: Int, seed: UInt64 = 0) -> [SimulatedDisk] {
        let before = state.withLock { state in
            for index in state.files.indices { state.files[index].absorb() }
            return state
        }
        let groups = before.unsyncedCounts
        var choices = CrashChoices(groups: groups.map(\.count), seed: seed)
        return choices.list(limit: limit).map { kept in
            var masks: [DirectoryEntry: ArraySlice<Bool>] = [:]
            var start = 0
            for group in groups {
                masks[group.entry] = kept[start..<start + group.count]
                start += group.count
            }
            return SimulatedDisk(before.crashed(masks))
        }
    }

    /// Unsynced operations of all files and directories that a power cut could lose.
    public var unsyncedOperationCount: Int {
        state.withLock { state in
            for index in state.files.indices { state.files[index].absorb() }
            return state.unsyncedCounts.reduce(0) { $0 + $1.count }
        }
    }
}

extension DiskState {
    /// How many unsynced operations each file and directory has that a power cut could leave in the tree.
    fileprivate var unsyncedCounts: [(entry: DirectoryEntry, count: Int)] {
        var counts: [(entry: DirectoryEntry, count: Int)] = []
        var seen: Set<DirectoryEntry> = []
        var waiting = [DirectoryEntry.directory(0)]
        while let entry = waiting.popLast() {
            guard seen.insert(entry).inserted else { continue }
            switch entry {
            case .file(let index): counts.append((entry, files[index].unsynced.count))
            case .directory(let index):
                counts.append((entry, directories[index].unsynced.count))
                waiting += directories[index].durable.sortedByName.map(\.entry)
                waiting += directories[index].unsynced.map(\.entry)
            }
        }
        return counts.filter { $0.count > 0 }
    }

    /// The disk after a power cut that kept the chosen operations of each file and directory.
    fileprivate func crashed(_ masks: [DirectoryEntry: ArraySlice<Bool>]) -> DiskState {
        var after = crashed(
            { index in
                let mask = Array(masks[.file(index)] ?? [])
                return FileSurvival(files[index]) { mask[$0] }
            },
            { index in Array(masks[.directory(index)] ?? []) })
        after.regions = [:]
        after.faults = DiskFaults()
        after.callCount = 0
        return after
    }
}

/// Chooses which operations survive: one flag for each operation, group after group.
private struct CrashChoices {
    private let groups: [Int]
    private let total: Int
    private var generator: SeededGenerator
    private var chosen: [[Bool]] = []
    private var seen: Set<[Bool]> = []

    init(groups: [Int], seed: UInt64) {
        self.groups = groups
        total = groups.reduce(0, +)
        generator = SeededGenerator(seed: seed)
    }

    mutating func list(limit: Int) -> [[Bool]] {
        guard limit > 0 else { return [] }
        if total < Int.bitWidth - 2, 1 << total <= limit {
            return (0..<1 << total).map { mask in (0..<total).map { mask >> $0 & 1 == 1 } }
        }
        choose(groups.map { _ in 0 })
        if limit > 1 { choose(groups) }
        if let count = prefixCount, count <= limit {
            for number in 0..<count { choose(prefixes(number)) }
        } else {
            for _ in 0..<10 * limit where chosen.count < limit / 2 {
                choose(groups.map { generator.below($0 + 1) })
            }
        }
        var attempts = 0
        while chosen.count < limit, attempts < 20 * limit {
            attempts += 1
            let keep = generator.pick([0.1, 0.5, 0.9])
            add((0..<total).map { _ in generator.chance(keep) })
        }
        return chosen
    }

    /// In how many ways each group can keep its first few, unless that is astronomical.
    private var prefixCount: Int? {
        var product = 1
        for count in groups {
            let (next, isTooLarge) = product.multipliedReportingOverflow(by: count + 1)
            if isTooLarge { return nil }
            product = next
        }
        return product
    }

    private func prefixes(_ number: Int) -> [Int] {
        var rest = number
        return groups.map { count in
            defer { rest /= count + 1 }
            return rest % (count + 1)
        }
    }

    private mutating func choose(_ prefixes: [Int]) {
        add(zip(groups, prefixes).flatMap { count, kept in (0..<count).map { $0 < kept } })
    }

    private mutating func add(_ flags: [Bool]) {
        if seen.insert(flags).inserted { chosen.append(flags) }
    }
}

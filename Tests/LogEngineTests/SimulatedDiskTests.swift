import LogEngine
import Testing

@Suite struct `Simulated disk: what survives` {
    @Test func `a power cut that loses all leaves what was synced`() throws {
        let disk = try SimulatedDisk.withFile("/a", synced: "kept", then: " lost")
        #expect(disk.text("/a") == "kept lost")
        disk.powerCut(seed: 1, .loseAll)
        #expect(disk.text("/a") == "kept")
    }

    @Test func `a power cut that keeps all leaves everything`() throws {
        let disk = try SimulatedDisk.withFile("/a", synced: "kept", then: " too")
        disk.powerCut(seed: 1, .keepAll)
        #expect(disk.text("/a") == "kept too")
        disk.powerCut(seed: 2, .loseAll)
        #expect(disk.text("/a") == "kept too")
    }

    @Test func `a killed process loses nothing, but the power cut after it does`() throws {
        let disk = try SimulatedDisk.withFile("/a", synced: "kept", then: " so far")
        disk.restartAfterKill()
        #expect(disk.openFileCount == 0)
        #expect(disk.text("/a") == "kept so far")
        disk.powerCut(seed: 1, .loseAll)
        #expect(disk.text("/a") == "kept")
    }

    @Test func `a file without a synced name is gone, whatever its content`() throws {
        let disk = SimulatedDisk()
        let file = try disk.open("/a", .create)
        try disk.write(file, Array("x".utf8), at: 0)
        try disk.syncData(file)
        #expect(disk.kind("/a") == .file)
        disk.powerCut(seed: 1, .loseAll)
        #expect(disk.kind("/a") == .nothing)
        #expect(disk.paths() == [])
    }

    @Test func `a directory is durable at once, or needs its parent synced if so asked`() throws {
        for isDurableAtOnce in [true, false] {
            let disk = SimulatedDisk(directoriesAreDurableAtOnce: isDurableAtOnce)
            try disk.createDirectory("/d")
            let saved = disk.copy()
            disk.powerCut(seed: 1, .loseAll)
            #expect(disk.kind("/d") == (isDurableAtOnce ? .directory : .nothing))
            try saved.syncDirectory("/")
            saved.powerCut(seed: 1, .loseAll)
            #expect(saved.kind("/d") == .directory)
        }
    }

    @Test func `after any power cut a renamed file has the old content or the new, never neither`() throws {
        var seen: Set<String> = []
        for seed in 0..<200 {
            let disk = SimulatedDisk()
            disk.setContents("/a", Array("old".utf8))
            let file = try disk.open("/a.new", .create)
            try disk.write(file, Array("new".utf8), at: 0)
            try disk.syncData(file)
            try disk.rename("/a.new", to: "/a")
            disk.powerCut(seed: UInt64(seed), .random)
            let content = try #require(disk.text("/a"))
            seen.insert("\(content) \(disk.paths().count)")
        }
        #expect(seen == ["old 1", "old 2", "new 1"])
    }

    @Test func `a durably created file survives every power cut`() throws {
        for seed in 0..<50 {
            let disk = SimulatedDisk()
            try disk.createDurably("a", in: "/", Array("whole".utf8))
            disk.powerCut(seed: UInt64(seed), .random)
            #expect(disk.paths() == ["/a"])
            #expect(disk.text("/a") == "whole")
        }
    }

    @Test func `what is left of a dead process touches nothing of the next`() throws {
        let disk = try SimulatedDisk.withFile("/a", synced: "kept", then: "")
        let old = try disk.open("/a", .readWrite)
        disk.restartAfterKill()
        let new = try disk.open("/a", .readWrite)
        #expect(new != old)
        disk.close(old)
        #expect(failureCode { () throws(FSError) in try disk.write(old, [1], at: 0) } == 9)
        try disk.write(new, Array("K".utf8), at: 0)
        #expect(disk.text("/a") == "Kept")
    }
}

@Suite struct `Simulated disk: torn writes` {
    @Test func `sectors of one write survive independently, and lost new space reads as zeros or garbage`() throws {
        var hasHole = false
        var hasTail = false
        var hasGarbage = false
        for seed in 0..<300 {
            let disk = try SimulatedDisk.withFile("/a", synced: "", then: String(repeating: "x", count: 16 * 512))
            disk.powerCut(seed: UInt64(seed), .random)
            let content = try #require(disk.contents("/a"))
            let sectors = stride(from: 0, to: content.count, by: 512).map { content[$0..<min($0 + 512, content.count)] }
            for (index, sector) in sectors.enumerated() {
                #expect(sector.count == 512)
                let isWhole = sector.allSatisfy { $0 == UInt8(ascii: "x") }
                let isZero = sector.allSatisfy { $0 == 0 }
                if isZero, index < sectors.count - 1 { hasHole = true }
                if !isZero, !isWhole { hasGarbage = true }
            }
            if !sectors.isEmpty, sectors.count < 16 { hasTail = true }
        }
        #expect(hasHole && hasTail && hasGarbage)
    }

    @Test func `a sector holds what it held at some moment`() throws {
        var seen: Set<String> = []
        for seed in 0..<300 {
            let disk = try SimulatedDisk.withFile("/a", synced: "------", then: "")
            let file = try disk.open("/a", .readWrite)
            try disk.write(file, Array("11".utf8), at: 0)
            try disk.write(file, Array("22".utf8), at: 2)
            try disk.write(file, Array("33".utf8), at: 4)
            disk.powerCut(seed: UInt64(seed), .random)
            let content = try #require(disk.contents("/a"))
            seen.insert(String(decoding: content, as: UTF8.self))
        }
        #expect(seen.isSuperset(of: ["------", "11----", "1122--", "112233"]))
        // Others have zeros or garbage, but only in the place of the first lost write.
        #expect(seen.allSatisfy { !$0.hasSuffix("33") || $0 == "112233" })
    }

    @Test func `bytes that were durable are not damaged by a torn append`() throws {
        for seed in 0..<200 {
            let disk = try SimulatedDisk.withFile("/a", synced: "durable", then: String(repeating: "x", count: 3000))
            disk.powerCut(seed: UInt64(seed), .random)
            #expect(disk.contents("/a")?.prefix(7).elementsEqual("durable".utf8) == true)
        }
    }

    @Test func `a truncation survives or not`() throws {
        var seen: Set<String> = []
        for seed in 0..<50 {
            let disk = try SimulatedDisk.withFile("/a", synced: "long", then: "")
            try disk.truncate(try disk.open("/a", .readWrite), to: 1)
            disk.powerCut(seed: UInt64(seed), .random)
            seen.insert(disk.text("/a") ?? "")
        }
        #expect(seen == ["long", "l"])
    }

    @Test func `a synced truncation stays, and extends with zeros`() throws {
        let disk = try SimulatedDisk.withFile("/a", synced: "long", then: "")
        let file = try disk.open("/a", .readWrite)
        try disk.truncate(file, to: 1)
        try disk.truncate(file, to: 3)
        try disk.syncData(file)
        try disk.truncate(file, to: 0)
        disk.powerCut(seed: 1, .loseAll)
        #expect(disk.contents("/a") == [UInt8(ascii: "l"), 0, 0])
    }

    @Test func `the same seed gives the same state, another seed another`() throws {
        func state(_ seed: UInt64) throws -> [[UInt8]?] {
            let disk = SimulatedDisk(seed: seed)
            disk.faults.shortWrite = 0.5
            try disk.createDirectory("/d")
            for name in ["/d/a", "/d/b", "/c"] {
                let file = try disk.open(name, .create)
                for index in 0..<40 {
                    try disk.write(file, [UInt8](repeating: UInt8(index + 1), count: 700), at: UInt64(index * 600))
                }
            }
            try disk.syncDirectory("/d")
            disk.powerCut(seed: seed, .random)
            return ["/d/a", "/d/b", "/c"].map(disk.contents)
        }
        for seed in UInt64(0)..<20 { #expect(try state(seed) == state(seed)) }
        #expect(Set(try (UInt64(0)..<20).map(state)).count > 10)
    }
}

@Suite struct `Simulated disk: crash states` {
    @Test func `small traces are enumerated completely`() throws {
        let disk = SimulatedDisk()
        disk.setContents("/a", [])
        disk.setContents("/b", [])
        let a = try disk.open("/a", .readWrite)
        let b = try disk.open("/b", .readWrite)
        try disk.write(a, Array("1".utf8), at: 0)
        try disk.write(a, Array("2".utf8), at: 512)
        try disk.write(b, Array("3".utf8), at: 0)
        #expect(disk.unsyncedOperationCount == 3)
        let states = disk.crashStates(limit: 100).map { [$0.contents("/a"), $0.contents("/b")] }
        #expect(states.count == 8)
        #expect(Set(states).count == 8)
        #expect(states[0] == [[], []])
        #expect(states.contains([[UInt8](repeating: 0, count: 512) + Array("2".utf8), []]))
        #expect(disk.contents("/b") == Array("3".utf8))
    }

    @Test func `large traces are sampled, prefixes first`() throws {
        let disk = SimulatedDisk()
        disk.setContents("/a", [])
        let file = try disk.open("/a", .readWrite)
        for index in 0..<20 { try disk.write(file, [UInt8(index + 1)], at: UInt64(512 * index)) }
        let states = disk.crashStates(limit: 60, seed: 7).map { $0.contents("/a") ?? [] }
        #expect(states.count == 60)
        #expect(Set(states).count == 60)
        #expect(states[0].isEmpty)
        for length in 1...20 {
            #expect(states[..<21].contains { $0.count == 512 * length - 511 && !hasHole($0) })
        }
        #expect(states[21...].allSatisfy(hasHole))
        #expect(states == disk.crashStates(limit: 60, seed: 7).map { $0.contents("/a") ?? [] })
    }

    @Test func `names and contents are combined`() throws {
        let disk = SimulatedDisk()
        let file = try disk.open("/a", .create)
        try disk.write(file, [1], at: 0)
        try disk.rename("/a", to: "/b")
        let states = disk.crashStates(limit: 100)
        // Name: none, a, b, or b though the creation of a was lost; content: empty or not.
        #expect(states.count == 8)
        #expect(Set(states.map { "\($0.paths()) \($0.contents("/b") ?? [])" }).count == 4)
    }

    @Test func `the states are independent of each other and of the disk`() throws {
        let disk = try SimulatedDisk.withFile("/a", synced: "x", then: "y")
        let states = disk.crashStates(limit: 2)
        states[0].setContents("/a", [])
        #expect(states[1].text("/a") == "xy")
        #expect(disk.text("/a") == "xy")
    }

    @Test func `a replayed trace gives the disk of every moment`() throws {
        let disk = SimulatedDisk()
        disk.setContents("/log/a", [7])
        let before = disk.copy()
        disk.isTracing = true
        try disk.createDurably("b", in: "/log", Array("hello".utf8))
        let file = try disk.open("/log/b", .readWrite)
        try disk.write(file, Array("J".utf8), at: 0)
        try disk.truncate(file, to: 4)
        #expect(
            disk.trace == [
                .create(path: "/log/b.new"), .write(path: "/log/b.new", offset: 0, bytes: Array("hello".utf8)),
                .syncData(path: "/log/b.new"), .rename(from: "/log/b.new", to: "/log/b"),
                .syncDirectory(path: "/log"), .write(path: "/log/b", offset: 0, bytes: Array("J".utf8)),
                .truncate(path: "/log/b", size: 4),
            ])
        for length in 0...disk.trace.count {
            let moment = before.copy()
            try moment.replay(disk.trace.prefix(length))
            #expect((moment.durableContents("/log/b") != nil) == (length >= 5))
            #expect(moment.contents("/log/a") == [7])
            if length == disk.trace.count { #expect(moment.text("/log/b") == "Jell") }
        }
        disk.powerCut(seed: 1, .loseAll)
        #expect(disk.text("/log/b") == "hello")
        #expect(disk.trace == [])
    }
}

/// Whether any sector but the last lacks its first byte.
private func hasHole(_ content: [UInt8]) -> Bool {
    stride(from: 0, to: content.count, by: 512).contains { content[$0] == 0 }
}

extension SimulatedDisk {
    /// A disk with one file with a durable name.
    static func withFile(_ path: String, synced: String, then unsynced: String) throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        disk.setContents(path, [])
        let file = try disk.open(path, .readWrite)
        try disk.write(file, Array(synced.utf8), at: 0)
        try disk.syncData(file)
        try disk.write(file, Array(unsynced.utf8), at: UInt64(synced.utf8.count))
        return disk
    }

    /// What readers of a file see, as text.
    func text(_ path: String) -> String? { contents(path).map { String(decoding: $0, as: UTF8.self) } }
}

/// The error number that a body fails with, or nil.
func failureCode(_ body: () throws(FSError) -> Void) -> Int32? {
    do throws(FSError) {
        try body()
        return nil
    } catch {
        return error.code
    }
}

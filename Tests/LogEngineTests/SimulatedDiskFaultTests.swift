import LogEngine
import Testing

@Suite struct `Simulated disk: faults` {
    @Test func `a failed sync drops its data while readers go on seeing it`() throws {
        let disk = try SimulatedDisk.withFile("/a", synced: "kept", then: " lost")
        let file = try disk.open("/a", .readWrite)
        disk.faults.syncError = 1
        #expect(failureCode { () throws(FSError) in try disk.syncData(file) } == 5)
        disk.faults.syncError = 0
        #expect(disk.text("/a") == "kept lost")
        try disk.syncData(file)
        #expect(disk.text("/a") == "kept lost")
        let rewritten = disk.copy()
        disk.powerCut(seed: 1, .keepAll)
        #expect(disk.text("/a") == "kept")

        let again = try rewritten.open("/a", .readWrite)
        try rewritten.write(again, Array(" lost".utf8), at: 4)
        try rewritten.syncData(again)
        rewritten.powerCut(seed: 1, .loseAll)
        #expect(rewritten.text("/a") == "kept lost")
    }

    @Test func `short writes and reads transfer at least a byte, and complete forms get through`() throws {
        let disk = SimulatedDisk(seed: 3)
        disk.faults.shortWrite = 1
        disk.faults.shortRead = 1
        let file = try disk.open("/a", .create)
        let content = (0..<1000).map { UInt8($0 & 0xFF) }
        disk.isTracing = true
        try disk.write(file, content, at: 0)
        #expect(disk.trace.count > 2)
        #expect(disk.contents("/a") == content)
        let before = disk.callCount
        #expect(try disk.read(file, count: 1000, at: 0) == content)
        #expect(disk.callCount > before + 2)
    }

    @Test func `a write error leaves nothing or a part`() throws {
        var lengths: Set<Int> = []
        for seed in 0..<50 {
            let disk = SimulatedDisk(seed: UInt64(seed))
            let file = try disk.open("/a", .create)
            disk.faults.writeError = 1
            #expect(failureCode { () throws(FSError) in try disk.write(file, [1, 1, 1], at: 0) } == 5)
            lengths.insert(disk.contents("/a")?.count ?? -1)
        }
        #expect(lengths == [0, 1, 2])
    }

    @Test func `opens, reads, renames and directory syncs fail on command and do nothing`() throws {
        let disk = try SimulatedDisk.withFile("/a", synced: "x", then: "")
        let file = try disk.open("/a", .readWrite)
        disk.faults.openError = 1
        disk.faults.readError = 1
        disk.faults.renameError = 1
        disk.faults.syncDirectoryError = 1
        #expect(failureCode { () throws(FSError) in _ = try disk.open("/b", .create) } == 24)
        #expect(failureCode { () throws(FSError) in _ = try disk.read(file, count: 1, at: 0) } == 5)
        #expect(failureCode { () throws(FSError) in try disk.rename("/a", to: "/b") } == 5)
        #expect(failureCode { () throws(FSError) in try disk.syncDirectory("/") } == 5)
        disk.faults = DiskFaults()
        #expect(disk.paths() == ["/a"])
        #expect(try disk.read(file, count: 1, at: 0) == Array("x".utf8))
    }

    @Test func `a full disk takes what fits, then refuses; overwriting needs no space`() throws {
        let disk = SimulatedDisk(capacityBytes: 10)
        let file = try disk.open("/a", .create)
        #expect(try disk.freeBytes("/") == 10)
        let content = [UInt8](repeating: 1, count: 12)
        #expect(failureCode { () throws(FSError) in try disk.write(file, content, at: 0) } == 28)
        #expect(disk.contents("/a")?.count == 10)
        #expect(try disk.freeBytes("/") == 0)
        #expect(failureCode { () throws(FSError) in try disk.truncate(file, to: 11) } == 28)
        try disk.write(file, [2, 2], at: 0)
        try disk.truncate(file, to: 4)
        #expect(try disk.freeBytes("/") == 6)
        disk.capacityBytes = 20
        #expect(try disk.freeBytes("/") == 16)
    }

    @Test func `every call can be the one that fails, once or for ever`() throws {
        func run(_ disk: SimulatedDisk) throws(FSError) {
            try disk.createDurably("a", in: "/", Array("whole".utf8))
        }
        let healthy = SimulatedDisk()
        try run(healthy)
        #expect(healthy.callCount == 5)
        for nth in 1...healthy.callCount {
            for isForever in [false, true] {
                let disk = SimulatedDisk()
                disk.faults.failNthCall = nth
                disk.faults.failForever = isForever
                disk.faults.failCode = 28
                #expect(failureCode { () throws(FSError) in try run(disk) } == 28)
                #expect(failureCode { () throws(FSError) in _ = try disk.list("/") } == (isForever ? 28 : nil))
                disk.faults = DiskFaults()
                disk.resetCallCount()
                disk.powerCut(seed: UInt64(nth), .random)
                let content = disk.text("/a")
                #expect(content == nil || content == "whole")
                try run(disk)
                #expect(disk.callCount >= 5)
                #expect(disk.text("/a") == "whole")
            }
        }
    }

    @Test func `a sync on a dead disk drops nothing that luck might keep`() throws {
        let disk = try SimulatedDisk.withFile("/a", synced: "kept", then: " too")
        let file = try disk.open("/a", .readWrite)
        disk.faults.failNthCall = disk.callCount + 1
        disk.faults.failForever = true
        #expect(failureCode { () throws(FSError) in try disk.syncData(file) } == 5)
        disk.powerCut(seed: 1, .keepAll)
        #expect(disk.text("/a") == "kept too")
    }

    @Test func `a swarm has some faults and lacks others`() {
        var generator = SeededGenerator(seed: 1)
        let mixes = (0..<20).map { _ in DiskFaults.swarm(&generator) }
        #expect(mixes.contains { $0.syncError == 0 } && mixes.contains { $0.syncError > 0 })
        #expect(mixes.allSatisfy { $0.shortWrite <= 0.05 && $0.failNthCall == nil })
    }
}

@Suite struct `Simulated disk: system calls` {
    @Test func `a lock belongs to an open file and ends with it`() throws {
        let disk = try SimulatedDisk.withFile("/a", synced: "", then: "")
        let first = try disk.open("/a", .readWrite)
        let second = try disk.open("/a", .readWrite)
        #expect(try disk.lock(first))
        #expect(try disk.lock(first))
        #expect(try !disk.lock(second))
        disk.close(second)
        let third = try disk.open("/a", .readWrite)
        #expect(try !disk.lock(third))
        disk.close(first)
        #expect(try disk.lock(third))
        disk.restartAfterKill()
        #expect(try disk.lock(try disk.open("/a", .readWrite)))
        disk.powerCut(seed: 1, .loseAll)
        #expect(try disk.lock(try disk.open("/a", .readWrite)))
    }

    @Test func `mapped memory is shared, read through, and kept or forgotten as a whole`() throws {
        var seen: Set<[UInt8]> = []
        for seed in 0..<20 {
            let disk = SimulatedDisk()
            disk.setContents("/page", [UInt8](repeating: 0, count: 4096))
            let file = try disk.open("/page", .readWrite)
            let one = unsafe try disk.map(file, byteCount: 4096, writable: true)
            let two = unsafe try disk.map(try disk.open("/page", .read), byteCount: 4096, writable: false)
            unsafe one.storeBytes(of: 0x0102_0304, toByteOffset: 0, as: UInt32.self)
            unsafe one.storeBytes(of: 9, toByteOffset: 4000, as: UInt8.self)
            #expect(unsafe two.load(as: UInt32.self) == 0x0102_0304)
            #expect(try disk.read(file, count: 4, at: 0) == [4, 3, 2, 1])
            try disk.write(file, [5], at: 1)
            #expect(unsafe two.load(as: UInt32.self) == 0x0102_0504)

            let killed = disk.copy()
            killed.restartAfterKill()
            #expect(killed.contents("/page")?.prefix(4) == [4, 5, 2, 1])

            let synced = disk.copy()
            try synced.syncData(try synced.open("/page", .readWrite))
            synced.powerCut(seed: UInt64(seed), .loseAll)
            #expect(synced.contents("/page")?.prefix(4) == [4, 5, 2, 1])

            disk.powerCut(seed: UInt64(seed), .random)
            unsafe two.storeBytes(of: 0, as: UInt32.self)
            let content = try #require(disk.contents("/page"))
            #expect((content[0] == 4) == (content[4000] == 9))
            seen.insert([content[0], content[4000]])
            #expect(disk.mappingCount == 2)
            unsafe disk.unmap(one, byteCount: 4096)
            unsafe disk.unmap(two, byteCount: 4096)
            #expect(disk.mappingCount == 0)
        }
        #expect(seen == [[0, 0], [4, 9]])
    }

    @Test func `names are checked as the kernel checks them`() throws {
        let disk = try SimulatedDisk.withFile("/d/a", synced: "", then: "")
        #expect(failureCode { () throws(FSError) in _ = try disk.open("/d/a", .create) } == 17)
        #expect(failureCode { () throws(FSError) in _ = try disk.open("/d/b", .read) } == 2)
        #expect(failureCode { () throws(FSError) in _ = try disk.open("/x/b", .create) } == 2)
        #expect(failureCode { () throws(FSError) in _ = try disk.open("/d", .readWrite) } == 21)
        #expect(failureCode { () throws(FSError) in _ = try disk.list("/d/a") } == 20)
        #expect(failureCode { () throws(FSError) in try disk.createDirectory("/d/a") } == 17)
        #expect(failureCode { () throws(FSError) in try disk.rename("/d/a", to: "/a") } == 18)
        let reader = try disk.open("/d/a", .read)
        #expect(failureCode { () throws(FSError) in try disk.write(reader, [1], at: 0) } == 9)
        try disk.createDirectory("/d")
        _ = try disk.open("d/./b", .create)
        #expect(try disk.list("/d") == ["a", "b"])
        #expect(disk.paths() == ["/d/a", "/d/b"])
    }

    @Test func `rot changes what is read and what is durable`() throws {
        let disk = try SimulatedDisk.withFile("/a", synced: "abc", then: "d")
        disk.mutateDurable("/a", 1) { $0 ^= 0x20 }
        disk.mutateDurable("/a", 3) { $0 ^= 0x20 }
        #expect(disk.text("/a") == "aBcD")
        #expect(disk.durableContents("/a") == Array("aBc".utf8))
        disk.removeFile("/a")
        #expect(disk.contents("/a") == nil)
        disk.powerCut(seed: 1, .keepAll)
        #expect(disk.paths() == [])
    }

    @Test func `clocks and random bytes repeat`() {
        func run() -> [[UInt8]] {
            let disk = SimulatedDisk()
            let clock = SimulatedClock(wallNanos: 10, monotonicNanos: 20, stepNanos: 1)
            let first = LogEnvironment.simulated(disk: disk, clock: clock, seed: 5)
            #expect(first.clock.wallNanos() == 10)
            #expect(first.clock.monotonicNanos() == 21)
            clock.advance(by: 100)
            clock.wall = 5
            #expect(first.clock.monotonicNanos() == 122)
            #expect(clock.wall == 6)
            let second = LogEnvironment.simulated(disk: disk, clock: clock, seed: 5)
            #expect(first.bootID == second.bootID)
            disk.powerCut(seed: 0)
            let third = LogEnvironment.simulated(disk: disk, clock: clock, seed: 5)
            #expect(first.bootID != third.bootID)
            #expect(third.bootID.count == 16)
            return [first.random(16), second.random(16), third.random(16)]
        }
        #expect(run() == run())
        #expect(Set(run()).count == 3)
    }

    @Test func `the seeded generator is SplitMix64`() {
        var generator = SeededGenerator(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.bytes(11).count == 11)
        #expect((0..<1000).allSatisfy { _ in (0..<3).contains(generator.below(3)) })
    }
}

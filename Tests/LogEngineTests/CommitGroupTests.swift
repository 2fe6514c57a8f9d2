import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// Logs that commit together: no effect is acknowledged before its cause, in whichever log that is (T17).
@Suite struct CommitGroupTests {
    /// Two logs on two disks, so that one disk can fail alone.
    struct Pair {
        let a = TestLog(seed: 51), b = TestLog(seed: 52)
        let first: LogWriter, second: LogWriter
        let firstType: UInt16, secondType: UInt16

        init() throws {
            // Nothing is written or marked before somebody asks.
            for log in [a, b] {
                log.options.batchDelayNanos = 3_600_000_000_000
                log.options.markDelayNanos = 3_600_000_000_000
            }
            let group = CommitGroup()
            first = try LogWriter("log", name: "a", options: a.options, environment: a.environment, group: group)
            second = try LogWriter("log", name: "b", options: b.options, environment: b.environment, group: group)
            firstType = try first.register(try quoteSchema())
            secondType = try second.register(try quoteSchema())
        }

        func append(_ index: Int) throws {
            try first.append(quote(index), typeID: firstType, eventNanos: quoteTime(index))
            try second.append(quote(index), typeID: secondType, eventNanos: quoteTime(index))
        }
    }

    @Test func `a commit of one log commits what the others hold too`() throws {
        let pair = try Pair()
        for index in 0..<10 { try pair.append(index) }
        #expect(pair.first.durableSeq == 0 && pair.second.durableSeq == 0)
        try pair.second.wait(for: 10, .durable)
        #expect(pair.first.durableSeq == 10 && pair.second.durableSeq == 10)
        try pair.first.close()
        try pair.second.close()
    }

    @Test(arguments: [false, true]) func `a failed sync in one log leaves no receipt of that round in the other`(
        _ asksFailing: Bool
    ) throws {
        let pair = try Pair()
        try pair.append(0)
        try pair.second.wait(for: 1, .durable)
        for index in 1..<10 { try pair.append(index) }
        pair.a.disk.faults.syncError = 1
        let asked = asksFailing ? pair.first : pair.second
        #expect(try logFailure { try asked.wait(for: 10, .durable) } == .poisoned)
        #expect(pair.first.durableSeq == 1 && pair.second.durableSeq == 1)
        #expect(try logFailure { try pair.second.wait(for: 10, .durable) } == .poisoned)
        #expect(try logFailure { try pair.append(10) } != nil)
        #expect(try logFailure { try pair.first.close() } == .poisoned)
        #expect(try logFailure { try pair.second.close() } == .poisoned)
        pair.a.disk.faults = DiskFaults()
        pair.a.disk.powerCut(seed: 1, .loseAll)
        pair.b.disk.powerCut(seed: 1, .loseAll)
        #expect(try pair.a.open().writtenSeq >= 1)
        #expect(try pair.b.open().writtenSeq >= 1)
    }

    /// A roll syncs one log alone; that must not give out receipts for what depends on the others.
    @Test func `a roll in one log gives no receipt while the other's causes are not safe`() throws {
        let pair = try Pair()
        try pair.append(0)
        // Far more than a segment, in the second log only.
        for index in 1..<6000 {
            try pair.second.append(quote(index), typeID: pair.secondType, eventNanos: quoteTime(index))
        }
        try pair.second.flush()
        #expect(pair.b.disk.paths().filter { $0.hasSuffix(".seg") }.count > 1)
        #expect(pair.second.writtenSeq == 6000)
        #expect(pair.second.durableSeq == 0)
        let reader = try LogReader(try LogLocation("log", environment: pair.b.environment))
        #expect(reader.commitPage?.read()?.durable.seq == 0)
        try pair.second.wait(for: 6000, .durable)
        #expect(pair.first.durableSeq == 1 && pair.second.durableSeq == 6000)
        try pair.first.close()
        try pair.second.close()
        #expect(try pair.b.verify().status == .clean)
    }

    /// Causes and effects in turn over both logs, with power cuts of both disks at once: no effect is there without
    /// its cause.
    @Test func `after a power cut every acknowledged effect has its cause`() throws {
        for seed in 0..<UInt64(seedCount(20)) {
            let pair = try Pair()
            var random = SeededGenerator(seed: seed)
            var acknowledged = 0
            for index in 0..<30 {
                try pair.append(index)
                if random.chance(0.2) {
                    try (random.chance(0.5) ? pair.first : pair.second).wait(for: UInt64(index + 1), .durable)
                    acknowledged = index + 1
                }
            }
            for log in [pair.a, pair.b] { log.disk.faults.syncError = 1 }
            // The machine dies: what the writers do from here on does not reach the disks any more.
            let disks = [pair.a.disk.copy(), pair.b.disk.copy()]
            for disk in disks {
                disk.faults = DiskFaults()
                disk.powerCut(seed: seed, .random)
                var environment = LogEnvironment.simulated(disk: disk, seed: seed)
                environment.isProcessAlive = { _ in false }
                let core = try LogCore.open("log", name: nil, options: pair.a.options, environment: environment)
                #expect(core.writtenSeq >= UInt64(acknowledged), "seed \(seed)")
                core.release()
            }
            try? pair.first.close()
            try? pair.second.close()
        }
    }
}

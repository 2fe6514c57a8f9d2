import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// Where a log ends: nothing acknowledged is silently absent, nothing unfinished is called damage.
@Suite struct EndOfLogTests {
    static func location(_ log: TestLog, alive: Bool = false) throws -> LogLocation {
        var environment = log.environment
        environment.isProcessAlive = { _ in alive }
        return try LogLocation("log", environment: environment)
    }

    /// Cuts the last segment right behind `seq`, between two blocks.
    static func cut(_ log: TestLog, behind seq: UInt64) throws {
        let reader = try LogReader(try location(log))
        while let block = try reader.next(), block.lastSeq < seq {}
        let path = try #require(log.disk.paths().last { $0.hasSuffix(".seg") })
        let file = try log.disk.open(path, .read)
        defer { log.disk.close(file) }
        let header = try #require(
            try SegmentMap.blockHeader(
                log.disk, file, salt: SegmentScan.readHeader(log.disk, file, name: LogPaths.segment(1)).header.salt,
                at: reader.position.offset))
        let end = Int(reader.position.offset) + header.blockByteCount
        log.disk.setContents(path, Array(try #require(log.disk.contents(path))[0..<end]))
    }

    /// The events before the first error, and its text.
    static func read(_ reader: LogReader) throws -> (seqs: [UInt64], error: LogError?) {
        var seqs: [UInt64] = []
        do throws(LogError) {
            while let block = try reader.next() { seqs += Array(block.firstSeq...block.lastSeq) }
            return (seqs, nil)
        } catch { return (seqs, error) }
    }

    @Test(arguments: ["closed in MANIFEST", "durable in COMMIT"])
    func `an end before the acknowledged one names the missing events`(_ mark: String) throws {
        let log = TestLog(seed: 72)
        let core = try log.open()
        try core.appendQuotes(50)
        if mark == "closed in MANIFEST" {
            try core.close()
            log.disk.removeFile("log/COMMIT")
        } else {
            core.release()
        }
        try Self.cut(log, behind: 30)
        let (seqs, error) = try Self.read(try LogReader(try Self.location(log)))
        #expect(seqs == Array(1...30))
        #expect(error?.code == .damaged)
        #expect(error?.message.contains("events 31…50 cannot be read") == true, "\(String(describing: error))")
        // A segment read alone knows of no mark.
        let alone = try LogReader(try LogLocation("log/" + LogPaths.segment(1), environment: log.environment))
        let read = try Self.read(alone)
        #expect(read.seqs == Array(1...30) && read.error == nil)
    }

    @Test func `a log whose segments are all gone is not an empty one`() throws {
        let log = TestLog(seed: 73)
        let core = try log.open()
        try core.appendQuotes(5)
        try core.close()
        log.disk.removeFile("log/" + LogPaths.segment(1))
        let (_, error) = try Self.read(try LogReader(try Self.location(log)))
        #expect(error?.message.contains("events 1…5") == true)
    }

    /// Whatever a writer does between the looks of a reader, the reader takes none of it for a loss.
    @Test func `a reader that meets the end while a writer goes on never calls it damage`() throws {
        let log = TestLog(seed: 74)
        let disk = ReaderDisk(log.disk)
        var environment = log.environment
        environment.fileSystem = disk
        // The reader does not notice that the writer lives: the harder case.
        environment.isProcessAlive = { _ in false }
        let writing = Writing(try log.open())
        writing.append(10)
        for step in 1...12 {
            for call in 0..<12 {
                let reader = try LogReader(try LogLocation("log", environment: environment))
                disk.act(atCall: call) { writing.append(3, rolls: step % 4 == 0) }
                let (seqs, error) = try Self.read(reader)
                disk.act(atCall: .max) {}
                #expect(error == nil, "step \(step), call \(call): \(String(describing: error))")
                #expect(seqs == Array(1...UInt64(max(seqs.count, 10))), "step \(step), call \(call)")
            }
        }
        #expect(writing.failures.isEmpty)
        writing.core.release()
    }

    /// A writer that is worked from within the calls of a reader, on one thread.
    private final class Writing: @unchecked Sendable {
        // SAFETY: everything happens on the thread of the test.
        let core: LogCore
        var failures: [String] = []

        init(_ core: LogCore) { self.core = core }

        func append(_ count: Int, rolls: Bool = false) {
            do {
                try core.appendQuotes(count)
                if rolls { try core.roll() }
            } catch { failures.append("\(error)") }
        }
    }

    // MARK: - A last segment that was never finished

    static func withUnfinished(_ size: Int, _ byte: UInt8, baseSeq: UInt64 = 31) throws -> TestLog {
        let log = TestLog(seed: 75)
        let core = try log.open()
        try core.appendQuotes(30)
        try core.close()
        log.disk.setContents("log/" + LogPaths.segment(baseSeq), [UInt8](repeating: byte, count: size))
        return log
    }

    @Test(arguments: [0, 8, 2048, 4096], [UInt8(0), 0xA5])
    func `a last segment whose creation was cut off is torn, for all readers`(_ size: Int, _ byte: UInt8) throws {
        let log = try Self.withUnfinished(size, byte)
        let (seqs, error) = try Self.read(try LogReader(try Self.location(log)))
        #expect(seqs == Array(1...30) && error == nil)
        let tail = try LogTail("log", environment: log.environment)
        var seen: [UInt64] = [], notes: [String] = []
        try TailTests.drain(tail, &seen, &notes)
        #expect(seen == Array(1...30) && notes.isEmpty)
        let sought = try LogReader(try Self.location(log))
        try sought.seek(toSeq: 31)
        try sought.seek(toAppendNanos: .max)
        #expect(try log.verify().status == .tornTail)
        let core = try log.open()
        try core.appendQuotes(5)
        try core.close()
        #expect(try log.verify().status == .clean)
        #expect(try log.events().count == 35)
    }

    @Test func `one whose events were acknowledged, or with more than a header, is damage`() throws {
        for (what, log) in [
            ("acknowledged", try Self.withUnfinished(4096, 0, baseSeq: 20)),
            ("longer", try Self.withUnfinished(4097, 0)),
        ] {
            #expect(try log.verify().status == .damaged, "\(what)")
            let (_, error) = try Self.read(try LogReader(try Self.location(log)))
            #expect(error?.code == .damaged, "\(what)")
            #expect(try logFailure { _ = try log.open() } == .damaged, "\(what)")
        }
    }

    @Test func `an unfinished only segment is an empty log`() throws {
        let log = TestLog(seed: 76)
        let core = try log.open()
        core.release()
        log.disk.setContents("log/" + LogPaths.segment(1), [UInt8](repeating: 0, count: 100))
        let (seqs, error) = try Self.read(try LogReader(try Self.location(log)))
        #expect(seqs.isEmpty && error == nil)
    }

    @Test(arguments: [false, true]) func `the last batch is found, also before a segment without events`(
        isSealed: Bool
    ) throws {
        let log = TestLog(seed: 79)
        #expect(throws: LogError.self) { _ = try Self.location(log) }
        let empty = try log.open()
        try empty.close(seal: isSealed)
        #expect(try LogReader(try Self.location(log)).seekToLastBatch() == nil)
        let core = try log.open()
        try core.appendQuotes(50)
        try core.close(seal: isSealed)
        let reader = try LogReader(try Self.location(log))
        #expect(try reader.seekToLastBatch()?.lastSeq == 50)
        #expect(try reader.next() == nil)
    }

    @Test func `a last segment under a wrong name is damage, and stays where it is`() throws {
        let log = TestLog(seed: 80)
        let core = try log.open()
        try core.appendQuotes(50)
        try core.close(seal: true)
        let header = try #require(log.disk.contents("log/" + LogPaths.segment(51)))
        log.disk.removeFile("log/" + LogPaths.segment(51))
        log.disk.setContents("log/" + LogPaths.segment(52), header)
        #expect(try log.verify().status == .damaged)
        #expect(try logFailure { _ = try log.open() } == .damaged)
        #expect(log.disk.contents("log/" + LogPaths.segment(52)) == header)
    }

    @Test func `a folder that cannot be listed is taken for a log, so that somebody is told`() throws {
        let disk = SimulatedDisk(seed: 82)
        try disk.createDirectory("root")
        try disk.createDirectory("root/sig")
        let environment = LogEnvironment.simulated(disk: disk, clock: SimulatedClock(), seed: 1)
        #expect(LogLocation.logs(in: "root", environment: environment).isEmpty)
        let calls = disk.callCount
        disk.faults.failNthCall = calls + 2
        #expect(LogLocation.logs(in: "root", environment: environment) == ["root/sig"])
    }

    @Test func `a poller reads a torn end once`() throws {
        let log = TestLog(seed: 81)
        log.options.segmentBytes = 4 << 20
        let core = try log.open()
        try core.appendQuotes(50_000)
        core.release()
        let path = try #require(log.disk.paths().last { $0.hasSuffix(".seg") })
        log.disk.setContents(path, try #require(log.disk.contents(path)) + [UInt8](repeating: 7, count: 600))
        let disk = ReaderDisk(log.disk)
        var environment = log.environment
        environment.fileSystem = disk
        environment.isProcessAlive = { _ in false }
        let reader = try LogReader(try LogLocation("log", environment: environment))
        #expect(try Self.read(reader).seqs.count == 50_000)
        let before = disk.bytesRead
        for _ in 0..<10 { #expect(try reader.next() == nil) }
        let size = try #require(log.disk.contents(path)).count
        #expect(disk.bytesRead - before < size / 2, "\(disk.bytesRead - before) of \(size) bytes")
        // A writer cuts the end off and goes on: its events are seen.
        let next = try log.open()
        try next.appendQuotes(3)
        next.release()
        #expect(try Self.read(reader).seqs == [50_001, 50_002, 50_003])
    }

    // MARK: - COMMIT pages that are not this log's

    /// A log of 50 events, whose COMMIT page is replaced.
    static func withPage(_ page: [UInt8]) throws -> TestLog {
        let log = TestLog(seed: 77)
        let core = try log.open()
        try core.appendQuotes(50)
        core.release()
        log.disk.setContents("log/COMMIT", page)
        return log
    }

    static func expectIgnored(_ log: TestLog, _ what: String) throws {
        for alive in [false, true] {
            for level in [AppendLevel.written, .durable] {
                let (seqs, error) = try read(try LogReader(try location(log, alive: alive), level: level))
                #expect(seqs == Array(1...50) && error == nil, "\(what), alive \(alive), \(level): \(seqs.count)")
            }
            var environment = log.environment
            environment.isProcessAlive = { _ in alive }
            let tail = try LogTail("log", environment: environment)
            var seen: [UInt64] = [], notes: [String] = []
            try TailTests.drain(tail, &seen, &notes)
            #expect(seen == Array(1...50) && notes.isEmpty, "\(what), alive \(alive): tail")
            let report = try Verifier.verify("log", environment: environment)
            #expect(report.status == .clean && report.events == 50, "\(what), alive \(alive): \(report.damage)")
        }
    }

    @Test(arguments: [10, 500]) func `the page of another log is ignored`(_ events: Int) throws {
        let other = TestLog(seed: 78)
        let core = try other.open()
        try core.appendQuotes(events)
        core.release()
        try Self.expectIgnored(
            try Self.withPage(try #require(other.disk.contents("log/COMMIT"))), "foreign page of \(events) events")
    }

    @Test func `a rubbish page is ignored`() throws {
        for seed in 0..<UInt64(seedCount(20)) {
            var random = SeededGenerator(seed: seed)
            var page = (0..<4096).map { _ in UInt8(random.below(256)) }
            // Rubbish behind the right magic, and an even lock, so that nobody takes the page for being written.
            if seed % 2 == 0 { page.replaceSubrange(0..<12, with: Array("LOTUSCMT".utf8) + [1, 0, 0, 0]) }
            page[48] &= 0xFE
            try Self.expectIgnored(try Self.withPage(page), "seed \(seed)")
        }
    }

    @Test func `a flipped bit in the marks makes a page worthless`() throws {
        let log = TestLog(seed: 77)
        let core = try log.open()
        try core.appendQuotes(50)
        core.release()
        let page = try #require(log.disk.contents("log/COMMIT"))
        for offset in [24, 41, 56, 65, 72, 80, 89, 96, 104, 120, 128] {
            var changed = page
            changed[offset] ^= 4
            try Self.expectIgnored(try Self.withPage(changed), "bit of byte \(offset)")
        }
    }
}

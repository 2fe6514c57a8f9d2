import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// Bad input and bad surroundings: a clear refusal, nothing acknowledged lost, nothing deleted.
@Suite struct LimitsAndRefusalsTests {
    static func opening(_ log: TestLog, _ path: String = "log") -> LogError? {
        do {
            try log.open(path).release()
            return nil
        } catch { return error }
    }

    static func snapshot(_ log: TestLog) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for path in log.disk.paths() where !path.hasSuffix("/LOCK") { files[path] = log.disk.contents(path) }
        return files
    }

    @Test func `a directory with other things in it is no log and stays as it is`() throws {
        let log = TestLog()
        log.disk.setContents("log/letter.txt", [1, 2, 3])
        let before = Self.snapshot(log)
        let error = try #require(Self.opening(log))
        #expect(error.code == .notALog)
        #expect(error.message.contains("letter.txt"))
        #expect(Self.snapshot(log) == before)
        #expect(try logFailure { _ = try log.verify() } == .notALog)
        #expect(try logFailure { _ = try log.events() } == .notALog)
        #expect(try logFailure { _ = try log.verify("nothing") } == .notALog)
    }

    @Test func `a file where the log should be is refused`() throws {
        let log = TestLog()
        log.disk.setContents("log", [1])
        #expect(Self.opening(log)?.code == .notALog)
    }

    @Test(arguments: ["", "A", "a b", "a/b", "\u{e4}", String(repeating: "a", count: 64)])
    func `a bad log name is refused`(_ name: String) throws {
        let log = TestLog()
        #expect(
            try logFailure {
                try LogCore.open("log", name: name, options: log.options, environment: log.environment).release()
            } == .usage)
        #expect(log.disk.paths().isEmpty)
    }

    /// The log with one byte of its first header's both copies changed and rehashed.
    static func withHeader(_ at: Int, _ byte: UInt8) throws -> TestLog {
        let log = TestLog()
        let core = try log.open()
        try core.appendQuotes(20)
        try core.close()
        let path = "log/" + LogPaths.segment(1)
        var page = try #require(log.disk.contents(path))
        for offset in [8, 2048] {
            page[offset + at] = byte
            let hash = xxh3(Array(page[offset..<offset + 496]), seed: 0x4C4F_5455_5348_4452 + UInt64(offset))
            for index in 0..<8 { page[offset + 496 + index] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * index)) }
        }
        log.disk.setContents(path, page)
        return log
    }

    @Test(arguments: [(8, UInt8(2)), (20, 1)])
    func `a newer format is refused as newer, for writing, reading and verifying`(_ at: Int, _ byte: UInt8) throws {
        let log = try Self.withHeader(at, byte)
        let before = Self.snapshot(log)
        #expect(Self.opening(log)?.code == .unsupported)
        #expect(try logFailure { _ = try log.events() } == .unsupported)
        #expect(try logFailure { _ = try log.verify() } == .unsupported)
        #expect(Self.snapshot(log) == before)
    }

    @Test func `a read-only file system is refused with what to do`() throws {
        let log = TestLog()
        let core = try log.open()
        try core.appendQuotes(10)
        try core.close()
        let before = Self.snapshot(log)
        log.disk.resetCallCount()
        log.disk.faults.failCode = 30
        log.disk.faults.failForever = true
        var nth = 1
        // Whichever call is the first that the read-only file system refuses.
        while nth < 15 {
            log.disk.faults.failNthCall = log.disk.callCount + nth
            if let error = Self.opening(log) {
                #expect(error.code == .fileSystem)
                #expect(error.message.contains("read-only"), "\(error)")
            }
            nth += 1
        }
        log.disk.faults = DiskFaults()
        #expect(Self.snapshot(log)["/log/\(LogPaths.segment(1))"] == before["/log/\(LogPaths.segment(1))"])
        #expect(try log.events().count == 10)
    }

    @Test func `a second writer is refused and told who holds the log`() throws {
        let log = TestLog()
        let core = try log.open()
        let error = try #require(Self.opening(log))
        #expect(error.code == .locked)
        #expect(error.message.contains("4242"))
        try core.appendQuotes(3)
        core.release()
        #expect(Self.opening(log) == nil)
    }

    @Test func `a missing middle segment is named and refused`() throws {
        let log = TestLog()
        let core = try log.open()
        for _ in 0..<3 { try core.appendSegment() }
        try core.appendQuotes(5)
        try core.close()
        log.disk.removeFile("log/" + LogPaths.segment(51))
        let before = Self.snapshot(log)
        let error = try #require(Self.opening(log))
        #expect(error.code == .damaged && error.message.contains("segments 1"), "\(error)")
        let report = try log.verify()
        #expect(report.status == .damaged)
        #expect(report.damage.contains { $0.firstSeq == 51 && $0.lastSeq == 100 }, "\(report.damage)")
        #expect(try logFailure { _ = try log.events() } == .damaged)
        #expect(Self.snapshot(log) == before)
    }

    @Test func `a missing last segment is refused, though what is left is whole`() throws {
        let log = TestLog()
        let core = try log.open()
        for _ in 0..<2 { try core.appendSegment() }
        try core.appendQuotes(5)
        core.release()
        log.disk.removeFile("log/" + LogPaths.segment(101))
        #expect(Self.opening(log)?.code == .damaged)
        #expect(try log.verify().status == .damaged)
    }

    @Test func `a segment of another log is refused in its place`() throws {
        let log = TestLog(seed: 1), other = TestLog(seed: 2)
        for each in [log, other] {
            let core = try each.open()
            for _ in 0..<2 { try core.appendSegment() }
            try core.close()
        }
        let path = "log/" + LogPaths.segment(51)
        log.disk.setContents(path, try #require(other.disk.contents(path)))
        #expect(Self.opening(log)?.code == .damaged)
        #expect(try log.verify().status == .damaged)
    }

    @Test func `a manifest of another log is refused`() throws {
        let log = TestLog(seed: 1), other = TestLog(seed: 2)
        for each in [log, other] {
            let core = try each.open()
            try core.appendSegment()
            try core.close()
        }
        log.disk.setContents("log/MANIFEST", try #require(other.disk.contents("log/MANIFEST")))
        #expect(Self.opening(log)?.code == .damaged)
        #expect(try log.verify().status == .damaged)
    }

    @Test func `a manifest record that holds but means nothing here is not cut off as torn`() throws {
        let log = TestLog()
        let core = try log.open()
        try core.appendQuotes(10)
        try core.close()
        var bytes = try #require(log.disk.contents("log/MANIFEST"))
        let manifest = Manifest(decoding: bytes)
        // A type described in a way that only a newer build knows: kind 99.
        var record = ManifestRecord.schema(
            typeID: 2, schema: try Schema(name: "a.B", version: 1, fields: [Field("x", .bool)])
        )
        .encoded(at: manifest.validEnd, link: manifest.lastHash).bytes
        let kindAt = try #require(record.lastIndex(of: 1))
        record[kindAt] = 99
        record.replaceSubrange(16..<24, with: [UInt8](repeating: 0, count: 8))
        let hash = xxh3(record, seed: blockSeed(salt: 0, offset: manifest.validEnd))
        for index in 0..<8 { record[16 + index] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * index)) }
        bytes += record
        log.disk.setContents("log/MANIFEST", bytes)
        #expect(Manifest(decoding: bytes).failure != nil)
        #expect(Self.opening(log)?.code == .damaged)
        #expect(log.disk.contents("log/MANIFEST") == bytes)
    }

    /// T15: older copies of COMMIT and MANIFEST beside the log as it is.
    @Test func `older copies of COMMIT and MANIFEST lose nothing and make nothing up`() throws {
        let log = TestLog(seed: 3)
        var commits: [[UInt8]] = [], manifests: [[UInt8]] = []
        func keep() {
            commits.append(log.disk.contents("log/COMMIT") ?? [])
            manifests.append(log.disk.contents("log/MANIFEST") ?? [])
        }
        var core = try log.open()
        try core.appendQuotes(20)
        keep()
        try core.appendSegment(30)
        keep()
        try core.close()
        keep()
        core = try log.open()
        try core.appendQuotes(20)
        keep()
        core.release()
        core = try log.open()
        try core.appendQuotes(30)
        keep()
        core.release()
        for (i, commit) in commits.enumerated() {
            for (j, manifest) in manifests.enumerated() {
                let copy = TestLog(seed: 3)
                for path in log.disk.paths() { copy.disk.setContents(path, log.disk.contents(path) ?? []) }
                copy.disk.setContents("log/COMMIT", commit)
                copy.disk.setContents("log/MANIFEST", manifest)
                let what = "COMMIT \(i), MANIFEST \(j)"
                do {
                    let again = try copy.open()
                    #expect(again.writtenSeq == 100, "\(what)")
                    try again.appendQuotes(5)
                    try again.close()
                } catch let error as LogError {
                    #expect(j < manifests.count - 1, "\(what): \(error)")
                    #expect(try copy.events() == (0..<100).map(quote), "\(what)")
                    continue
                }
                #expect(try copy.events() == (0..<105).map(quote), "\(what)")
                let report = try copy.verify()
                #expect(report.status == .clean, "\(what): \(report.damage)")
            }
        }
    }

    @Test(arguments: [0, 64 << 10 - 1, 1 << 30 + 1]) func `segment sizes outside the limits are refused`(_ bytes: Int)
        throws
    {
        let log = TestLog()
        log.options.segmentBytes = bytes
        #expect(Self.opening(log)?.code == .usage)
        log.options.segmentBytes = 64 << 10
        log.options.batchBytes = 0
        #expect(Self.opening(log)?.code == .usage)
        log.options.batchBytes = FormatLimits.batchRawBytesMax / 4 + 1
        #expect(Self.opening(log)?.code == .usage)
    }
}

import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// Opening a log cuts only what was never acknowledged, refuses to lose the rest, and vouches only for what is on the
/// platter (T1, T2).
@Suite struct RecoveryTests {
    static let path = "log/" + LogPaths.segment(1)

    /// Five batches of ten, the last two only written; the offsets where the batches begin, and the end.
    static func makeLog() throws -> (log: TestLog, starts: [Int]) {
        let log = TestLog(seed: 81)
        log.options.zeroAheadBytes = 0
        let core = try log.open()
        var starts: [Int] = []
        for round in 0..<5 {
            starts.append(Int(core.segment.end))
            try append(core, 10)
            if round < 3 { try core.sync() }
        }
        starts.append(Int(core.segment.end))
        core.release()
        // The first batch has a schema block before it.
        let file = try log.disk.open(path, .read)
        starts[0] = Int(try SegmentScan(log.disk, file, name: LogPaths.segment(1)).entries[0].offset)
        log.disk.close(file)
        return (log, starts)
    }

    static func append(_ core: LogCore, _ count: Int) throws {
        let type = try core.register(try quoteSchema())
        let state = BatchState()
        state.register(try quoteSchema(), typeID: type)
        var batch = BatchBuilder(state: state)
        let start = Int(core.writtenSeq)
        for index in start..<start + count {
            let head = RecordHead(
                typeID: type, appendNanos: 1_000, globalSeq: UInt64(index + 1), eventNanos: quoteTime(index))
            try batch.append(quote(index), head: head)
        }
        try core.write(batch)
    }

    /// What opening says; the segment must be as it was if it refuses.
    static func expectRefused(_ log: TestLog, _ what: String) throws {
        let before = log.disk.contents(path)
        let code = try logFailure { try log.open().release() }
        #expect(code == .damaged, "\(what)")
        #expect(log.disk.contents(path) == before, "\(what): the segment was changed")
        #expect(try log.verify().status == .damaged, "\(what)")
    }

    enum Mark: CaseIterable { case blocks, commit, manifest }

    /// Leaves only one witness of what was durable.
    static func keepOnly(_ mark: Mark, _ log: TestLog, _ starts: [Int]) throws {
        if mark != .commit { log.disk.setContents("log/COMMIT", [UInt8](repeating: 0, count: 4096)) }
        if mark != .blocks {
            // Blocks behind the third batch tell of it; without them only the other witnesses do.
            log.disk.setContents(path, Array(try #require(log.disk.contents(path))[0..<starts[3]]))
        }
        guard mark == .manifest else { return }
        var bytes = try #require(log.disk.contents("log/MANIFEST"))
        let manifest = Manifest(decoding: bytes)
        let closed = ManifestRecord.closed(
            epoch: 1, ordinal: 0, lastSeq: 30, lastHash: 0, dataEnd: UInt64(starts[3]))
        bytes += closed.encoded(at: manifest.validEnd, link: manifest.lastHash).bytes
        log.disk.setContents("log/MANIFEST", bytes)
    }

    @Test(arguments: Mark.allCases, [0, 60, 128, 140])
    func `damage below a durable mark is refused, whoever tells of the mark`(_ mark: Mark, _ at: Int) throws {
        let (log, starts) = try Self.makeLog()
        try Self.keepOnly(mark, log, starts)
        // The third batch: durable, and the last one that is.
        log.disk.mutateDurable(Self.path, starts[2] + at) { $0 ^= 1 }
        try Self.expectRefused(log, "\(mark), byte \(at)")
    }

    @Test(arguments: [Mark.commit, .manifest])
    func `a log that ends before a durable mark is refused`(_ mark: Mark) throws {
        let (log, starts) = try Self.makeLog()
        try Self.keepOnly(mark, log, starts)
        log.disk.setContents(Self.path, Array(try #require(log.disk.contents(Self.path))[0..<starts[2]]))
        try Self.expectRefused(log, "\(mark)")
    }

    @Test(arguments: [0, 16, 60, 127, 128, 150])
    func `damage above every durable mark is cut, kept aside, and appended over`(_ at: Int) throws {
        let (log, starts) = try Self.makeLog()
        let bytes = try #require(log.disk.contents(Self.path))
        log.disk.mutateDurable(Self.path, starts[3] + at) { $0 ^= 1 }
        #expect(try log.verify().status == .tornTail)
        #expect(try log.events() == (0..<30).map(quote))
        let core = try log.open()
        #expect(core.writtenSeq == 30)
        #expect(core.recovery.cut?.firstSeq == 31)
        let aside = try #require(core.recovery.cut?.quarantine)
        let kept = try #require(log.disk.contents("log/\(aside)"))
        #expect(kept.count > bytes.count - starts[3] - 20)
        try Self.append(core, 10)
        try core.close()
        #expect(try log.events() == (0..<40).map(quote))
        #expect(try log.verify().status == .clean)
        #expect(try log.open().recovery.changedAnything == false)
    }

    @Test func `what was written but not durable survives the death of the process`() throws {
        let (log, _) = try Self.makeLog()
        let core = try log.open()
        #expect(core.writtenSeq == 50 && core.durableSeq == 50)
        #expect(!core.recovery.changedAnything)
    }

    /// The kernel drops pages after a failed sync and goes on showing them; a new writer that believes what it reads
    /// must write it again.
    @Test func `after a failed sync the next writer vouches only for what it wrote again`() throws {
        let log = TestLog(seed: 82)
        let core = try log.open()
        try Self.append(core, 10)
        try core.sync()
        try Self.append(core, 10)
        log.disk.faults.syncError = 1
        #expect(try logFailure { try core.sync() } == .poisoned)
        #expect(core.durableSeq == 10)
        log.disk.faults = DiskFaults()
        // A second sync would succeed, and lie.
        #expect(try logFailure { try core.sync() } == .poisoned)
        #expect(try logFailure { try Self.append(core, 1) } == .poisoned)
        #expect(core.durableSeq == 10)
        core.release()
        let next = try log.open()
        #expect(next.durableSeq == 20)
        next.release()
        log.disk.powerCut(seed: 1, .loseAll)
        #expect(try log.open().writtenSeq == 20)
    }

    /// The same for the cut of the padding that a seal makes: a size that only the kernel shows is not on the platter.
    @Test func `after a failed sync of a seal the next writer cuts the file again`() throws {
        let log = TestLog(seed: 84)
        let core = try log.open()
        try Self.append(core, 10)
        try core.sync()
        try core.roll()
        log.disk.faults.syncError = 1
        #expect(try logFailure { try core.sealPending() } == .poisoned)
        log.disk.faults = DiskFaults()
        core.release()
        let size = try #require(log.disk.contents(Self.path)).count
        #expect(try #require(log.disk.durableContents(Self.path)).count > size, "the padding is still on the platter")
        try log.open().release()
        log.disk.powerCut(seed: 1, .loseAll)
        #expect(log.disk.contents(Self.path)?.count == size)
        #expect(try log.open().writtenSeq == 10)
        #expect(try log.verify().status == .clean)
    }

    @Test func `a block rewritten with right hashes breaks the link of the one behind it`() throws {
        let (log, starts) = try Self.makeLog()
        let file = try log.disk.open(Self.path, .read)
        let salt = try SegmentScan.readHeader(log.disk, file, name: LogPaths.segment(1)).header.salt
        var bytes = try #require(log.disk.contents(Self.path))
        // Another durable mark in the second batch, as a forger would leave it: the block itself verifies.
        let at = starts[1]
        bytes[at + 104] ^= 1
        bytes.replaceSubrange(at + 16..<at + 24, with: [UInt8](repeating: 0, count: 8))
        let hash = xxh3(Array(bytes[at..<at + 128]), seed: blockSeed(salt: salt, offset: UInt64(at)))
        for index in 0..<8 { bytes[at + 16 + index] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * index)) }
        log.disk.setContents(Self.path, bytes)
        let report = try log.verify()
        #expect(report.status == .damaged && report.damage.contains { $0.kind == .link }, "\(report.damage)")
        #expect(try logFailure { _ = try log.events() } == .damaged)
        #expect(try logFailure { try log.open().release() } == .damaged)
        #expect(log.disk.contents(Self.path) == bytes)
    }

    @Test func `a torn record at the end of MANIFEST is cut and kept aside`() throws {
        let (log, _) = try Self.makeLog()
        let bytes = try #require(log.disk.contents("log/MANIFEST"))
        log.disk.setContents("log/MANIFEST", bytes + Array("LMAN half a record".utf8))
        let core = try log.open()
        #expect(core.recovery.changedAnything)
        core.release()
        #expect(log.disk.paths().contains { $0.hasPrefix("/log/MANIFEST.") && $0.hasSuffix(".quarantine") })
        #expect(try log.events().count == 50)
    }

    @Test func `damage inside MANIFEST is refused`() throws {
        let (log, _) = try Self.makeLog()
        log.disk.mutateDurable("log/MANIFEST", 70) { $0 ^= 1 }
        #expect(try logFailure { try log.open().release() } == .damaged)
    }

    @Test func `a refused opening leaves no file open and no lock held`() throws {
        let (log, starts) = try Self.makeLog()
        log.disk.mutateDurable(Self.path, starts[1] + 140) { $0 ^= 1 }
        for _ in 0..<3 { #expect(try logFailure { try log.open().release() } == .damaged) }
        #expect(log.disk.openFileCount == 0)
        #expect(log.disk.mappingCount == 0)
        log.disk.mutateDurable(Self.path, starts[1] + 140) { $0 ^= 1 }
        try log.open().close()
        #expect(log.disk.openFileCount == 0)
    }

    @Test func `a clean close leaves no padding and nothing for recovery to do`() throws {
        let log = TestLog(seed: 83)
        let core = try log.open()
        try Self.append(core, 10)
        try core.sync()
        #expect(log.disk.contents(Self.path)?.count ?? 0 > Int(core.segment.end))
        try core.close()
        let file = try log.disk.open(Self.path, .read)
        let scan = try SegmentScan(log.disk, file, name: LogPaths.segment(1))
        #expect(scan.fileSize == scan.dataEnd && scan.durableSeq == 10)
        let again = try log.open()
        #expect(again.recovery.wasClosedCleanly && !again.recovery.changedAnything)
        again.release()
    }
}

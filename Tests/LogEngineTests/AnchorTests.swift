import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// Whoever keeps an anchor outside of a log notices when history is cut or rewritten, however well (T13).
@Suite struct AnchorTests {
    static let segments = 3

    /// Three sealed segments and ten events more, closed cleanly; `altered` is an event that gets another value.
    static func makeLog(
        altered: Int? = nil, to size: Int64 = -999_999, closes: Bool = true, processID: UInt32 = 4242
    ) throws -> TestLog {
        let log = TestLog(seed: 5)
        var environment = log.environment
        environment.processID = processID
        let core = try LogCore.open("log", name: "log", options: log.options, environment: environment)
        let type = try core.register(try quoteSchema())
        let state = BatchState()
        state.register(try quoteSchema(), typeID: type)
        var batch = BatchBuilder(state: state)
        for index in 0..<160 {
            var values = quote(index)
            if index == altered { values[2] = .int(size) }
            let head = RecordHead(
                typeID: type, appendNanos: 1_000 + Int64(index), globalSeq: UInt64(index + 1),
                eventNanos: quoteTime(index))
            try batch.append(values, head: head)
            guard index % 10 == 9 else { continue }
            try core.write(batch)
            batch.removeAll()
            try core.sync()
            if index % 50 == 49 {
                try core.roll()
                try core.sealPending()
            }
        }
        if closes { try core.close() } else { core.release() }
        return log
    }

    static func attest(_ log: TestLog) throws -> Anchor {
        try Anchor.attest("log", environment: log.environment).anchor
    }

    static func expectRefused(_ log: TestLog, _ anchor: Anchor, _ what: String) throws {
        let report = try log.verify(anchor: anchor)
        #expect(report.status == .damaged, "\(what)")
        #expect(report.damage.contains { $0.kind == .anchor }, "\(what): \(report.damage)")
    }

    static func segmentPaths(_ log: TestLog) -> [String] { log.disk.paths().filter { $0.hasSuffix(".seg") } }

    @Test func `an anchor comes back from its text, and other texts are refused`() throws {
        let anchor = try Self.attest(try Self.makeLog())
        #expect(try Anchor(anchor.description) == anchor)
        #expect(anchor.lastSeq == 160 && anchor.ordinal == 3)
        let text = anchor.description
        for bad in [
            "", "lotus1", "lotus2" + text.dropFirst(6), String(text.dropLast()), text + ".1",
            text.replacing(".3.", with: ".x."),
        ] {
            #expect(try logFailure { _ = try Anchor(bad) } == .usage, "\(bad)")
        }
    }

    @Test func `the log that was attested verifies, and so does all that it grows into`() throws {
        let log = try Self.makeLog()
        let anchor = try Self.attest(log)
        #expect(try log.verify(anchor: anchor).status == .clean)
        let core = try log.open()
        try core.appendQuotes(20)
        #expect(try log.verify(anchor: anchor).status == .clean)
        try core.roll()
        try core.sealPending()
        try core.appendSegment()
        try core.close(seal: true)
        let report = try log.verify(anchor: anchor)
        #expect(report.status == .clean, "\(report.damage)")
        #expect(report.events == 230)
    }

    @Test func `a log attested while its last segment was open verifies after the seal`() throws {
        let log = TestLog(seed: 6)
        let core = try log.open()
        try core.appendSegment()
        try core.appendQuotes(7)
        let anchor = try Self.attest(log)
        try core.appendQuotes(7)
        try core.close(seal: true)
        #expect(try log.verify(anchor: anchor).status == .clean)
    }

    /// The last batches cut off, and everything that tells of them set back: without an anchor nobody could know.
    @Test(arguments: 1...3) func `dropped batches at the end are noticed`(_ dropped: Int) throws {
        let log = TestLog(seed: 7)
        let core = try log.open()
        try core.appendSegment()
        var ends: [Int] = []
        var copies: [[String: [UInt8]]] = []
        for _ in 0..<4 {
            try core.appendQuotes(10)
            ends.append(Int(core.segment.end))
            copies.append([
                "log/COMMIT": log.disk.contents("log/COMMIT") ?? [],
                "log/MANIFEST": log.disk.contents("log/MANIFEST") ?? [],
            ])
        }
        let anchor = try Self.attest(log)
        core.release()
        let keep = 3 - dropped
        let path = try #require(Self.segmentPaths(log).last)
        log.disk.setContents(path, Array(try #require(log.disk.contents(path))[0..<ends[keep]]))
        for (name, bytes) in copies[keep] { log.disk.setContents(name, bytes) }
        #expect(try log.verify().status == .clean, "without the anchor the cut is perfect")
        try Self.expectRefused(log, anchor, "\(dropped) batches dropped")
    }

    @Test func `a dropped last segment is noticed, with the manifest set back too`() throws {
        let log = TestLog(seed: 8)
        let core = try log.open()
        try core.appendSegment()
        try core.appendQuotes(20)
        let before = (log.disk.contents("log/COMMIT"), log.disk.contents("log/MANIFEST"))
        try core.appendSegment()
        try core.appendQuotes(10)
        let anchor = try Self.attest(log)
        core.release()
        log.disk.removeFile(try #require(Self.segmentPaths(log).last))
        log.disk.setContents("log/COMMIT", try #require(before.0))
        log.disk.setContents("log/MANIFEST", try #require(before.1))
        try Self.expectRefused(log, anchor, "last segment dropped")
    }

    @Test(arguments: [0, 75, 149, 155]) func `history with one event rewritten and everything sealed again is noticed`(
        _ index: Int
    ) throws {
        let anchor = try Self.attest(try Self.makeLog())
        // The forger has the log's id, its salts and the same tool; all hashes of the forgery are right.
        let forged = try Self.makeLog(altered: index)
        #expect(try forged.verify().status == .clean)
        #expect(try Self.attest(forged).logID == anchor.logID)
        try Self.expectRefused(forged, anchor, "event \(index + 1) rewritten")
        #expect(try Self.makeLog().verify(anchor: anchor).status == .clean, "the same history made again is the same")
    }

    /// A forgery of the very same lengths, in a segment that no seal covers yet: only the bytes themselves tell.
    @Test func `an event rewritten in the open segment is noticed, though nothing else differs`() throws {
        let log = try Self.makeLog(closes: false)
        let anchor = try Self.attest(log)
        let path = try #require(Self.segmentPaths(log).last)
        let length = log.disk.contents(path)?.count
        var found: TestLog?
        for step in Int64(1)..<200 where found == nil {
            let forged = try Self.makeLog(altered: 155, to: 415 + step, closes: false)
            if forged.disk.contents(path)?.count == length, forged.disk.contents(path) != log.disk.contents(path) {
                found = forged
            }
        }
        let forged = try #require(found)
        #expect(try Self.attest(forged).offset == anchor.offset)
        #expect(forged.disk.contents("log/MANIFEST") == log.disk.contents("log/MANIFEST"))
        try Self.expectRefused(forged, anchor, "one event in the open segment")
    }

    @Test func `a rewritten manifest of the same length is noticed`() throws {
        let log = try Self.makeLog()
        let anchor = try Self.attest(log)
        let forged = try Self.makeLog(processID: 4243)
        let manifest = try #require(forged.disk.contents("log/MANIFEST"))
        #expect(manifest.count == log.disk.contents("log/MANIFEST")?.count)
        #expect(manifest != log.disk.contents("log/MANIFEST"))
        log.disk.setContents("log/MANIFEST", manifest)
        #expect(try log.verify().status == .clean, "without the anchor the manifest is perfect")
        try Self.expectRefused(log, anchor, "rewritten manifest")
    }

    @Test func `a swapped manifest is noticed`() throws {
        let log = try Self.makeLog()
        let anchor = try Self.attest(log)
        let other = TestLog(seed: 77)
        let core = try other.open()
        try core.appendQuotes(10)
        try core.close()
        let foreign = try #require(other.disk.contents("log/MANIFEST"))
        let own = try #require(log.disk.contents("log/MANIFEST"))
        log.disk.setContents("log/MANIFEST", foreign)
        try Self.expectRefused(log, anchor, "foreign manifest")
        log.disk.setContents("log/MANIFEST", Array(own.dropLast(40)))
        try Self.expectRefused(log, anchor, "shortened manifest")
        log.disk.setContents("log/MANIFEST", own)
        #expect(try log.verify(anchor: anchor).status == .clean)
    }

    @Test func `an anchor of another log is refused`() throws {
        let log = try Self.makeLog()
        let other = TestLog(seed: 78)
        let core = try other.open()
        try core.appendQuotes(10)
        try core.close()
        try Self.expectRefused(log, try Self.attest(other), "another log's anchor")
    }

    @Test func `only a clean log can be attested`() throws {
        let log = try Self.makeLog()
        log.disk.mutateDurable(Self.segmentPaths(log)[1], 5000) { $0 ^= 4 }
        #expect(try logFailure { _ = try Self.attest(log) } == .damaged)
    }
}

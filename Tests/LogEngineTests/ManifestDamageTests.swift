import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// A log whose MANIFEST is gone or cannot be used is damaged for everybody; a torn last record is torn, and no more.
@Suite struct ManifestDamageTests {
    static func makeLog() throws -> TestLog {
        let log = TestLog(seed: 71)
        let core = try log.open()
        try core.appendSegment(30)
        try core.appendQuotes(20)
        try core.close()
        return log
    }

    /// Verify and readers say damaged, writers refuse, and what the segments hold can still be had.
    static func expectDamaged(_ log: TestLog, _ what: String) throws {
        let report = try log.verify()
        #expect(report.status == .damaged, "\(what)")
        #expect(report.damage.first?.kind == .manifest, "\(what): \(report.damage)")
        #expect(try logFailure { _ = try log.open() } == .damaged, "\(what)")
        let reader = try LogReader(try LogLocation("log", environment: log.environment))
        #expect(try logFailure { _ = try reader.next() } == .damaged, "\(what)")
        #expect(try reader.skipDamage() == 1, "\(what)")
        var seen: [UInt64] = []
        while let block = try reader.next() { seen += Array(block.firstSeq...block.lastSeq) }
        #expect(seen == Array(1...50), "\(what)")
        let path = "log/" + LogPaths.segment(1)
        #expect(try readAll(path, log.environment).count == 30, "\(what): a segment alone")
    }

    @Test func `without MANIFEST`() throws {
        let log = try Self.makeLog()
        log.disk.removeFile("log/MANIFEST")
        try Self.expectDamaged(log, "missing")
    }

    @Test(arguments: [0, 1, 31, 50]) func `without a whole first record`(_ size: Int) throws {
        let log = try Self.makeLog()
        log.disk.setContents("log/MANIFEST", Array(try #require(log.disk.contents("log/MANIFEST"))[0..<size]))
        try Self.expectDamaged(log, "cut to \(size) bytes")
    }

    @Test func `with rot before its end`() throws {
        let log = try Self.makeLog()
        log.disk.mutateDurable("log/MANIFEST", 70) { $0 ^= 1 }
        try Self.expectDamaged(log, "rot")
    }

    @Test func `a torn last record is only torn`() throws {
        let log = try Self.makeLog()
        let bytes = try #require(log.disk.contents("log/MANIFEST"))
        log.disk.setContents("log/MANIFEST", Array(bytes.dropLast(5)))
        #expect(try log.verify().status == .tornTail)
        #expect(try log.events().count == 50)
        try log.open().close()
        #expect(try log.verify().status == .clean)
        #expect(try log.events().count == 50)
    }

    /// Records as a writer would put them behind the last one, hash and link included, but with senseless content.
    static func senseless() throws -> [(String, ManifestRecord)] {
        let schema = try quoteSchema()
        let other = try Schema(name: "test.Other", version: 1, fields: [Field("a", .i32)])
        return [
            ("a second log id", .created(logID: [UInt8](repeating: 1, count: 16), name: "log")),
            (
                "an epoch that goes back",
                .opened(epoch: 0, wallNanos: 1, processID: 1, build: .init(repeating: 0, count: 20))
            ),
            ("a type id out of order", .schema(typeID: 7, schema: other)),
            ("a type registered twice", .schema(typeID: 2, schema: schema)),
        ]
    }

    @Test func `with a record whose hash holds but whose content cannot be used`() throws {
        for (what, record) in try Self.senseless() {
            let log = try Self.makeLog()
            let bytes = try #require(log.disk.contents("log/MANIFEST"))
            let manifest = Manifest(decoding: bytes)
            #expect(manifest.failure == nil)
            let more = record.encoded(at: manifest.validEnd, link: manifest.lastHash).bytes
            log.disk.setContents("log/MANIFEST", bytes + more)
            try Self.expectDamaged(log, what)
        }
    }

    @Test func `a bad payload under a good hash is no torn append`() throws {
        let log = try Self.makeLog()
        let bytes = try #require(log.disk.contents("log/MANIFEST"))
        let manifest = Manifest(decoding: bytes)
        // A `segment` record with a byte too much: its hash is made over what stands there.
        var more = ManifestRecord.segment(ordinal: 9, baseSeq: 9, salt: 9)
            .encoded(at: manifest.validEnd, link: manifest.lastHash).bytes
        more.append(0)
        more[8] += 1
        var unhashed = more
        unhashed.replaceSubrange(16..<24, with: [UInt8](repeating: 0, count: 8))
        let hash = xxh3(unhashed, seed: blockSeed(salt: 0, offset: manifest.validEnd))
        for index in 0..<8 { more[16 + index] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * index)) }
        log.disk.setContents("log/MANIFEST", bytes + more)
        try Self.expectDamaged(log, "a record with a byte too much")
    }
}

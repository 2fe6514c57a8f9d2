import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// Any bytes given to the decoders of the engine: a value or a typed error, and never anything else.
@Suite struct DecoderTotalityTests {
    static func makeRecords() throws -> [ManifestRecord] {
        let id = [UInt8](repeating: 9, count: 16)
        let schema = try quoteSchema()
        return [
            .created(logID: id, name: "log"),
            .opened(epoch: 1, wallNanos: -5, processID: 7, build: [UInt8](repeating: 1, count: 20)),
            .segment(ordinal: 0, baseSeq: 1, salt: 3), .schema(typeID: 1, schema: schema),
            .sealed(ordinal: 0, baseSeq: 1, lastSeq: 9, fileSize: 5000, chainHead: Digest(hashing: [1])),
            .quarantined(ordinal: 1, offset: 2, length: 3, fileName: "x.quarantine"),
            .recovered(wallNanos: 1, report: "{}"),
            .closed(epoch: 1, ordinal: 0, lastSeq: 9, lastHash: 4, dataEnd: 4500),
        ]
    }

    static func manifest(_ records: [ManifestRecord]) -> (bytes: [UInt8], starts: [Int]) {
        var bytes: [UInt8] = [], starts: [Int] = [], link: UInt64 = 0
        for record in records {
            starts.append(bytes.count)
            let (more, hash) = record.encoded(at: UInt64(bytes.count), link: link)
            bytes += more
            link = hash
        }
        return (bytes, starts + [bytes.count])
    }

    /// Makes the hash of the record at `start` right again.
    static func rehashed(_ bytes: [UInt8], at start: Int, to end: Int) -> [UInt8] {
        var bytes = bytes
        bytes.replaceSubrange(start + 16..<start + 24, with: [UInt8](repeating: 0, count: 8))
        let hash = xxh3(Array(bytes[start..<end]), seed: blockSeed(salt: 0, offset: UInt64(start)))
        for index in 0..<8 { bytes[start + 16 + index] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * index)) }
        return bytes
    }

    @Test func `a manifest of every kind of record comes back`() throws {
        let records = try Self.makeRecords()
        let (bytes, _) = Self.manifest(records)
        let manifest = Manifest(decoding: bytes)
        #expect(manifest.records == records)
        #expect(manifest.failure == nil && manifest.validEnd == UInt64(bytes.count))
        #expect(manifest.isClosedCleanly && manifest.durableSeq == 9 && manifest.lastEpoch == 1)
    }

    @Test func `a manifest cut anywhere gives the whole records before, and looks torn`() throws {
        let records = try Self.makeRecords()
        let (bytes, starts) = Self.manifest(records)
        for length in 0..<bytes.count {
            let manifest = Manifest(decoding: Array(bytes[0..<length]))
            let whole = starts.lastIndex { $0 <= length } ?? 0
            #expect(manifest.records == Array(records[0..<whole]), "length \(length)")
            #expect((manifest.failure == nil) == (starts[whole] == length), "length \(length)")
            #expect(!manifest.hasRecordsAfterFailure, "length \(length)")
        }
    }

    @Test func `a manifest with any byte changed keeps only the records before it`() throws {
        let records = try Self.makeRecords()
        let (bytes, starts) = Self.manifest(records)
        for index in bytes.indices {
            for bit in [UInt8(1), 0x80] {
                var changed = bytes
                changed[index] ^= bit
                let manifest = Manifest(decoding: changed)
                let before = (starts.lastIndex { $0 <= index }) ?? 0
                #expect(manifest.records == Array(records[0..<before]), "byte \(index)")
                #expect(manifest.hasRecordsAfterFailure == (before < records.count - 1), "byte \(index)")
            }
        }
    }

    @Test func `changed records with right hashes decode to something else or fail, and never look torn`() throws {
        let records = try Self.makeRecords()
        let (bytes, starts) = Self.manifest(records)
        let last = records.count - 1
        for (number, record) in records.enumerated() {
            // Each record as the last one.
            let (alone, places) = Self.manifest(Array(records[0..<number]) + [record])
            let start = places[number]
            for index in start..<alone.count where !(start + 16..<start + 24).contains(index) {
                for bit in [UInt8(1), 0x80] {
                    var changed = alone
                    changed[index] ^= bit
                    changed = Self.rehashed(changed, at: start, to: alone.count)
                    let manifest = Manifest(decoding: changed)
                    #expect(manifest.records.count >= number && manifest.records != Array(records[0...number]))
                    // Magic and lengths apart, a record whose hash holds was written so.
                    if index - start >= 24 {
                        #expect((manifest.failure != nil) == manifest.hasRecordsAfterFailure, "byte \(index)")
                    }
                }
            }
        }
        #expect(starts[last] < bytes.count)
    }

    @Test func `random manifests and cursors are refused`() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let noise = random.bytes(random.below(300))
            let manifest = Manifest(decoding: noise)
            #expect(manifest.records.isEmpty)
            #expect((manifest.failure == nil) == noise.isEmpty)
            #expect(throws: FormatError.self) { _ = try Cursor(noise) }
            #expect(throws: FormatError.self) { _ = try Cursor(random.bytes(128)) }
        }
    }

    @Test func `a cursor comes back from its bytes, and no other bytes pass`() throws {
        let cursor = Cursor(logID: Array(1...16), epoch: .max, seq: 5, hash: 6, ordinal: 7, offset: 8)
        let bytes = cursor.encoded()
        #expect(bytes.count == 128)
        #expect(try Cursor(bytes) == cursor)
        for index in 0..<128 {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << UInt8(bit)
                #expect(throws: FormatError.self, "byte \(index)") { _ = try Cursor(changed) }
                guard index < 120 else { continue }
                let hash = xxh3(Array(changed[0..<120]), seed: 0)
                for place in 0..<8 { changed[120 + place] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * place)) }
                // Magic, version and reserved bytes have one value; the rest says something else.
                if let again = try? Cursor(changed) {
                    #expect(again != cursor && (16..<72).contains(index), "byte \(index)")
                }
            }
        }
        for length in [0, 1, 127, 129, 4096] {
            #expect(throws: FormatError.self) { _ = try Cursor([UInt8](repeating: 0, count: length)) }
        }
    }

    /// Segments whose blocks were changed and hashed again, or are noise: scanning, reading and mapping end, with
    /// what they found.
    @Test func `scanning segments of changed blocks with right hashes ends`() throws {
        let log = TestLog(seed: 70)
        let core = try log.open()
        try core.appendSegment(50)
        core.release()
        let path = "log/" + LogPaths.segment(1)
        let original = try #require(log.disk.contents(path))
        let file = try log.disk.open(path, .read)
        let scan = try SegmentScan(log.disk, file, name: LogPaths.segment(1))
        let salt = scan.header.salt
        var random = SeededGenerator(seed: 70)
        let starts = scan.entries.map { Int($0.offset) } + [Int(scan.dataEnd), Int(scan.sealOffset)]
        for round in 0..<seedCount(300) {
            var bytes = original
            let start = random.pick(starts)
            for _ in 0..<1 + random.below(3) { bytes[start + random.below(128)] = UInt8(random.below(256)) }
            bytes.replaceSubrange(start + 16..<start + 24, with: [UInt8](repeating: 0, count: 8))
            let hash = xxh3(Array(bytes[start..<start + 128]), seed: blockSeed(salt: salt, offset: UInt64(start)))
            for index in 0..<8 { bytes[start + 16 + index] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * index)) }
            guard bytes != original else { continue }
            log.disk.setContents(path, bytes)
            let report = try log.verify()
            #expect(report.status == .damaged, "round \(round), block at \(start)")
            _ = try? log.events()
            let reader = try LogReader(try LogLocation("log", environment: log.environment))
            _ = try? reader.seek(toSeq: 40)
            _ = try? reader.next()
        }
    }
}

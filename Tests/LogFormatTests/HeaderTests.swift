import LogFormat
import Testing

@testable import struct LogFormat.SegmentHeader

/// Headers are checked before they are believed, and nothing but what was written passes.
@Suite struct HeaderTests {
    static let salt: UInt64 = 0x1234_5678_9ABC_DEF0

    static func block(_ kind: BlockKind = .batch) -> BlockHeader {
        var header = BlockHeader(kind: kind, link: 11, firstSeq: 12, writerEpoch: 3, durableSeq: 9)
        header.storedHash = 21
        header.rawHash = kind == .batch ? 22 : 21
        header.storedLength = kind == .mark ? 0 : 40
        header.rawLength = kind == .batch ? 400 : header.storedLength
        guard kind == .batch else { return header }
        header.count = 5
        (header.firstAppendNanos, header.lastAppendNanos) = (100, 200)
        (header.minEventNanos, header.maxEventNanos) = (-5, 5)
        header.typeBitmap = 6
        header.lastGlobalSeq = 16
        return header
    }

    static func encoded(_ header: BlockHeader, offset: UInt64 = 4096) -> [UInt8] {
        var copy = header
        var buffer = ByteBuffer()
        copy.encode(into: &buffer, salt: salt, offset: offset)
        return buffer.bytes
    }

    static func decoded(_ bytes: [UInt8], offset: UInt64 = 4096, salt: UInt64 = salt) throws(FormatError) -> BlockHeader
    {
        try bytes.withRawBytes { raw throws(FormatError) in try BlockHeader.decode(raw, salt: salt, offset: offset) }
    }

    /// The bytes with the header hash made right again.
    static func rehashed(_ bytes: [UInt8], offset: UInt64 = 4096) -> [UInt8] {
        var copy = bytes
        copy.replaceSubrange(16..<24, with: [UInt8](repeating: 0, count: 8))
        let hash = xxh3(Array(copy[0..<128]), seed: blockSeed(salt: salt, offset: offset))
        for index in 0..<8 { copy[16 + index] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * index)) }
        return copy
    }

    @Test(arguments: BlockKind.allCases) func `a block header comes back from its 128 bytes`(_ kind: BlockKind) throws {
        let header = Self.block(kind)
        let bytes = Self.encoded(header)
        #expect(bytes.count == 128)
        var again = try Self.decoded(bytes)
        #expect(again.headerHash != 0)
        again.headerHash = 0
        #expect(again == header)
        #expect(bytes.withUnsafeBytes { BlockHeader.verifies($0, salt: Self.salt, offset: 4096) })
    }

    @Test func `a block verifies only in its place and under its salt`() throws {
        let bytes = Self.encoded(Self.block())
        for (offset, salt) in [(UInt64(4097), Self.salt), (0, Self.salt), (4096, Self.salt ^ 1)] {
            let error = try formatFailure { _ = try Self.decoded(bytes, offset: offset, salt: salt) }
            guard case .badHash = error else {
                Issue.record("offset \(offset), salt \(salt): \(String(describing: error))")
                continue
            }
            #expect(!bytes.withUnsafeBytes { BlockHeader.verifies($0, salt: salt, offset: offset) })
        }
    }

    @Test func `every changed byte of a block header is a bad hash, before anything is believed`() throws {
        for kind in BlockKind.allCases {
            for (bytes, index) in mutations(Self.encoded(Self.block(kind))) {
                let error = try formatFailure { _ = try Self.decoded(bytes) }
                guard case .badHash = error else {
                    Issue.record("\(kind), byte \(index): \(String(describing: error))")
                    continue
                }
                #expect(!bytes.withUnsafeBytes { BlockHeader.verifies($0, salt: Self.salt, offset: 4096) })
            }
        }
    }

    @Test func `a block header with a right hash and wrong fields is a typed error or a header in its limits`() throws {
        var refused = 0
        for kind in BlockKind.allCases {
            for (bytes, index) in mutations(Self.encoded(Self.block(kind))) where !(16..<24).contains(index) {
                guard let header = try attempt({ try Self.decoded(Self.rehashed(bytes)) }) else {
                    refused += 1
                    continue
                }
                #expect(Self.encoded(header) == Self.rehashed(bytes), "\(kind), byte \(index)")
                #expect(Int(header.rawLength) <= FormatLimits.blockPayloadBytesMax)
            }
        }
        // Magic, kind, flags and lengths of five kinds at the least.
        #expect(refused > 5 * 20 * 3)
    }

    @Test func `every shortened block header is refused, and random bytes are`() throws {
        let bytes = Self.encoded(Self.block())
        for length in 0..<128 {
            let cut = Array(bytes[0..<length])
            #expect(throws: FormatError.self) { _ = try Self.decoded(cut) }
            #expect(!cut.withUnsafeBytes { BlockHeader.verifies($0, salt: Self.salt, offset: 4096) })
        }
        var random = TestGenerator(seed: 1)
        for _ in 0..<500 {
            let noise = random.bytes(random.below(200))
            #expect(throws: FormatError.self) { _ = try Self.decoded(noise) }
        }
    }

    @Test func `limits of a batch header hold at the limit and not above`() throws {
        func check(_ change: (inout BlockHeader) -> Void) throws -> Bool {
            var header = Self.block()
            change(&header)
            return try attempt { try Self.decoded(Self.encoded(header)) } != nil
        }
        #expect(try check { $0.count = UInt32(FormatLimits.batchEventsMax) })
        #expect(try !check { $0.count = UInt32(FormatLimits.batchEventsMax + 1) })
        #expect(try !check { $0.count = 0 })
        #expect(try check { $0.rawLength = UInt32(FormatLimits.batchRawBytesMax) })
        #expect(try !check { $0.rawLength = UInt32(FormatLimits.batchRawBytesMax + 1) })
        #expect(try check { $0.storedLength = UInt32(FormatLimits.batchStoredBytesMax) })
        #expect(try !check { $0.storedLength = UInt32(FormatLimits.batchStoredBytesMax + 1) })
        #expect(try !check { $0.firstSeq = 0 })
        #expect(try check { $0.firstSeq = .max - 5 })
        #expect(try !check { $0.firstSeq = .max - 4 })
        #expect(try !check { $0.lastAppendNanos = 99 })
        #expect(try !check { $0.minEventNanos = 6 })
    }

    @Test func `blocks that are no batch hold no batch fields`() throws {
        for kind in BlockKind.allCases where kind != .batch {
            let changes: [(inout BlockHeader) -> Void] = [
                { $0.count = 1 }, { $0.rawLength += 1 }, { $0.rawHash += 1 }, { $0.firstAppendNanos = 1 },
                { $0.lastAppendNanos = 1 }, { $0.minEventNanos = 1 }, { $0.maxEventNanos = 1 }, { $0.typeBitmap = 1 },
                { $0.lastGlobalSeq = 1 },
            ]
            for (index, change) in changes.enumerated() {
                var header = Self.block(kind)
                change(&header)
                let bytes = Self.encoded(header)
                #expect(throws: FormatError.self, "\(kind), change \(index)") { _ = try Self.decoded(bytes) }
            }
        }
        var schema = Self.block(.schema)
        schema.storedLength = UInt32(FormatLimits.schemaBytesMax + 3)
        schema.rawLength = schema.storedLength
        #expect(throws: FormatError.self) { _ = try Self.decoded(Self.encoded(schema)) }
    }
}

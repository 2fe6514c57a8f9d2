import LogFormat
import Testing

@testable import struct LogFormat.SegmentHeader

/// The page at the start of a segment, in two copies of which one suffices.
@Suite struct SegmentHeaderTests {
    static func header(ordinal: UInt64 = 2) -> SegmentHeader {
        SegmentHeader(
            logID: Array(1...16), ordinal: ordinal, baseSeq: ordinal == 0 ? 1 : 100, writerEpoch: 7, salt: 99,
            createdWallNanos: 5, createdMonotonicNanos: -6, bootID: Array(21...36),
            predecessor: ordinal == 0 ? .none : .init(lastSeq: 99, lastHash: 1, dataEnd: 5000, salt: 98),
            schemaSetDigest: Digest(hashing: [1]), build: Array(40..<60), buildIsModified: true, name: "log-1")
    }

    /// Changes both copies and makes their hashes right.
    static func changed(_ page: [UInt8], copies: [Int] = [8, 2048], _ change: (inout ArraySlice<UInt8>) -> Void)
        -> [UInt8]
    {
        var page = page
        for offset in copies {
            var copy = page[offset..<offset + 496]
            change(&copy)
            page.replaceSubrange(offset..<offset + 496, with: copy)
            let hash = xxh3(Array(copy), seed: 0x4C4F_5455_5348_4452 + UInt64(offset))
            for index in 0..<8 { page[offset + 496 + index] = UInt8(truncatingIfNeeded: hash >> UInt64(8 * index)) }
        }
        return page
    }

    static func set(_ at: Int, _ bytes: [UInt8]) -> [UInt8] {
        changed(header().encoded()) {
            $0.replaceSubrange($0.startIndex + at..<$0.startIndex + at + bytes.count, with: bytes)
        }
    }

    @Test(arguments: [UInt64(0), 1, 5]) func `a segment header comes back from its page`(_ ordinal: UInt64) throws {
        let header = Self.header(ordinal: ordinal)
        let page = header.encoded()
        #expect(page.count == 4096)
        let found = try SegmentHeader.decode(page)
        #expect(found.header == header)
        #expect(found.damage.isEmpty)
        #expect(found.header.headerID == xxh3(Array(page[8..<504]), seed: header.salt))
    }

    @Test func `every changed byte of the page is noticed, and one bad copy is survived`() throws {
        let header = Self.header()
        for (page, index) in mutations(header.encoded(), stride: 3) {
            // The frame around the copies is not needed to read them, but it is looked at.
            let found = try SegmentHeader.decode(page)
            #expect(found.header == header, "byte \(index)")
            #expect(!found.damage.isEmpty, "byte \(index)")
        }
    }

    @Test func `with both copies bad the header is refused`() throws {
        let page = Self.header().encoded()
        for index in 0..<504 {
            var bad = page
            bad[8 + index] ^= 0x40
            bad[2048 + (index * 7) % 504] ^= 0x40
            #expect(throws: FormatError.self, "byte \(index)") { _ = try SegmentHeader.decode(bad) }
        }
    }

    @Test func `every shortened page is refused, and random pages are`() throws {
        let page = Self.header().encoded()
        for length in Swift.stride(from: 0, to: 4096, by: 37) {
            #expect(throws: FormatError.self) { _ = try SegmentHeader.decode(Array(page[0..<length])) }
        }
        var random = TestGenerator(seed: 1)
        for _ in 0..<50 { #expect(throws: FormatError.self) { _ = try SegmentHeader.decode(random.bytes(4096)) } }
    }

    @Test func `rehashed copies with changed bytes give a header or a typed error`() throws {
        let page = Self.header().encoded()
        var refused = 0
        for index in 0..<496 {
            for bit in [UInt8(1), 0x80] {
                let bytes = Self.changed(page) { $0[$0.startIndex + index] ^= bit }
                guard let found = try attempt({ try SegmentHeader.decode(bytes) }) else {
                    refused += 1
                    continue
                }
                #expect(found.header != Self.header() || !found.damage.isEmpty, "byte \(index)")
            }
        }
        #expect(refused > 30)
    }

    @Test func `a newer major version is unsupported, not damaged`() throws {
        guard
            case .unsupported(_, let found, let supported) = try formatFailure({
                _ = try SegmentHeader.decode(Self.set(8, [2, 0]))
            })
        else { return #expect(Bool(false)) }
        #expect((found, supported) == (2, 1))
    }

    @Test(arguments: [(20, [UInt8(1), 0, 0, 0]), (12, [0, 2, 0, 0]), (168, [2, 0, 0, 0]), (176, [2, 0, 0, 0])])
    func `unknown incompatible flags, header lengths, codecs and checksums are unsupported`(_ at: Int, _ bytes: [UInt8])
        throws
    {
        guard case .unsupported = try formatFailure({ _ = try SegmentHeader.decode(Self.set(at, bytes)) }) else {
            return #expect(Bool(false), "offset \(at)")
        }
    }

    @Test func `one copy of a newer format is not passed over for an older one`() throws {
        for copy in [8, 2048] {
            let page = Self.changed(Self.header().encoded(), copies: [copy]) { $0[$0.startIndex + 8] = 2 }
            guard case .unsupported = try formatFailure({ _ = try SegmentHeader.decode(page) }) else {
                return #expect(Bool(false), "copy at \(copy)")
            }
        }
    }

    @Test func `a higher minor version, with bytes it may have added, is readable and keeps its own id`() throws {
        let page = Self.changed(Self.header().encoded()) {
            $0[$0.startIndex + 10] = 9
            $0[$0.startIndex + 300] = 77
        }
        let found = try SegmentHeader.decode(page)
        #expect(found.damage.isEmpty)
        #expect(found.header.minor == 9)
        // Its first block links to the hash of all its bytes, known or not.
        #expect(found.header.headerID == xxh3(Array(page[8..<504]), seed: found.header.salt))
    }

    @Test func `unknown compatible flags and another writer's limits are no damage, and enter the id`() throws {
        for (at, bytes) in [(16, [UInt8(4), 0, 0, 0]), (272, [0, 0, 1, 0]), (276, [0, 0, 2, 0])] {
            let page = Self.set(at, bytes)
            let found = try SegmentHeader.decode(page)
            #expect(found.damage.isEmpty, "offset \(at)")
            #expect(found.header.headerID == xxh3(Array(page[8..<504]), seed: found.header.salt), "offset \(at)")
        }
    }

    @Test(arguments: [280, 495]) func `a reserved byte that is not zero is noticed`(_ at: Int) throws {
        let found = try attempt { try SegmentHeader.decode(Self.set(at, [1])) }
        #expect(found == nil || !(found?.damage.isEmpty ?? true))
    }

    @Test func `base seq and predecessor must follow each other`() throws {
        #expect(throws: FormatError.self) { _ = try SegmentHeader.decode(Self.set(48, [101, 0])) }
        #expect(throws: FormatError.self) { _ = try SegmentHeader.decode(Self.set(104, [0, 0])) }
        #expect(throws: FormatError.self) { _ = try SegmentHeader.decode(Self.set(48, [0, 0, 0, 0, 0, 0, 0, 0])) }
    }
}

internal import CLotus

/// Magic numbers of the LZ4 skippable frames of a segment (SPEC.md section 3).
public enum SkippableMagic {
    /// Segment header.
    public static let segmentHeader: UInt32 = 0x184D_2A50
    /// Space written ahead.
    public static let padding: UInt32 = 0x184D_2A5F
}

/// What a block is.
public enum BlockKind: UInt16, Sendable, CaseIterable {
    /// Events, in the LZ4 frame behind the header.
    case batch = 1
    /// Description of an event type.
    case schema = 2
    /// Durable mark without payload.
    case mark = 3
    /// Directory of a sealed segment.
    case index = 4
    /// Roots and chain of a sealed segment.
    case seal = 5

    /// The skippable frame magic of the kind.
    public var skippableMagic: UInt32 {
        switch self {
        case .batch: 0x184D_2A51
        case .schema: 0x184D_2A52
        case .mark: 0x184D_2A53
        case .index: 0x184D_2A54
        case .seal: 0x184D_2A55
        }
    }
}

/// The 128 bytes before each payload; checked by its own hash before any field is believed (SPEC.md section 5).
public struct BlockHeader: Equatable, Sendable {
    /// Bytes of a header.
    public static let byteCount = 128
    static let magic: UInt32 = 0x4B4C_424C
    static let hashOffset = 16

    /// What the block is.
    public var kind: BlockKind
    /// Hash of the header; zero before it is encoded.
    public var headerHash: UInt64 = 0
    /// Hash of the payload as stored.
    public var storedHash: UInt64 = 0
    /// Hash of the decoded payload.
    public var rawHash: UInt64 = 0
    /// Hash of the block before.
    public var link: UInt64
    /// Seq of the first event (batch) or of the next event to come.
    public var firstSeq: UInt64
    /// Number of events.
    public var count: UInt32 = 0
    /// Length of the payload as stored.
    public var storedLength: UInt32 = 0
    /// Length of the decoded payload.
    public var rawLength: UInt32 = 0
    /// Low half of the writer's epoch.
    public var writerEpoch: UInt32
    /// Append time of the first event.
    public var firstAppendNanos: Int64 = 0
    /// Append time of the last event.
    public var lastAppendNanos: Int64 = 0
    /// Smallest event time.
    public var minEventNanos: Int64 = 0
    /// Largest event time.
    public var maxEventNanos: Int64 = 0
    /// Highest seq known to be on stable storage when the block was built.
    public var durableSeq: UInt64
    /// Bit `type id mod 64` for each type inside.
    public var typeBitmap: UInt64 = 0
    /// Global sequence number of the last event.
    public var lastGlobalSeq: UInt64 = 0

    /// Makes a header without payload fields.
    public init(kind: BlockKind, link: UInt64, firstSeq: UInt64, writerEpoch: UInt32, durableSeq: UInt64) {
        self.kind = kind
        self.link = link
        self.firstSeq = firstSeq
        self.writerEpoch = writerEpoch
        self.durableSeq = durableSeq
    }

    /// Seq of the last event of a batch; for other kinds the seq before `firstSeq`.
    public var lastSeq: UInt64 { firstSeq &+ UInt64(count) &- 1 }

    /// Bytes of header and payload together.
    public var blockByteCount: Int { Self.byteCount + Int(storedLength) }
}

extension BlockHeader {
    /// Appends the header with its hash computed for `offset`, and remembers that hash.
    public mutating func encode(into buffer: inout ByteBuffer, salt: UInt64, offset: UInt64) {
        let start = buffer.count
        buffer.append(kind.skippableMagic)
        buffer.append(UInt32(120) + (kind == .batch ? 0 : storedLength))
        buffer.append(Self.magic)
        buffer.append(kind.rawValue)
        buffer.append(UInt16(0))
        buffer.append(UInt64(0))
        buffer.append(storedHash)
        buffer.append(rawHash)
        buffer.append(link)
        buffer.append(firstSeq)
        buffer.append(count)
        buffer.append(storedLength)
        buffer.append(rawLength)
        buffer.append(writerEpoch)
        buffer.append(firstAppendNanos)
        buffer.append(lastAppendNanos)
        buffer.append(minEventNanos)
        buffer.append(maxEventNanos)
        buffer.append(durableSeq)
        buffer.append(typeBitmap)
        buffer.append(lastGlobalSeq)
        let hash = unsafe buffer.withUnsafeBytes { all in
            unsafe xxh3(
                UnsafeRawBufferPointer(rebasing: all[start..<start + Self.byteCount]),
                seed: blockSeed(salt: salt, offset: offset))
        }
        buffer.set(hash, at: start + Self.hashOffset)
        headerHash = hash
    }

    /// Whether 128 bytes at `offset` look like a block and their hash holds; cheap enough to try at every offset.
    public static func verifies(_ bytes: UnsafeRawBufferPointer, salt: UInt64, offset: UInt64) -> Bool {
        guard bytes.count >= byteCount else { return false }
        guard unsafe UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)) == magic else {
            return false
        }
        return unsafe hashMatches(bytes, salt: salt, offset: offset).matches
    }

    static func hashMatches(
        _ bytes: UnsafeRawBufferPointer, salt: UInt64, offset: UInt64
    ) -> (matches: Bool, found: UInt64, expected: UInt64) {
        let stored = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: hashOffset, as: UInt64.self))
        var copy = unsafe bytes.loadUnaligned(as: InlineArray<16, UInt64>.self)
        copy[hashOffset / 8] = 0
        let computed = unsafe withUnsafeBytes(of: &copy) {
            unsafe xxh3($0, seed: blockSeed(salt: salt, offset: offset))
        }
        return (stored == computed, computed, stored)
    }

    /// Decodes and checks the header found at `offset` of a segment with `salt`.
    ///
    /// Errors: `badHash` before anything else is believed, then limits and field rules.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer, salt: UInt64, offset: UInt64
    ) throws(FormatError) -> BlockHeader {
        var reader = unsafe ByteReader(bytes, what: "block header")
        try reader.need(byteCount)
        let check = unsafe hashMatches(bytes, salt: salt, offset: offset)
        guard check.matches else { throw .badHash(what: "block header", found: check.found, expected: check.expected) }
        let skippable = try reader.read(UInt32.self)
        let skippableLength = try reader.read(UInt32.self)
        let foundMagic = try reader.read(UInt32.self)
        guard foundMagic == magic else {
            throw .badMagic(what: "block header", found: UInt64(foundMagic), expected: UInt64(magic))
        }
        let kindValue = try reader.read(UInt16.self)
        guard let kind = BlockKind(rawValue: kindValue), kind.skippableMagic == skippable else {
            throw .invalid(
                what: "block header", detail: "kind \(kindValue) with frame magic 0x\(hex(UInt64(skippable)))")
        }
        guard try reader.read(UInt16.self) == 0 else {
            throw .invalid(what: "block header", detail: "flags are not zero")
        }
        var header = BlockHeader(kind: kind, link: 0, firstSeq: 0, writerEpoch: 0, durableSeq: 0)
        header.headerHash = try reader.read(UInt64.self)
        header.storedHash = try reader.read(UInt64.self)
        header.rawHash = try reader.read(UInt64.self)
        header.link = try reader.read(UInt64.self)
        header.firstSeq = try reader.read(UInt64.self)
        header.count = try reader.read(UInt32.self)
        header.storedLength = try reader.read(UInt32.self)
        header.rawLength = try reader.read(UInt32.self)
        header.writerEpoch = try reader.read(UInt32.self)
        header.firstAppendNanos = try reader.read(Int64.self)
        header.lastAppendNanos = try reader.read(Int64.self)
        header.minEventNanos = try reader.read(Int64.self)
        header.maxEventNanos = try reader.read(Int64.self)
        header.durableSeq = try reader.read(UInt64.self)
        header.typeBitmap = try reader.read(UInt64.self)
        header.lastGlobalSeq = try reader.read(UInt64.self)
        try header.checkFields(skippableLength: skippableLength)
        return header
    }

    private func checkFields(skippableLength: UInt32) throws(FormatError) {
        let expected = UInt64(120) + (kind == .batch ? 0 : UInt64(storedLength))
        guard UInt64(skippableLength) == expected else {
            throw .invalid(what: "block header", detail: "frame length \(skippableLength), expected \(expected)")
        }
        if kind == .batch {
            guard count >= 1, Int(count) <= FormatLimits.batchEventsMax else {
                throw .limit(what: "events in a batch", found: Int(count), limit: FormatLimits.batchEventsMax)
            }
            guard Int(storedLength) <= FormatLimits.batchStoredBytesMax else {
                throw .limit(what: "stored batch", found: Int(storedLength), limit: FormatLimits.batchStoredBytesMax)
            }
            guard Int(rawLength) <= FormatLimits.batchRawBytesMax else {
                throw .limit(what: "raw batch", found: Int(rawLength), limit: FormatLimits.batchRawBytesMax)
            }
            guard firstSeq >= 1, firstSeq <= UInt64.max - UInt64(count), firstAppendNanos <= lastAppendNanos,
                minEventNanos <= maxEventNanos
            else { throw .invalid(what: "block header", detail: "sequence numbers or times are out of order") }
            return
        }
        guard count == 0, rawLength == storedLength, rawHash == storedHash, firstAppendNanos == 0,
            lastAppendNanos == 0, minEventNanos == 0, maxEventNanos == 0, typeBitmap == 0, lastGlobalSeq == 0
        else { throw .invalid(what: "block header", detail: "a \(kind) block holds batch fields") }
        let limit = kind == .schema ? FormatLimits.schemaBytesMax + 2 : FormatLimits.blockPayloadBytesMax
        guard Int(storedLength) <= limit else {
            throw .limit(what: "\(kind) payload", found: Int(storedLength), limit: limit)
        }
    }
}

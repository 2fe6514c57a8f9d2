/// The identity of a segment: who wrote it, where it stands in its log, what came before (SPEC.md section 4).
public struct SegmentHeader: Equatable, Sendable {
    /// Bytes of the whole header frame at the start of a segment.
    public static let byteCount = 4096
    /// Bytes of one copy.
    static let copyByteCount = 504
    /// File offsets of the two copies, in different 512-byte sectors and pages of flash.
    static let copyOffsets = [8, 2048]
    static let copySeed: UInt64 = 0x4C4F_5455_5348_4452
    static let magic: UInt64 = 0x4745_5353_5554_4F4C  // "LOTUSSEG"
    /// Format version that this build writes and the newest it reads.
    public static let major: UInt16 = 1
    /// Minor version that this build writes.
    public static let minor: UInt16 = 0

    /// Random, one for the life of the log; 16 bytes.
    public var logID: [UInt8]
    /// Place of the segment in the log, from 0.
    public var ordinal: UInt64
    /// Seq of the first event that may stand here.
    public var baseSeq: UInt64
    /// Epoch of the writer that created the segment.
    public var writerEpoch: UInt64
    /// Random; seeds the hashes of the segment.
    public var salt: UInt64
    /// Wall clock at creation, nanoseconds.
    public var createdWallNanos: Int64
    /// Monotonic clock at creation, nanoseconds.
    public var createdMonotonicNanos: Int64
    /// The kernel's boot id; 16 bytes.
    public var bootID: [UInt8]
    /// Where the predecessor ended.
    public var predecessor: Predecessor
    /// Digest over the types registered when the segment was made.
    public var schemaSetDigest: Digest
    /// LZ4 version of the writer.
    public var codecVersion: UInt32
    /// xxHash version of the writer.
    public var checksumVersion: UInt32
    /// Git commit of the writer; 20 bytes, zero if unknown.
    public var build: [UInt8]
    /// Whether the writer was built from a modified tree.
    public var buildIsModified: Bool
    /// Name of the log.
    public var name: String
    /// Minor version found; unknown minor versions are readable.
    public var minor: UInt16
    /// What this build does not use but the header's id covers.
    var extras = Extras()

    /// Fields of a copy that a newer or differently limited writer may have set.
    struct Extras: Equatable, Sendable {
        var compatibleFlags: UInt32 = 0
        var unknownBuildFlags: UInt32 = 0
        var eventBytesMax = UInt32(FormatLimits.eventBytesMax)
        var batchRawBytesMax = UInt32(FormatLimits.batchRawBytesMax)
        var reserved = [UInt8](repeating: 0, count: 216)
    }

    /// The end of the segment before: last seq, hash of its last data block, offset after it, and its salt.
    public struct Predecessor: Equatable, Sendable {
        /// `baseSeq - 1`.
        public var lastSeq: UInt64
        /// Hash of the last batch, schema or mark block.
        public var lastHash: UInt64
        /// Offset just after that block.
        public var dataEnd: UInt64
        /// Salt of that segment.
        public var salt: UInt64

        /// Makes the description of an end.
        public init(lastSeq: UInt64, lastHash: UInt64, dataEnd: UInt64, salt: UInt64) {
            self.lastSeq = lastSeq
            self.lastHash = lastHash
            self.dataEnd = dataEnd
            self.salt = salt
        }

        /// The predecessor of a log's first segment.
        public static let none = Predecessor(lastSeq: 0, lastHash: 0, dataEnd: 0, salt: 0)
    }

    /// Makes a header for a new segment; library versions are filled in.
    public init(
        logID: [UInt8], ordinal: UInt64, baseSeq: UInt64, writerEpoch: UInt64, salt: UInt64,
        createdWallNanos: Int64, createdMonotonicNanos: Int64, bootID: [UInt8], predecessor: Predecessor,
        schemaSetDigest: Digest, build: [UInt8], buildIsModified: Bool, name: String
    ) {
        self.logID = logID
        self.ordinal = ordinal
        self.baseSeq = baseSeq
        self.writerEpoch = writerEpoch
        self.salt = salt
        self.createdWallNanos = createdWallNanos
        self.createdMonotonicNanos = createdMonotonicNanos
        self.bootID = bootID
        self.predecessor = predecessor
        self.schemaSetDigest = schemaSetDigest
        self.codecVersion = LibraryVersions.codec
        self.checksumVersion = LibraryVersions.checksum
        self.build = build
        self.buildIsModified = buildIsModified
        self.name = name
        self.minor = Self.minor
    }
}

extension SegmentHeader {
    /// Bytes 0–495 of a copy.
    func encodeCopyWithoutHash() -> [UInt8] {
        var buffer = ByteBuffer(capacity: Self.copyByteCount)
        buffer.append(Self.magic)
        buffer.append(Self.major)
        buffer.append(minor)
        buffer.append(UInt32(Self.copyByteCount))
        buffer.append(extras.compatibleFlags)
        buffer.append(UInt32(0))  // incompatible flags
        buffer.append(contentsOf: logID)
        buffer.append(ordinal)
        buffer.append(baseSeq)
        buffer.append(writerEpoch)
        buffer.append(salt)
        buffer.append(createdWallNanos)
        buffer.append(createdMonotonicNanos)
        buffer.append(contentsOf: bootID)
        buffer.append(predecessor.lastSeq)
        buffer.append(predecessor.lastHash)
        buffer.append(predecessor.dataEnd)
        buffer.append(predecessor.salt)
        buffer.append(contentsOf: schemaSetDigest.bytes)
        buffer.append(UInt32(1))
        buffer.append(codecVersion)
        buffer.append(UInt32(1))
        buffer.append(checksumVersion)
        buffer.append(contentsOf: build)
        buffer.append(extras.unknownBuildFlags | (buildIsModified ? 1 : 0))
        let nameBytes = Array(name.utf8)
        precondition(nameBytes.count <= 63, "Invariant: a log name has at most 63 bytes")
        buffer.append(UInt8(nameBytes.count))
        buffer.append(contentsOf: nameBytes)
        buffer.appendZeros(63 - nameBytes.count)
        buffer.append(extras.eventBytesMax)
        buffer.append(extras.batchRawBytesMax)
        buffer.append(contentsOf: extras.reserved)
        precondition(buffer.count == 496, "Invariant: the header copy is 496 bytes and its hash")
        return buffer.bytes
    }

    /// The 4,096 bytes that open a segment.
    public func encoded() -> [UInt8] {
        let content = encodeCopyWithoutHash()
        var page = ByteBuffer(capacity: Self.byteCount)
        page.append(SkippableMagic.segmentHeader)
        page.append(UInt32(Self.byteCount - 8))
        for offset in Self.copyOffsets {
            page.appendZeros(offset - page.count)
            page.append(contentsOf: content)
            page.append(xxh3(content, seed: Self.copySeed &+ UInt64(offset)))
        }
        page.appendZeros(Self.byteCount - page.count)
        return page.bytes
    }

    /// Link of the segment's first block.
    public var headerID: UInt64 { xxh3(encodeCopyWithoutHash(), seed: salt) }

    /// A header as found on disk, with what was wrong with one of its copies, if anything.
    public struct Found: Equatable, Sendable {
        /// The header.
        public var header: SegmentHeader
        /// Damage that did not prevent reading: one bad copy, stray bytes around the copies.
        public var damage: [FormatError]
    }

    /// Decodes the first 4,096 bytes of a segment, from whichever copy is good.
    ///
    /// Errors: the first copy's error when neither copy is good; `unsupported` for a newer major or an unknown
    /// incompatible flag.
    public static func decode(_ page: [UInt8]) throws(FormatError) -> Found {
        guard page.count >= byteCount else {
            throw .truncated(what: "segment header", needed: byteCount, available: page.count)
        }
        var damage: [FormatError] = []
        var good: SegmentHeader?
        for offset in copyOffsets {
            do throws(FormatError) {
                let copy = try decodeCopy(Array(page[offset..<offset + copyByteCount]), offset: offset)
                if let first = good, first != copy {
                    damage.append(.invalid(what: "segment header", detail: "the two copies differ"))
                }
                good = good ?? copy
            } catch {
                if case .unsupported = error { throw error }
                damage.append(error)
            }
        }
        guard let header = good else { throw damage[0] }
        if damage.isEmpty, header.minor == minor, Array(page[0..<byteCount]) != header.encoded() {
            damage.append(.invalid(what: "segment header", detail: "bytes around the copies are not as written"))
        }
        return Found(header: header, damage: damage)
    }

    static func decodeCopy(_ copy: [UInt8], offset: Int) throws(FormatError) -> SegmentHeader {
        try unsafe copy.withRawBytes { bytes throws(FormatError) in
            var reader = unsafe ByteReader(bytes, what: "segment header")
            let found = try reader.read(UInt64.self)
            guard found == magic else { throw .badMagic(what: "segment header", found: found, expected: magic) }
            let stored = unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 496, as: UInt64.self))
            let computed = unsafe xxh3(
                UnsafeRawBufferPointer(rebasing: bytes[0..<496]), seed: copySeed &+ UInt64(offset))
            guard stored == computed else {
                throw .badHash(what: "segment header", found: computed, expected: stored)
            }
            return try decodeFields(&reader)
        }
    }

    private static func decodeFields(_ reader: inout ByteReader) throws(FormatError) -> SegmentHeader {
        let foundMajor = try reader.read(UInt16.self)
        guard foundMajor == major else {
            throw .unsupported(what: "format major version", found: UInt64(foundMajor), supported: UInt64(major))
        }
        let foundMinor = try reader.read(UInt16.self)
        let length = try reader.read(UInt32.self)
        guard length == UInt32(copyByteCount) else {
            throw .unsupported(what: "segment header length", found: UInt64(length), supported: UInt64(copyByteCount))
        }
        var extras = Extras()
        extras.compatibleFlags = try reader.read(UInt32.self)
        let incompatible = try reader.read(UInt32.self)
        guard incompatible == 0 else {
            throw .unsupported(what: "incompatible feature flags", found: UInt64(incompatible), supported: 0)
        }
        let logID = try reader.readArray(16)
        let ordinal = try reader.read(UInt64.self)
        let baseSeq = try reader.read(UInt64.self)
        let epoch = try reader.read(UInt64.self)
        let salt = try reader.read(UInt64.self)
        let wall = try reader.read(Int64.self)
        let monotonic = try reader.read(Int64.self)
        let bootID = try reader.readArray(16)
        let predecessor = Predecessor(
            lastSeq: try reader.read(UInt64.self), lastHash: try reader.read(UInt64.self),
            dataEnd: try reader.read(UInt64.self), salt: try reader.read(UInt64.self))
        let digest = Digest(try reader.readArray(32))
        let codec = try reader.read(UInt32.self)
        guard codec == 1 else { throw .unsupported(what: "codec", found: UInt64(codec), supported: 1) }
        let codecVersion = try reader.read(UInt32.self)
        let checksum = try reader.read(UInt32.self)
        guard checksum == 1 else { throw .unsupported(what: "checksum", found: UInt64(checksum), supported: 1) }
        let checksumVersion = try reader.read(UInt32.self)
        let build = try reader.readArray(20)
        let buildFlags = try reader.read(UInt32.self)
        let nameCount = Int(try reader.read(UInt8.self))
        let nameBytes = try reader.readArray(63)
        guard nameCount <= 63, let name = String(validating: nameBytes[0..<nameCount], as: UTF8.self),
            nameBytes[nameCount...].allSatisfy({ $0 == 0 })
        else {
            throw .invalid(what: "segment header", detail: "log name of \(nameCount) bytes is not valid")
        }
        extras.unknownBuildFlags = buildFlags & ~1
        extras.eventBytesMax = try reader.read(UInt32.self)
        extras.batchRawBytesMax = try reader.read(UInt32.self)
        extras.reserved = try reader.readArray(216)
        guard foundMinor > minor || extras.reserved.allSatisfy({ $0 == 0 }) else {
            throw .invalid(what: "segment header", detail: "a reserved byte is not zero")
        }
        guard baseSeq >= 1, predecessor.lastSeq == (ordinal == 0 ? 0 : baseSeq - 1) else {
            throw .invalid(what: "segment header", detail: "base seq \(baseSeq) does not follow \(predecessor.lastSeq)")
        }
        var header = SegmentHeader(
            logID: logID, ordinal: ordinal, baseSeq: baseSeq, writerEpoch: epoch, salt: salt,
            createdWallNanos: wall, createdMonotonicNanos: monotonic, bootID: bootID, predecessor: predecessor,
            schemaSetDigest: digest, build: build, buildIsModified: buildFlags & 1 == 1, name: name)
        header.codecVersion = codecVersion
        header.checksumVersion = checksumVersion
        header.minor = foundMinor
        header.extras = extras
        return header
    }
}

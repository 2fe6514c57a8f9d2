/// One batch in the index of a sealed segment.
public struct IndexEntry: Equatable, Sendable {
    /// File offset of the batch header.
    public var offset: UInt64
    /// Seq of the first event.
    public var firstSeq: UInt64
    /// Number of events.
    public var count: UInt32
    /// Decoded length.
    public var rawLength: UInt32
    /// Append time of the first event.
    public var firstAppendNanos: Int64
    /// Append time of the last event.
    public var lastAppendNanos: Int64
    /// Smallest event time.
    public var minEventNanos: Int64
    /// Largest event time.
    public var maxEventNanos: Int64
    /// Types inside, modulo 64.
    public var typeBitmap: UInt64

    static let byteCount = 64

    /// The entry of a batch that stands at `offset`.
    public init(_ header: BlockHeader, offset: UInt64) {
        self.offset = offset
        firstSeq = header.firstSeq
        count = header.count
        rawLength = header.rawLength
        firstAppendNanos = header.firstAppendNanos
        lastAppendNanos = header.lastAppendNanos
        minEventNanos = header.minEventNanos
        maxEventNanos = header.maxEventNanos
        typeBitmap = header.typeBitmap
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        offset = try reader.read(UInt64.self)
        firstSeq = try reader.read(UInt64.self)
        count = try reader.read(UInt32.self)
        rawLength = try reader.read(UInt32.self)
        firstAppendNanos = try reader.read(Int64.self)
        lastAppendNanos = try reader.read(Int64.self)
        minEventNanos = try reader.read(Int64.self)
        maxEventNanos = try reader.read(Int64.self)
        typeBitmap = try reader.read(UInt64.self)
    }

    func encode(into buffer: inout ByteBuffer) {
        buffer.append(offset)
        buffer.append(firstSeq)
        buffer.append(count)
        buffer.append(rawLength)
        buffer.append(firstAppendNanos)
        buffer.append(lastAppendNanos)
        buffer.append(minEventNanos)
        buffer.append(maxEventNanos)
        buffer.append(typeBitmap)
    }
}

/// Payload of an index block (SPEC.md section 6).
public struct IndexPayload: Equatable, Sendable {
    /// Number of the first leaf that ends in the segment.
    public var firstLeaf: UInt64
    /// The batches in order.
    public var batches: [IndexEntry]
    /// The leaves that end in the segment.
    public var leaves: [MerkleLeaf]
    /// Events by type, ascending by id.
    public var types: [TypeCount]

    /// Number of events of one type.
    public struct TypeCount: Equatable, Sendable {
        /// Type id.
        public var typeID: UInt16
        /// Events of that type in the segment.
        public var events: UInt64

        /// Makes a count.
        public init(typeID: UInt16, events: UInt64) {
            self.typeID = typeID
            self.events = events
        }
    }

    /// Makes a payload.
    public init(firstLeaf: UInt64, batches: [IndexEntry], leaves: [MerkleLeaf], types: [TypeCount]) {
        self.firstLeaf = firstLeaf
        self.batches = batches
        self.leaves = leaves
        self.types = types
    }

    /// Length of the payload.
    public var byteCount: Int { 24 + IndexEntry.byteCount * batches.count + 64 * leaves.count + 16 * types.count }

    /// The bytes of the payload.
    public func encoded() -> [UInt8] {
        var buffer = ByteBuffer(capacity: byteCount)
        encode(into: &buffer)
        return buffer.bytes
    }

    /// Appends the bytes of the payload.
    public func encode(into buffer: inout ByteBuffer) {
        buffer.append(firstLeaf)
        buffer.append(UInt32(batches.count))
        buffer.append(UInt32(leaves.count))
        buffer.append(UInt32(types.count))
        buffer.append(UInt32(0))
        for batch in batches { batch.encode(into: &buffer) }
        for leaf in leaves {
            buffer.append(contentsOf: leaf.identity.bytes)
            buffer.append(contentsOf: leaf.logical.bytes)
        }
        for type in types {
            buffer.append(type.typeID)
            buffer.append(UInt16(0))
            buffer.append(UInt32(0))
            buffer.append(type.events)
        }
    }

    /// Decodes a payload; lengths are checked before anything is allocated.
    public init(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
        var reader = unsafe ByteReader(bytes, what: "index")
        firstLeaf = try reader.read(UInt64.self)
        let batchCount = Int(try reader.read(UInt32.self))
        let leafCount = Int(try reader.read(UInt32.self))
        let typeCount = Int(try reader.read(UInt32.self))
        try reader.readZeros(4)
        let expected = IndexEntry.byteCount * batchCount + 64 * leafCount + 16 * typeCount
        guard reader.remaining == expected else {
            throw .invalid(
                what: "index", detail: "holds \(reader.remaining) bytes of entries, its counts need \(expected)")
        }
        batches = []
        batches.reserveCapacity(batchCount)
        for _ in 0..<batchCount { batches.append(try IndexEntry(&reader)) }
        leaves = []
        leaves.reserveCapacity(leafCount)
        for _ in 0..<leafCount {
            leaves.append(
                MerkleLeaf(identity: Digest(try reader.readArray(32)), logical: Digest(try reader.readArray(32))))
        }
        types = []
        for _ in 0..<typeCount {
            let typeID = try reader.read(UInt16.self)
            try reader.readZeros(6)
            types.append(TypeCount(typeID: typeID, events: try reader.read(UInt64.self)))
        }
    }
}

/// Payload of a seal block (SPEC.md section 6).
public struct SealPayload: Equatable, Sendable {
    /// Events of the segment.
    public var eventCount: UInt64
    /// Seq of its last event.
    public var lastSeq: UInt64
    /// Number of batches.
    public var batchCount: UInt64
    /// Offset of the index block.
    public var dataEnd: UInt64
    /// Root over the identity leaves that end in the segment.
    public var identityRoot: Digest
    /// Root over the logical leaves that end in the segment.
    public var logicalRoot: Digest
    /// The leaf of the run that is not finished yet.
    public var partial: MerkleLeaf
    /// Events in that run.
    public var partialCount: UInt32
    /// SHA-256 of the file up to the seal block.
    public var storageDigest: Digest
    /// Chain head before this segment.
    public var previousChainHead: Digest
    /// Chain head including this segment.
    public var chainHead: Digest

    /// Bytes of the payload.
    public static let byteCount = 264

    /// Makes a payload and computes its chain head.
    public init(
        header: SegmentHeader, eventCount: UInt64, batchCount: UInt64, dataEnd: UInt64, identityRoot: Digest,
        logicalRoot: Digest, partial: MerkleLeaf, partialCount: UInt32, storageDigest: Digest,
        previousChainHead: Digest
    ) {
        self.eventCount = eventCount
        self.lastSeq = header.baseSeq + eventCount - 1
        self.batchCount = batchCount
        self.dataEnd = dataEnd
        self.identityRoot = identityRoot
        self.logicalRoot = logicalRoot
        self.partial = partial
        self.partialCount = partialCount
        self.storageDigest = storageDigest
        self.previousChainHead = previousChainHead
        self.chainHead = .zero
        self.chainHead = computedChainHead(header)
    }

    /// The chain head that follows from the other fields and the segment's header (SPEC.md section 11).
    public func computedChainHead(_ header: SegmentHeader) -> Digest {
        var hasher = SHA256Hasher()
        hasher.update(Array("LOTUSCHN".utf8))
        hasher.update(previousChainHead)
        hasher.update(header.logID)
        hasher.update(header.ordinal)
        hasher.update(header.baseSeq)
        hasher.update(lastSeq)
        hasher.update(identityRoot)
        hasher.update(logicalRoot)
        hasher.update(partial.identity)
        hasher.update(partial.logical)
        hasher.update(storageDigest)
        return hasher.digest()
    }

    /// The bytes of the payload.
    public func encoded() -> [UInt8] {
        var buffer = ByteBuffer(capacity: Self.byteCount)
        buffer.append(eventCount)
        buffer.append(lastSeq)
        buffer.append(batchCount)
        buffer.append(dataEnd)
        for digest in [identityRoot, logicalRoot, partial.identity, partial.logical] {
            buffer.append(contentsOf: digest.bytes)
        }
        buffer.append(partialCount)
        buffer.append(UInt32(0))
        for digest in [storageDigest, previousChainHead, chainHead] { buffer.append(contentsOf: digest.bytes) }
        return buffer.bytes
    }

    /// Decodes a payload of exactly 264 bytes.
    public init(_ bytes: UnsafeRawBufferPointer) throws(FormatError) {
        guard bytes.count == Self.byteCount else {
            throw .invalid(what: "seal", detail: "is \(bytes.count) bytes, expected \(Self.byteCount)")
        }
        var reader = unsafe ByteReader(bytes, what: "seal")
        eventCount = try reader.read(UInt64.self)
        lastSeq = try reader.read(UInt64.self)
        batchCount = try reader.read(UInt64.self)
        dataEnd = try reader.read(UInt64.self)
        identityRoot = Digest(try reader.readArray(32))
        logicalRoot = Digest(try reader.readArray(32))
        partial = MerkleLeaf(identity: Digest(try reader.readArray(32)), logical: Digest(try reader.readArray(32)))
        partialCount = try reader.read(UInt32.self)
        try reader.readZeros(4)
        storageDigest = Digest(try reader.readArray(32))
        previousChainHead = Digest(try reader.readArray(32))
        chainHead = Digest(try reader.readArray(32))
    }
}

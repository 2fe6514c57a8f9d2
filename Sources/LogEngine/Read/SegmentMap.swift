package import LogFormat

/// Where the batches of one segment stand: from its index if it is sealed, else by hopping from header to header.
package struct SegmentMap {
    package let name: String
    package let header: SegmentHeader
    package var entries: [IndexEntry] = []
    var schemas: [(typeID: UInt16, schema: Schema)] = []
    package var seal: SealPayload?
    /// Events by type, if the segment is sealed.
    package var types: [IndexPayload.TypeCount]?
    /// Content digests of the runs that end in the segment, if it is sealed; the first one's number is `firstLeaf`.
    package private(set) var leaves: [MerkleLeaf] = []
    /// Number of the first of `leaves`.
    package private(set) var firstLeaf: UInt64 = 0
    /// Where hopping goes on, for a segment that grows.
    var end = UInt64(SegmentHeader.byteCount)
    /// Hash of the block before `end`.
    var lastHash: UInt64

    /// Reads the map of a segment; without `hops` it stays empty unless there is an index.
    package init(
        _ fileSystem: any LogFS, _ file: FileID, name: String, useIndex: Bool, hops: Bool = true
    ) throws(LogError) {
        self.name = name
        header = try SegmentScan.readHeader(fileSystem, file, name: name).header
        lastHash = header.headerID
        if useIndex, try readIndex(fileSystem, file) { return }
        guard hops else { return }
        try hop(fileSystem, file, limit: try wrapping { () throws(FSError) in try fileSystem.size(file) })
    }

    /// Reads seal and index, which stand at a known distance from the end; false if the segment is not sealed or they
    /// are damaged.
    private mutating func readIndex(_ fileSystem: any LogFS, _ file: FileID) throws(LogError) -> Bool {
        let size = try wrapping { () throws(FSError) in try fileSystem.size(file) }
        let sealBytes = UInt64(BlockHeader.byteCount + SealPayload.byteCount)
        guard size >= UInt64(SegmentHeader.byteCount) + sealBytes else { return false }
        guard let sealBlock = try block(fileSystem, file, at: size - sealBytes, kind: .seal, limit: size),
            let seal = try? unsafe sealBlock.withRawBytes({ bytes throws(FormatError) in unsafe try SealPayload(bytes) }
            ),
            let indexBlock = try block(fileSystem, file, at: seal.dataEnd, kind: .index, limit: size),
            let index = try? unsafe indexBlock.withRawBytes({ bytes throws(FormatError) in
                unsafe try IndexPayload(bytes)
            })
        else { return false }
        self.seal = seal
        entries = index.batches
        types = index.types
        leaves = index.leaves
        firstLeaf = index.firstLeaf
        end = seal.dataEnd
        return true
    }

    private func block(
        _ fileSystem: any LogFS, _ file: FileID, at offset: UInt64, kind: BlockKind, limit: UInt64
    ) throws(LogError) -> [UInt8]? {
        let stream = SegmentStream(fileSystem, file, salt: header.salt, offset: offset, limit: limit)
        guard case .block(let block) = try wrapping({ () throws(FSError) in try stream.next() }), block.kind == kind
        else {
            return nil
        }
        return unsafe stream.withPayload { unsafe [UInt8]($0) }
    }

    /// Goes on from the last known place, reading headers only; stops at anything that is not a data block.
    mutating func hop(_ fileSystem: any LogFS, _ file: FileID, limit: UInt64) throws(LogError) {
        while end + UInt64(BlockHeader.byteCount) <= limit {
            let offset = end
            guard let block = try Self.blockHeader(fileSystem, file, salt: header.salt, at: offset),
                block.kind != .index, block.kind != .seal, end + UInt64(block.blockByteCount) <= limit
            else { return }
            if block.kind == .batch { entries.append(IndexEntry(block, offset: offset)) }
            if block.kind == .schema {
                let payload = try wrapping { () throws(FSError) in
                    try fileSystem.read(
                        file, count: Int(block.storedLength), at: offset + UInt64(BlockHeader.byteCount))
                }
                if let described = try? unsafe payload.withRawBytes({ raw throws(FormatError) in
                    unsafe try SchemaBlock.decode(raw)
                }) {
                    schemas.append(described)
                }
            }
            lastHash = block.headerHash
            end += UInt64(block.blockByteCount)
        }
    }

    /// The block header at `offset`, if one verifies there.
    static func blockHeader(
        _ fileSystem: any LogFS, _ file: FileID, salt: UInt64, at offset: UInt64
    ) throws(LogError) -> BlockHeader? {
        // On the stack: a map is made of thousands of these, one after the other.
        var words = InlineArray<16, UInt64>(repeating: 0)
        let count = try wrapping { () throws(FSError) in
            try unsafe withUnsafeMutableBytes(of: &words) { bytes throws(FSError) in
                unsafe try fileSystem.read(file, into: bytes, at: offset)
            }
        }
        guard count == BlockHeader.byteCount else { return nil }
        return try? unsafe withUnsafeBytes(of: &words) { raw throws(FormatError) in
            unsafe try BlockHeader.decode(raw, salt: salt, offset: offset)
        }
    }
}

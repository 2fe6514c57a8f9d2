internal import LogFormat

/// Seals closed segments in order: leaves, roots, chain.
///
/// What it writes follows from the bytes alone.
package struct Sealer {
    /// Closed segments that wait for their seal, in order.
    package var pending: [ActiveSegment] = []
    /// Chain head over the segments sealed so far.
    var chainHead: Digest
    /// Leaf run that began in an earlier segment; nil until the first seal reads it back.
    var accumulator: LeafAccumulator?
    /// All types of the log.
    var types: @Sendable () -> [(typeID: UInt16, schema: Schema)]
    /// Called after each block, for what cannot wait for the end of a seal.
    var betweenBlocks: @Sendable () -> Void = {}

    mutating func enqueue(_ segment: ActiveSegment) { pending.append(segment) }

    /// Takes over what sealing one segment on another thread changed; new segments may have been queued since.
    mutating func adopt(_ sealed: Sealer) {
        chainHead = sealed.chainHead
        accumulator = sealed.accumulator
    }

    mutating func takeNext() -> ActiveSegment? { pending.isEmpty ? nil : pending.removeFirst() }

    /// Writes index and seal behind the data of `segment`, cuts the padding, syncs; returns the record for the
    /// manifest.
    ///
    /// - Throws: `damaged` when the segment does not verify: it is left as it is.
    mutating func seal(
        _ segment: ActiveSegment, environment: LogEnvironment, directory: String
    ) throws(LogError) -> ManifestRecord {
        let fileSystem = environment.fileSystem
        let name = LogPaths.segment(segment.header.baseSeq)
        let primed: LeafAccumulator
        if let accumulator {
            primed = accumulator
        } else {
            primed = try LeafPriming.accumulator(
                before: segment.header.baseSeq, directory: directory, fileSystem, types: types())
        }
        var reading = LeafReading(accumulator: primed, salt: segment.header.salt, types: types())
        // Behind the data may stand what an interrupted seal left.
        let scan = unsafe try SegmentScan(fileSystem, segment.file, name: name, limit: segment.end) {
            block, offset, payload in
            defer { betweenBlocks() }
            return unsafe reading.take(block, offset, payload)
        }
        guard scan.damage.isEmpty, scan.dataEnd == segment.end else {
            throw LogError(
                .damaged,
                "\(name) cannot be sealed: "
                    + (scan.damage.first?.description ?? "its data ends at \(scan.dataEnd), expected \(segment.end)"))
        }
        var sealing = SegmentSealing(scan: scan, reading: &reading, previousChainHead: chainHead)
        try sealing.write(to: segment, fileSystem)
        accumulator = reading.accumulator
        chainHead = sealing.seal.chainHead
        return .sealed(
            ordinal: scan.header.ordinal, baseSeq: scan.header.baseSeq, lastSeq: scan.lastSeq,
            fileSize: sealing.fileSize, chainHead: chainHead)
    }
}

/// Index and seal of one segment.
struct SegmentSealing {
    let index: IndexPayload
    private(set) var seal: SealPayload
    private(set) var fileSize: UInt64 = 0
    private let scan: SegmentScan

    init(scan: SegmentScan, reading: inout LeafReading, previousChainHead: Digest) {
        self.scan = scan
        let leaves = reading.accumulator.takeLeaves()
        index = IndexPayload(
            firstLeaf: (scan.header.baseSeq - 1) / FormatLimits.leafEvents, batches: scan.entries, leaves: leaves,
            types: reading.typeCounts)
        seal = SealPayload(
            header: scan.header, eventCount: scan.nextSeq - scan.header.baseSeq,
            batchCount: UInt64(scan.entries.count), dataEnd: scan.dataEnd,
            identityRoot: merkleRoot(leaves.map(\.identity)), logicalRoot: merkleRoot(leaves.map(\.logical)),
            partial: reading.accumulator.partialLeaf(), partialCount: UInt32(reading.accumulator.pending),
            storageDigest: .zero, previousChainHead: previousChainHead)
    }

    /// Writes both blocks behind the data and makes the segment final.
    mutating func write(to segment: ActiveSegment, _ fileSystem: any LogFS) throws(LogError) {
        var target = segment
        // An index is as long as its segment has batches: it is laid out once, with no copy beside it.
        var payload = ByteBuffer(capacity: index.byteCount)
        index.encode(into: &payload)
        var blocks = ByteBuffer(capacity: 4096 + index.byteCount)
        let indexHash = encode(.index, payload, link: scan.lastDataHash, at: scan.dataEnd, into: &blocks)
        let sealOffset = scan.dataEnd + UInt64(blocks.count)
        let stored = try wrapping { () throws(FSError) in
            try storageDigest(segment.file, fileSystem, upTo: scan.dataEnd)
        }
        var digest = stored
        unsafe blocks.withUnsafeBytes { unsafe digest.update($0) }
        seal.storageDigest = digest.digest()
        seal.chainHead = seal.computedChainHead(scan.header)
        payload.removeAll()
        payload.append(contentsOf: seal.encoded())
        _ = encode(.seal, payload, link: indexHash, at: sealOffset, into: &blocks)
        target.end = scan.dataEnd
        fileSize = scan.dataEnd + UInt64(blocks.count)
        let size = fileSize
        try wrapping { () throws(FSError) in
            // The whole of both blocks goes into space whose end is cut in the same breath; until then padding keeps
            // the stream valid.
            try fileSystem.append(&blocks, to: &target, zeroAheadBytes: 0, sizeMax: Int.max)
            if target.fileSize > size { try fileSystem.truncate(segment.file, to: size) }
            try fileSystem.syncData(segment.file)
        }
    }

    private func encode(
        _ kind: BlockKind, _ payload: borrowing ByteBuffer, link: UInt64, at offset: UInt64,
        into blocks: inout ByteBuffer
    ) -> UInt64 {
        var header = BlockHeader(
            kind: kind, link: link, firstSeq: scan.nextSeq, writerEpoch: scan.lastEpoch, durableSeq: scan.lastSeq)
        header.storedLength = UInt32(payload.count)
        header.rawLength = header.storedLength
        header.storedHash = unsafe payload.withUnsafeBytes {
            unsafe xxh3($0, seed: blockSeed(salt: scan.header.salt, offset: offset))
        }
        header.rawHash = header.storedHash
        header.encode(into: &blocks, salt: scan.header.salt, offset: offset)
        unsafe payload.withUnsafeBytes { unsafe blocks.append(contentsOf: $0) }
        return header.headerHash
    }
}

/// SHA-256 over the first `end` bytes of a file, not yet finished.
func storageDigest(_ file: FileID, _ fileSystem: any LogFS, upTo end: UInt64) throws(FSError) -> SHA256Hasher {
    var hasher = SHA256Hasher()
    var offset: UInt64 = 0
    while offset < end {
        let bytes = try fileSystem.read(file, count: Int(min(end - offset, 64 << 10)), at: offset)
        guard !bytes.isEmpty else { throw FSError(code: 5, operation: "read up to offset \(end) of", path: "segment") }
        hasher.update(bytes)
        offset += UInt64(bytes.count)
    }
    return hasher
}

/// Reads back the events of a leaf run that began before a segment.
enum LeafPriming {
    /// The accumulator as it stands just before `baseSeq`.
    static func accumulator(
        before baseSeq: UInt64, directory: String, _ fileSystem: any LogFS, types: [(typeID: UInt16, schema: Schema)]
    ) throws(LogError) -> LeafAccumulator {
        let start = (baseSeq - 1) / FormatLimits.leafEvents * FormatLimits.leafEvents + 1
        guard start < baseSeq else { return LeafAccumulator() }
        let names = try wrapping { () throws(FSError) in try fileSystem.list(directory) }
        let bases = names.compactMap(LogPaths.baseSeq).filter { $0 < baseSeq }.sorted()
        guard let first = bases.lastIndex(where: { $0 <= start }) else {
            throw LogError(.damaged, "\(directory): the segment with seq \(start) is missing")
        }
        var accumulator = LeafAccumulator()
        var expected = bases[first]
        for base in bases[first...] {
            let name = LogPaths.segment(base)
            let file = try wrapping { () throws(FSError) in try fileSystem.open("\(directory)/\(name)", .read) }
            defer { fileSystem.close(file) }
            let header = try SegmentScan.readHeader(fileSystem, file, name: name).header
            var reading = LeafReading(accumulator: accumulator, salt: header.salt, types: types)
            let scan = unsafe try SegmentScan(fileSystem, file, name: name) { block, offset, payload in
                unsafe reading.take(block, offset, payload, from: start)
            }
            guard header.baseSeq == expected, !scan.damage.contains(where: \.losesEvents) else {
                throw LogError(.damaged, "\(name): events before seq \(baseSeq) are damaged, their leaf cannot be made")
            }
            expected = scan.nextSeq
            accumulator = reading.accumulator
        }
        guard expected == baseSeq else {
            throw LogError(.damaged, "\(directory): events \(expected)…\(baseSeq - 1) are missing")
        }
        return accumulator
    }
}

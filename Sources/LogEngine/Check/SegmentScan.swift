public import LogFormat

/// All that a walk over the blocks of one segment finds: what is there, what is wrong, where the good bytes end.
public struct SegmentScan: Sendable {
    /// File name.
    public let name: String
    /// The header, from whichever copy is good.
    public let header: SegmentHeader
    /// Size of the file, or the limit of the walk if that is less.
    public let fileSize: UInt64
    /// Batches that verify, in order.
    public var entries: [IndexEntry] = []
    /// Types described in the segment.
    public var schemas: [(typeID: UInt16, schema: Schema)] = []
    /// Hash of the last good block; the header id if there is none.
    public var lastHash: UInt64
    /// Hash of the last good batch, schema or mark block; the header id if there is none.
    public var lastDataHash: UInt64
    /// Offset just behind the last good batch, schema or mark block.
    public var dataEnd = UInt64(SegmentHeader.byteCount)
    /// Seq that the next event gets.
    public var nextSeq: UInt64
    /// Epoch (low half) of the last block.
    public var lastEpoch: UInt32
    /// Highest durable mark that a block tells.
    public var durableSeq: UInt64 = 0
    /// Append time of the last event.
    public var lastAppendNanos = Int64.min
    /// Global sequence number of the last event.
    public var lastGlobalSeq: UInt64 = 0
    /// The index, if there is one and it verifies.
    public var index: IndexPayload?
    /// The seal, if there is one and it verifies.
    public var seal: SealPayload?
    /// Where the seal block starts.
    public var sealOffset: UInt64 = 0
    /// The first place that does not verify, and whether good blocks follow it.
    public var firstBad: FirstBad?
    /// Everything that is wrong.
    public var damage: [Damage] = []

    /// The first place that does not verify.
    public struct FirstBad: Equatable, Sendable {
        /// Its offset.
        public var offset: UInt64
        /// The seq that was expected there.
        public var seq: UInt64
        /// Hash of the block before it.
        public var linkBefore: UInt64
        /// End of the block before it.
        public var dataEndBefore: UInt64
        /// Why.
        public var error: FormatError
        /// Whether a block behind it verifies.
        public var isFollowedByBlocks = false
    }

    /// Seq of the last event; `baseSeq - 1` if there is none.
    public var lastSeq: UInt64 { nextSeq - 1 }
    /// Whether the segment ends in a seal that verifies.
    public var isSealed: Bool { seal != nil }

    /// Reads and checks the two header copies.
    ///
    /// Errors: `format` if neither is good or the file name does not agree, `unsupported` for a newer format.
    static func readHeader(
        _ fileSystem: any LogFS, _ file: FileID, name: String
    ) throws(LogError) -> SegmentHeader.Found {
        let page = try wrapping { () throws(FSError) in try fileSystem.read(file, count: SegmentHeader.byteCount, at: 0)
        }
        let found = try wrapping(at: name) { () throws(FormatError) in try SegmentHeader.decode(page) }
        if let named = LogPaths.baseSeq(name), named != found.header.baseSeq {
            throw LogError(
                .format, "\(name): header says base seq \(found.header.baseSeq), the file name says \(named)")
        }
        return found
    }

    /// Whether the file at `path` is a segment whose creation was cut off: no longer than a header, and none that
    /// verifies (SPEC.md section 17).
    ///
    /// It holds no event. The caller knows whether it is the last one, and that no mark vouches for its events.
    static func isUnfinished(_ fileSystem: any LogFS, _ path: String) throws(LogError) -> Bool {
        try wrapping { () throws(FSError) in
            // A writer that opens the log may set it aside between the look into the directory and this one.
            guard fileSystem.kind(path) == .file else { return true }
            let file = try fileSystem.open(path, .read)
            defer { fileSystem.close(file) }
            guard try fileSystem.size(file) <= UInt64(SegmentHeader.byteCount) else { return false }
            let page = try fileSystem.read(file, count: SegmentHeader.byteCount, at: 0)
            do throws(FormatError) { _ = try SegmentHeader.decode(page) } catch {
                if case .unsupported = error { return false }
                return true
            }
            return false
        }
    }

    /// Walks a segment up to `limit`.
    ///
    /// `visit` sees each block that verifies, with its offset and payload.
    public init(
        _ fileSystem: any LogFS, _ file: FileID, name: String, limit: UInt64 = .max,
        visit: (BlockHeader, UInt64, UnsafeRawBufferPointer) -> FormatError? = { _, _, _ in nil }
    ) throws(LogError) {
        let found = try Self.readHeader(fileSystem, file, name: name)
        self.name = name
        header = found.header
        fileSize = min(try wrapping { () throws(FSError) in try fileSystem.size(file) }, limit)
        lastHash = header.headerID
        lastDataHash = lastHash
        nextSeq = header.baseSeq
        lastEpoch = UInt32(truncatingIfNeeded: header.writerEpoch)
        for error in found.damage { note(.header, lastSeq: nextSeq - 1, "\(error)") }
        let stream = SegmentStream(
            fileSystem, file, salt: header.salt, offset: UInt64(SegmentHeader.byteCount), limit: fileSize)
        unsafe try walk(stream, visit)
    }

    private mutating func note(_ kind: Damage.Kind, lastSeq: UInt64, _ detail: String) {
        damage.append(Damage(segment: name, firstSeq: nextSeq, lastSeq: lastSeq, kind: kind, detail: detail))
    }

    private mutating func noteBad(offset: UInt64, _ error: FormatError) {
        guard firstBad == nil else { return }
        firstBad = FirstBad(
            offset: offset, seq: nextSeq, linkBefore: lastHash, dataEndBefore: dataEnd, error: error)
    }

    private mutating func walk(
        _ stream: SegmentStream, _ visit: (BlockHeader, UInt64, UnsafeRawBufferPointer) -> FormatError?
    ) throws(LogError) {
        // After damage the link of the next block cannot be checked.
        var linkIsKnown = true
        while true {
            let start = stream.offset
            let step = try wrapping { () throws(FSError) in try stream.next() }
            switch step {
            case .end: return
            case .padding:
                if seal != nil { note(.padding, lastSeq: nextSeq - 1, "padding behind the seal") }
                let wrong = try wrapping { () throws(FSError) in try stream.checkPadding() }
                guard let wrong else { return }
                // Blocks of one commit may have reached the disk out of order: look for them behind the padding
                // frame.
                stream.seek(to: start)
                noteBad(offset: start, wrong)
                guard try resynchronise(stream, .padding, wrong, &linkIsKnown) else { return }
            case .bad(let error):
                noteBad(offset: start, error)
                guard try resynchronise(stream, .block, error, &linkIsKnown) else { return }
            case .badPayload(let block, let error):
                noteBad(offset: start, error)
                checkOrder(block, linkIsKnown: linkIsKnown)
                if block.kind == .batch {
                    note(.payload, lastSeq: block.lastSeq, "\(error)")
                    nextSeq = block.lastSeq + 1
                } else {
                    note(block.kind == .schema ? .schema : .seal, lastSeq: nextSeq - 1, "\(error)")
                }
                durableSeq = max(durableSeq, block.durableSeq)
                lastHash = block.headerHash
                if block.kind != .index, block.kind != .seal {
                    lastDataHash = lastHash
                    dataEnd = stream.offset
                }
                linkIsKnown = true
            case .block(let block):
                firstBad?.isFollowedByBlocks = true
                checkOrder(block, linkIsKnown: linkIsKnown)
                linkIsKnown = true
                if let error = unsafe stream.withPayload({ unsafe visit(block, start, $0) }) {
                    noteBad(offset: start, error)
                    note(.content, lastSeq: block.lastSeq, "\(error)")
                }
                unsafe stream.withPayload { unsafe take(block, at: start, end: stream.offset, $0) }
            }
        }
    }

    private mutating func resynchronise(
        _ stream: SegmentStream, _ kind: Damage.Kind, _ error: FormatError, _ linkIsKnown: inout Bool
    ) throws(LogError) -> Bool {
        let before = stream.offset
        guard try wrapping({ () throws(FSError) in try stream.resynchronise() }) else {
            note(kind, lastSeq: nextSeq - 1, "from offset \(before) on nothing verifies: \(error)")
            return false
        }
        // The sequence number of the next good block tells which events are gone.
        let found = stream.offset
        let step = try wrapping { () throws(FSError) in try stream.next() }
        stream.seek(to: found)
        switch step {
        case .block(let block), .badPayload(let block, _):
            note(
                kind, lastSeq: block.firstSeq > nextSeq ? block.firstSeq - 1 : nextSeq - 1,
                "offsets \(before)…\(found - 1) do not verify: \(error)")
            nextSeq = max(nextSeq, block.firstSeq)
        default: break
        }
        linkIsKnown = false
        return true
    }

    private mutating func checkOrder(_ block: BlockHeader, linkIsKnown: Bool) {
        if linkIsKnown, block.link != lastHash {
            note(
                .link, lastSeq: nextSeq - 1,
                "block links to \(hex(block.link)), the block before it is \(hex(lastHash))")
        }
        if block.firstSeq != nextSeq {
            let isGap = block.firstSeq > nextSeq
            note(
                .sequence, lastSeq: isGap ? block.firstSeq - 1 : nextSeq - 1,
                "block starts at seq \(block.firstSeq), expected \(nextSeq)")
        }
        if block.writerEpoch < lastEpoch {
            note(.link, lastSeq: nextSeq - 1, "writer epoch \(block.writerEpoch) after epoch \(lastEpoch)")
        }
        if seal != nil { note(.seal, lastSeq: nextSeq - 1, "a \(block.kind) block behind the seal") }
        lastEpoch = max(lastEpoch, block.writerEpoch)
    }

    private mutating func take(
        _ block: BlockHeader, at offset: UInt64, end: UInt64, _ payload: UnsafeRawBufferPointer
    ) {
        durableSeq = max(durableSeq, block.durableSeq)
        switch block.kind {
        case .batch:
            if block.firstAppendNanos < lastAppendNanos {
                note(.sequence, lastSeq: nextSeq - 1, "append time goes back")
            }
            entries.append(IndexEntry(block, offset: offset))
            nextSeq = block.lastSeq + 1
            lastAppendNanos = block.lastAppendNanos
            lastGlobalSeq = block.lastGlobalSeq
        case .schema:
            do throws(FormatError) {
                unsafe schemas.append(try SchemaBlock.decode(payload))
            } catch {
                note(.schema, lastSeq: nextSeq - 1, "\(error)")
            }
        case .mark: break
        case .index:
            do throws(FormatError) { index = unsafe try IndexPayload(payload) } catch {
                note(.seal, lastSeq: nextSeq - 1, "\(error)")
            }
            lastHash = block.headerHash
            return
        case .seal:
            do throws(FormatError) { seal = unsafe try SealPayload(payload) } catch {
                note(.seal, lastSeq: nextSeq - 1, "\(error)")
            }
            sealOffset = offset
            lastHash = block.headerHash
            return
        }
        lastHash = block.headerHash
        lastDataHash = lastHash
        dataEnd = end
    }
}

/// Payload of a schema block: type id and description.
enum SchemaBlock {
    static func decode(_ payload: UnsafeRawBufferPointer) throws(FormatError) -> (typeID: UInt16, schema: Schema) {
        var reader = unsafe ByteReader(payload, what: "schema block")
        let typeID = try reader.read(UInt16.self)
        guard typeID > 0 else { throw .invalid(what: "schema block", detail: "type id is 0") }
        return (typeID, unsafe try Schema(description: try reader.readBytes(reader.remaining)))
    }

    static func encode(typeID: UInt16, _ schema: Schema) -> [UInt8] {
        [UInt8(truncatingIfNeeded: typeID), UInt8(truncatingIfNeeded: typeID >> 8)] + schema.description
    }
}

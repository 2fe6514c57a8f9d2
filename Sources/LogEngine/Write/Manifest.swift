public import LogFormat

/// One decision in a log's MANIFEST (SPEC.md section 12).
public enum ManifestRecord: Equatable, Sendable {
    /// The log was made.
    case created(logID: [UInt8], name: String)
    /// A writer opened it.
    case opened(epoch: UInt64, wallNanos: Int64, processID: UInt32, build: [UInt8])
    /// A segment was created.
    case segment(ordinal: UInt64, baseSeq: UInt64, salt: UInt64)
    /// An event type got its id.
    case schema(typeID: UInt16, schema: Schema)
    /// A segment was sealed.
    case sealed(ordinal: UInt64, baseSeq: UInt64, lastSeq: UInt64, fileSize: UInt64, chainHead: Digest)
    /// The log was closed cleanly.
    case closed(epoch: UInt64, ordinal: UInt64, lastSeq: UInt64, lastHash: UInt64, dataEnd: UInt64)
    /// Recovery changed something.
    case recovered(wallNanos: Int64, report: String)
    /// Bytes were set aside.
    case quarantined(ordinal: UInt64, offset: UInt64, length: UInt64, fileName: String)
    /// A kind this build does not know.
    case unknown(kind: UInt16)
}

extension ManifestRecord {
    static let magic: UInt32 = 0x4E41_4D4C
    static let headerByteCount = 32

    var kind: UInt16 {
        switch self {
        case .created: 1
        case .opened: 2
        case .segment: 3
        case .schema: 4
        case .sealed: 5
        case .closed: 6
        case .recovered: 7
        case .quarantined: 8
        case .unknown(let kind): kind
        }
    }

    private func encodePayload(into buffer: inout ByteBuffer) {
        switch self {
        case .created(let logID, let name):
            buffer.append(contentsOf: logID)
            buffer.appendText(name)
        case .opened(let epoch, let wallNanos, let processID, let build):
            buffer.append(epoch)
            buffer.append(wallNanos)
            buffer.append(processID)
            buffer.append(contentsOf: build)
        case .segment(let ordinal, let baseSeq, let salt):
            buffer.append(ordinal)
            buffer.append(baseSeq)
            buffer.append(salt)
        case .schema(let typeID, let schema):
            buffer.append(typeID)
            buffer.append(contentsOf: schema.description)
        case .sealed(let ordinal, let baseSeq, let lastSeq, let fileSize, let chainHead):
            buffer.append(ordinal)
            buffer.append(baseSeq)
            buffer.append(lastSeq)
            buffer.append(fileSize)
            buffer.append(contentsOf: chainHead.bytes)
        case .closed(let epoch, let ordinal, let lastSeq, let lastHash, let dataEnd):
            buffer.append(epoch)
            buffer.append(ordinal)
            buffer.append(lastSeq)
            buffer.append(lastHash)
            buffer.append(dataEnd)
        case .recovered(let wallNanos, let report):
            buffer.append(wallNanos)
            buffer.appendText(report)
        case .quarantined(let ordinal, let offset, let length, let fileName):
            buffer.append(ordinal)
            buffer.append(offset)
            buffer.append(length)
            buffer.appendText(fileName)
        case .unknown: break
        }
    }

    /// The record as it stands at `offset` behind a record with hash `link`; also its own hash.
    func encoded(at offset: UInt64, link: UInt64) -> (bytes: [UInt8], hash: UInt64) {
        var payload = ByteBuffer(capacity: 256)
        encodePayload(into: &payload)
        var buffer = ByteBuffer(capacity: Self.headerByteCount + payload.count)
        buffer.append(Self.magic)
        buffer.append(kind)
        buffer.append(UInt16(0))
        buffer.append(UInt32(payload.count))
        buffer.append(UInt32(0))
        buffer.append(UInt64(0))
        buffer.append(link)
        buffer.append(contentsOf: payload.bytes)
        let hash = xxh3(buffer.bytes, seed: blockSeed(salt: 0, offset: offset))
        buffer.set(hash, at: 16)
        return (buffer.bytes, hash)
    }

    static func decodePayload(kind: UInt16, _ payload: [UInt8]) throws(FormatError) -> ManifestRecord {
        try unsafe payload.withRawBytes { bytes throws(FormatError) in
            var reader = unsafe ByteReader(bytes, what: "manifest record")
            let record: ManifestRecord
            switch kind {
            case 1: record = .created(logID: try reader.readArray(16), name: try reader.readText(limit: 63))
            case 2:
                record = .opened(
                    epoch: try reader.read(UInt64.self), wallNanos: try reader.read(Int64.self),
                    processID: try reader.read(UInt32.self), build: try reader.readArray(20))
            case 3:
                record = .segment(
                    ordinal: try reader.read(UInt64.self), baseSeq: try reader.read(UInt64.self),
                    salt: try reader.read(UInt64.self))
            case 4:
                record = .schema(
                    typeID: try reader.read(UInt16.self),
                    schema: try Schema(description: try reader.readArray(reader.remaining)))
            case 5:
                record = .sealed(
                    ordinal: try reader.read(UInt64.self), baseSeq: try reader.read(UInt64.self),
                    lastSeq: try reader.read(UInt64.self), fileSize: try reader.read(UInt64.self),
                    chainHead: Digest(try reader.readArray(32)))
            case 6:
                record = .closed(
                    epoch: try reader.read(UInt64.self), ordinal: try reader.read(UInt64.self),
                    lastSeq: try reader.read(UInt64.self), lastHash: try reader.read(UInt64.self),
                    dataEnd: try reader.read(UInt64.self))
            case 7:
                record = .recovered(
                    wallNanos: try reader.read(Int64.self),
                    report: try reader.readText(limit: FormatLimits.manifestPayloadBytesMax))
            case 8:
                record = .quarantined(
                    ordinal: try reader.read(UInt64.self), offset: try reader.read(UInt64.self),
                    length: try reader.read(UInt64.self), fileName: try reader.readText(limit: 255))
            default: return .unknown(kind: kind)
            }
            guard reader.remaining == 0 else {
                throw .invalid(what: "manifest record", detail: "\(reader.remaining) bytes behind its fields")
            }
            return record
        }
    }
}

/// The decoded MANIFEST of a log and where its valid part ends.
public struct Manifest: Equatable, Sendable {
    /// All records, in order.
    public var records: [ManifestRecord] = []
    /// End of the last valid record.
    public var validEnd: UInt64 = 0
    /// Hash of the last valid record.
    public var lastHash: UInt64 = 0
    /// What is wrong behind `validEnd`, if anything.
    public var failure: FormatError?
    /// Whether a record whose hash holds stands at or behind the failure: rot, a splice or a newer writer, not a
    /// torn append.
    public var hasRecordsAfterFailure = false

    /// Decodes the bytes of a MANIFEST; never fails, but tells how far it got.
    public init(decoding bytes: [UInt8]) {
        var offset = 0
        var rules = ManifestRules()
        while offset < bytes.count {
            do throws(FormatError) {
                let (record, hash, end) = try Self.decodeRecord(bytes, at: offset, link: lastHash)
                try rules.check(record)
                records.append(record)
                lastHash = hash
                offset = end
                validEnd = UInt64(end)
            } catch {
                failure = error
                hasRecordsAfterFailure = Self.hasRecord(bytes, from: offset)
                return
            }
        }
    }

    private static func decodeRecord(
        _ bytes: [UInt8], at offset: Int, link: UInt64?
    ) throws(FormatError) -> (ManifestRecord, UInt64, Int) {
        let (kind, payload, hash) = try checkRecord(bytes, at: offset, link: link)
        return (
            try ManifestRecord.decodePayload(kind: kind, payload), hash,
            offset + ManifestRecord.headerByteCount + payload.count
        )
    }

    /// Kind, payload and hash of the record at `offset`, if its hash and link hold.
    private static func checkRecord(
        _ bytes: [UInt8], at offset: Int, link: UInt64?
    ) throws(FormatError) -> (kind: UInt16, payload: [UInt8], hash: UInt64) {
        try unsafe bytes.withRawBytes { all throws(FormatError) in
            var reader = unsafe ByteReader(
                UnsafeRawBufferPointer(rebasing: all[offset...]), what: "manifest record")
            try reader.need(ManifestRecord.headerByteCount)
            let magic = try reader.read(UInt32.self)
            guard magic == ManifestRecord.magic else {
                throw .badMagic(
                    what: "manifest record", found: UInt64(magic), expected: UInt64(ManifestRecord.magic))
            }
            let kind = try reader.read(UInt16.self)
            try reader.readZeros(2)
            let length = Int(try reader.read(UInt32.self))
            guard length <= FormatLimits.manifestPayloadBytesMax else {
                throw .limit(
                    what: "manifest payload", found: length, limit: FormatLimits.manifestPayloadBytesMax)
            }
            try reader.readZeros(4)
            let stored = try reader.read(UInt64.self)
            let foundLink = try reader.read(UInt64.self)
            let payload = try reader.readArray(length)
            var copy = Array(bytes[offset..<offset + ManifestRecord.headerByteCount + length])
            copy.replaceSubrange(16..<24, with: [UInt8](repeating: 0, count: 8))
            let computed = xxh3(copy, seed: blockSeed(salt: 0, offset: UInt64(offset)))
            guard computed == stored else {
                throw .badHash(what: "manifest record", found: computed, expected: stored)
            }
            if let link, link != foundLink {
                throw .badHash(what: "link of a manifest record", found: foundLink, expected: link)
            }
            return (kind, payload, stored)
        }
    }

    private static func hasRecord(_ bytes: [UInt8], from start: Int) -> Bool {
        let first = UInt8(truncatingIfNeeded: ManifestRecord.magic)
        var offset = start
        while offset + ManifestRecord.headerByteCount <= bytes.count {
            if bytes[offset] == first, (try? checkRecord(bytes, at: offset, link: nil)) != nil { return true }
            offset += 1
        }
        return false
    }
}

extension Manifest {
    /// The log's id and name, if the first record tells them.
    public var identity: (logID: [UInt8], name: String)? {
        guard case .created(let logID, let name)? = records.first else { return nil }
        return (logID, name)
    }

    /// The highest epoch of any writer so far.
    public var lastEpoch: UInt64 {
        records.reduce(0) { highest, record in
            if case .opened(let epoch, _, _, _) = record { return max(highest, epoch) }
            return highest
        }
    }

    /// Registered types by id.
    public var schemas: [(typeID: UInt16, schema: Schema)] {
        records.compactMap { record in
            if case .schema(let typeID, let schema) = record { return (typeID, schema) }
            return nil
        }
    }

    /// Chain heads of the sealed segments, by ordinal.
    public var sealedSegments: [UInt64: (baseSeq: UInt64, lastSeq: UInt64, fileSize: UInt64, chainHead: Digest)] {
        var sealed: [UInt64: (baseSeq: UInt64, lastSeq: UInt64, fileSize: UInt64, chainHead: Digest)] = [:]
        for case .sealed(let ordinal, let baseSeq, let lastSeq, let fileSize, let chainHead) in records {
            sealed[ordinal] = (baseSeq, lastSeq, fileSize, chainHead)
        }
        return sealed
    }

    /// The clean closes that ended in the segment with this ordinal, in order.
    func closes(in ordinal: UInt64) -> [(lastSeq: UInt64, lastHash: UInt64, dataEnd: UInt64)] {
        records.compactMap { record in
            guard case .closed(_, ordinal, let lastSeq, let lastHash, let dataEnd) = record else { return nil }
            return (lastSeq, lastHash, dataEnd)
        }
    }

    /// Up to where a clean close vouches for the bytes of a segment; 0 if none does.
    func closedEnd(of ordinal: UInt64) -> UInt64 { closes(in: ordinal).map(\.dataEnd).max() ?? 0 }

    /// The highest seq that the manifest says is on stable storage.
    public var durableSeq: UInt64 {
        records.reduce(0) { highest, record in
            switch record {
            case .sealed(_, _, let lastSeq, _, _), .closed(_, _, let lastSeq, _, _): max(highest, lastSeq)
            default: highest
            }
        }
    }

    /// Whether the last thing that happened was a clean close.
    public var isClosedCleanly: Bool {
        for record in records.reversed() {
            if case .closed = record { return true }
            if case .opened = record { return false }
        }
        return false
    }
}

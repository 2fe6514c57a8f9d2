public import LogFormat

/// How far a named subscriber has come, with proof: the hash of the batch it stood in (SPEC.md section 14).
public struct Cursor: Equatable, Sendable {
    static let byteCount = 128
    private static let magic: UInt64 = 0x5255_4353_5554_4F4C  // "LOTUSCUR"

    /// The log.
    public var logID: [UInt8]
    /// Epoch of the segment.
    public var epoch: UInt64
    /// Last event delivered.
    public var seq: UInt64
    /// Header hash of its batch.
    public var hash: UInt64
    /// Where that batch stands.
    public var ordinal: UInt64
    /// Offset of that batch.
    public var offset: UInt64

    /// Makes a cursor.
    public init(logID: [UInt8], epoch: UInt64, seq: UInt64, hash: UInt64, ordinal: UInt64, offset: UInt64) {
        self.logID = logID
        self.epoch = epoch
        self.seq = seq
        self.hash = hash
        self.ordinal = ordinal
        self.offset = offset
    }

    /// The 128 bytes of the file.
    public func encoded() -> [UInt8] {
        var buffer = ByteBuffer(capacity: Self.byteCount)
        buffer.append(Self.magic)
        buffer.append(UInt32(1))
        buffer.append(UInt32(0))
        buffer.append(contentsOf: logID)
        for field in [epoch, seq, hash, ordinal, offset] { buffer.append(field) }
        buffer.appendZeros(120 - buffer.count)
        buffer.append(xxh3(buffer.bytes, seed: 0))
        return buffer.bytes
    }

    /// Decodes a cursor file.
    public init(_ bytes: [UInt8]) throws(FormatError) {
        self = try unsafe bytes.withRawBytes { raw throws(FormatError) in
            var reader = unsafe ByteReader(raw, what: "cursor")
            guard bytes.count == Self.byteCount else {
                throw .invalid(what: "cursor", detail: "has \(bytes.count) bytes, expected \(Self.byteCount)")
            }
            let magic = try reader.read(UInt64.self)
            guard magic == Self.magic else { throw .badMagic(what: "cursor", found: magic, expected: Self.magic) }
            let computed = xxh3(Array(bytes[0..<120]), seed: 0)
            let version = try reader.read(UInt32.self)
            try reader.readZeros(4)
            let cursor = Cursor(
                logID: try reader.readArray(16), epoch: try reader.read(UInt64.self), seq: try reader.read(UInt64.self),
                hash: try reader.read(UInt64.self), ordinal: try reader.read(UInt64.self),
                offset: try reader.read(UInt64.self))
            try reader.readZeros(48)
            let stored = try reader.read(UInt64.self)
            guard stored == computed else { throw .badHash(what: "cursor", found: computed, expected: stored) }
            guard version == 1 else { throw .unsupported(what: "cursor version", found: UInt64(version), supported: 1) }
            return cursor
        }
    }

    /// Loads the cursor of subscriber `name`; nil if it never stored one.
    public static func load(_ name: String, of location: LogLocation) throws(LogError) -> Cursor? {
        let path = try self.path(name, location)
        guard location.fileSystem.kind(path) == .file else { return nil }
        let bytes = try wrapping { () throws(FSError) in try location.fileSystem.readAll(path, limit: 4096) }
        return try wrapping(at: path) { () throws(FormatError) in try Cursor(bytes) }
    }

    /// Stores the cursor durably.
    public func store(_ name: String, of location: LogLocation) throws(LogError) {
        _ = try Self.path(name, location)
        let directory = "\(location.directory)/\(LogPaths.cursors)"
        try wrapping { () throws(FSError) in
            if location.fileSystem.kind(directory) != .directory {
                try location.fileSystem.createDirectory(directory)
                try location.fileSystem.syncDirectory(location.directory)
            }
            try location.fileSystem.createDurably(name, in: directory, encoded())
        }
    }

    private static func path(_ name: String, _ location: LogLocation) throws(LogError) -> String {
        guard LogPaths.isLogName(name) else {
            throw LogError(.usage, "'\(name)' cannot name a cursor: use 1 to 63 of a-z, 0-9, _ and -")
        }
        return "\(location.directory)/\(LogPaths.cursors)/\(name)"
    }
}

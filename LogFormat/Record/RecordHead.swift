/// What every event has, whatever its type (SPEC.md section 9).
public struct RecordHead: Equatable, Sendable {
    /// Type id within the log, from 1.
    public var typeID: UInt16 = 0
    /// Flag bits.
    public var flags: EventFlags = []
    /// When the log took it.
    public var appendNanos: Int64 = 0
    /// Place among all logs of the root.
    public var globalSeq: UInt64 = 0
    /// What moment it is about.
    public var eventNanos: Int64 = 0

    /// The state before the first record of a batch.
    @inlinable
    public init() {}

    /// Makes a head.
    public init(typeID: UInt16, flags: EventFlags = [], appendNanos: Int64, globalSeq: UInt64, eventNanos: Int64) {
        self.typeID = typeID
        self.flags = flags
        self.appendNanos = appendNanos
        self.globalSeq = globalSeq
        self.eventNanos = eventNanos
    }
}

/// Flag bits of an event.
public struct EventFlags: OptionSet, Hashable, Sendable {
    /// The bits as stored.
    public let rawValue: UInt8

    /// Wraps stored bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Addressed to other modules.
    public static let message = EventFlags(rawValue: 1)
    /// Supplies something that was absent before.
    public static let late = EventFlags(rawValue: 2)
    /// From a simulation or a paper account.
    public static let simulated = EventFlags(rawValue: 4)
    /// Corrects an earlier event.
    public static let corrects = EventFlags(rawValue: 8)
    /// Tells that data is missing.
    public static let gap = EventFlags(rawValue: 16)
    /// Its secret fields were shredded.
    public static let redacted = EventFlags(rawValue: 32)

    /// Bits that this version defines.
    @inlinable static var known: UInt8 { 63 }
}

extension ByteBuffer {
    /// Appends the head of a record that follows `previous`.
    @inlinable @inline(__always)
    mutating func appendHead(_ head: RecordHead, after previous: RecordHead) {
        let append = UInt64(bitPattern: head.appendNanos &- previous.appendNanos)
        let globalSeq = Int64(bitPattern: head.globalSeq &- previous.globalSeq &- 1)
        var tag = UInt64(head.typeID) &<< 3
        if head.flags.rawValue != 0 { tag |= 4 }
        if append != 0 { tag |= 2 }
        if globalSeq != 0 { tag |= 1 }
        appendVarint(tag)
        if head.flags.rawValue != 0 { self.append(head.flags.rawValue) }
        if append != 0 { appendVarint(append) }
        if globalSeq != 0 { appendVarint(zigzag(globalSeq)) }
        appendVarint(zigzag(head.eventNanos &- previous.eventNanos))
    }
}

extension ByteReader {
    /// Reads the head of a record that follows `head`, and puts it there.
    mutating func readHead(_ head: inout RecordHead) throws(FormatError) {
        let tag = try readVarint()
        guard let typeID = UInt16(exactly: tag >> 3), typeID > 0 else {
            throw .invalid(what: "event record", detail: "type id \(tag >> 3) is outside 1 … 65535")
        }
        head.typeID = typeID
        head.flags = []
        if tag & 4 != 0 {
            let flags = try read(UInt8.self)
            guard flags != 0, flags & ~EventFlags.known == 0 else {
                throw .invalid(what: "event record", detail: "flags \(flags)")
            }
            head.flags = EventFlags(rawValue: flags)
        }
        if tag & 2 != 0 { head.appendNanos &+= Int64(bitPattern: try readVarint()) }
        head.globalSeq &+= 1
        if tag & 1 != 0 { head.globalSeq &+= UInt64(bitPattern: unzigzag(try readVarint())) }
        head.eventNanos &+= unzigzag(try readVarint())
    }
}

internal import LogFormat

/// What opening a log found and did; kept in the manifest when it changed anything.
public struct RecoveryReport: Equatable, Sendable {
    /// Bytes cut off the end of the last segment.
    public struct Cut: Equatable, Sendable {
        /// File name of the segment.
        public var segment: String
        /// Where it was cut.
        public var offset: UInt64
        /// Bytes set aside.
        public var byteCount: UInt64
        /// First seq that was never acknowledged as durable and is gone.
        public var firstSeq: UInt64
        /// File that holds the bytes now.
        public var quarantine: String
        /// Why the first of them did not verify.
        public var reason: String
    }

    /// The highest durable mark found.
    public var durableSeq: UInt64 = 0
    /// Last seq of the log after recovery.
    public var lastSeq: UInt64 = 0
    /// Bytes cut off, if any.
    public var cut: Cut?
    /// Other things found or done, in order.
    public var notes: [String] = []
    /// Whether the log had been closed cleanly.
    public var wasClosedCleanly = false

    /// Whether anything was changed.
    public var changedAnything: Bool { cut != nil || !notes.isEmpty }

    /// The report as JSON, for the manifest and for machines.
    public var json: String {
        var parts = ["\"durable_seq\":\(durableSeq)", "\"last_seq\":\(lastSeq)", "\"clean_close\":\(wasClosedCleanly)"]
        if let cut {
            parts.append(
                "\"cut\":{\"segment\":\(jsonString(cut.segment)),\"offset\":\(cut.offset),\"bytes\":\(cut.byteCount),"
                    + "\"first_seq\":\(cut.firstSeq),\"quarantine\":\(jsonString(cut.quarantine)),"
                    + "\"reason\":\(jsonString(cut.reason))}")
        }
        parts.append("\"notes\":[\(notes.map(jsonString).joined(separator: ","))]")
        return "{\(parts.joined(separator: ","))}"
    }
}

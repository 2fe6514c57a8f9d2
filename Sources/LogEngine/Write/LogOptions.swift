internal import LogFormat

/// How a writer works; every number has a default that suits a server.
public struct LogOptions: Sendable {
    /// Size at which a segment is closed and the next begun.
    public var segmentBytes: Int = 128 << 20
    /// Raw size at which a batch is closed: the knee of compression and speed.
    public var batchBytes: Int = 64 << 10
    /// Space written ahead with zeros, so that a commit does not grow the file; 0 turns it off.
    public var zeroAheadBytes: Int = 1 << 20
    /// How long an event may wait for company before its batch is written without anyone asking.
    public var batchDelayNanos: Int64 = 2_000_000
    /// Idle time after which the last durable mark is noted in the log itself.
    public var markDelayNanos: Int64 = 100_000_000
    /// Free disk space below which appends are refused.
    public var reserveBytes: UInt64?
    /// Batches that may wait to be written before an append has to wait.
    public var pendingBatchesMax = 16

    /// The defaults.
    public init() {}

    /// Free space that is kept: enough to write what is pending and to close cleanly.
    var reserve: UInt64 { reserveBytes ?? UInt64(min(2 * segmentBytes, 64 << 20)) }

    /// Checks the numbers against the format's limits.
    func check() throws(LogError) {
        guard (FormatLimits.segmentBytesMin...FormatLimits.segmentBytesMax).contains(segmentBytes) else {
            throw LogError(
                .usage,
                "segment size \(segmentBytes) is outside \(FormatLimits.segmentBytesMin) … "
                    + "\(FormatLimits.segmentBytesMax)")
        }
        // The event that closes a batch may take 11 MiB: numbers are 8 bytes in an event's canonical size, up to 11
        // packed.
        guard (1...FormatLimits.batchRawBytesMax / 4).contains(batchBytes) else {
            throw LogError(.usage, "batch size \(batchBytes) is outside 1 … \(FormatLimits.batchRawBytesMax / 4)")
        }
    }
}

/// When an append counts as done.
public enum AppendLevel: String, Sendable, CaseIterable {
    /// In memory: lost when the process dies.
    case buffered
    /// With the operating system: survives `kill -9`, lost on a power cut.
    case written
    /// On stable storage: survives a power cut.
    case durable
}

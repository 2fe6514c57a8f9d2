import LogEngine
import LogFormat

/// Says on standard error how far a reader is behind, once a second at most and never while it keeps up.
struct LagLine {
    private var saidNanos: Int64 = 0
    private var wasBehind = false

    private static let pauseNanos: Int64 = 1_000_000_000
    /// What is on its way anyway, as a batch of the writer or in a pipe, is not being behind.
    private static let eventsMin: UInt64 = 1024

    /// A batch was printed: one line if the log has much more by now, and one when the reader has caught up.
    mutating func delivered(_ block: BlockHeader, of tail: LogTail) {
        let waiting = tail.waitingCount
        let isBehind = waiting >= Self.eventsMin
        guard isBehind || wasBehind && waiting == 0 else { return }
        let now = Terminal.nanos
        guard !isBehind || now - saidNanos >= Self.pauseNanos else { return }
        (saidNanos, wasBehind) = (now, isBehind)
        // How old the last event is; nothing where nothing waits.
        let age = isBehind ? max(0, RealClock().wallNanos() - block.lastAppendNanos) : 0
        let seconds = decimals(Double(age) / 1e9, 3)
        Terminal.writeError(JSON.object([("lag", JSON.object([("events", "\(waiting)"), ("seconds", seconds)]))]))
    }
}

import Events
import LogEngine
import LogFormat
import Synchronization

/// Waits on a thread of its own until appended events have reached their level, and then prints their
/// acknowledgements.
///
/// While lines keep coming it lets a little time pass between commits, so that each serves many events; as soon as
/// the input pauses it commits at once.
final class Acknowledger: @unchecked Sendable {
    // SAFETY: `output`, `acknowledged` and `failure` are used by the thread only, until `finish` has joined it.
    private let writer: LogWriter
    private let level: AppendLevel
    private let output = Output()
    private var acknowledged: UInt64
    private let appended: Atomic<UInt64>
    private let isIdle = Atomic<Bool>(true)
    private let isFinished = Atomic<Bool>(false)
    private let hasFailed = Atomic<Bool>(false)
    private let signal = EventCount()
    private var failure: LogError?
    private var thread: EngineThread?
    private let suffix: [UInt8]

    private static let gatherNanos: Int64 = 2_000_000
    private static let prefix = Array("{\"seq\":".utf8)

    init(_ writer: LogWriter, _ level: AppendLevel) {
        self.writer = writer
        self.level = level
        acknowledged = writer.lastSeq
        appended = Atomic(writer.lastSeq)
        suffix = Array(",\"level\":\"\(level.rawValue)\"}\n".utf8)
        thread = EngineThread { [unowned self] in self.run() }
    }

    /// Whether nothing more will be acknowledged.
    var isBroken: Bool { hasFailed.load(ordering: .acquiring) }

    /// Tells that everything up to `seq` is appended.
    func note(_ seq: UInt64) { appended.store(seq, ordering: .releasing) }

    /// Tells whether the input pauses.
    func setIdle(_ idle: Bool) {
        isIdle.store(idle, ordering: .releasing)
        signal.notify()
    }

    /// Waits until all is acknowledged that will be, and returns the output.
    ///
    /// - Throws: why not everything was.
    func finish() throws(LogError) -> Output {
        isFinished.store(true, ordering: .releasing)
        signal.notify()
        thread?.join()
        thread = nil
        if let failure { throw failure }
        return output
    }

    private func run() {
        do throws(LogError) {
            while try step() {}
        } catch {
            failure = error
            hasFailed.store(true, ordering: .releasing)
        }
    }

    /// One commit and its acknowledgements; false when all is done.
    private func step() throws(LogError) -> Bool {
        let seen = signal.current
        let isLast = isFinished.load(ordering: .acquiring)
        if !isLast, !isIdle.load(ordering: .acquiring) {
            // A pause of the input ends this wait.
            signal.wait(seen: seen, timeoutNanos: Self.gatherNanos)
        }
        let target = appended.load(ordering: .acquiring)
        guard target > acknowledged else {
            if isLast { return false }
            if isIdle.load(ordering: .acquiring) { signal.wait(seen: seen) }
            return true
        }
        try writer.wait(for: target, level)
        let reached =
            switch level {
            case .buffered: target
            case .written: max(target, min(writer.writtenSeq, appended.load(ordering: .acquiring)))
            case .durable: max(target, min(writer.durableSeq, appended.load(ordering: .acquiring)))
            }
        for seq in acknowledged + 1...reached {
            output.bytes.append(contentsOf: Self.prefix)
            output.bytes.appendDigits(seq)
            output.bytes.append(contentsOf: suffix)
            try output.flushIfFull()
        }
        acknowledged = reached
        try output.flush()
        return true
    }
}

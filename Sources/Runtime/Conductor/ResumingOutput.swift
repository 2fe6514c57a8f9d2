package import Events
package import LogEngine
package import LogFormat

/// A root that may hold the start of the same run: events that stand there are compared, the rest is appended.
///
/// Comparing is by canonical stable bytes, so append times and packing do not count. Every log is read once, in step
/// with the run; memory does not grow with it.
package final class ResumingOutput: EventOutput {
    /// The logs.
    package let root: Root
    /// Events that were found where they stand.
    package private(set) var matchedCount: UInt64 = 0
    /// Events that were new.
    package var appendedCount: UInt64 { hot.value.appendedCount }
    package var lastGlobalSeq: UInt64 { hot.value.lastGlobalSeq }

    /// What stands on the logs and was not reached yet, by rank of the module; nil for logs that are at their ends.
    private var histories = [LogHistory?](repeating: nil, count: Module.allCases.count)
    /// What every event touches.
    private let hot = OwnMemory(Hot())

    private struct Hot {
        /// Logs that hold more than the run has made so far.
        var historyCount = 0
        var appendedCount: UInt64 = 0
        var lastGlobalSeq: UInt64 = 0
    }

    private let canonical = CanonicalBytes()

    /// Opens over the logs of `root` that the run writes.
    package init(_ root: Root, modules: [Module], environment: LogEnvironment = .real()) throws(LogError) {
        self.root = root
        for module in modules.sorted() {
            let history = try LogHistory("\(root.directory)/\(module.text)", environment: environment)
            guard !history.isAtEnd else { continue }
            histories[Int(module.rawValue)] = history
            hot.value.historyCount += 1
        }
    }

    /// Whether everything that stood on the logs was found again.
    package var isCaughtUp: Bool { hot.value.historyCount == 0 }

    @specialized(where Event == SignalScored)
    @specialized(where Event == SignalEvaluated)
    @specialized(where Event == WindowFactsComputed)
    @specialized(where Event == EvaluationMissed)
    package func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        if hot.value.historyCount > 0, let history = histories[Int(module.rawValue)] {
            return try match(&event, history, module, eventNanos, flags)
        }
        // The run's own number, not the root's next one: a crash may have taken this event and left later ones.
        let place = try root.append(
            &event, to: module, eventNanos: eventNanos, flags: flags, appendNanos: eventNanos,
            globalSeq: hot.value.lastGlobalSeq + 1)
        hot.value.lastGlobalSeq = place.globalSeq
        hot.value.appendedCount += 1
        return place
    }

    /// Finds an event where an earlier attempt left it.
    private func match<Event: LogEvent>(
        _ event: inout Event, _ history: LogHistory, _ module: Module, _ eventNanos: Int64, _ flags: EventFlags
    ) throws(LogError) -> Place {
        let made = try canonical.stable(&event, eventNanos: eventNanos, flags: flags)
        let place = Place(module: module, seq: history.seq, globalSeq: history.globalSeq)
        guard history.stable == made, place.globalSeq == hot.value.lastGlobalSeq + 1 else {
            throw LogError(
                .damaged,
                "\(root.directory)/\(module.text): event \(history.seq) is not what this run makes there "
                    + "(\(Event.typeName)): the inputs, the code or the configuration differ from the run that "
                    + "wrote it; compare them, or write into a new folder")
        }
        try history.advance()
        if history.isAtEnd {
            histories[Int(module.rawValue)] = nil
            hot.value.historyCount -= 1
        }
        hot.value.lastGlobalSeq = place.globalSeq
        matchedCount += 1
        return place
    }
}

/// The events of one log, one after another, as canonical stable bytes.
package final class LogHistory {
    package private(set) var stable: [UInt8] = []
    package private(set) var isAtEnd = false

    private let events: EventWalk
    /// The log as it was when the run began: what the run itself appends is not read.
    private let lastSeq: UInt64

    package init(_ path: String, environment: LogEnvironment) throws(LogError) {
        let end = try LogReader(try LogLocation(path, environment: environment))
        lastSeq = try end.seekToLastBatch()?.lastSeq ?? 0
        events = try EventWalk(path, environment: environment)
        try advance()
    }

    var seq: UInt64 { events.seq }
    package var globalSeq: UInt64 { events.head.globalSeq }

    package func advance() throws(LogError) {
        guard events.seq < lastSeq, try events.next() else {
            isAtEnd = true
            return
        }
        stable = unsafe try events.withCanonical { stable, _ in unsafe [UInt8](stable) }
    }
}

extension CanonicalBytes {
    /// The canonical stable bytes that an event would have on a log.
    func stable<Event: LogEvent>(
        _ event: inout Event, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> [UInt8] {
        do throws(FormatError) {
            return try unsafe encode(&event, eventNanos: eventNanos, flags: flags) { stable, _ in
                unsafe [UInt8](stable)
            }
        } catch {
            throw LogError(.badEvent, "\(error)")
        }
    }
}

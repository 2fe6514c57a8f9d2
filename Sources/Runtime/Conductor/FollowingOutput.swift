package import Events
package import LogEngine
package import LogFormat

/// A log of a root beside its market log: events that stand there are compared, the rest is appended behind all logs.
///
/// The numbers of the root are shared with the market, whose events come between: other than in `ResumingOutput` they
/// follow from when the market was looked at, and are not compared.
package final class FollowingOutput: EventOutput {
    /// Events that were found where they stand.
    package private(set) var matchedCount: UInt64 = 0
    /// Events that were new.
    package private(set) var appendedCount: UInt64 = 0
    /// Windows, scores and outcomes among both.
    package private(set) var windowCount: UInt64 = 0
    package private(set) var scoreCount: UInt64 = 0
    package private(set) var outcomeCount: UInt64 = 0

    private let root: Root
    private let module: Module
    private let history: LogHistory
    private let canonical = CanonicalBytes()

    /// Opens over one log of `root`, which its owner has open.
    package init(_ root: Root, module: Module, environment: LogEnvironment = .real()) throws(LogError) {
        self.root = root
        self.module = module
        history = try LogHistory("\(root.directory)/\(module.text)", environment: environment)
    }

    /// Whether everything that stood on the log was found again.
    package var isCaughtUp: Bool { history.isAtEnd }
    /// Place of the event that is to be found next.
    package var nextSeq: UInt64 { history.seq }

    package var lastGlobalSeq: UInt64 { root.nextGlobalSeq - 1 }

    package func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        guard module == self.module else {
            throw LogError(.badEvent, "an event for \(module.text) came to the log of \(self.module.text)")
        }
        count(Event.self)
        guard !history.isAtEnd else {
            appendedCount += 1
            return try root.append(&event, to: module, eventNanos: eventNanos, flags: flags)
        }
        let place = Place(module: module, seq: history.seq, globalSeq: history.globalSeq)
        guard history.stable == (try canonical.stable(&event, eventNanos: eventNanos, flags: flags)) else {
            throw LogError(
                .damaged,
                "\(root.directory)/\(module.text): event \(history.seq) is not what follows there from the market "
                    + "(\(Event.typeName)): the detectors, the seed or the program differ from those that wrote it; "
                    + "give the same ones, or run into a new root")
        }
        try history.advance()
        matchedCount += 1
        return place
    }

    private func count<Event: LogEvent>(_ type: Event.Type) {
        if type == WindowFactsComputed.self {
            windowCount += 1
        } else if type == SignalScored.self {
            scoreCount += 1
        } else if type == SignalEvaluated.self {
            outcomeCount += 1
        }
    }
}

package import LogEngine
internal import Synchronization
package import VenueFeed

/// How a live session is run.
package struct LiveOptions: Sendable {
    /// A commit begins at the latest so long after the one before, if there is anything to commit; nanoseconds.
    package var commitNanos: Int64 = 50_000_000
    /// Events after which is committed without waiting.
    package var commitEvents = 4_096
    /// Length of the session in nanoseconds; nil ends it when it is told to, or when the feed gives up.
    package var durationNanos: Int64?
    /// A new file that takes the messages as `<receive time> <message>` lines; nil for none.
    package var recording: String?
    /// Whether the log's last segment is sealed at the end.
    package var seal = false

    /// Commits within 100 ms, no end, no recording.
    package init() {}
}

/// Asks a live session to end; may be used from any thread and in a handler of signals that runs on a thread.
package final class LiveStop: Sendable {
    private let flag = Atomic(false)

    /// Not asked for yet.
    package init() {}

    /// Asks for the end: what has come is still written.
    package func request() { flag.store(true, ordering: .releasing) }

    /// Whether the end was asked for.
    package var isRequested: Bool { flag.load(ordering: .acquiring) }
}

/// Why a live session did not come about or broke off.
package enum LiveError: Error, CustomStringConvertible {
    /// The plan cannot be used, a coin is unknown, or the venue cannot be reached: nothing was written.
    case feed(FeedError)
    /// A log or the recording failed; what was committed is there, and the next session goes on behind it.
    case log(LogError)

    /// For a person.
    package var description: String {
        switch self {
        case .feed(let error): error.description
        case .log(let error): error.message
        }
    }
}

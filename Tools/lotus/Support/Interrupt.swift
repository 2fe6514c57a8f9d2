import Glibc
import LogEngine

/// Meets SIGINT, SIGTERM and SIGHUP on a thread of its own, so that a verb can end its work in order.
enum Interrupt {
    /// Moves at the first signal; a wait on it ends then.
    static let stop = EventCount()
    /// Whether the end was asked for.
    static var isRequested: Bool { stop.current != 0 }

    /// Lets the first signal ask for the end of a job that can be gone on with, and says so.
    ///
    /// To be called before any thread is started.
    static func arm() {
        handle {
            stop.notify()
            Terminal.writeError("lotus: stopping in order; once more stops at once, which is safe, too")
        }
    }

    /// Ends a job whose end was asked for.
    ///
    /// - Throws: `closed`, saying how to go on.
    static func check(_ job: String) throws(LogError) {
        guard isRequested else { return }
        throw LogError(.closed, "\(job): stopped; what was done is kept, the same command goes on from there")
    }

    /// Calls `handler` at the first signal; a second one ends the process at once.
    ///
    /// To be called before any thread is started.
    static func handle(_ handler: @escaping @Sendable () -> Void) {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP] { unsafe _ = sigaddset(&signals, signal) }
        unsafe _ = pthread_sigmask(SIG_BLOCK, &signals, nil)
        let awaited = signals
        _ = EngineThread {
            var mask = awaited
            var number: Int32 = 0
            var count = 0
            while unsafe sigwait(&mask, &number) == 0 {
                count += 1
                if count > 1 { _exit(128 + number) }
                handler()
            }
        }
    }
}

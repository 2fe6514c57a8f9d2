import Glibc
import LogEngine

/// Meets SIGINT, SIGTERM and SIGHUP on a thread of its own, so that a verb can end its work in order.
enum Interrupt {
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

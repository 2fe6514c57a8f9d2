internal import CLotus
internal import Glibc

/// A mutual exclusion lock that can be held across statements, for taking several at once in a fixed order.
@safe
package final class Lock: @unchecked Sendable {
    // SAFETY: the pthread mutex lives on the heap for the life of the object and is only touched by pthread calls.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    package init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    @inline(__always)
    package func lock() { unsafe _ = pthread_mutex_lock(mutex) }

    @inline(__always)
    package func unlock() { unsafe _ = pthread_mutex_unlock(mutex) }

    /// Runs `body` under the lock.
    @inline(__always)
    package func locked<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        lock()
        defer { unlock() }
        return try body()
    }
}

/// A value that one thread at a time can touch.
///
/// Built on `Lock`, which thread sanitizers understand: of the standard library's mutex they see nothing.
package final class Guarded<Value>: @unchecked Sendable {
    // SAFETY: `value` is only touched under the lock.
    private let lock = Lock()
    private var value: Value

    package init(_ value: Value) { self.value = value }

    /// Runs `body` on the value; it must not ask for the value again.
    package func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        try lock.locked { () throws(E) in try body(&value) }
    }
}

/// A counter that threads sleep on until it moves: read `current`, look whether there is work, `wait` if not.
@safe
package final class EventCount: @unchecked Sendable {
    // SAFETY: both words are only touched by atomics and futex calls.
    private let words: UnsafeMutablePointer<UInt32>

    package init() {
        unsafe words = .allocate(capacity: 2)
        unsafe words.initialize(repeating: 0, count: 2)
    }

    deinit { unsafe words.deallocate() }

    package var current: UInt32 { unsafe clotus_load_u32(words) }

    /// Sleeps until the counter is no longer `seen`; a negative time-out waits for ever.
    package func wait(seen: UInt32, timeoutNanos: Int64 = -1) {
        unsafe _ = clotus_add_u32(words + 1, 1)
        unsafe _ = clotus_futex_wait(words, seen, timeoutNanos)
        unsafe _ = clotus_add_u32(words + 1, UInt32.max)
    }

    /// Moves the counter and wakes all sleepers.
    package func notify() {
        unsafe _ = clotus_add_u32(words, 1)
        if unsafe clotus_load_u32(words + 1) > 0 { unsafe clotus_futex_wake_all(words) }
    }
}

/// A thread of our own: the engine's threads block in system calls, which the cooperative pool must not.
package final class EngineThread: @unchecked Sendable {
    // SAFETY: `handle` is written once before the object is shared and read once by `join`; what the thread writes into
    // its body is read once it has ended.
    private var handle = pthread_t()
    private var isJoined = false
    private let body: Body

    private final class Body {
        let run: @Sendable () -> Void
        var nanos: Int64 = 0

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    package init(_ body: @escaping @Sendable () -> Void) {
        self.body = Body(body)
        let box = unsafe Unmanaged.passRetained(self.body).toOpaque()
        let failure = unsafe pthread_create(
            &handle, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                body.run()
                var time = timespec()
                unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
                body.nanos = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
                return nil
            }, box)
        precondition(failure == 0, "Invariant: the system gives the engine its threads")
    }

    /// Waits until the thread has ended.
    ///
    /// - Returns: the processor's time that it took, in nanoseconds.
    @discardableResult
    package func join() -> Int64 {
        _ = pthread_join(handle, nil)
        isJoined = true
        return body.nanos
    }

    deinit { if !isJoined { pthread_detach(handle) } }
}

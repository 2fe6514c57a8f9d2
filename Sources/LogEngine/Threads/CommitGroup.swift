/// The logs that commit together: all dirty ones are synced at the same moment, and receipts are released when all of
/// them are safe.
///
/// Syncing sixteen logs in turn costs sixteen times one; at the same moment it costs about one, because the file
/// system joins the commits. Releasing
/// together keeps causes before effects: no event is acknowledged while an event that was appended before it, in any
/// log of the group, is not.
public final class CommitGroup: @unchecked Sendable {
    // SAFETY: all mutable state is touched under `lock`, but for `members` during a round, which only the leader of
    // the round does.
    private let lock = Lock()
    private var members: [LogWriter] = []
    private var isInRound = false
    private let roundEnded = EventCount()
    private let pool = SyncPool()

    /// Makes an empty group.
    public init() {}

    func join(_ log: LogWriter) { lock.locked { members.append(log) } }
    func leave(_ log: LogWriter) { lock.locked { members.removeAll { $0 === log } } }

    /// Runs commit rounds until `log` is durable up to `seq` or stopped; one caller leads a round, the others wait
    /// for it.
    func commit(_ log: LogWriter, upTo seq: UInt64) {
        while !log.isSettled(seq) {
            let seen = roundEnded.current
            let leads = lock.locked {
                if isInRound { return false }
                isInRound = true
                return true
            }
            if leads {
                if !log.isSettled(seq) { runRound() }
                lock.locked { isInRound = false }
                roundEnded.notify()
            } else {
                if log.isSettled(seq) { return }
                roundEnded.wait(seen: seen)
            }
        }
    }

    /// One round: a consistent cut over all logs, written and synced in parallel, then released together.
    private func runRound() {
        let logs = lock.locked { members }
        // With every front locked at once, an event that is in the cut has all its causes in the cut.
        for log in logs { log.frontLock.lock() }
        var dirty: [(log: LogWriter, seq: UInt64)] = []
        for log in logs {
            let seq = log.cutOpenBatch()
            if seq > log.durableSeq { dirty.append((log, seq)) }
        }
        for log in logs.reversed() { log.frontLock.unlock() }
        guard !dirty.isEmpty else { return }

        var results = [Result<LogCore.SyncTarget?, LogError>?](repeating: nil, count: dirty.count)
        if dirty.count == 1 {
            results[0] = dirty[0].log.writeAndSync(upTo: dirty[0].seq)
        } else {
            results = pool.run(dirty.map { member in { member.log.writeAndSync(upTo: member.seq) } }).map { $0 }
        }
        let failure = results.lazy.compactMap { result -> LogError? in
            if case .failure(let error)? = result { return error }
            return nil
        }.first
        for (member, result) in zip(dirty, results) {
            if let failure {
                // One log of the group failed: nothing of this round may be acknowledged in any of them.
                member.log.stop(failure)
            } else if case .success(let target?)? = result {
                member.log.release(target)
            }
        }
    }
}

/// Threads that run the syncs of a round side by side; they are started when first needed and end with the pool.
private final class SyncPool: Sendable {
    private let queue = JobQueue()

    private static let threadsMax = 16

    deinit { queue.stop() }

    /// Runs all jobs at once, the first on the calling thread, and returns their results in order.
    func run<T: Sendable>(_ jobs: [@Sendable () -> T]) -> [T] {
        let results = JobResults<T>(count: jobs.count)
        queue.add(
            jobs.enumerated().dropFirst().map { index, job in { results.set(index, job()) } },
            threads: min(jobs.count - 1, Self.threadsMax))
        results.set(0, jobs[0]())
        // Help with what no thread has taken yet: with fewer threads than jobs the caller must not only wait.
        while let task = queue.take() { task() }
        return results.wait()
    }
}

/// What the threads of a pool share; it outlives the pool until they have all seen the end.
private final class JobQueue: @unchecked Sendable {
    // SAFETY: all mutable state is touched under `lock`.
    private let lock = Lock()
    private let work = EventCount()
    private var tasks: [@Sendable () -> Void] = []
    private var threadCount = 0
    private var isStopping = false

    func add(_ more: [@Sendable () -> Void], threads: Int) {
        lock.locked {
            tasks += more
            while threadCount < threads {
                threadCount += 1
                _ = EngineThread { self.runThread() }
            }
        }
        work.notify()
    }

    func take() -> (@Sendable () -> Void)? { lock.locked { tasks.isEmpty ? nil : tasks.removeFirst() } }

    func stop() {
        lock.locked { isStopping = true }
        work.notify()
    }

    private func runThread() {
        while true {
            let seen = work.current
            if let task = take() {
                task()
                continue
            }
            if lock.locked({ isStopping }) { return }
            work.wait(seen: seen)
        }
    }
}

/// The results of jobs, and a place to wait for all of them.
private final class JobResults<T: Sendable>: @unchecked Sendable {
    // SAFETY: `values` and `missing` are touched under `lock`.
    private let lock = Lock()
    private let done = EventCount()
    private var values: [T?]
    private var missing: Int

    init(count: Int) {
        values = Array(repeating: nil, count: count)
        missing = count
    }

    func set(_ index: Int, _ value: T) {
        let isLast = lock.locked {
            values[index] = value
            missing -= 1
            return missing == 0
        }
        if isLast { done.notify() }
    }

    func wait() -> [T] {
        while true {
            let seen = done.current
            if lock.locked({ missing == 0 }) { return lock.locked { values.compactMap { $0 } } }
            done.wait(seen: seen)
        }
    }
}

import LogFormat
import LogTesting
import Testing

@testable import LogEngine

/// A writer that stopped says so to everybody, at once: no caller waits for something that will not come.
@Suite struct StoppedWriterTests {
    /// A writer that does nothing before somebody asks, one event to a batch.
    static func writer(_ log: TestLog) throws -> (LogWriter, UInt16) {
        log.options.batchBytes = 1
        log.options.batchDelayNanos = 3_600_000_000_000
        log.options.markDelayNanos = 3_600_000_000_000
        let writer = try LogWriter("log", name: "log", options: log.options, environment: log.environment)
        return (writer, try writer.register(try quoteSchema()))
    }

    /// Runs `body` on a thread of its own; nil if it is not through when the test gives up.
    ///
    /// `letGo` must free a thread that hangs, so that a failing test still ends.
    static func outcome(_ body: @escaping @Sendable () -> LogError.Code?, letGo: () -> Void) -> LogError.Code?? {
        let result = Guarded<LogError.Code??>(nil)
        let done = EventCount()
        return withExtendedLifetime(done) {
            let seen = done.current
            let thread = EngineThread {
                let code = body()
                result.withLock { $0 = .some(code) }
                done.notify()
            }
            // Only a thread that hangs takes this long.
            done.wait(seen: seen, timeoutNanos: 20_000_000_000)
            let found = result.withLock { $0 }
            letGo()
            thread.join()
            return found
        }
    }

    /// Appends one event after the other, whatever waiting for them says, and returns why that ended.
    @Sendable static func appendOn(_ writer: LogWriter, _ type: UInt16, from start: Int) -> LogError.Code? {
        for index in start..<start + 100 {
            do throws(LogError) {
                let seq = try writer.append(quote(index), typeID: type, eventNanos: quoteTime(index))
                // As careless callers do.
                try? writer.wait(for: seq, .written)
            } catch {
                return error.code
            }
        }
        return nil
    }

    /// Whoever stops the writer holds the core's lock and takes the front's; an append that held the front's and asked
    /// for the core's would stop both for ever.
    @Test func `an append is refused while another thread is still busy with the failure`() throws {
        let log = TestLog(seed: 91)
        let (writer, type) = try Self.writer(log)
        try writer.append(quote(0), typeID: type, eventNanos: quoteTime(0))
        log.disk.faults.syncError = 1
        #expect(try logFailure { try writer.wait(for: 1, .durable) } == .poisoned)
        log.disk.faults = DiskFaults()
        writer.coreLock.lock()
        let outcome = Self.outcome {
            Self.appendOn(writer, type, from: 1)
        } letGo: {
            writer.coreLock.unlock()
        }
        #expect(outcome == .poisoned)
        #expect(try logFailure { try writer.close() } == .poisoned)
        #expect(try log.open().writtenSeq == 1)
    }

    @Test func `after a failed mark appends are refused, not kept waiting for room`() throws {
        let log = TestLog(seed: 92)
        let (writer, type) = try Self.writer(log)
        try writer.append(quote(0), typeID: type, eventNanos: quoteTime(0))
        try writer.wait(for: 1, .durable)
        // What the writer's thread does when it has nothing else to do.
        log.disk.faults.writeError = 1
        #expect(try logFailure { try writer.coreLock.locked { try writer.core.writeMark() } } == .poisoned)
        log.disk.faults = DiskFaults()
        let outcome = Self.outcome {
            Self.appendOn(writer, type, from: 1)
        } letGo: {
            writer.stop(LogError(.closed, "the test gives up"))
        }
        #expect(outcome == .poisoned)
        #expect(try logFailure { try writer.close() } == .poisoned)
        #expect(try log.open().writtenSeq == 1)
    }
}

import LogFormat
import LogTesting

@testable import LogEngine

/// A simulated disk with a log on it, for tests that look at one behaviour.
final class TestLog {
    let disk: SimulatedDisk
    let clock = SimulatedClock()
    var options = LogOptions()
    private let seed: UInt64

    init(seed: UInt64 = 1, capacityBytes: UInt64? = nil) {
        self.seed = seed
        disk = SimulatedDisk(seed: seed, capacityBytes: capacityBytes)
        options.segmentBytes = 64 << 10
        options.reserveBytes = 0
    }

    var environment: LogEnvironment {
        var environment = LogEnvironment.simulated(disk: disk, clock: clock, seed: seed)
        environment.isProcessAlive = { _ in false }
        return environment
    }

    func open(_ path: String = "log") throws(LogError) -> LogCore {
        try LogCore.open(path, name: "log", options: options, environment: environment)
    }

    func verify(_ path: String = "log", deep: Bool = true, anchor: Anchor? = nil) throws(LogError) -> VerifyReport {
        try Verifier.verify(path, deep: deep, anchor: anchor, environment: environment)
    }

    func events(_ path: String = "log") throws -> [[Value]] { try readAll(path, environment) }
}

extension LogCore {
    /// Appends the quotes that follow, `perBatch` at a time, and makes them durable.
    func appendQuotes(_ count: Int, perBatch: Int = 10, appendNanos: (Int) -> Int64 = { 1_000 + Int64($0) }) throws {
        let type = try register(try quoteSchema())
        let state = BatchState()
        state.register(try quoteSchema(), typeID: type)
        var batch = BatchBuilder(state: state)
        let start = Int(writtenSeq)
        for index in start..<start + count {
            let head = RecordHead(
                typeID: type, appendNanos: appendNanos(index), globalSeq: UInt64(index + 1),
                eventNanos: quoteTime(index))
            try batch.append(quote(index), head: head)
            if Int(batch.count) == perBatch || index == start + count - 1 {
                try write(batch)
                batch.removeAll()
            }
        }
        try sync()
    }

    /// Appends, rolls and seals: one sealed segment of `count` quotes.
    func appendSegment(_ count: Int = 50) throws {
        try appendQuotes(count)
        try roll()
        try sealPending()
    }
}

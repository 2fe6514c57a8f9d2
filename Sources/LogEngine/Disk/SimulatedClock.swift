/// Clocks that stand still, or advance a little at each reading, and are set by hand.
public final class SimulatedClock: LogClock {
    private struct Times {
        var wall: Int64
        var monotonic: Int64
        var step: Int64

        mutating func advance(_ nanos: Int64) {
            wall &+= nanos
            monotonic &+= nanos
        }
    }

    private let times: Guarded<Times>

    /// Makes clocks that advance by `stepNanos` after each reading of either.
    public init(
        wallNanos: Int64 = 1_700_000_000_000_000_000, monotonicNanos: Int64 = 1_000_000_000, stepNanos: Int64 = 0
    ) {
        times = Guarded(Times(wall: wallNanos, monotonic: monotonicNanos, step: stepNanos))
    }

    /// Reads the wall clock, then advances both clocks by the step.
    public func wallNanos() -> Int64 {
        times.withLock { times in
            defer { times.advance(times.step) }
            return times.wall
        }
    }

    /// Reads the monotonic clock, then advances both clocks by the step.
    public func monotonicNanos() -> Int64 {
        times.withLock { times in
            defer { times.advance(times.step) }
            return times.monotonic
        }
    }

    /// Wall clock, without advancing it; may be set back, as people do.
    public var wall: Int64 {
        get { times.withLock { $0.wall } }
        set { times.withLock { $0.wall = newValue } }
    }

    /// Monotonic clock, without advancing it; a restarted machine sets it back.
    public var monotonic: Int64 {
        get { times.withLock { $0.monotonic } }
        set { times.withLock { $0.monotonic = newValue } }
    }

    /// What both clocks advance by after each reading.
    public var step: Int64 {
        get { times.withLock { $0.step } }
        set { times.withLock { $0.step = newValue } }
    }

    /// Lets time pass on both clocks.
    public func advance(by nanos: Int64) { times.withLock { $0.advance(nanos) } }
}

extension LogEnvironment {
    /// Surroundings without any real thing in them; the same calls with the same seed give the same bytes.
    ///
    /// How many environments the disk has had is mixed into the seed, so that a log opened again does not draw its
    /// old salts again. The boot id is fixed until the disk's next power cut.
    public static func simulated(
        disk: SimulatedDisk, clock: SimulatedClock = SimulatedClock(), seed: UInt64 = 0
    ) -> LogEnvironment {
        let (number, bootCount) = disk.state.withLock { state in
            state.environmentCount += 1
            return (state.environmentCount, state.bootCount)
        }
        let source = SharedGenerator(seed: seed &+ number &* 0xD1B5_4A32_D192_ED03)
        let bootID = Array("LotusSimBoot".utf8) + (0..<4).map { UInt8(truncatingIfNeeded: bootCount >> (8 * $0)) }
        return LogEnvironment(
            fileSystem: disk, clock: clock, random: { source.bytes($0) }, bootID: bootID, processID: 4242)
    }
}

/// A generator that several threads may draw from.
private final class SharedGenerator: Sendable {
    private let generator: Guarded<SeededGenerator>

    init(seed: UInt64) { generator = Guarded(SeededGenerator(seed: seed)) }

    func bytes(_ count: Int) -> [UInt8] { generator.withLock { $0.bytes(count) } }
}

internal import CLotus
internal import Glibc

/// Clocks of the machine.
///
/// Tests and replays bring their own.
public protocol LogClock: Sendable {
    /// Nanoseconds since 1970.
    func wallNanos() -> Int64
    /// Nanoseconds on a clock that never steps.
    func monotonicNanos() -> Int64
}

/// The machine's clocks.
public struct RealClock: LogClock {
    /// Makes the real clock.
    public init() {}

    /// `CLOCK_REALTIME`.
    public func wallNanos() -> Int64 { read(CLOCK_REALTIME) }
    /// `CLOCK_MONOTONIC`.
    public func monotonicNanos() -> Int64 { read(CLOCK_MONOTONIC) }

    private func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// All that the engine takes from its surroundings, so that tests can put a simulation in its place.
public struct LogEnvironment: Sendable {
    /// The disk.
    public var fileSystem: any LogFS
    /// The clocks.
    public var clock: any LogClock
    /// Random bytes for log ids and salts.
    public var random: @Sendable (Int) -> [UInt8]
    /// The kernel's boot id; 16 bytes.
    public var bootID: [UInt8]
    /// Process id, for people.
    public var processID: UInt32
    /// Git commit of this build; 20 bytes, zero if unknown.
    public var build: [UInt8]
    /// Whether the build's tree was modified.
    public var buildIsModified: Bool
    /// Whether a process of this boot runs.
    public var isProcessAlive: @Sendable (UInt32) -> Bool

    /// Makes an environment.
    public init(
        fileSystem: any LogFS, clock: any LogClock, random: @escaping @Sendable (Int) -> [UInt8], bootID: [UInt8],
        processID: UInt32, build: [UInt8] = [UInt8](repeating: 0, count: 20), buildIsModified: Bool = false,
        isProcessAlive: @escaping @Sendable (UInt32) -> Bool = { _ in true }
    ) {
        self.fileSystem = fileSystem
        self.clock = clock
        self.random = random
        self.bootID = bootID
        self.processID = processID
        self.build = build
        self.buildIsModified = buildIsModified
        self.isProcessAlive = isProcessAlive
    }

    /// The machine as it is.
    public static func real() -> LogEnvironment {
        LogEnvironment(
            fileSystem: RealFS(), clock: RealClock(),
            random: { count in
                var bytes = [UInt8](repeating: 0, count: count)
                let failure = unsafe clotus_random(&bytes, count)
                precondition(failure == 0, "Invariant: the kernel's random source answers")
                return bytes
            },
            bootID: readBootID(), processID: UInt32(getpid()), build: readBuild(),
            buildIsModified: clotus_is_modified() != 0,
            isProcessAlive: { kill(pid_t($0), 0) == 0 || errno == EPERM })
    }

    /// The commit of this build, zero if it is unknown.
    private static func readBuild() -> [UInt8] {
        let digits = unhex(unsafe String(cString: clotus_commit())) ?? []
        return digits.count == 20 ? digits : [UInt8](repeating: 0, count: 20)
    }

    private static func readBootID() -> [UInt8] {
        let fileSystem = RealFS()
        var text: [UInt8] = []
        if let file = try? fileSystem.open("/proc/sys/kernel/random/boot_id", .read) {
            // Files of the kernel have no size to go by.
            text = (try? fileSystem.read(file, count: 64, at: 0)) ?? []
            fileSystem.close(file)
        }
        var digits = text.compactMap { Character(UnicodeScalar($0)).hexDigitValue }.map { UInt8($0) }
        digits += [UInt8](repeating: 0, count: max(0, 32 - digits.count))
        return (0..<16).map { digits[2 * $0] << 4 | digits[2 * $0 + 1] }
    }

    /// A random integer.
    func randomInteger() -> UInt64 { random(8).reduce(0) { $0 << 8 | UInt64($1) } }
}

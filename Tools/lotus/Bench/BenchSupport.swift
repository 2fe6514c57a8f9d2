import ArgumentParser
import Glibc
import LogEngine
import LogFormat

/// CPU seconds of this process: time that other processes take does not count.
func cpuSeconds() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

/// Seconds on the clock that never steps.
func wallSeconds() -> Double { seconds(CLOCK_MONOTONIC) }

private func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    unsafe _ = clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Most memory that this process ever had, in MB.
func peakMegabytes() -> Int {
    var usage = rusage()
    unsafe _ = getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss / 1024
}

/// Median and range of some measurements.
struct Spread {
    let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    var median: Double { percentile(0.5) }

    func percentile(_ p: Double) -> Double { sorted.isEmpty ? 0 : sorted[Int(p * Double(sorted.count - 1) + 0.5)] }

    func json(_ name: String) -> String {
        "\"\(name)\":\(decimals(median, 0)),\"\(name)_min\":\(decimals(sorted.first ?? 0, 0)),"
            + "\"\(name)_max\":\(decimals(sorted.last ?? 0, 0))"
    }
}

/// A number with a fixed count of decimals.
func decimals(_ value: Double, _ places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int64((value * scale).rounded())
    if places == 0 { return String(scaled) }
    let whole = scaled / Int64(scale)
    let rest = String(abs(scaled % Int64(scale)))
    return "\(scaled < 0 && whole == 0 ? "-" : "")\(whole).\(String(repeating: "0", count: places - rest.count))\(rest)"
}

/// Starts this program again, in another process; `quietly` without what it would print, `settings` are changed in its
/// environment, `input` is its standard input.
func startSelf(
    _ words: [String], quietly: Bool = false, settings: [String: String] = [:], input: Int32? = nil
) throws -> pid_t {
    var all: [String] = []
    var place = 0
    while let entry = unsafe environ[place] {
        let text = unsafe String(cString: entry)
        if settings[String(text.prefix { $0 != "=" })] == nil { all.append(text) }
        place += 1
    }
    all += settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var child = pid_t()
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe (["lotus"] + words).map { unsafe strdup($0) } + [nil]
    var environment: [UnsafeMutablePointer<CChar>?] = unsafe all.map { unsafe strdup($0) } + [nil]
    defer { unsafe (arguments + environment).forEach { unsafe free($0) } }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
    if let input { unsafe _ = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO) }
    if quietly { unsafe _ = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) }
    guard unsafe posix_spawn(&child, "/proc/self/exe", &actions, nil, &arguments, &environment) == 0 else {
        throw ToolError("the other process does not start")
    }
    return child
}

/// This program in a process of its own: how it ended, how long it took, and how much memory it had at most.
struct MeasuredProcess {
    let exitCode: Int32
    let seconds: Double
    let peakMegabytes: Int

    /// Runs it to its end, without what it would print.
    static func run(_ words: [String]) throws -> MeasuredProcess {
        let start = wallSeconds()
        var usage = rusage()
        var status: Int32 = 0
        let child = try startSelf(words, quietly: true)
        unsafe wait4(child, &status, 0, &usage)
        return MeasuredProcess(
            exitCode: status & 0x7F == 0 ? status >> 8 & 0xFF : -1, seconds: wallSeconds() - start,
            peakMegabytes: usage.ru_maxrss / 1024)
    }
}

/// Waits for a process to end; the status is as `waitpid` gives it.
func waitFor(_ child: pid_t) -> Int32 {
    var status: Int32 = 0
    unsafe waitpid(child, &status, 0)
    return status
}

/// Sixteen hexadecimal digits.
func paddedHex(_ value: UInt64) -> String {
    let digits = hex(value)
    return String(repeating: "0", count: 16 - digits.count) + digits
}

/// A log in a scratch directory, removed with all its files at the end of a benchmark.
struct ScratchLog {
    let path: String

    init(_ directory: String, name: String = "bench") { path = "\(directory)/\(name)-\(getpid())" }

    /// Bytes of all segments.
    func storedBytes() throws -> UInt64 {
        let fileSystem = RealFS()
        var total: UInt64 = 0
        for name in try fileSystem.list(path) where name.hasSuffix(".seg") {
            let file = try fileSystem.open("\(path)/\(name)", .read)
            total += try fileSystem.size(file)
            fileSystem.close(file)
        }
        return total
    }

    func remove() {
        for name in (try? RealFS().list(path)) ?? [] { unsafe unlink("\(path)/\(name)") }
        unsafe rmdir(path)
    }
}

/// Appends the whole mix and brings it to `level`.
func writeMix(_ mix: MixFile, to path: String, _ options: LogOptions, level: AppendLevel, seal: Bool) throws {
    let writer = try LogWriter(path, options: options)
    let types = try MixTypes(writer)
    try appendMix(mix, to: writer, types, 0..<mix.count, level)
    try writer.close(seal: seal)
}

/// Appends a range of the mix and waits until it has reached `level`.
func appendMix(
    _ mix: MixFile, to writer: LogWriter, _ types: MixTypes, _ range: Range<Int>, _ level: AppendLevel
) throws(LogError) {
    var events = MixEvents()
    try unsafe mix.bytes.withRawBytes { raw throws(LogError) in
        guard let base = raw.baseAddress else { return }
        var last: UInt64 = 0
        for index in range {
            last = unsafe try mix.append(index, to: writer, types, &events, base)
            if level == .durable, index & 1023 == 0 { writer.requestDurable(last) }
        }
        try writer.wait(for: last, level)
    }
}

import ArgumentParser
import Glibc
import LogEngine
import LogFormat

/// Time from an append in this process to the decoded event in another one.
struct BenchTail: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail", abstract: "Measure a tail in another process, from append to decoded event.",
        usage: "lotus bench log tail <directory> [<options>]",
        discussion: """
            EXAMPLES
              lotus bench log tail /tmp --level durable --count 1000
            """)

    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Events.") var count = 2000
    @Option(help: "written or durable.") var level = "written"
    @Option(help: "Pause between events, microseconds.") var gap = 200

    func run() throws {
        guard let level = AppendLevel(rawValue: level) else { throw ValidationError("no such level: \(level)") }
        let scratch = ScratchLog(directory)
        defer { scratch.remove() }
        let writer = try LogWriter(scratch.path)
        let types = try MixTypes(writer)
        let child = try startSelf([
            "bench", "log", "tail-child", scratch.path, "--count", "\(count)", "--level", "\(level)",
        ])
        var trade = MixTrade()
        trade.instrument = 1
        usleep(200_000)  // the reader opens the log and falls asleep
        for _ in 0..<count {
            usleep(UInt32(gap))
            let seq = try writer.append(&trade, typeID: types.trade, eventNanos: monotonicNanos())
            try writer.wait(for: seq, level)
        }
        let status = waitFor(child)
        try writer.close()
        guard status == 0 else { throw ValidationError("the other process failed with status \(status)") }
    }
}

/// The reading side of `bench log tail`.
struct BenchTailChild: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail-child", abstract: "The reading process of bench log tail.", shouldDisplay: false)

    @Argument var path: String
    @Option var count = 2000
    @Option var level = "written"

    func run() throws {
        let tail = try LogTail(path, level: AppendLevel(rawValue: level) ?? .written)
        let state = BatchState()
        state.register(tail.reader.registry)
        guard let types = MixTypes(tail.reader.registry) else { throw ValidationError("no mix in \(path)") }
        var batch = BatchReader(state: state)
        let codec = FrameCodec()
        var trade = MixTrade()
        var taken: [Double] = []
        guard let tradeState = state.state(of: types.trade) else { throw ValidationError("no trade") }
        while taken.count < count {
            guard case .batch(let block) = try tail.next(timeoutNanos: 10_000_000_000) else {
                throw ValidationError("only \(taken.count) of \(count) events came")
            }
            try tail.reader.decode(block, into: &batch, codec: codec)
            while try batch.next() {
                try batch.decode(&trade, tradeState)
                taken.append(Double(monotonicNanos() - batch.head.eventNanos) / 1e3)
            }
        }
        let spread = Spread(taken)
        print(
            "{\"bench\":\"tail\",\"level\":\"\(level)\",\"count\":\(count),\"p50_us\":\(decimals(spread.median, 1)),"
                + "\"p90_us\":\(decimals(spread.percentile(0.9), 1)),"
                + "\"p99_us\":\(decimals(spread.percentile(0.99), 1))}"
        )
    }
}

/// Nanoseconds on the clock that all processes of a boot share.
func monotonicNanos() -> Int64 {
    var time = timespec()
    unsafe _ = clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

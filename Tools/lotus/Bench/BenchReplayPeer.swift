import ArgumentParser
import Events
import Glibc
import LogEngine
import LogFormat
import Runtime

/// The benchmarks of the replay pipeline.
struct BenchPipeline: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Measure replaying a market: decode, dispatch, strategy, outputs.",
        discussion: """
            market measures the main job, from frames to scored and evaluated windows; peer is the task that other \
            back-testers are compared by.

            EXAMPLES
              lotus bench replay market monday.bundle /tmp
              lotus bench replay peer ticks-1000000.csv /tmp
            """,
        subcommands: [BenchReplayMarket.self, BenchMarketRun.self, BenchReplayPeer.self, BenchReplayPeerRun.self])
}

/// The task of the peer comparison: a moving-average cross over a million ticks.
struct BenchReplayPeer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer", abstract: "Replay the ticks of the peer comparison with its strategy.",
        usage: "lotus bench replay peer <csv> <directory> [<options>]",
        discussion: """
            The ticks are those that the peers' gen_ticks.py writes. They are ingested into a market log first, once \
            for each length of tape; each measurement then runs in a process of its own, so that its peak memory is \
            its own. Mode feed decodes and dispatches only, A runs the strategy and keeps the account, B also appends \
            order, fill and position of every trade and makes them durable. The fills are checked against another \
            computation of the same rule.

            EXAMPLES
              lotus bench replay peer ticks-1000000.csv /tmp
              lotus bench replay peer ticks-1000000.csv /tmp --tapes 1 --rounds 7
            """)

    @Argument(help: "Ticks: ts_ns,px_tick,qty_lot,buyer.") var file: String
    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Lengths of tape, in repetitions of the file.") var tapes = "1,4,10"
    @Option(help: "Rounds of each measurement.") var rounds = 5

    func run() throws {
        let tape = try PeerTape(file)
        let lengths = tapes.split(separator: ",").compactMap { Int($0) }
        guard !lengths.isEmpty, lengths.allSatisfy({ (1...1000).contains($0) }) else {
            throw ValidationError("tapes is \(tapes), expected numbers from 1 to 1000 such as 1,4,10")
        }
        for length in lengths {
            let scratch = ScratchLog(directory, name: "peer\(length)")
            defer { scratch.remove() }
            try tape.write(to: scratch.path, repeats: length)
            let expected = tape.expected(repeats: length)
            for mode in ["feed", "A", "B"] {
                let words = [
                    "bench", "replay", "peer-run", scratch.path, mode, "\(rounds)", "\(expected.fills)",
                    // A leading minus would look like an option.
                    String(UInt64(bitPattern: expected.sum)), "\(length * tape.ticks.count)", "\(wallSeconds())",
                ]
                let status = waitFor(try startSelf(words))
                guard status == 0 else { throw ValidationError("mode \(mode) ended with status \(status)") }
            }
        }
    }
}

/// One measurement of `bench replay peer`, in its own process.
struct BenchReplayPeerRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer-run", abstract: "One measurement of bench replay peer.", shouldDisplay: false)

    @Argument var log: String
    @Argument var mode: String
    @Argument var rounds: Int
    @Argument var fills: Int
    @Argument var fillSum: UInt64
    @Argument var ticks: Int
    @Argument var startedSeconds: Double

    /// Lets one event through, then everything.
    private struct FirstEvent: ReplayControl {
        var isFirst = true
        mutating func admits(_ nowNanos: Int64) -> Bool {
            // The listing does not count.
            if nowNanos == .min { return true }
            defer { isFirst = false }
            return isFirst
        }
    }

    /// Only counts.
    private struct CountTicks: MarketHandler {
        var count = 0
        @inline(__always)
        mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) { count &+= 1 }
    }

    func run() throws {
        var (processor, wall): ([Double], [Double]) = ([], [])
        var firstMillis = 0.0
        for round in 0..<rounds {
            let (cpuStart, wallStart) = (cpuSeconds(), wallSeconds())
            let first = try once(round)
            processor.append(Double(ticks) / (cpuSeconds() - cpuStart))
            wall.append(Double(ticks) / (wallSeconds() - wallStart))
            if round == 0 { firstMillis = (first - startedSeconds) * 1e3 }
        }
        let (cpu, clock) = (Spread(processor), Spread(wall))
        print(
            "{\"bench\":\"replay_peer\",\"mode\":\"\(mode)\",\"ticks\":\(ticks),\"rounds\":\(rounds),"
                + "\"fills\":\(mode == "feed" ? 0 : fills),\(cpu.json("ticks_per_cpu_s")),"
                + "\(clock.json("ticks_per_s")),\"first_event_ms\":\(decimals(firstMillis, 1)),"
                + "\"peak_rss_mb\":\(decimals(residentMegabytes(), 1))}")
    }

    /// One replay; the time of its first event.
    private func once(_ round: Int) throws -> Double {
        let feed = try MarketFeed([log], kinds: [.trades])
        switch mode {
        case "feed":
            var counter = CountTicks()
            let first = try replay(feed, &counter)
            guard counter.count == ticks else { throw ValidationError("\(counter.count) of \(ticks) ticks") }
            return first
        case "A":
            var strategy = MovingAverageCross(NoSink())
            let first = try replay(feed, &strategy)
            try check(strategy.tickCount, strategy.fillCount, strategy.fillSum)
            return first
        case "B":
            let scratch = ScratchLog(log, name: "../outputs\(round)")
            defer { scratch.remove() }
            let writer = try LogWriter(scratch.path)
            var strategy = MovingAverageCross(try LogSink(writer))
            let first = try replay(feed, &strategy)
            try writer.wait(for: writer.lastSeq, .durable)
            try writer.close()
            try check(strategy.tickCount, strategy.fillCount, strategy.fillSum)
            guard writer.lastSeq == UInt64(3 * fills) else {
                throw ValidationError("\(writer.lastSeq) events on the output log, expected \(3 * fills)")
            }
            return first
        default: throw ValidationError("mode is \(mode), expected feed, A or B")
        }
    }

    private func replay<Handler: MarketHandler>(_ feed: MarketFeed, _ handler: inout Handler) throws -> Double {
        var one = FirstEvent()
        try feed.run(into: &handler, control: &one)
        let first = wallSeconds()
        var all = Unhindered()
        guard try feed.run(into: &handler, control: &all) else { throw ValidationError("the replay stopped early") }
        return first
    }

    private func check(_ seen: Int, _ found: Int, _ sum: Int64) throws {
        guard seen == ticks, found == fills, UInt64(bitPattern: sum) == fillSum else {
            throw ValidationError(
                "\(seen) ticks and \(found) fills (sum \(sum)), expected \(ticks) and \(fills) "
                    + "(sum \(Int64(bitPattern: fillSum)))")
        }
    }
}

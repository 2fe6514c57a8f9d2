import ArgumentParser
import Events
import Glibc
import LogEngine
import LogFormat
import Runtime

/// What a rebuild costs the writer that goes on beside it (AT9.1).
struct BenchBeside: Verb {
    static let configuration = CommandConfiguration(
        commandName: "beside", abstract: "Measure appends alone and beside a rebuild of the same root.",
        usage: "lotus bench beside <directory> [<options>]",
        discussion: """
            A writer appends --rate events a second to a root that already holds --events of them, and makes them \
            durable after every hundredth. Rounds are taken alone and beside lotus rebuild all in turn; a rebuild that \
            ends is begun anew. Printed are the percentiles of single appends and of commits over all rounds of a \
            kind, in microseconds, and how late appends were that had to wait for the processor.

            EXAMPLE
              lotus bench beside /tmp --events 2000000 --rounds 3
            """)

    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Events that the root holds.") var events = 2_000_000
    @Option(help: "Events a second that are appended.") var rate = 5000
    @Option(help: "Seconds of a round.") var seconds = 10
    @Option(help: "Rounds of each kind.") var rounds = 3
    @Flag(help: "Print an error as JSON; the result is always one JSON object.") var json = false

    mutating func perform() throws -> Outcome {
        guard events >= 1000, (1...1_000_000).contains(rate), (1...600).contains(seconds), (1...100).contains(rounds)
        else {
            throw ToolError(
                .usage,
                "found --events \(events), --rate \(rate), --seconds \(seconds), --rounds \(rounds); expected 1000 or "
                    + "more, 1 to 1000000, 1 to 600, 1 to 100")
        }
        let scratch = "\(directory)/bench-beside-\(getpid())"
        defer { ScratchRoot.remove(scratch) }
        let path = "\(scratch)/root"
        try RealFS().createDirectory(scratch)
        try RealFS().createDirectory(path)
        var history = ScratchRoot()
        try history.append(events, to: path)
        let root = try Root(path, modules: [.mkt, .sig, .dm, .herald, .weave])
        var (alone, beside) = (Latencies(), Latencies())
        var rebuilds = 0
        for round in 0..<rounds {
            try append(to: root, round * 2, into: &alone) {}
            let file = "\(scratch)/\(round).sqlite"
            var child = try rebuild(path, file)
            try append(to: root, round * 2 + 1, into: &beside) {
                var status: Int32 = 0
                guard unsafe waitpid(child, &status, WNOHANG) == child else { return }
                guard status == 0 else { throw ToolError("the rebuild failed; run it by itself") }
                rebuilds += 1
                unsafe unlink(file)
                child = try rebuild(path, file)
            }
            kill(child, SIGKILL)
            _ = waitFor(child)
        }
        try root.close()
        try Output.print(
            JSON.object(
                [
                    ("bench", jsonString("beside")), ("events", "\(events)"), ("rate", "\(rate)"),
                    ("rebuilds_ended", "\(rebuilds)"),
                ] + alone.figures("alone") + beside.figures("beside") + [
                    ("append_p99_ratio", decimals(beside.append(0.99) / alone.append(0.99), 2)),
                    ("commit_p99_ratio", decimals(beside.commit(0.99) / alone.commit(0.99), 2)),
                ]))
        return .clean
    }

    private func rebuild(_ root: String, _ file: String) throws -> pid_t {
        try startSelf(["rebuild", "all", "--root", root, "--out", file], quietly: true)
    }

    /// One round: events at their moments; `look` is called with every commit.
    private func append(
        to root: Root, _ round: Int, into latencies: inout Latencies, _ look: () throws -> Void
    ) throws {
        var scored = SignalScored()
        scored.symbol = "BTC-USD"
        scored.quality = QualityParts()
        scored.kernel = KernelParts()
        let start = wallSeconds()
        for index in 0..<rate * seconds {
            let due = start + Double(index) / Double(rate)
            wait(until: due)
            scored.lineage = Lineage(
                id: EventID(module: .sig, key: "beside|\(round)|\(index)", eventNanos: Int64(index)),
                seenGlobalSeq: UInt64(index))
            let begin = wallSeconds()
            try root.append(&scored, to: .sig, eventNanos: 2_000_000_000_000_000_000 + Int64(index))
            let end = wallSeconds()
            latencies.appends.append((end - begin) * 1e6)
            latencies.delays.append((begin - due) * 1e6)
            guard index % 100 == 99 else { continue }
            try root.commit()
            latencies.commits.append((wallSeconds() - end) * 1e6)
            try look()
        }
    }

    private func wait(until moment: Double) {
        let left = moment - wallSeconds()
        guard left > 0 else { return }
        var pause = timespec(tv_sec: Int(left), tv_nsec: Int((left - left.rounded(.down)) * 1e9))
        unsafe nanosleep(&pause, nil)
    }

    /// Microseconds of each append and each commit, and how late each append began.
    private struct Latencies {
        var appends: [Double] = []
        var commits: [Double] = []
        var delays: [Double] = []

        func append(_ p: Double) -> Double { Spread(appends).percentile(p) }
        func commit(_ p: Double) -> Double { Spread(commits).percentile(p) }

        func figures(_ name: String) -> [(String, String)] {
            let (append, commit, delay) = (Spread(appends), Spread(commits), Spread(delays))
            return [
                ("\(name)_append_p50_us", decimals(append.median, 2)),
                ("\(name)_append_p99_us", decimals(append.percentile(0.99), 2)),
                ("\(name)_append_max_us", decimals(append.percentile(1), 0)),
                ("\(name)_commit_p50_us", decimals(commit.median, 0)),
                ("\(name)_commit_p99_us", decimals(commit.percentile(0.99), 0)),
                ("\(name)_late_p99_us", decimals(delay.percentile(0.99), 0)),
            ]
        }
    }
}

import ArgumentParser
import LogEngine
import LogFormat

/// The durable acknowledgements during which a segment was closed and the next one begun, beside all others.
struct BenchRoll: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roll", abstract: "Measures acknowledgements over a roll beside those without one.",
        usage: "lotus bench log roll <directory> [<options>]",
        discussion: "EXAMPLE\n  lotus bench log roll /tmp/lotus-bench --rolls 20")

    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Rolls.") var rolls = 40
    @Option(help: "Events of one acknowledgement.") var events = 2000
    @Option(help: "Segment size in MiB.") var segment = 4

    func run() throws {
        let scratch = ScratchLog(directory)
        defer { scratch.remove() }
        var options = LogOptions()
        options.segmentBytes = segment << 20
        let writer = try LogWriter(scratch.path, options: options)
        let types = try MixTypes(writer)
        var trade = MixTrade()
        var random = SeededGenerator(seed: 7)
        var rolling: [Double] = []
        var plain: [Double] = []
        var segments = try segmentCount(scratch)
        while rolling.count < rolls {
            for event in 0..<events {
                trade.instrument = Int32(event % 16)
                trade.price = Int64(random.below(1 << 40))
                try writer.append(&trade, typeID: types.trade, eventNanos: Int64(event &* 977))
            }
            let start = wallSeconds()
            try writer.wait(for: writer.lastSeq, .durable)
            let taken = (wallSeconds() - start) * 1e6
            let found = try segmentCount(scratch)
            if found > segments { rolling.append(taken) } else { plain.append(taken) }
            segments = found
        }
        try writer.close()
        let (with, without) = (Spread(rolling), Spread(plain))
        print(
            "{\"bench\":\"roll\",\"rolls\":\(rolls),\"roll_p50_us\":\(decimals(with.median, 1)),"
                + "\"roll_max_us\":\(decimals(with.percentile(1), 1)),\"others\":\(plain.count),"
                + "\"other_p50_us\":\(decimals(without.median, 1)),"
                + "\"other_p99_us\":\(decimals(without.percentile(0.99), 1)),"
                + "\"other_max_us\":\(decimals(without.percentile(1), 1)),"
                + "\"ratio_p50\":\(decimals(with.median / without.median, 2))}")
    }

    private func segmentCount(_ scratch: ScratchLog) throws -> Int {
        try RealFS().list(scratch.path).count { $0.hasSuffix(".seg") }
    }
}

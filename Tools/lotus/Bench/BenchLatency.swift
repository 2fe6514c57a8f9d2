import ArgumentParser
import Glibc
import LogEngine
import LogFormat

/// Time from an append to its durable acknowledgement, one event at a time, beside a bare write and fdatasync of the
/// same size.
struct BenchAck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Measure single durable appends beside a bare fdatasync in the same run.",
        discussion: """
            EXAMPLES
              lotus bench log ack /tmp --count 200
            """)

    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Appends.") var count = 1000

    func run() throws {
        let scratch = ScratchLog(directory)
        defer { scratch.remove() }
        let writer = try LogWriter(scratch.path)
        let types = try MixTypes(writer)
        let barePath = "\(directory)/bare-\(getpid())"
        let bare = try RealFS().open(barePath, .create)
        defer {
            RealFS().close(bare)
            unsafe unlink(barePath)
        }
        let block = [UInt8](repeating: 7, count: 256)
        // Space ahead, as the engine has it: the two differ in nothing but the engine.
        try RealFS().write(bare, [UInt8](repeating: 0, count: 4 << 20), at: 0)
        try RealFS().syncData(bare)
        var trade = MixTrade()
        trade.instrument = 1
        var ours: [Double] = []
        var theirs: [Double] = []
        for index in 0..<count {
            let start = wallSeconds()
            let seq = try writer.append(&trade, typeID: types.trade, eventNanos: Int64(index))
            try writer.wait(for: seq, .durable)
            let middle = wallSeconds()
            try RealFS().write(bare, block, at: UInt64(index * 256))
            try RealFS().syncData(bare)
            let end = wallSeconds()
            ours.append((middle - start) * 1e6)
            theirs.append((end - middle) * 1e6)
        }
        try writer.close()
        let (a, b) = (Spread(ours), Spread(theirs))
        print(
            "{\"bench\":\"ack\",\"count\":\(count),\"p50_us\":\(decimals(a.median, 1)),"
                + "\"p99_us\":\(decimals(a.percentile(0.99), 1)),"
                + "\"bare_p50_us\":\(decimals(b.median, 1)),\"bare_p99_us\":\(decimals(b.percentile(0.99), 1)),"
                + "\"ratio_p50\":\(decimals(a.median / b.median, 2)),"
                + "\"ratio_p99\":\(decimals(a.percentile(0.99) / b.percentile(0.99), 2))}")
    }
}

/// One commit over many logs against one commit of one log.
struct BenchLogs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Measure a durable commit of many logs of one group over that of one.",
        usage: "lotus bench log logs <directory> [--logs <logs>] [--rounds <rounds>]",
        discussion: """
            EXAMPLES
              lotus bench log logs /tmp --logs 16 --rounds 50
            """)

    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Logs.") var logs = 16
    @Option(help: "Commits.") var rounds = 200

    func run() throws {
        let one = try commit(1)
        let many = try commit(logs)
        print(
            "{\"bench\":\"logs\",\"logs\":\(logs),\"rounds\":\(rounds),\"one_p50_ms\":\(decimals(one * 1e3, 3)),"
                + "\"many_p50_ms\":\(decimals(many * 1e3, 3)),\"ratio\":\(decimals(many / one, 2))}")
    }

    /// Median seconds of a commit of `count` logs with about 4 KiB of new events each.
    private func commit(_ count: Int) throws -> Double {
        let group = CommitGroup()
        let scratches = (0..<count).map { ScratchLog(directory, name: "group\($0)") }
        defer { for scratch in scratches { scratch.remove() } }
        let writers = try scratches.map { try LogWriter($0.path, group: group) }
        let types = try writers.map { try MixTypes($0) }
        var trade = MixTrade()
        var taken: [Double] = []
        for round in 0..<rounds {
            var last: UInt64 = 0
            for (writer, types) in zip(writers, types) {
                for event in 0..<150 {
                    trade.instrument = Int32(event % 16)
                    trade.price = Int64(round &* 7919 &+ event &* 104_729)
                    last = try writer.append(&trade, typeID: types.trade, eventNanos: Int64(event &* 977))
                }
            }
            let start = wallSeconds()
            guard let final = writers.last else { return 0 }
            try final.wait(for: last, .durable)
            taken.append(wallSeconds() - start)
        }
        for writer in writers { try writer.close() }
        return Spread(taken).median
    }
}

/// Reading one event from a random place.
struct BenchSeek: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seek", abstract: "Measure reading one event at a random seq.",
        discussion: """
            EXAMPLES
              lotus bench log seek /tmp/mix.bin /tmp --count 300
            """)

    @Argument(help: "Events, as cfloor gen writes them.") var file: String
    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Seeks.") var count = 500

    func run() throws {
        let scratch = ScratchLog(directory)
        defer { scratch.remove() }
        let mix = try MixFile(file)
        try writeMix(mix, to: scratch.path, LogOptions(), level: .buffered, seal: true)
        let reader = try LogReader(try LogLocation(scratch.path))
        let state = BatchState()
        state.register(reader.registry)
        var batch = BatchReader(state: state)
        let codec = FrameCodec()
        var random = SeededGenerator(seed: 42)
        var taken: [Double] = []
        for _ in 0..<count {
            let seq = UInt64(1 + random.below(mix.count))
            let start = wallSeconds()
            try reader.seek(toSeq: seq)
            guard let block = try reader.next(), block.firstSeq <= seq, block.lastSeq >= seq else {
                throw ValidationError("seek to \(seq) missed")
            }
            try reader.decode(block, into: &batch, codec: codec)
            for _ in block.firstSeq..<seq {
                _ = try batch.next()
                try batch.skip()
            }
            _ = try batch.next()
            taken.append((wallSeconds() - start) * 1e6)
        }
        let spread = Spread(taken)
        print(
            "{\"bench\":\"seek\",\"count\":\(count),\"p50_us\":\(decimals(spread.median, 1)),"
                + "\"p99_us\":\(decimals(spread.percentile(0.99), 1)),\"limit_us\":2000}")
    }
}

import ArgumentParser
import Glibc
import LogEngine
import LogFormat

/// Sequential reading of a sealed log: verify, decompress, decode, fold.
struct BenchReplay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Measure reading a sealed log of the mix, in CPU time.",
        usage: "lotus bench log replay <file> <directory> [<options>]",
        discussion: """
            EXAMPLES
              lotus bench log replay /tmp/mix.bin /tmp --rounds 3
            """)

    @Argument(help: "Events, as cfloor gen writes them.") var file: String
    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Raw bytes of a batch.") var batchBytes = 64 << 10
    @Option(help: "Rounds.") var rounds = 7

    func run() throws {
        let scratch = ScratchLog(directory)
        defer { scratch.remove() }
        let mix = try MixFile(file)
        var options = LogOptions()
        options.batchBytes = batchBytes
        try writeMix(mix, to: scratch.path, options, level: .buffered, seal: true)
        var rates: [Double] = []
        var hash: UInt64 = 0
        for round in -1..<rounds {
            let start = cpuSeconds()
            hash = try replayOnce(scratch.path, count: mix.count)
            let taken = cpuSeconds() - start
            if round >= 0 { rates.append(Double(mix.count) / taken) }
        }
        let spread = Spread(rates)
        let size = try scratch.storedBytes()
        print(
            "{\"bench\":\"replay\",\"events\":\(mix.count),\"rounds\":\(rounds),\(spread.json("events_per_s")),"
                + "\"cpu_ns_per_event\":\(decimals(1e9 / spread.median, 2)),"
                + "\"bytes_limit\":18,\"bytes_per_event\":\(decimals(Double(size) / Double(mix.count), 3)),"
                + "\"fold\":\"\(paddedHex(hash))\"}")
    }

    private func replayOnce(_ path: String, count: Int) throws -> UInt64 {
        let reader = try LogReader(try LogLocation(path))
        let state = BatchState()
        state.register(reader.registry)
        guard let types = MixTypes(reader.registry) else { throw ValidationError("no mix in \(path)") }
        var batch = BatchReader(state: state)
        let codec = FrameCodec()
        var replay = MixReplay()
        var seen = 0
        while let block = try reader.next() {
            try reader.decode(block, into: &batch, codec: codec)
            try replay.take(&batch, types, state)
            seen += Int(block.count)
        }
        guard seen == count, !replay.fold.isMalformed else { throw ValidationError("read \(seen) of \(count) events") }
        return replay.fold.hash
    }
}

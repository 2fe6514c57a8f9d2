import ArgumentParser
import Glibc
import LogEngine
import LogFormat

/// Opening a log whose writer was killed with an almost full segment, the longest way that recovery has to go.
struct BenchOpen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Measure opening a log after a crash, beside reading its last segment.",
        usage: "lotus bench log open <directory> [<options>]",
        discussion: "EXAMPLE\n  lotus bench log open /tmp --rounds 5")

    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Crashes.") var rounds = 3

    func run() throws {
        var opening: [Double] = []
        var reading: [Double] = []
        var bytes: UInt64 = 0
        for round in 0..<rounds {
            let scratch = ScratchLog(directory, name: "open\(round)")
            defer { scratch.remove() }
            let status = waitFor(try startSelf(["bench", "log", "open-child", scratch.path]))
            guard status == SIGKILL else { throw ValidationError("the writing process ended with status \(status)") }
            bytes = try scratch.storedBytes()
            let readStart = wallSeconds()
            _ = try readWhole(scratch)
            let openStart = wallSeconds()
            let writer = try LogWriter(scratch.path)
            opening.append((wallSeconds() - openStart) * 1e3)
            reading.append((openStart - readStart) * 1e3)
            try writer.close()
        }
        let (open, read) = (Spread(opening), Spread(reading))
        print(
            "{\"bench\":\"open\",\"rounds\":\(rounds),\"bytes\":\(bytes),\"open_p50_ms\":\(decimals(open.median, 1)),"
                + "\"open_max_ms\":\(decimals(open.percentile(1), 1)),\"read_p50_ms\":\(decimals(read.median, 1))}")
    }

    /// Hashes the stored bytes of all segments: what no recovery can do without.
    private func readWhole(_ scratch: ScratchLog) throws -> UInt64 {
        let fileSystem = RealFS()
        var hash: UInt64 = 0
        for name in try fileSystem.list(scratch.path) where name.hasSuffix(".seg") {
            hash ^= xxh3(try fileSystem.readAll("\(scratch.path)/\(name)", limit: 1 << 30), seed: 0)
        }
        return hash
    }
}

/// The writing side of `bench log open`: fills most of a segment and is killed.
struct BenchOpenChild: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open-child", abstract: "The writing process of bench log open.", shouldDisplay: false)

    @Argument var path: String

    func run() throws {
        let options = LogOptions()
        let writer = try LogWriter(path, options: options)
        let types = try MixTypes(writer)
        var trade = MixTrade()
        var random = SeededGenerator(seed: 11)
        let fileSystem = RealFS()
        let file = try fileSystem.open("\(path)/\(LogPaths.segment(1))", .read)
        defer { fileSystem.close(file) }
        while try fileSystem.size(file) < UInt64(options.segmentBytes) * 9 / 10 {
            for event in 0..<10_000 {
                trade.instrument = Int32(event % 16)
                trade.price = Int64(random.below(1 << 40))
                try writer.append(&trade, typeID: types.trade, eventNanos: Int64(event &* 977))
            }
            try writer.wait(for: writer.lastSeq, .written)
        }
        kill(getpid(), SIGKILL)
    }
}

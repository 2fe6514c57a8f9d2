import ArgumentParser
import Glibc
import LogEngine
import LogFormat
import Market
import Runtime

/// Reading frames: the parser alone, and all the way into a log.
struct BenchIngest: Verb {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Measure reading of JSON frames: parser alone, and into a log.",
        usage: "lotus bench ingest <directory> [<options>]",
        discussion: """
            Frames of 20 + 20 levels and of trades, as Hyperliquid sends them, are made from a seed, in the mix of a \
            busy coin. parse_mb_per_s is the parser with the intake behind it, without a log, on one core; \
            ingest_events_per_s is wall time of lotus ingest with every event durable.

            EXAMPLES
              lotus bench ingest /tmp --megabytes 400
            """)

    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Size of the capture.") var megabytes = 200
    @Flag(help: "Print an error as JSON; the result is always one JSON object.") var json = false

    mutating func perform() throws -> Outcome {
        guard (1...4096).contains(megabytes) else { throw ToolError(.usage, "--megabytes must be 1 to 4096") }
        let folder = "\(directory)/bench-ingest-\(getpid())"
        defer { ScratchRoot.remove(folder) }
        try RealFS().createDirectory(folder)
        var frames = FrameMaker()
        let block = frames.lines(byteCount: min(megabytes, 16) * 1_000_000)
        var results: [Double] = []
        for _ in 0..<5 { results.append(Self.parse(block)) }
        let path = "\(folder)/capture.txt"
        try write(path, &frames)
        let start = wallSeconds()
        let cpu = cpuSeconds()
        let ingest = try Ingest(root: "\(folder)/root")
        let report = try ingest.run([path])
        try ingest.close()
        let seconds = wallSeconds() - start
        let parsed = Spread(results)
        try Output.print(
            JSON.object([
                ("bench", jsonString("ingest")), ("bytes", "\(report.textBytes)"),
                ("events", "\(report.appendedCount)"),
                ("parse_mb_per_s", decimals(parsed.median, 0)),
                ("parse_mb_per_s_min", decimals(parsed.sorted.first ?? 0, 0)),
                ("parse_mb_per_s_max", decimals(parsed.sorted.last ?? 0, 0)),
                ("ingest_mb_per_s", decimals(Double(report.textBytes) / 1e6 / seconds, 0)),
                ("ingest_events_per_s", decimals(Double(report.appendedCount) / seconds, 0)),
                ("ingest_cpu_s", decimals(cpuSeconds() - cpu, 2)), ("ingest_s", decimals(seconds, 2)),
                ("rejects", "\(report.total.rejectCount)"), ("peak_rss_mb", "\(peakMegabytes())"),
            ]))
        return .clean
    }

    /// Megabytes a second of CPU through reader and intake.
    static func parse(_ block: [UInt8]) -> Double {
        var intake = Market.Intake()
        var reader = FrameLines(.hyperliquid)
        let start = cpuSeconds()
        let span = block.span
        var at = 0
        while at < span.count {
            let end = QuickRead.first(0x0a, in: span, from: at)
            let line = span.extracting(at..<end)
            var place = 0
            if let nanos = try? Moment.stamp(line, &place) {
                reader.line(line, receivedNanos: nanos, into: &intake)
            }
            if intake.queue.count > 256 { intake.queue.removeAll() }
            at = end + 1
        }
        return Double(block.count) / 1e6 / (cpuSeconds() - start)
    }

    private func write(_ path: String, _ frames: inout FrameMaker) throws {
        let fileSystem = RealFS()
        let file = try fileSystem.open(path, .create)
        defer { fileSystem.close(file) }
        var offset: UInt64 = 0
        while offset < UInt64(megabytes) * 1_000_000 {
            let block = frames.lines(byteCount: 4_000_000)
            try fileSystem.write(file, block, at: offset)
            offset += UInt64(block.count)
        }
    }
}

/// Makes frames as Hyperliquid sends them, from a seed.
struct FrameMaker {
    private var state: UInt64 = 7
    private var millis: Int64 = 1_757_015_216_000
    private var mid: Int64 = 109_755
    private var tradeID: Int64 = 1

    private mutating func below(_ limit: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % limit
    }

    /// Lines of about so many bytes: a book each half second, two quotes' worth of trades between.
    mutating func lines(byteCount: Int) -> [UInt8] {
        var text = ""
        text.reserveCapacity(byteCount + 8192)
        while text.utf8.count < byteCount {
            millis += 540
            let change = Int64(below(7)) - 3
            mid += change
            appendBook(&text)
            for _ in 0..<2 { appendTrades(&text) }
        }
        return Array(text.utf8)
    }

    private mutating func appendBook(_ text: inout String) {
        text += "\(millis)000000 {\"channel\":\"l2Book\",\"data\":{\"coin\":\"BTC\",\"levels\":["
        for side in 0..<2 {
            text += side == 0 ? "[" : "],["
            for level in 0..<20 {
                let price = side == 0 ? mid - Int64(level) : mid + 1 + Int64(level)
                text += level > 0 ? "," : ""
                text += "{\"n\":\(below(20) + 1),\"px\":\"\(price).0\",\"sz\":\"\(below(12))."
                text += "\(10_000 + below(89_999))\"}"
            }
        }
        text += "]],\"time\":\(millis - 430)}}\n"
    }

    private mutating func appendTrades(_ text: inout String) {
        text += "\(millis)000000 {\"channel\":\"trades\",\"data\":["
        for index in 0...below(3) {
            tradeID += 1
            text += index > 0 ? "," : ""
            text += "{\"coin\":\"BTC\",\"hash\":\"0xde477894bfb2b4eac0a8041c9228ca013100955485522c8e6e787dfa0077475b\","
            text += "\"px\":\"\(mid).0\",\"side\":\"B\",\"sz\":\"0.\(10_000 + below(89_999))\",\"tid\":\(tradeID),"
            text += "\"time\":\(millis - 400),\"users\":[\"0xe9ed7e16612d676df804f5aecd16e1f9bf9ec9dd\","
            text += "\"0x6802b4267f7f2bf7003dcf993c51542245b38329\"]}"
        }
        text += "]}\n"
    }
}

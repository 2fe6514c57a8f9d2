import ArgumentParser
import Events
import LogEngine
import LogFormat
import Market
import Runtime

/// `lotus ingest`: market data into the `mkt` log of a root.
struct IngestCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Read market data into the mkt log of a root.",
        usage: "lotus ingest [<source> ...] --root <root> [<options>]",
        discussion: """
            Sources are files or folders, which are gone through. Files of one recording in one folder (the tables of \
            a collector, the captures of one venue) are read together, by the time at which their records came. \
            Replayed trades are dropped, holes become mkt.Gap, what cannot be read is refused and counted by reason.

            A source that was read before is recognised by its SHA-256 and adds nothing. An ingest that was \
            interrupted goes on when it is given again. A root that does not exist is made.

            With --live the source is the venue's WebSocket. The coins are checked against the venue's list first. \
            The session ends after --for, at Ctrl-C, or when the feed gives up; everything that came is on the log, \
            durable within 100 ms of its arrival. Connections that break come back by themselves, and what they may \
            have missed becomes mkt.Gap. After a crash the same command goes on in the same root. --record keeps the \
            messages as they came, so that the session can be ingested again elsewhere.

            Exit status 0: all was read; 3: records were refused, a file ended early, or the feed gave up; 1: a file \
            is of no known kind, or could not be read, or the venue cannot be reached; 64: an unknown coin or channel.

            EXAMPLES
              lotus ingest captures/ --root runs/btc
              lotus ingest trades_BTC.csv prices_BTC.csv orderbooks_BTC.csv --root runs/btc --json
              lotus ingest --live wss://api.hyperliquid.xyz/ws --coins BTC,ETH --for 3m --root runs/live
              lotus ingest --live wss://api.hyperliquid.xyz/ws --coins BTC --record btc.txt --root runs/live
            """)

    @Argument(help: ArgumentHelp("Files or folders of market data.", valueName: "source"))
    var sources: [String] = []
    @OptionGroup(title: "Live")
    var live: LiveFlags
    @Option(help: "The root whose mkt log is written.")
    var root: String
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        if let address = live.live {
            guard sources.isEmpty else {
                throw ToolError(.usage, "files and --live cannot be read at once; give the one or the other")
            }
            return try LiveJob(address, live, root: root, json: json).run()
        }
        try live.checkUnused()
        guard !sources.isEmpty else {
            throw ToolError(.usage, "no source is given; give files or folders, or --live with an address")
        }
        // A wrong path must not make a root.
        _ = try Ingest.files(sources, RealFS())
        try NewLog.checkParent(of: root)
        let start = Terminal.nanos
        Interrupt.arm()
        let bar = Progress("reading", .bytes)
        let ingest = try Ingest(root: root) { [root] done, total throws(LogError) in
            bar.update(done, of: total)
            try Interrupt.check(root)
        }
        let report: IngestReport
        do {
            report = try ingest.run(sources)
        } catch {
            // What was read is kept; the same command goes on from there.
            try? ingest.close()
            Progress.clear()
            throw error
        }
        try ingest.close()
        Progress.clear()
        let seconds = max(Double(Terminal.nanos - start) / 1e9, 1e-9)
        try Output.print(json ? IngestText.json(report, seconds) : IngestText.text(report, seconds, root: root))
        return IngestText.outcome(report)
    }
}

/// What an ingest did, as text and as JSON.
enum IngestText {
    static func outcome(_ report: IngestReport) -> Outcome {
        var worst = Outcome.clean
        for source in report.sources {
            switch source.outcome {
            case .failed: return .failure
            case .read(let trouble): if trouble != nil || source.counts.rejectCount > 0 { worst = .lossy }
            case .known, .unread: break
            }
        }
        return worst
    }

    static func text(_ report: IngestReport, _ seconds: Double, root: String) -> String {
        var lines: [String] = []
        var rows = [["source", "kind", "events", "dropped", "gaps", "refused", "first", "last"]]
        for source in report.sources {
            guard case .read(let trouble) = source.outcome else { continue }
            let counts = source.counts
            rows.append([
                String(source.path.split(separator: "/").last ?? ""), source.kind,
                Figures.grouped(UInt64(counts.eventCount)), Figures.grouped(UInt64(counts.duplicateCount)),
                "\(counts[.gap])", "\(counts.rejectCount)", counts.firstNanos.map { minute($0) } ?? "",
                counts.lastNanos.map { minute($0) } ?? "",
            ])
            if let trouble { lines.append("  \(Terminal.styled("!", .bad)) \(trouble)") }
        }
        if rows.count > 1 { lines.insert(Figures.table(rows, rightAligned: [2, 3, 4, 5]), at: 0) }
        lines += kinds(report)
        lines += reasons(report)
        lines += skipped(report)
        let megabytes = Double(report.textBytes) / 1e6
        let added = Figures.grouped(report.appendedCount)
        var last = "\(added) events appended to \(root)/mkt"
        if report.matchedCount > 0 {
            last += ", \(Figures.grouped(report.matchedCount)) found there from an interrupted ingest"
        }
        if report.textBytes > 0 {
            last +=
                "; \(Figures.bytes(report.textBytes)) of text in \(Figures.oneDecimal(seconds)) s: "
                + "\(Figures.oneDecimal(megabytes / seconds)) MB/s, "
                + "\(Figures.grouped(UInt64(Double(report.appendedCount + report.matchedCount) / seconds))) events/s"
        }
        lines.append(last)
        return lines.joined(separator: "\n")
    }

    private static func kinds(_ report: IngestReport) -> [String] {
        let total = report.total
        let rows = MarketEventKind.allCases.filter { total[$0] > 0 }.map {
            [$0.typeName, Figures.grouped(UInt64(total[$0]))]
        }
        return rows.isEmpty ? [] : ["", Figures.table(rows, rightAligned: [1])]
    }

    private static func reasons(_ report: IngestReport) -> [String] {
        let total = report.total
        let rows =
            total.rejects.map { ["refused", "\($0.count)", $0.reason.name, $0.reason.explanation] }
            + total.notes.map { ["noted", "\($0.count)", $0.note.name, $0.note.explanation] }
        return rows.isEmpty ? [] : ["", Figures.table(rows, rightAligned: [1])]
    }

    private static func skipped(_ report: IngestReport) -> [String] {
        var lines: [String] = []
        for source in report.sources {
            switch source.outcome {
            case .known: lines.append("  \(source.path): read before, nothing is added")
            case .unread(let reason): lines.append("  \(source.path): not read: \(reason)")
            case .failed(let error): lines.append("  \(Terminal.styled("!", .bad)) \(error.message)")
            case .read: break
            }
        }
        return lines.isEmpty ? [] : [""] + lines
    }

    /// A time to the second.
    private static func minute(_ nanos: Int64) -> String { String(TimeText.text(nanos).prefix(19)) + "Z" }

    static func json(_ report: IngestReport, _ seconds: Double) -> String {
        JSON.object([
            ("sources", JSON.array(report.sources.map(source))),
            ("total", counts(report.total)),
            ("appended", "\(report.appendedCount)"), ("matched", "\(report.matchedCount)"),
            ("bytes", "\(report.bytes)"), ("text_bytes", "\(report.textBytes)"),
            ("seconds", decimals(seconds, 3)),
            ("mb_per_s", decimals(Double(report.textBytes) / 1e6 / seconds, 1)),
            ("events_per_s", decimals(Double(report.appendedCount + report.matchedCount) / seconds, 0)),
        ])
    }

    private static func source(_ source: SourceReport) -> String {
        var status = "read"
        var message: String?
        switch source.outcome {
        case .read(let trouble): message = trouble
        case .known: status = "known"
        case .unread(let reason): (status, message) = ("unread", reason)
        case .failed(let error): (status, message) = ("failed", error.message)
        }
        return JSON.object([
            ("path", jsonString(source.path)), ("kind", jsonString(source.kind)), ("status", jsonString(status)),
            ("message", JSON.text(message)), ("bytes", "\(source.bytes)"), ("text_bytes", "\(source.textBytes)"),
            ("counts", counts(source.counts)),
        ])
    }

    private static func counts(_ counts: SourceCounts) -> String {
        JSON.object([
            (
                "events",
                JSON.object(
                    MarketEventKind.allCases.filter { counts[$0] > 0 }.map { ($0.typeName, "\(counts[$0])") })
            ),
            ("duplicates", "\(counts.duplicateCount)"),
            ("rejects", JSON.object(counts.rejects.map { ($0.reason.name, "\($0.count)") })),
            ("notes", JSON.object(counts.notes.map { ($0.note.name, "\($0.count)") })),
            ("first", JSON.text(counts.firstNanos.map { TimeText.text($0) })),
            ("last", JSON.text(counts.lastNanos.map { TimeText.text($0) })),
        ])
    }
}

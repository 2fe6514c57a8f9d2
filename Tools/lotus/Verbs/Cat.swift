import ArgumentParser
import LogEngine
import LogFormat
import Runtime

/// `lotus cat`: the events of a log, printed.
struct Cat: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Print the events of a log, a segment file, or all logs of a root.",
        usage: "lotus cat <log> [--from <place>] [--to <place>] [<options>]",
        discussion: """
            --from and --to take seq:N (or N), time:T or append-time:T, both included. time:T is the event time, \
            what an event is about: it may jump back and forth, so all batches are looked at, but only those whose \
            times may fit are read. append-time:T is when the log took the event. T is 2026-01-02, \
            2026-01-02T03:04:05.5Z, or nanoseconds since 1970. \
            --raw prints the batches as they are stored, exactly what lz4 -dc prints of the segments; \
            --canonical prints the plain bytes that identity is defined over. \
            --where takes a filter over the names that are printed: docs/filters.md has the language. \
            Damaged data ends the output with status 2; with --skip-damage it goes on behind it, with status 3.

            EXAMPLES
              lotus cat logs/trades
              lotus cat logs/trades --csv --type mkt.Trade --from time:2026-01-02T00:00:00Z
              lotus cat logs/trades --from seq:1000 --to seq:1999 | jq .data.price
              lotus cat logs/trades --type mkt.Trade --parquet trades.parquet
              lotus cat logs/trades --where 'data.side = buy and data.size >= 0.2'
            """)

    @Argument(help: "A log, a segment file, or a root of logs.")
    var log: String
    @Flag(help: "One JSON object a line (the default).")
    var ndjson = false
    @Flag(help: "Comma-separated values of one event type.")
    var csv = false
    @Flag(help: "Raw bytes of the batches, as lz4 -dc prints them.")
    var raw = false
    @Option(help: ArgumentHelp("A Parquet file of one event type, instead of printing.", valueName: "file"))
    var parquet: String?
    @Flag(help: "Canonical bytes of the events.")
    var canonical = false
    @Option(help: "Only this type (NAME or NAME@VERSION); may be given several times.")
    var type: [String] = []
    @OptionGroup var condition: Where
    @Option(help: ArgumentHelp("First event: seq:N, time:T (event time) or append-time:T.", valueName: "place"))
    var from: String?
    @Option(help: ArgumentHelp("Last event: seq:N, time:T (event time) or append-time:T.", valueName: "place"))
    var to: String?
    @Option(help: "While a writer is at work: only events that are written, or durable.")
    var level: AppendLevel = .written
    @Flag(help: "Go on behind damaged data.")
    var skipDamage = false
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "The same as --ndjson; also prints an error as JSON.")
    var json = false

    func validate() throws {
        guard [ndjson || json, csv, raw, canonical, parquet != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("choose one of --ndjson, --csv, --raw, --canonical and --parquet")
        }
        guard level != .buffered else {
            throw ValidationError("buffered events are only in the writer's memory; choose written or durable")
        }
        guard !raw || type.isEmpty && from == nil && to == nil && condition.text == nil else {
            throw ValidationError("--raw prints whole batches: it takes neither --type nor --where, --from, --to")
        }
    }

    private var form: EventPrinter.Form {
        if csv { return .csv }
        if parquet != nil { return .parquet }
        if raw { return .raw }
        return canonical ? .canonical : .ndjson
    }

    mutating func perform() throws -> Outcome {
        let members = LogLocation.logs(in: log)
        guard members.isEmpty || form != .csv && form != .parquet else {
            throw ToolError(.usage, "\(log) is a root; a table is made of one log")
        }
        let logs = members.isEmpty ? [log] : members
        try checkTypes(in: logs)
        var filter = EventFilter(
            types: type, from: try from.map { text throws(ToolError) in try Place.parse(text, allowsLive: false) },
            to: try to.map { text throws(ToolError) in try Place.parse(text, allowsLive: false) },
            where: try condition.filter(over: logs, types: type))
        filter.narrow()
        let output = Output()
        let table = try parquet.map { path throws(LogError) in try ParquetFile(path) }
        var worst = Outcome.clean
        for member in logs where !output.isClosed {
            let printing = try CatLog(member, tellsLog: !members.isEmpty, form, filter, level, output, table)
            let outcome = try printing.run(skipsDamage: skipDamage)
            if outcome != .clean { worst = worst == .damaged ? worst : outcome }
        }
        // A table that lacks what could not be read would look whole.
        if let table, worst != .damaged { try Output.print(try table.finish()) }
        return worst
    }
}

extension Cat {
    /// Refuses a type that no log knows: nothing printed would look as if there were no events.
    private func checkTypes(in logs: [String]) throws {
        var known: [Schema] = []
        for log in logs {
            guard let manifest = try LogLocation(log).manifest else { return }
            known += manifest.schemas.map(\.schema)
        }
        for name in type where !known.contains(where: EventFilter(types: [name]).wants) {
            let names = Set(known.map { "\($0.name)@\($0.version)" }).sorted().joined(separator: ", ")
            throw ToolError(.usage, "\(log) has no type \(name); it has \(names.isEmpty ? "none" : names)")
        }
    }
}

/// Prints one log.
private final class CatLog {
    private let reader: LogReader
    private var printer: EventPrinter
    private let output: Output
    private let filter: EventFilter
    private let bar = Progress("cat", .bytes)

    init(
        _ path: String, tellsLog: Bool, _ form: EventPrinter.Form, _ filter: EventFilter, _ level: AppendLevel,
        _ output: Output, _ table: ParquetFile?
    ) throws(LogError) {
        reader = try LogReader(try LogLocation(path), level: level)
        printer = EventPrinter(
            form, output, filter: filter, log: EventWalk.name(of: path), tellsLog: tellsLog, table: table)
        self.output = output
        self.filter = filter
        reader.range = filter.range
    }

    func run(skipsDamage: Bool) throws(LogError) -> Outcome {
        var outcome = Outcome.clean
        try printer.learn(reader.registry)
        start()
        while !output.isClosed {
            var first: UInt64?
            do throws(LogError) {
                while !printer.isDone, let block = try reader.next() {
                    first = block.firstSeq
                    try printer.print(block, of: reader)
                    first = nil
                    showProgress()
                }
                break
            } catch {
                guard error.code == .damaged || error.code == .format else { throw error }
                try output.flush()
                Terminal.complain(error.message)
                guard skipsDamage else { return .damaged }
                outcome = .lossy
                let missing = max(first.map { max($0, printer.lastSeq + 1) } ?? reader.nextSeq, filter.firstSeq)
                guard let next = try reader.skipDamage() else { break }
                if next > missing { Terminal.complain("events \(missing)…\(next - 1) are left out") }
            }
        }
        Progress.clear()
        try output.flush()
        return outcome
    }

    /// Stands at the first wanted event, without reading what comes before it.
    ///
    /// Where damage prevents that, reading from the start will meet it.
    private func start() {
        do throws(LogError) {
            if filter.firstSeq > 1 {
                try reader.seek(toSeq: filter.firstSeq)
            } else if filter.firstAppendNanos > .min {
                try reader.seek(toAppendNanos: filter.firstAppendNanos)
            }
        } catch {}
    }

    /// Bytes of each segment, for the progress bar.
    private lazy var sizes: [UInt64] = {
        let names = (try? reader.location.segmentNames()) ?? []
        return names.map { name in
            let fileSystem = reader.location.fileSystem
            guard let file = try? fileSystem.open("\(reader.location.directory)/\(name)", .read) else { return 0 }
            defer { fileSystem.close(file) }
            return (try? fileSystem.size(file)) ?? 0
        }
    }()

    private func showProgress() {
        guard Progress.isWanted, !Terminal.outputIsTerminal else { return }
        let before = sizes.prefix(Int(clamping: reader.position.ordinal)).reduce(0, +)
        bar.update(before + reader.position.offset, of: sizes.reduce(0, +))
    }
}

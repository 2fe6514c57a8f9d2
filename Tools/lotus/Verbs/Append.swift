import ArgumentParser
import Glibc
import LogEngine
import LogFormat

/// `lotus append`: NDJSON in, events and acknowledgements out.
struct Append: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Append events given as NDJSON on standard input.",
        usage: "lotus append <log> [--schema <yaml>] [<options>] < events.ndjson",
        discussion: """
            Each line is {"event_ts":…,FIELD:…} or, as lotus cat prints it, \
            {"type":…,"version":…,"event_ts":…,"data":{FIELD:…}}. Times are ISO-8601 (Z or ±hh:mm) or integer \
            nanoseconds; decimals are strings or numbers; bytes are base64. A line that does not fit is refused with \
            its number and reason on standard error, the others are appended, and the exit status is 1.

            For every event one line {"seq":N,"level":"durable"} is printed once the level is reached: \
            written survives kill -9, durable survives a power cut. The log is made if it does not exist.

            EXAMPLES
              lotus append logs/trades --schema trade.yaml < trades.ndjson
              lotus append logs/trades --type mkt.Trade --json < more.ndjson
              lotus cat old | lotus append new --schema <(lotus schema show old)
            """)

    @Argument(help: "Directory of the log.")
    var log: String
    @Option(help: ArgumentHelp("YAML file that describes event types; may be given several times.", valueName: "yaml"))
    var schema: [String] = []
    @Option(help: "Type of lines that name none; not needed if there is only one.")
    var type: String?
    // Not --version: that asks for the version of the program.
    @Option(help: "Version of --type; the newest if not given.")
    var typeVersion: UInt16?
    @Option(help: "When an event is acknowledged.")
    var level: AppendLevel = .durable
    @Option(help: "Size at which a new segment is begun, such as 64K, 16M.", transform: Sizes.parse)
    var segmentBytes: Int?
    @Option(help: "Raw size at which a batch is closed, such as 64K.", transform: Sizes.parse)
    var batchBytes: Int?
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "End with one JSON object that sums up.")
    var json = false

    mutating func perform() throws -> Outcome {
        let schemas = try schema.flatMap { try SchemaYAML.load($0) }
        // Looked at first: opening a log for writing would make one.
        if schemas.isEmpty { _ = try LogLocation(log) }
        try NewLog.checkParent(of: log)
        let stop = try StopPipe()
        Interrupt.handle { stop.request() }
        var options = LogOptions()
        if let segmentBytes { options.segmentBytes = segmentBytes }
        if let batchBytes { options.batchBytes = batchBytes }
        let writer = try LogWriter(log, options: options)
        if !json, writer.recovery.cut != nil { Terminal.complain("recovered: \(writer.recovery.json)") }
        let types: LineTypes
        do {
            types = try lineTypes(writer, schemas)
        } catch {
            try writer.close()
            throw error
        }
        let intake = Intake(writer, types, level, stop)
        let result = Result { () throws(LogError) in try intake.run() }
        do throws(LogError) { try writer.close() } catch {
            // The first failure says more than its echo at the close.
            if case .success = result { throw error }
        }
        try result.get()
        try intake.sumUp(json: json)
        return intake.refused == 0 ? .clean : .failure
    }

    private func lineTypes(_ writer: LogWriter, _ schemas: [Schema]) throws -> LineTypes {
        var types = LineTypes()
        for schema in schemas { types.add(schema, typeID: try writer.register(schema)) }
        // The types that the log knows already, by ascending id.
        var typeID: UInt16 = 1
        while let known = writer.schema(typeID) {
            types.add(known, typeID: typeID)
            if typeID == .max { break }
            typeID += 1
        }
        let candidates = schemas.isEmpty ? types.entries.map(\.schema) : schemas
        if let type {
            types.standard = types.find(type, version: typeVersion)
            guard types.standard != nil else {
                throw ToolError(
                    .usage,
                    "type \(type)\(typeVersion.map { " v\($0)" } ?? "") is unknown; give its --schema; "
                        + "known: \(types.names)"
                )
            }
        } else if let first = candidates.first, candidates.allSatisfy({ $0.name == first.name }) {
            types.standard = types.find(first.name, version: typeVersion)
            if let typeVersion, types.standard == nil {
                throw ToolError(.usage, "type \(first.name) v\(typeVersion) is unknown; known: \(types.names)")
            }
        }
        guard !types.entries.isEmpty else {
            throw ToolError(.usage, "\(log) knows no event type yet: describe one with --schema FILE.yaml")
        }
        return types
    }
}

/// A pipe that becomes readable when the process shall end.
final class StopPipe: Sendable {
    /// The end to poll.
    let readDescriptor: Int32
    private let writeDescriptor: Int32

    init() throws(ToolError) {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw ToolError("no pipe for signals: error \(errno)") }
        (readDescriptor, writeDescriptor) = (ends[0], ends[1])
    }

    /// Asks for the end; safe from any thread.
    func request() {
        var byte: UInt8 = 0
        _ = unsafe write(writeDescriptor, &byte, 1)
    }
}

/// Sizes such as `65536`, `64K`, `16M`, `1G`.
enum Sizes {
    static func parse(_ text: String) throws -> Int {
        let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let unit = text.last.flatMap { units[Character($0.uppercased())] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard let number = Int(digits), number > 0, number <= 1 << 40 else {
            throw ValidationError("'\(text)' is no size; expected a number of bytes, or one with K, M or G")
        }
        return number * (unit ?? 1)
    }
}

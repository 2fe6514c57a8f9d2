import ArgumentParser
import LogEngine
import LogFormat

/// `lotus schema`: the event types of a log.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "List or show the event types of a log, or export what Lotus writes.",
        discussion: """
            EXAMPLES
              lotus schema list logs/trades
              lotus schema show logs/trades mkt.Trade > trade.yaml
              lotus schema export sig.SignalScored
            """,
        subcommands: [SchemaList.self, SchemaShow.self, SchemaExport.self])
}

/// `lotus schema list`: one line a type.
struct SchemaList: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the event types of a log.",
        discussion: "EXAMPLE\n  lotus schema list logs/trades")

    @Argument(help: "Directory of the log, or a segment file.")
    var log: String
    @Flag(help: "Print one JSON array.")
    var json = false

    mutating func perform() throws -> Outcome {
        let schemas = try LogTypes.all(log)
        if json {
            try Output.print(
                JSON.array(
                    schemas.map { typeID, schema in
                        JSON.object([
                            ("type_id", "\(typeID)"), ("type", jsonString(schema.name)),
                            ("version", "\(schema.version)"), ("fields", "\(schema.fields.count)"),
                            ("identity", jsonString("\(schema.identityDigest)")),
                            ("doc", jsonString(schema.documentation)),
                        ])
                    }))
        } else {
            let rows = schemas.map { typeID, schema in
                [
                    "\(typeID)", "\(schema.name)@\(schema.version)", "\(schema.fields.count) fields",
                    schema.documentation,
                ]
            }
            try Output.print(Figures.table(rows, rightAligned: [0]))
        }
        return .clean
    }
}

/// `lotus schema show`: types as YAML.
struct SchemaShow: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print event types as the YAML that lotus append --schema reads.",
        discussion: "EXAMPLE\n  lotus schema show logs/trades mkt.Trade > trade.yaml")

    @Argument(help: "Directory of the log, or a segment file.")
    var log: String
    @Argument(help: "Type, as NAME or NAME@VERSION; all if not given.")
    var type: String?
    @Flag(help: "Print an error as JSON.")
    var json = false

    mutating func perform() throws -> Outcome {
        let filter = EventFilter(types: type.map { [$0] } ?? [])
        let schemas = try LogTypes.all(log).map(\.schema)
        let chosen = schemas.filter(filter.wants)
        if chosen.isEmpty, let type {
            let known = schemas.map { "\($0.name)@\($0.version)" }.joined(separator: ", ")
            throw ToolError("\(log) has no type \(type); it has \(known)")
        }
        let text = chosen.map(SchemaText.yaml).joined(separator: "---\n")
        let output = Output()
        output.bytes.append(contentsOf: Array(text.utf8))
        try output.flush()
        return .clean
    }
}

/// The event types of a log.
enum LogTypes {
    /// From the manifest, or from a segment if there is none.
    static func all(_ path: String) throws(LogError) -> [(typeID: UInt16, schema: Schema)] {
        let location = try LogLocation(path)
        if let manifest = location.manifest { return manifest.schemas }
        let reader = try LogReader(location)
        while try reader.next() != nil {}
        return reader.registry.all
    }
}

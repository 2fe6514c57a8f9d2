import ArgumentParser
import Events
import Glibc
import LogEngine
import LogFormat

/// `lotus schema export`: the vocabulary for others, as JSON Schema or as documentation.
struct SchemaExport: Verb {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print the events that Lotus writes, as JSON Schema or as a document.",
        usage: "lotus schema export [<types> ...] [<options>]",
        discussion: """
            JSON Schema is draft 2020-12, one document a line; what a module sends is validated against it.

            EXAMPLES
              lotus schema export sig.SignalScored
              lotus schema export --out schemas
              lotus schema export --markdown > docs/events.md
            """)

    @Argument(help: "Event types; all if none is given.")
    var types: [String] = []
    @Flag(help: "Print the document of the whole vocabulary.")
    var markdown = false
    @Flag(help: "Print name, version and fingerprint of each type.")
    var fingerprints = false
    @Option(help: "Write one file a type into this folder, which must exist, instead of printing.")
    var out: String?
    @Flag(help: "Print an error as JSON.")
    var json = false

    mutating func perform() throws -> Outcome {
        let output = Output()
        if markdown {
            output.bytes.append(contentsOf: Array(try EventTable.markdown().utf8))
            try output.flush()
            return .clean
        }
        for type in try chosen() {
            let description = try type.describe()
            let schema = description.schema
            if fingerprints {
                output.line("\(schema.name) \(schema.version) \(hex(schema.fingerprint))")
            } else if let out {
                try write(JSONSchema.document(description) + "\n", to: "\(out)/\(schema.name).v\(schema.version).json")
            } else {
                output.line(JSONSchema.document(description))
            }
        }
        try output.flush()
        return .clean
    }

    private func chosen() throws -> [EventType] {
        if types.isEmpty { return EventCatalog.types }
        return try types.map { name in
            guard let type = EventCatalog.type(named: name) else {
                let known = EventCatalog.types.map { $0.type.typeName }.joined(separator: ", ")
                throw ToolError("Lotus has no event \(name); it has \(known)")
            }
            return type
        }
    }

    private func write(_ text: String, to path: String) throws {
        guard let file = unsafe fopen(path, "w") else {
            throw ToolError("\(path): \(unsafe String(cString: strerror(errno))); the folder of --out must exist")
        }
        defer { unsafe _ = fclose(file) }
        let bytes = Array(text.utf8)
        guard unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count, unsafe fflush(file) == 0 else {
            throw ToolError("\(path): \(unsafe String(cString: strerror(errno)))")
        }
    }
}

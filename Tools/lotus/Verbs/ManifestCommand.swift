import ArgumentParser
import Contracts
import Events
import Herald
import LogFormat
import ManifestYAML

/// `lotus manifest`: the contracts of the modules.
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest", abstract: "Check the modules' contracts against the code, or print them.",
        discussion: """
            EXAMPLES
              lotus manifest check
              lotus manifest show sig.yaml
            """,
        subcommands: [ManifestCheck.self, ManifestShow.self])
}

/// `lotus manifest check`: YAML against code, in both directions (ARC-18, SCH-HER-4, SCH-HER-5).
struct ManifestCheck: Verb {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compare the manifests and the model map with what the code declares.",
        discussion: """
            A column, type, intent, listener, pair or knob that stands on one side only, or differs, is named.

            Exit status 0: equal; 1: something differs, or a file cannot be read, with its line and column.

            EXAMPLES
              lotus manifest check
              lotus manifest check contracts --json
            """)

    @Argument(help: "Folder with vis.yaml, sig.yaml, dm.yaml, tr.yaml and models.map.yaml.")
    var directory = "Sources/Contracts/manifests"
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let files: ContractSet
        do { files = try ManifestFolder.load(directory) } catch let error as ManifestError {
            throw ToolError("\(error)")
        }
        let found = files.differences(from: try ContractSet.code())
        let awaited = Fleet.awaited.map(\.text)
        if json {
            try Output.print(
                JSON.object([
                    ("status", jsonString(found.isEmpty ? "equal" : "differs")),
                    ("manifests", JSON.array(files.manifests.map { jsonString($0.module.text) })),
                    ("columns", "\(columnCount(files))"),
                    ("awaited_intents", JSON.array(awaited.map(jsonString))),
                    ("differences", JSON.array(found.map(Self.json))),
                ]))
        } else {
            var lines = found.map(\.text)
            lines.append(
                found.isEmpty
                    ? "\(directory): \(Terminal.styled("equal", .good)): \(files.manifests.count) manifests, "
                        + "\(files.routes.count) rows of the model map, \(columnCount(files)) columns"
                    : "\(directory): \(Terminal.styled("differs", .bad)): \(found.count) differences")
            if !awaited.isEmpty {
                lines.append("of the model map, no event type carries yet: \(awaited.joined(separator: ", "))")
            }
            try Output.print(lines.joined(separator: "\n"))
        }
        return found.isEmpty ? .clean : .failure
    }

    private func columnCount(_ files: ContractSet) -> Int {
        files.manifests.reduce(0) { $0 + $1.store.reduce(0) { $0 + $1.columns.count } }
    }

    private static func json(_ difference: ContractDifference) -> String {
        JSON.object([
            ("module", jsonString(difference.module)), ("kind", jsonString(difference.kind.rawValue)),
            ("name", jsonString(difference.name)), ("manifest", JSON.text(difference.manifest)),
            ("code", JSON.text(difference.code)), ("message", jsonString(difference.text)),
        ])
    }
}

/// Manifests in a folder.
enum ManifestFolder {
    private static let fileBytesMax = 4 << 20

    static func load(_ folder: String) throws -> ContractSet {
        try ManifestFiles.load { name in
            let path = "\(folder)/\(name)"
            let bytes = try WholeFile.read(path, limit: fileBytesMax, what: "a manifest")
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw ToolError("\(path): is not UTF-8, expected YAML: save it as UTF-8")
            }
            return (text, path)
        }
    }
}

/// `lotus manifest show`: what a file would say if it were made from the code.
struct ManifestShow: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print a manifest or the model map as the code declares it.",
        discussion: "EXAMPLE\n  lotus manifest show sig.yaml > Sources/Contracts/manifests/sig.yaml")

    @Argument(help: "File: vis.yaml, sig.yaml, dm.yaml, tr.yaml or models.map.yaml.")
    var file: String
    @Flag(help: "Print the text as one JSON string, and an error as JSON.")
    var json = false

    mutating func perform() throws -> Outcome {
        guard let text = try ManifestFiles.text(file) else {
            throw ToolError(
                .usage, "there is no file '\(file)', expected one of \(ManifestFiles.names.joined(separator: ", "))")
        }
        if json {
            try Output.print(JSON.object([("file", jsonString(file)), ("text", jsonString(text))]))
            return .clean
        }
        let output = Output()
        output.bytes.append(contentsOf: Array(text.utf8))
        try output.flush()
        return .clean
    }
}

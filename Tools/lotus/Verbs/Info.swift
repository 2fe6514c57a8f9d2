import ArgumentParser
import LogEngine
import LogFormat

/// `lotus info`: what a log is made of.
struct Info: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Describe a log: segments, event types, marks, writer, last recovery.",
        discussion: """
            Reads headers and indexes only; lotus verify checks the content.

            EXAMPLES
              lotus info logs/trades
              lotus info logs --json
            """)

    @Argument(help: "A log, a segment file, or a root of logs.")
    var path: String
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let members = LogLocation.logs(in: path)
        guard !members.isEmpty else {
            let description = try LogDescription(path)
            try Output.print(json ? description.json : description.text)
            return .clean
        }
        let all = try members.map { member throws(LogError) in try LogDescription(member) }
        try Output.print(
            json
                ? JSON.object([("logs", JSON.array(all.map(\.json)))]) : all.map(\.text).joined(separator: "\n\n"))
        return .clean
    }
}

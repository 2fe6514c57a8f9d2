import ArgumentParser
import LogEngine
import LogFormat

/// `lotus seal`: closes the last segment for good.
struct Seal: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Seal the last segment of a log, print the chain head.",
        discussion: """
            Opens the log for writing, so no other writer may hold it. The log can be appended to afterwards, \
            in a new segment.

            EXAMPLES
              lotus seal logs/trades
              lotus seal logs/trades --json
            """)

    @Argument(help: "Directory of the log.")
    var log: String
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        // Looked at first: opening a log for writing would make one.
        guard try LogLocation(log).manifest != nil else {
            throw ToolError("\(log): only a log with a MANIFEST can be sealed")
        }
        let writer = try LogWriter(log)
        let lastSeq = writer.lastSeq
        try writer.close(seal: true)
        let sealed = try LogLocation(log).manifest?.sealedSegments.max { $0.key < $1.key }?.value
        let head = sealed?.chainHead ?? .zero
        try Output.print(
            json
                ? JSON.object([
                    ("chain_head", jsonString("\(head)")), ("last_seq", "\(lastSeq)"),
                    ("sealed_seq", "\(sealed?.lastSeq ?? 0)"),
                ])
                : "\(head)")
        return .clean
    }
}

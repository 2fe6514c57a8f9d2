import ArgumentParser
import LogEngine
import LogFormat

/// `lotus attest`: a statement to be kept outside of the log.
struct Attest: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Print an anchor: it proves later whether history was cut or rewritten.",
        discussion: """
            An anchor is a statement about a log as it is now. Keep the first line somewhere else than the log. \
            The log is verified first; only a clean one is attested.

            EXAMPLES
              lotus attest logs/trades | head -1 > trades.anchor
              lotus verify logs/trades --anchor "$(cat trades.anchor)"
            """)

    @Argument(help: "Directory of the log.")
    var log: String
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let (anchor, chainHead) = try Anchor.attest(log)
        try Output.print(
            json
                ? JSON.object([
                    ("anchor", jsonString("\(anchor)")), ("chain_head", jsonString("\(chainHead)")),
                    ("last_seq", "\(anchor.lastSeq)"),
                ])
                : "\(anchor)\nchain head \(chainHead)")
        return .clean
    }
}

import ArgumentParser
import Events
import LogFormat
import Runtime

/// `lotus herald`: what became of the messages of a run.
struct HeraldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "herald", abstract: "Show how messages fared, list dead letters, send them again, keep keys.",
        discussion: """
            EXAMPLES
              lotus herald status run
              lotus herald dead-letters run --reason QUOTA_EXCEEDED
              lotus herald redrive run --reason QUOTA_EXCEEDED --by ann
              lotus herald keys new --module sig --out sig-2.key
            """,
        subcommands: [HeraldStatus.self, HeraldDeadLetters.self, HeraldRedrive.self, HeraldKeys.self])
}

/// `lotus herald status`: lag and success of each intent, dead letters by reason (HER-11).
struct HeraldStatus: Verb {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Print lag and success of each intent, and dead letters by reason.",
        discussion: "EXAMPLE\n  lotus herald status run --json")

    @Argument(help: "Root with the logs of a run.")
    var root: String
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let report = try HeraldReport(root: root)
        try Output.print(json ? HeraldText.statusJSON(report) : HeraldText.status(report))
        return .clean
    }
}

/// `lotus herald dead-letters`: every one, with what became of it (SCH-HER-3).
struct HeraldDeadLetters: Verb {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "List dead letters with their reasons.",
        discussion: "EXAMPLE\n  lotus herald dead-letters run --reason SIG_INVALID")

    @Argument(help: "Root with the logs of a run.")
    var root: String
    @Option(help: "Only those of this reason.")
    var reason: String?
    @Flag(help: "Print one JSON array.")
    var json = false

    mutating func perform() throws -> Outcome {
        let wanted = try reason.map(HeraldRedrive.reason)
        let letters = try HeraldReport(root: root).letters.filter { wanted == nil || $0.record.reason == wanted }
        try Output.print(json ? HeraldText.lettersJSON(letters) : HeraldText.letters(letters))
        return .clean
    }
}

/// `lotus herald redrive`: an operator wants dead letters to be sent again (HER-12).
struct HeraldRedrive: Verb {
    static let configuration = CommandConfiguration(
        commandName: "redrive", abstract: "Write down that dead letters are to be sent again.",
        usage: "lotus herald redrive <root> --by <by> [--id <id> ...] [<options>]",
        discussion: """
            The action is one record on the ops log; the run delivers when it goes on. The time to live begins anew. \
            What has expired, was sent again before or has been taken is passed over.

            EXAMPLES
              lotus herald redrive run --id 01K4CXYHG0Z2R8T1B7M3N5P9QV --by ann
              lotus herald redrive run --reason QUOTA_EXCEEDED --by ann --note "burst of the opening"
            """)

    @Argument(help: "Root with the logs of a run that is not running now.")
    var root: String
    @Option(help: "A dead letter; give it again for more.")
    var id: [String] = []
    @Option(help: "All dead letters of this reason.")
    var reason: String?
    @Flag(help: "All dead letters.")
    var all = false
    @Option(help: "Who asks for it.")
    var by: String
    @Option(help: "Why.")
    var note = ""
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let result = try RedriveDesk.redrive(
            root: root, try choice(), by: OperatorID(by), reason: note)
        let passedOver = result.passedOver.sorted { $0.key < $1.key }
        if json {
            try Output.print(
                JSON.object([
                    ("action", JSON.text(result.actionID?.description)),
                    ("letters", JSON.array(result.letters.map { JSON.text($0.description) })),
                    (
                        "passed_over",
                        JSON.array(
                            passedOver.map { id, why in
                                JSON.object([("id", JSON.text(id.description)), ("why", JSON.text(why))])
                            })
                    ),
                ]))
        } else {
            var lines = passedOver.map { "\($0.key): passed over: \($0.value)" }
            lines.append(
                result.letters.isEmpty
                    ? "nothing to send again" : "\(result.letters.count) letters are sent again when the run goes on")
            try Output.print(lines.joined(separator: "\n"))
        }
        return .clean
    }

    private func choice() throws(ToolError) -> RedriveDesk.Choice {
        guard [!id.isEmpty, reason != nil, all].count(where: { $0 }) == 1 else {
            throw ToolError(.usage, "expected one of --id, --reason and --all: which letters are meant?")
        }
        guard !by.isEmpty else { throw ToolError(.usage, "--by is empty, expected who asks for it") }
        if let reason { return .reason(try Self.reason(reason)) }
        if all { return .reason(nil) }
        var ids: [EventID] = []
        for text in id {
            guard let id = EventID(text: text) else {
                throw ToolError(.usage, "'\(text)' is no id, expected 26 characters as dead-letters prints them")
            }
            ids.append(id)
        }
        return .ids(ids)
    }

    static func reason(_ text: String) throws(ToolError) -> DeadLetterReason {
        guard let reason = DeadLetterReason(text: text) else {
            throw ToolError(
                .usage, "'\(text)' is no reason, expected one of \(DeadLetterReason.symbols.joined(separator: ", "))")
        }
        return reason
    }
}

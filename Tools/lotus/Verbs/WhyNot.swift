import ArgumentParser
import Events
import Inquiry
import LogEngine
import LogFormat

/// `lotus why-not`: what stopped a thing that did not happen, the nearest miss first.
struct WhyNot: Verb {
    static let configuration = CommandConfiguration(
        commandName: "why-not",
        abstract: "Show what stopped a thing, the nearest miss first.",
        usage: "lotus why-not <name> --root <root> [--at <time>] [<options>]",
        discussion: """
            Looks through what was held back, refused, cut or taken back: sig.SignalWithheld, priors.PatchRejected, \
            priors.PatchClipped, priors.PatchChanged, priors.SetCompiled, learn.BraidStateChanged, \
            herald.DeadLettered, and msg.Received that say REFUSED. The name is an asset, a detector, a patch, a \
            braid, a knob, or the id of a window, a message or an event. With --at the nearest in time comes first. A \
            thing that passed after all is said to have passed. With --where only records that the filter takes tell \
            of it.

            Exit status 1: nothing of that name was stopped, and nothing passed.

            EXAMPLES
              lotus why-not BTC-USD --root logs --at 2026-01-02T03:04:05Z
              lotus why-not P-20260102-0007 --root logs --json
              lotus why-not BTC-USD --root logs --where 'type = sig.SignalWithheld'
            """)

    @Argument(help: "An asset, a detector, a patch, a braid, a knob, or an id.")
    var name: String
    @Option(help: "The root of logs.")
    var root: String
    @Option(help: "Event time that it should be near.")
    var at: String?
    @OptionGroup var condition: Where
    @Option(help: "Most refusals that are printed.")
    var limit = 10
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let near = try at.map { text throws(ToolError) in try moment(text) }
        let logs = try RootLogs(root)
        let search = try RefusalSearch(
            name, near: near, of: logs, where: try condition.filter(over: logs.paths))
        let advice = condition.text == nil ? "" : "leave out --where, or "
        guard !search.refusals.isEmpty || !search.passed.isEmpty else {
            throw ToolError(
                "\(root): nothing that '\(name)' names was stopped or passed; looked at "
                    + "\(Refusal.typeNames.sorted().joined(separator: ", ")): \(advice)"
                    + "give an asset, a detector, a patch, a knob or an id as lotus cat prints it")
        }
        let shown = search.refusals.prefix(max(limit, 1))
        if json {
            try Output.print(
                JSON.object([
                    ("name", jsonString(name)), ("refusals", JSON.array(shown.map(\.json))),
                    ("found", "\(search.refusals.count)"), ("passed", JSON.array(search.passed.map(\.json))),
                ]))
            return .clean
        }
        var lines = shown.map(\.text)
        if search.refusals.count > shown.count {
            lines.append("\(search.refusals.count - shown.count) more: raise --limit")
        }
        lines += search.passed.map { "\(Terminal.styled("passed", .good))  \($0.title)" }
        try Output.print(lines.joined(separator: "\n"))
        return .clean
    }

    private func moment(_ text: String) throws(ToolError) -> Int64 {
        do throws(TimeText.Failure) {
            return try TimeText.parse(Array(text.utf8).span, allowsDate: true)
        } catch { throw ToolError(.usage, "--at: \(error.detail)") }
    }
}

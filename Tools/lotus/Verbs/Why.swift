import ArgumentParser
import Events
import Inquiry
import LogEngine
import LogFormat
import Runtime

/// `lotus why`: the causes of an event, back to the raw events.
struct Why: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Show why an event is there: its causes, back to raw events.",
        discussion: """
            Causes are the parent of an event, what it names (other events, patches, braids, detectors, versions of \
            the priors), and, where nothing caused it by name, the last input that its author had seen. A cause that \
            the root does not hold is named as missing. With --where only causes that the filter takes are printed, \
            and those on the way to them.

            EXAMPLES
              lotus why 01KDVNGQM0J7M0ZQ6Z0D3B1R5F --root logs
              lotus why dm:12 --root logs --json
              lotus why dm:12 --root logs --where 'type = mkt.Traded'
            """)

    @Argument(help: "The id of an event, or its place as LOG:SEQ.")
    var id: String
    @Option(help: "The root of logs.")
    var root: String
    @OptionGroup var condition: Where
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let logs = try RootLogs(root)
        let filter = try condition.filter(over: logs.paths)
        let whole = try CauseTree(try event(logs), of: logs)
        let tree = filter.map { whole.pruned(where: $0) } ?? whole
        try Output.print(json ? tree.json : tree.text)
        return .clean
    }

    private func event(_ logs: RootLogs) throws -> RecordedEvent {
        let parts = id.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, let seq = UInt64(parts[1]) {
            let log = String(parts[0])
            guard logs.names.contains(log) else {
                throw ToolError("\(root) has no log '\(log)'; it has \(logs.names.joined(separator: ", "))")
            }
            guard let event = try logs.event(log, seq: seq) else {
                let last = try logs.walk(log).end()?.seq ?? 0
                throw ToolError("\(root)/\(log) has no event \(seq); expected 1 to \(last)")
            }
            return event
        }
        guard let ulid = ULID(text: id) else {
            throw ToolError(
                .usage,
                "'\(id)' is no event; expected an id of 26 characters, such as 01KDVNGQM0J7M0ZQ6Z0D3B1R5F, or LOG:SEQ "
                    + "with a log of \(logs.names.joined(separator: ", "))")
        }
        if let event = try logs.event(ulid, isThorough: true) { return event }
        let nearest = try logs.nearest(ulid).map(\.text)
        let advice =
            nearest.isEmpty ? "none of its events has an id" : "the nearest ids are \(nearest.joined(separator: ", "))"
        throw ToolError("\(root) has no event \(ulid.text): \(advice)")
    }
}

import ArgumentParser
import Events
import Inquiry
import LogEngine
import LogFormat
import Weave

/// `lotus diff priors`: which knobs two versions of a module's priors do not share, and why (PRI-27, LOG-17, EX-38).
struct DiffPriors: Verb {
    static let configuration = CommandConfiguration(
        commandName: "priors",
        abstract: "Show what two versions of a module's priors do not share, and why.",
        usage: "lotus diff priors <a> <b> --root <root> [--effects] [<options>]",
        discussion: """
            A version is sig:2026-01-02.v3, 2026-01-02.v3, v3 or 3; or a time, for the version that was in force then. \
            For each knob: old and new value, the patches and braids behind it, the record of the operator or the \
            review board, what was done in between, and the evidence; below them the records that bear it out, which \
            lotus why follows further. The hash of every version is checked on the way.

            --effects scores the windows that were recorded under both versions again and lists the signals that \
            appear, vanish or change, and what each changed key does alone; what several do only together is the \
            interaction, and the parts add up to the total exactly. The windows are those of the root, or of a bundle \
            that is named with --windows.

            Exit status 0: equal; 4: it differs.

            EXAMPLES
              lotus diff priors v3 v5 --root logs
              lotus diff priors 2026-01-02 2026-01-09T12:00:00Z --root logs --module dm
              lotus diff priors v3 v5 --root logs --effects --windows monday.bundle
            """)

    @Argument(help: "A version, or a time.")
    var a: String
    @Argument(help: "Another version, or time.")
    var b: String
    @Option(help: "The root of logs.")
    var root: String
    @Option(help: "The module whose priors are meant, if the root has several.")
    var module: String?
    @Flag(help: "Show what the change does to recorded signals.")
    var effects = false
    @Option(help: "Root or bundle with the windows for --effects; the root itself if it is not given.")
    var windows: String?
    @Option(help: "Only windows from this event time on, for --effects.")
    var since: String?
    @Option(help: "Only windows up to this event time, for --effects.")
    var until: String?
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let logs = try RootLogs(root)
        let history = try PriorsHistory(try owner(logs), of: logs)
        let (from, to) = (try history.version(a), try history.version(b))
        let report = try PriorsReport(history, from: from, to: to, of: logs)
        guard effects else {
            guard windows == nil, since == nil, until == nil else {
                throw ToolError(.usage, "--windows, --since and --until go with --effects: give it too")
            }
            try Output.print(json ? report.json : report.text)
            return report.difference.entries.isEmpty ? .clean : .differs
        }
        let found = try PriorsEffects(
            owner: history.owner, from: (from, try history.set(of: from)), to: (to, try history.set(of: to)),
            windows: try windows.map { try RootLogs($0) } ?? logs, eventNanos: try range())
        try Output.print(
            json
                ? "\(report.json.dropLast()),\"effects\":\(found.json)}" : "\(report.text)\n\(found.text)")
        return report.difference.entries.isEmpty ? .clean : .differs
    }

    private func range() throws(ToolError) -> ClosedRange<Int64>? {
        func nanos(_ text: String?, _ other: Int64) throws(ToolError) -> Int64 {
            guard let text else { return other }
            do throws(TimeText.Failure) {
                return try TimeText.parse(Array(text.utf8).span, allowsDate: true)
            } catch { throw ToolError(.usage, "'\(text)': \(error.detail)") }
        }
        if since == nil, until == nil { return nil }
        let (start, end) = (try nanos(since, .min), try nanos(until, .max))
        guard start <= end else { throw ToolError(.usage, "--since is later than --until: change one of them") }
        return start...end
    }

    /// The module that is named, by itself or by a version; else the only one that has priors.
    private func owner(_ logs: RootLogs) throws -> Module {
        let owners = try PriorsHistory.owners(logs)
        let list = owners.map(\.text).joined(separator: ", ")
        guard !owners.isEmpty else {
            throw ToolError("\(root) holds no priors; expected a log with priors.VersionMinted: run its modules first")
        }
        let named =
            module
            ?? [a, b].compactMap { text in
                owners.first { text.hasPrefix("\($0.text):") }?.text
            }.first
        guard let named else {
            guard owners.count == 1 else {
                throw ToolError(.usage, "\(root) holds the priors of \(list); name one of them with --module")
            }
            return owners[0]
        }
        guard let owner = owners.first(where: { $0.text == named }) else {
            throw ToolError(.usage, "\(root) holds no priors of '\(named)'; it holds those of \(list)")
        }
        return owner
    }
}

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
        discussion: """
            A version is sig:2026-01-02.v3, 2026-01-02.v3, v3 or 3; or a time, for the version that was in force then. \
            For each knob: old and new value, the patches and braids behind it, the record of the operator or the \
            review board, what was done in between, and the evidence; below them the records that bear it out, which \
            lotus why follows further. The hash of every version is checked on the way.

            Exit status 0: equal; 4: it differs.

            EXAMPLES
              lotus diff priors v3 v5 --root logs
              lotus diff priors 2026-01-02 2026-01-09T12:00:00Z --root logs --module dm
            """)

    @Argument(help: "A version, or a time.")
    var a: String
    @Argument(help: "Another version, or time.")
    var b: String
    @Option(help: "The root of logs.")
    var root: String
    @Option(help: "The module whose priors are meant, if the root has several.")
    var module: String?
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let logs = try RootLogs(root)
        let history = try PriorsHistory(try owner(logs), of: logs)
        let (from, to) = (try history.version(a), try history.version(b))
        let report = try PriorsReport(history, from: from, to: to, of: logs)
        try Output.print(json ? report.json : report.text)
        return report.difference.entries.isEmpty ? .clean : .differs
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

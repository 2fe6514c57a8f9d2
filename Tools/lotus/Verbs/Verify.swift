import ArgumentParser
import Inquiry
import LogEngine
import LogFormat

/// `lotus verify`: whether every byte of a log is what was written.
struct Verify: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Check a log, a segment file, or all logs of a root or bundle.",
        usage: "lotus verify <path> [<options>]",
        discussion: """
            Checks every hash, link, sequence number, seal and mark; --deep also decodes every event and recomputes \
            its Merkle leaves. Of a bundle, its manifest is made again from the files and compared. --anchor holds the \
            log against a statement that lotus attest printed earlier, or the bundle against the sha256:… that lotus \
            freeze printed.

            Exit status 0: clean, or torn_tail (unacknowledged bytes at the end, which the next writer cuts off); \
            2: damaged, with the events concerned as exact ranges. In a root, a log that cannot be opened counts as \
            damaged, and the others are checked all the same.

            EXAMPLES
              lotus verify logs
              lotus verify logs/trades --deep --json
              lotus verify logs/trades --anchor "$(cat trades.anchor)"
            """)

    @Argument(help: "A log, a segment file, or a root of logs.")
    var path: String
    @Flag(help: "Also decode every event and recompute the content roots.")
    var deep = false
    @Option(help: "An anchor that lotus attest printed, or the sha256:… of a bundle.")
    var anchor: String?
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let bundleName = anchor?.hasPrefix("sha256:") == true ? anchor : nil
        let parsed = try bundleName == nil ? anchor.map { text throws(LogError) in try Anchor(text) } : nil
        guard bundleName == nil || Bundle.isBundle(path) else {
            throw ToolError(
                .usage, "\(path) is no bundle, and sha256:… names one; give what lotus attest printed of it")
        }
        let members = LogLocation.logs(in: path)
        // A bundle whose logs are gone is damaged, and not something else.
        guard !members.isEmpty || Bundle.isBundle(path) else {
            let report = try verify(path, parsed)
            try Output.print(json ? report.json(name: nil) : report.text)
            return report.status == .damaged ? .damaged : .clean
        }
        guard parsed == nil else {
            throw ToolError(.usage, "\(path) is a root; an anchor is of one log: \(members.joined(separator: ", "))")
        }
        let results = members.map { member in
            Member(path: member, result: Result { () throws(LogError) in try verify(member, nil) })
        }
        let bundle = Bundle.isBundle(path) ? try Bundle.check(path, name: bundleName) : nil
        let worst: VerifyReport.Status =
            results.contains { $0.status == .damaged } || bundle?.problems.isEmpty == false
            ? .damaged : results.contains { $0.status == .tornTail } ? .tornTail : .clean
        if json {
            let logs = results.map(\.json)
            let members = [("status", jsonString(worst.rawValue)), ("logs", JSON.array(logs))]
            try Output.print(JSON.object(members + Self.json(bundle)))
        } else {
            try Output.print((results.map(\.text) + text(bundle)).joined(separator: "\n"))
        }
        return worst == .damaged ? .damaged : .clean
    }

    private static func json(_ bundle: (digest: Digest?, problems: [String])?) -> [(String, String)] {
        guard let bundle else { return [] }
        return [
            ("bundle_sha256", JSON.text(bundle.digest.map { "\($0)" })),
            ("bundle_problems", JSON.array(bundle.problems.map(jsonString))),
        ]
    }

    private func text(_ bundle: (digest: Digest?, problems: [String])?) -> [String] {
        guard let bundle else { return [] }
        if let digest = bundle.digest, bundle.problems.isEmpty { return ["\(path): bundle sha256:\(digest)"] }
        return ["\(path): bundle \(Terminal.styled("damaged", .bad))"]
            + bundle.problems.map { "  \(Terminal.styled("!", .bad)) \($0)" }
    }

    /// One log of a root: its report, or why there is none.
    ///
    /// One that cannot be opened does not hide the others.
    private struct Member {
        let path: String
        let result: Result<TimedReport, LogError>

        var name: String { String(path.split(separator: "/").last ?? "") }

        var status: VerifyReport.Status {
            switch result {
            case .success(let report): report.status
            case .failure: .damaged
            }
        }

        var json: String {
            switch result {
            case .success(let report): report.json(name: name)
            case .failure(let error):
                JSON.object([
                    ("log", jsonString(name)), ("status", jsonString(status.rawValue)),
                    ("error", jsonString(error.code.rawValue)), ("message", jsonString(error.message)),
                    ("events", "0"), ("damage", "[]"),
                ])
            }
        }

        var text: String {
            switch result {
            case .success(let report): report.text
            case .failure(let error):
                "\(path): \(Terminal.styled(status.rawValue, .bad))\n"
                    + "  \(Terminal.styled("!", .bad)) cannot be opened: \(error.message)"
            }
        }
    }

    private func verify(_ path: String, _ anchor: Anchor?) throws(LogError) -> TimedReport {
        let bar = Progress("verify \(path)", .bytes)
        let start = Terminal.nanos
        let report = try Verifier.verify(path, deep: deep, anchor: anchor) { bar.update($0, of: $1) }
        Progress.clear()
        return TimedReport(report: report, nanos: Terminal.nanos - start)
    }
}

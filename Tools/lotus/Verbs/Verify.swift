import ArgumentParser
import LogEngine
import LogFormat

/// `lotus verify`: whether every byte of a log is what was written.
struct Verify: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Check a log, a segment file, or all logs of a root or bundle.",
        discussion: """
            Checks every hash, link, sequence number, seal and mark; --deep also decodes every event and recomputes
            its Merkle leaves. --anchor holds the log against a statement that lotus attest printed earlier.
            Exit status 0: clean, or torn_tail (unacknowledged bytes at the end, which the next writer cuts off);
            2: damaged, with the events concerned as exact ranges.

            EXAMPLES
              lotus verify logs
              lotus verify logs/trades --deep --json
              lotus verify logs/trades --anchor "$(cat trades.anchor)"
            """)

    @Argument(help: "A log, a segment file, or a root of logs.")
    var path: String
    @Flag(help: "Also decode every event and recompute the content roots.")
    var deep = false
    @Option(help: "An anchor that lotus attest printed.")
    var anchor: String?
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let parsed = try anchor.map { text throws(LogError) in try Anchor(text) }
        let members = LogLocation.logs(in: path)
        guard !members.isEmpty else {
            let report = try verify(path, parsed)
            try Output.print(json ? report.json(name: nil) : report.text)
            return report.status == .damaged ? .damaged : .clean
        }
        guard parsed == nil else {
            throw ToolError(.usage, "\(path) is a root; an anchor is of one log: \(members.joined(separator: ", "))")
        }
        let reports = try members.map { member throws(LogError) in try verify(member, nil) }
        let worst: VerifyReport.Status =
            reports.contains { $0.status == .damaged }
            ? .damaged : reports.contains { $0.status == .tornTail } ? .tornTail : .clean
        if json {
            let logs = reports.map { $0.json(name: String($0.path.split(separator: "/").last ?? "")) }
            try Output.print(JSON.object([("status", jsonString(worst.rawValue)), ("logs", JSON.array(logs))]))
        } else {
            try Output.print(reports.map(\.text).joined(separator: "\n"))
        }
        return worst == .damaged ? .damaged : .clean
    }

    private func verify(_ path: String, _ anchor: Anchor?) throws(LogError) -> TimedReport {
        let progress = Progress("verify \(path)", .bytes)
        let start = Terminal.nanos
        let report = try Verifier.verify(path, deep: deep, anchor: anchor) { progress.update($0, of: $1) }
        Progress.clear()
        return TimedReport(report: report, nanos: Terminal.nanos - start)
    }
}

/// A report, and how long it took.
@dynamicMemberLookup
private struct TimedReport {
    let report: VerifyReport
    let nanos: Int64

    subscript<T>(dynamicMember path: KeyPath<VerifyReport, T>) -> T { report[keyPath: path] }

    func json(name: String?) -> String {
        let damage = report.damage.map { damage in
            JSON.object([
                ("segment", jsonString(damage.segment)), ("first_seq", "\(damage.firstSeq)"),
                ("last_seq", "\(damage.lastSeq)"), ("kind", jsonString(damage.kind.rawValue)),
                ("detail", jsonString(damage.detail)),
            ])
        }
        return JSON.object(
            (name.map { [("log", jsonString($0))] } ?? []) + [
                ("status", jsonString(report.status.rawValue)), ("events", "\(report.events)"),
                ("first_seq", "\(report.firstSeq)"), ("last_seq", "\(report.lastSeq)"),
                ("chain_head", jsonString("\(report.chainHead)")), ("durable_seq", "\(report.durableSeq)"),
                ("segments", "\(report.segmentCount)"), ("bytes", "\(report.byteCount)"), ("live", "\(report.isLive)"),
                ("identity_root", JSON.text(report.roots.map { "\($0.identity)" })),
                ("logical_root", JSON.text(report.roots.map { "\($0.logical)" })), ("damage", JSON.array(damage)),
            ])
    }

    var text: String {
        let style: Terminal.Style =
            switch report.status {
            case .clean: .good
            case .tornTail: .warning
            case .damaged: .bad
            }
        let seconds = max(Double(nanos) / 1e9, 1e-6)
        let range = report.events > 0 ? ", seq \(report.firstSeq)…\(report.lastSeq)" : ""
        var lines = [
            "\(report.path): \(Terminal.styled(report.status.rawValue, style))",
            "  \(Figures.grouped(report.events)) events\(range), durable up to \(report.durableSeq)"
                + (report.isLive ? ", a writer is at work" : ""),
            "  \(report.segmentCount) segment\(report.segmentCount == 1 ? "" : "s"), "
                + "\(Figures.bytes(report.byteCount)), "
                + "\(Figures.bytes(UInt64(Double(report.byteCount) / seconds)))/s",
            "  chain head \(report.chainHead)",
        ]
        if let roots = report.roots {
            lines += ["  identity root \(roots.identity)", "  logical root  \(roots.logical)"]
        }
        return (lines + report.damage.map { "  \(Terminal.styled("!", style)) \($0)" }).joined(separator: "\n")
    }
}

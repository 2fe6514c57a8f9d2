import LogEngine
import LogFormat

/// A report, and how long it took.
@dynamicMemberLookup
struct TimedReport {
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

import ArgumentParser
import LogEngine
import LogFormat

/// `lotus salvage`: what can still be read of a damaged log, as a new one.
struct Salvage: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Copy what can be read of a damaged log into a new one.",
        discussion: """
            The damaged log is only read. Every run of lost events becomes one lotus.Gap event in the new log. \
            Exit status 3 if anything was lost, 0 if nothing was.

            EXAMPLES
              lotus salvage logs/trades --out logs/trades-salvaged
              lotus salvage 00000000000000000001.seg --out rescued --json
            """)

    @Argument(help: "Directory of the damaged log, or a segment file.")
    var log: String
    @Option(help: "Directory of the new log; nothing may be there yet.")
    var out: String
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        try NewLog.checkParent(of: out)
        let bar = Progress("salvage", .events)
        let report = try LogEngine.Salvage.copy(log, to: out) { bar.update($0) }
        Progress.clear()
        if json {
            let gaps = report.gaps.map { gap in
                JSON.object([
                    ("first_seq", "\(gap.first)"), ("last_seq", "\(gap.last)"), ("reason", jsonString(gap.reason)),
                ])
            }
            try Output.print(
                JSON.object([
                    ("out", jsonString(out)), ("events", "\(report.events)"), ("last_seq", "\(report.lastSeq)"),
                    ("gaps", JSON.array(gaps)),
                ]))
        } else {
            let lines = report.gaps.map { gap in
                let what =
                    gap.last >= gap.first
                    ? "events \(gap.first)…\(gap.last) are lost" : "damage at seq \(gap.first), no event lost"
                return "  \(Terminal.styled("!", .bad)) \(what): \(gap.reason)"
            }
            let title = "\(out): \(Figures.grouped(report.events)) events copied, \(report.gaps.count) gaps"
            try Output.print(([title] + lines).joined(separator: "\n"))
        }
        return report.gaps.isEmpty ? .clean : .lossy
    }
}

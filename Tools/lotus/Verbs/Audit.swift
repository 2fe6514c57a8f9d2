import ArgumentParser
import Backtest
import LogEngine
import LogFormat

/// `lotus audit`: checks of what a run recorded, and of the program itself.
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check what a run recorded, and what the program makes of worlds whose truth is known.",
        discussion: """
            EXAMPLES
              lotus audit scores runs/monday
              lotus audit metrics --fixture Fixtures/metrics/detectors.txt
            """,
        subcommands: [AuditLookahead.self, AuditLuck.self, AuditMetrics.self, AuditScores.self])
}

/// `lotus audit scores`: every score again, from its record alone.
struct AuditScores: Verb {
    static let configuration = CommandConfiguration(
        commandName: "scores",
        abstract: "Compute every score of a run again from its record alone.",
        discussion: """
            A scored window carries every number between its parts and its score. Each step is computed again from the \
            recorded ones before it and has to give the recorded result, bit for bit. The first step that does not is \
            named.

            Exit status 4: a score does not follow from its record.

            EXAMPLES
              lotus audit scores runs/monday
              lotus audit scores runs/monday --json
            """)

    @Argument(help: "Folder of a run, or its sig log.")
    var run: String
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let log = RealFS().kind("\(run)/sig") == .directory ? "\(run)/sig" : run
        let found = try ScoreAudit(log)
        try Output.print(json ? Self.json(found) : Self.text(found))
        return found.differCount == 0 ? .clean : .differs
    }

    private static func text(_ found: ScoreAudit) -> String {
        var lines = [
            "\(Figures.grouped(UInt64(found.windowCount))) windows: \(found.followCount) scores follow from their "
                + "records, \(found.differCount) do not, \(found.withoutScoreCount) windows have no score"
        ]
        if found.withoutStepsCount > 0 {
            lines.append("\(found.withoutStepsCount) scores were recorded by an older version, without their steps")
        }
        for one in found.findings {
            lines.append(
                "  \(one.id) \(one.detector): \(one.step) is \(shown(one.recorded)), its record gives "
                    + shown(one.computed))
        }
        return lines.joined(separator: "\n")
    }

    private static func json(_ found: ScoreAudit) -> String {
        let findings = found.findings.map { one in
            JSON.object([
                ("id", jsonString("\(one.id)")), ("detector", jsonString("\(one.detector)")),
                ("step", jsonString(one.step)), ("recorded", one.recorded.map { "\($0)" } ?? "null"),
                ("computed", one.computed.map { "\($0)" } ?? "null"),
            ])
        }
        return JSON.object([
            ("windows", "\(found.windowCount)"), ("follow", "\(found.followCount)"), ("differ", "\(found.differCount)"),
            ("without_score", "\(found.withoutScoreCount)"), ("without_steps", "\(found.withoutStepsCount)"),
            ("findings", "[\(findings.joined(separator: ","))]"),
        ])
    }

    private static func shown(_ value: Double?) -> String { value.map { "\($0)" } ?? "absent" }
}

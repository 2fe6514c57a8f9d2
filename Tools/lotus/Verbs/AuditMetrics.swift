import ArgumentParser
import DetectorYAML
import Events
import Inquiry
import LogEngine
import LogFormat
import Runtime
import SignalEngine

/// `lotus audit metrics`: metrics of the shipped detectors against a frozen fixture (SIG-12).
struct AuditMetrics: Verb {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Compare the metrics of the shipped detectors with a frozen fixture.",
        usage: "lotus audit metrics --fixture <fixture> [<options>]",
        discussion: """
            The shipped detectors play a small world that is the same every time. Their metrics must be those of the \
            fixture, to 1e-9, as long as a detector has the same version; a new version needs a fixture of its own, \
            which --write makes.

            --record writes one rep.RegressionChecked a detector on the ops log of a root, where lotus rebuild finds it.

            Exit status 4: a metric drifted, or the fixture is of other versions.

            EXAMPLES
              lotus audit metrics --fixture Fixtures/metrics/detectors.txt
              lotus audit metrics --fixture Fixtures/metrics/detectors.txt --record logs
            """)

    @Option(help: "The fixture.")
    var fixture: String
    @Option(help: "A root on whose ops log the verdicts are written down; no run may be at work.")
    var record: String?
    @Flag(help: "Write the fixture anew instead of comparing.")
    var write = false
    @Flag(help: "Print one JSON object.")
    var json = false

    /// Longest fixture that is read.
    private static let fixtureBytesMax = 16 << 20

    mutating func perform() throws -> Outcome {
        if write, record != nil { throw ToolError(.usage, "--write compares nothing that --record could write down") }
        let recipes = try ShippedDetectors.recipes()
        let found = MetricRegression.metrics(
            of: MetricRegression.fastWindows(recipes) + MetricRegression.slowWindows(recipes))
        if write {
            try ReportWriter.put(MetricRegression.text(found), to: fixture)
            try Output.print(
                json
                    ? JSON.object([("written", jsonString(fixture)), ("lines", "\(found.count)")])
                    : "\(fixture): metrics of \(recipes.count) detectors")
            return .clean
        }
        let bytes = try WholeFile.read(fixture, limit: Self.fixtureBytesMax, what: "a fixture of metrics")
        let verdicts = MetricRegression.check(
            found, against: String(decoding: bytes, as: UTF8.self), codeRevision: RunManifest.codeRevision(.real()))
        var records: [EventID] = []
        if let record { records = try OpsNotes.append(verdicts, key: "metric regression", to: try RootLogs(record)) }
        try Output.print(json ? Self.json(verdicts, records) : Self.text(verdicts, records))
        return verdicts.allSatisfy(\.passed) ? .clean : .differs
    }

    private static func text(_ verdicts: [RegressionChecked], _ records: [EventID]) -> String {
        let compared = verdicts.reduce(0) { $0 + $1.comparedCount }
        var lines = [
            "\(verdicts.count) detectors, \(compared) metrics: \(verdicts.count { $0.passed }) as frozen, "
                + "\(verdicts.count { !$0.passed }) not, largest drift \(verdicts.map(\.largestDelta).max() ?? 0)"
        ]
        for verdict in verdicts where !verdict.passed {
            let isOther = verdict.detectorVersionHash != verdict.fixtureVersionHash
            lines.append("  \(verdict.detectorID)\(isOther ? ": another version than the fixture's" : "")")
            for delta in verdict.deltas {
                lines.append("    \(delta.name) by \(delta.value.map { "\($0)" } ?? "defined in one of both alone")")
            }
        }
        if let first = records.first { lines.append("recorded as \(first) and \(records.count - 1) more") }
        return lines.joined(separator: "\n")
    }

    private static func json(_ verdicts: [RegressionChecked], _ records: [EventID]) -> String {
        let detectors = verdicts.map { verdict in
            let deltas = verdict.deltas.map {
                JSON.object([("metric", jsonString($0.name)), ("delta", $0.value.map { "\($0)" } ?? "null")])
            }
            return JSON.object([
                ("detector", jsonString(verdict.detectorID.text)), ("passed", "\(verdict.passed)"),
                ("version", jsonString("\(verdict.detectorVersionHash)")),
                ("fixture_version", jsonString("\(verdict.fixtureVersionHash)")),
                ("compared", "\(verdict.comparedCount)"), ("largest_delta", "\(verdict.largestDelta)"),
                ("deltas", "[\(deltas.joined(separator: ","))]"),
            ])
        }
        return JSON.object([
            ("passed", "\(verdicts.allSatisfy(\.passed))"), ("detectors", "[\(detectors.joined(separator: ","))]"),
            ("records", "[\(records.map { jsonString("\($0)") }.joined(separator: ","))]"),
        ])
    }
}

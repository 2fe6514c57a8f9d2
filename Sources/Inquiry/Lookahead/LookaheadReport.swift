import Events
import LogFormat

/// What a check for lookahead found.
package struct LookaheadReport: Equatable, Sendable {
    /// What was checked.
    package let inputs: [String]
    /// Market events, and the records that the pipeline made of them.
    package let eventCount: UInt64
    package let recordCount: Int
    /// From the first moment to the last.
    package let span: ClosedRange<Int64>
    /// Moments at which copies ended and were spoiled.
    package let cutCount: Int
    /// Moments at which everything ran from the start.
    package let wholeCutCount: Int
    /// Spoiled events behind each cut.
    package let rubbishEvents: Int
    /// The records that depend on the future, one of each kind.
    package let findings: [LookaheadFinding]

    init(
        inputs: [String], eventCount: UInt64, recordCount: Int, span: ClosedRange<Int64>, cutCount: Int,
        options: LookaheadCheck.Options, findings: [LookaheadFinding]
    ) {
        self.inputs = inputs
        self.eventCount = eventCount
        self.recordCount = recordCount
        self.span = span
        self.cutCount = cutCount
        wholeCutCount = options.wholeCuts
        rubbishEvents = options.rubbishEvents
        self.findings = findings
    }

    /// Whether no record depends on the future, as far as was tried.
    package var isClean: Bool { findings.isEmpty }

    /// For people.
    package var text: String {
        var lines = [
            "\(eventCount) market events, \(recordCount) records, from \(TimeText.text(span.lowerBound)) to "
                + TimeText.text(span.upperBound),
            "tried: \(cutCount) cuts, each also with rubbish in the \(rubbishEvents) events behind it; "
                + "\(2 * wholeCutCount) runs from the start",
        ]
        if isClean, cutCount + wholeCutCount == 0 {
            lines.append("nothing was cut; the market itself records nothing as known before it was over")
        } else if isClean {
            lines.append("clean: no record up to any of these moments depends on what came later")
        } else {
            lines.append("LOOKAHEAD: \(findings.count) kinds of records depend on what came later")
            lines += findings.map { "  \($0.text.split(separator: "\n").joined(separator: "\n  "))" }
            lines.append("  first value: as recorded, with what came later; second: without it")
        }
        return lines.joined(separator: "\n")
    }

    /// One JSON object.
    package var json: String {
        "{\"clean\":\(isClean),\"market_events\":\(eventCount),\"records\":\(recordCount),"
            + "\"from\":\"\(TimeText.text(span.lowerBound))\",\"to\":\"\(TimeText.text(span.upperBound))\","
            + "\"cuts\":\(cutCount),\"rubbish_events\":\(rubbishEvents),\"runs_from_start\":\(2 * wholeCutCount),"
            + "\"findings\":[\(findings.map(\.json).joined(separator: ","))]}"
    }
}

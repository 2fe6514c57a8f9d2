import Events
import LogFormat

extension LogDifference {
    /// The difference for people.
    package func text(_ nameA: String, _ nameB: String) -> String {
        let what = isExact ? "events, append times and places" : "events"
        let part = condition == nil ? "" : " in what --where takes"
        var lines: [String]
        switch verdict {
        case .equal where condition != nil: lines = ["equal\(part), of \(countA) and \(countB) \(what)"]
        case .equal: lines = ["equal: \(countA) \(what)"]
        case .aIsPrefix: lines = ["differs: \(nameA) is a prefix of \(nameB)\(part): \(countA) of \(countB) \(what)"]
        case .bIsPrefix: lines = ["differs: \(nameB) is a prefix of \(nameA)\(part): \(countB) of \(countA) \(what)"]
        case .differs: lines = ["differs\(part) from seq \(seq ?? 0) on: \(countA) and \(countB) events"]
        }
        if verdict == .differs {
            lines += ["  a  \(a?.title ?? "none")", "  b  \(b?.title ?? "none")"]
            lines += fields.map { "     \($0.text)" }
        } else if let next = a ?? b {
            lines += ["  \(a == nil ? "b" : "a")  goes on with \(next.title)", "     \(next.summary())"]
        }
        if skippedRuns > 0 {
            let leaf = Int(FormatLimits.leafEvents)
            lines.append("  the first \(skippedRuns * leaf) events are the same by their seals")
        }
        return lines.joined(separator: "\n")
    }

    /// One JSON object.
    package var json: String {
        "{\"verdict\":\(jsonString(verdict.rawValue)),\"exact\":\(isExact),\"events_a\":\(countA),"
            + "\"events_b\":\(countB),\"seq\":\(seq.map { "\($0)" } ?? "null"),\"a\":\(a?.json ?? "null"),"
            + "\"b\":\(b?.json ?? "null"),\"fields\":[\(fields.map(\.json).joined(separator: ","))],"
            + "\"same_by_seal\":\(skippedRuns * Int(FormatLimits.leafEvents))"
            + (condition.map { ",\"where\":\(jsonString($0))}" } ?? "}")
    }
}

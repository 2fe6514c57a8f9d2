import Events
import LogFormat
import Weave

/// Effects for people and for programs.
extension PriorsEffects {
    /// Lines for people.
    package var text: String {
        var lines = [
            "effects \(from) -> \(to) on \(windowCount) windows"
                + (passedOverCount > 0 ? " (\(passedOverCount) without all parts of a score passed over)" : "")
        ]
        if recordedCount > 0 {
            lines.append(
                "  \(reproducedCount) of \(recordedCount) windows recorded under one of the two come to the "
                    + "recorded score"
            )
        }
        let title = ["", "appear", "vanish", "change", "sum of sigma"]
        let rows =
            [title] + keys.map { Self.row("\($0.key)", $0.sums) }
            + [Self.row("interaction", interaction), Self.row("total", total)]
        let widths = title.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + space : space + row[column]
            }
            lines.append("  " + cells.joined(separator: "  "))
        }
        for flip in flips {
            let names = flip.keys.map(\.text)  // ORDERED: a list
            let because = names.isEmpty ? "only together" : names.joined(separator: ", ")
            lines.append(
                "\(Self.sign(flip.fate)) \(flip.window.id)  \(flip.window.target.detector) "
                    + "\(flip.window.target.asset) \(flip.window.target.horizon)  \(TimeText.text(flip.window.nanos))")
            lines.append(
                "    sigma \(Self.decimal(flip.old.microSigma)) -> \(Self.decimal(flip.new.microSigma)), "
                    + "\(flip.fate.rawValue): \(because)")
        }
        let unlisted = total.changed - flips.count { $0.fate == .changes }
        if unlisted > 0 { lines.append("… \(unlisted) more windows change by less") }
        return lines.joined(separator: "\n")
    }

    /// One JSON object.
    package var json: String {
        let perKey = keys.map { "{\"key\":\(jsonString($0.key.text)),\(Self.members($0.sums))}" }
        let list = flips.map { flip in
            let names = flip.keys.map { jsonString($0.text) }  // ORDERED: a list
            return "{\"id\":\"\(flip.window.id)\",\"gsn\":\(flip.window.globalSeq),"
                + "\"event_ts\":\"\(TimeText.text(flip.window.nanos))\","
                + "\"detector_id\":\(jsonString(flip.window.target.detector.text)),"
                + "\"symbol\":\(jsonString(flip.window.target.asset.text)),"
                + "\"horizon\":\(jsonString(flip.window.target.horizon)),\"fate\":\"\(flip.fate.rawValue)\","
                + "\"old_micro_sigma\":\(flip.old.microSigma),\"new_micro_sigma\":\(flip.new.microSigma),"
                + "\"old_published\":\(flip.old.isPublished),\"new_published\":\(flip.new.isPublished),"
                + "\"keys\":[\(names.joined(separator: ","))]}"
        }
        return "{\"from\":\(jsonString(from.text)),\"to\":\(jsonString(to.text)),\"windows\":\(windowCount),"
            + "\"passed_over\":\(passedOverCount),\"recorded\":\(recordedCount),\"reproduced\":\(reproducedCount),"
            + "\"keys\":[\(perKey.joined(separator: ","))],\"interaction\":{\(Self.members(interaction))},"
            + "\"total\":{\(Self.members(total))},\"flips\":[\(list.joined(separator: ","))]}"
    }

    private static func members(_ sums: Sums) -> String {
        "\"appear\":\(sums.appeared),\"vanish\":\(sums.vanished),\"change\":\(sums.changed),"
            + "\"micro_sigma\":\(sums.microSigma)"
    }

    private static func row(_ name: String, _ sums: Sums) -> [String] {
        [name, "\(sums.appeared)", "\(sums.vanished)", "\(sums.changed)", decimal(sums.microSigma)]
    }

    private static func sign(_ fate: Fate) -> String {
        switch fate {
        case .appears: "+"
        case .vanishes: "-"
        case .changes: "~"
        }
    }

    /// Millionths as a decimal number.
    static func decimal(_ micro: Int64) -> String {
        let digits = "\(micro.magnitude % 1_000_000)"
        return (micro < 0 ? "-" : "") + "\(micro.magnitude / 1_000_000)."
            + String(repeating: "0", count: 6 - digits.count) + digits
    }
}

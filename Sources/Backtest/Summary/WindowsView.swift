import Events

/// What a run's log holds, detector by detector, as plain lines: counts before any judgement.
package enum WindowsView {
    /// Lines of at most about 100 columns, each ended.
    package static func text(_ run: RunWindows) -> String {
        var lines: [String] = []
        let ids = run.detectors.map(\.id.text)
        let width = min(max(ids.map(\.count).max() ?? 8, 8), 32)
        let titles = ["windows", "scored", "abstain", "signals", "30s", "5m", "1h"]
        lines.append(pad("detector", width) + titles.map { right($0, 10) }.joined())
        for tape in run.detectors {
            let cells = [
                tape.windowCount, tape.scoredCount, tape.abstainedCounts.reduce(0, +), tape.judgeableCount,
                tape.evaluatedCounts[0], tape.evaluatedCounts[1], tape.evaluatedCounts[2],
            ]
            lines.append(pad(tape.id.text, width) + cells.map { right("\($0)", 10) }.joined())
        }
        if run.detectors.isEmpty { lines.append("(no detectors)") }
        for reason in AbstainReason.allCases {
            let count = run.detectors.reduce(0) { $0 + $1.abstainedCounts[reason.rawValue] }
            if count > 0 { lines.append("abstained, \(reason.text): \(count)") }
        }
        lines.append(
            "\(run.windowCount) windows of \(run.detectors.count) detectors on \(run.assets.count) assets, "
                + "\(run.factsCount) facts (\(run.staleCount) stale), \(run.kernelUpdateCount) kernel updates, "
                + "\(run.publishedCount) published, \(run.withheldCount) withheld")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        let shown = text.count > width ? String(text.prefix(width - 1)) + "…" : text
        return shown + String(repeating: " ", count: max(width - shown.count, 0))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 1)) + text
    }
}

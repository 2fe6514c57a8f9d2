import Backtest
import Events
import LogEngine
import LogFormat
import Runtime
import Statistics

/// What the cells of a sweep came to.
struct SweepResult {
    private struct Row {
        let run: SweepJob.Run
        let metrics: [Metric]

        var scored: Int64 { metrics.first { $0.name == "scored" }?.value.flatMap { Int64(exactly: $0) } ?? 0 }
        var ratios: [(detector: String, value: Double?)] {
            metrics.filter { $0.name.hasPrefix(TrialCount.ratioPrefix) }.map {
                (String($0.name.dropFirst(TrialCount.ratioPrefix.count)), $0.value)
            }
        }
        var best: (detector: String, value: Double)? {
            ratios.compactMap { ratio in ratio.value.map { (ratio.detector, $0) } }.max { $0.1 < $1.1 }
        }
    }

    private let out: String
    private let workers: Int
    private let rows: [Row]
    private let trialCount: Int
    /// The highest ratio that as many worthless trials come to; nil where there are none.
    private let lucky: Double?

    /// Reads the runs, all of which have ended.
    init(_ job: SweepJob, workers: Int) throws {
        (out, self.workers) = (job.out, workers)
        rows = try job.runs.map { run in
            guard let completed = try SweepJob.ended(run) else {
                throw ToolError("\(run.path): has not ended; start the sweep again to go on")
            }
            return Row(run: run, metrics: completed.metrics)
        }
        trialCount = try TrialList(in: job.out).trialCount
        let ratios = rows.flatMap { $0.ratios.compactMap(\.value) }
        lucky = ratios.isEmpty ? nil : try? Sharpe.expectedMaximum(ofTrialRatios: ratios)
    }

    var json: String {
        let cells = rows.map { row in
            JSON.object([
                ("cell", jsonString(row.run.cell.name)), ("run_id", jsonString("\(row.run.manifest.runID)")),
                (
                    "settings",
                    JSON.object(row.run.cell.settings.map { ($0.name, jsonString($0.value)) })
                ),
                ("scored", "\(row.scored)"),
                (
                    "ratios",
                    JSON.object(row.ratios.map { ($0.detector, $0.value.map { "\($0)" } ?? "null") })
                ),
            ])
        }
        return JSON.object([
            ("out", jsonString(out)), ("workers", "\(workers)"), ("trials", "\(trialCount)"),
            ("period_seconds", "\(TrialRatios.periodNanos / 1_000_000_000)"),
            ("lucky_ratio", lucky.map { "\($0)" } ?? "null"), ("cells", JSON.array(cells)),
        ])
    }

    var text: String {
        let names = rows.first?.run.cell.settings.map(\.name) ?? []
        var table = [["cell"] + names + ["windows", "highest ratio", "by luck", "of"]]
        for row in rows {
            table.append(
                [row.run.cell.name] + row.run.cell.settings.map(\.value) + [
                    Figures.grouped(UInt64(row.scored)), row.best.map { Self.short($0.value) } ?? "none",
                    lucky.map(Self.short) ?? "", row.best?.detector ?? "",
                ])
        }
        return Figures.table(table, rightAligned: Set(1..<(names.count + 4))) + "\n"
            + "\(out): \(rows.count) cells, \(trialCount) trials; ratios of hours, after costs, over all windows.\n"
            + "By luck: the highest of as many worthless ones. lotus report \(out)/CELL judges one."
    }

    private static func short(_ value: Double) -> String { decimals(value, 3) }
}

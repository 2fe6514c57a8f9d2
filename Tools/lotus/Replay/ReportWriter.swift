import Backtest
import LogEngine
import LogFormat
import Report
import Runtime

/// Writes the report of a finished run, for `lotus report` and at the end of `lotus replay`.
enum ReportWriter {
    /// What a replay writes into its folder, beside the logs.
    static let fileName = "report.html"

    /// A report that was written.
    struct Written {
        /// The values of the page.
        let report: RunReport
        /// Counts of the windows behind it.
        let windows: RunWindows
        /// Where the page stands; nil where none was asked for.
        let path: String?

        /// What a terminal shows of it.
        var summary: String {
            report.terminalText(width: Terminal.columns, colour: Terminal.usesColour)
                + (path.map { "\npage      \($0)" } ?? "")
        }
    }

    /// Makes the report of the run in folder `run` and writes the page to `path`; the same run gives the same bytes.
    ///
    /// - Parameters:
    ///   - inputs: the market logs that the run read, in the same order; none leaves the data section empty.
    ///   - path: where the page goes; nil for nowhere.
    ///   - isProven: whether a second run wrote the same events; nil if there was none.
    /// - Throws: `LogError` as `RunReportMaker.make`; `ToolError` for a place where nothing can be written.
    static func write(
        run: String, inputs: [String], plan: PlanChoice = .automatic, rules: ReportRules = ReportRules(),
        to path: String?, commandLine: String = "", isProven: Bool? = nil
    ) throws -> Written {
        var maker = RunReportMaker(run: run, inputs: inputs, plan: plan, rules: rules)
        (maker.commandLine, maker.isProven) = (commandLine, isProven)
        let (report, windows) = try maker.makeRecorded()
        if let path { try put(report.html, to: path) }
        return Written(report: report, windows: windows, path: path)
    }

    /// Writes a file whole or not at all: it gets its name when all of it is on the disk.
    static func put(_ text: String, to path: String) throws {
        let fileSystem = RealFS()
        let (folder, name) = split(path)
        guard !name.isEmpty, fileSystem.kind(path) != .directory else {
            throw ToolError(.usage, "\(path): names a folder, expected a file to write")
        }
        guard fileSystem.kind(folder) == .directory else {
            throw ToolError(.usage, "\(path): there is no folder \(folder); make it first")
        }
        do { try fileSystem.createDurably(name, in: folder, Array(text.utf8)) } catch {
            throw ToolError("\(path): cannot be written: \(error)")
        }
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = String(path[..<slash])
        return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
    }
}

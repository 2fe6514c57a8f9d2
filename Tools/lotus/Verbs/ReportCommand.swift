import ArgumentParser
import Backtest
import LogEngine
import LogFormat
import Report
import Runtime
import Statistics

/// `lotus report`: what a finished run found, as a page, as JSON or for the terminal (REP-05).
struct ReportCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Judge a finished run and write its report.",
        usage: "lotus report <run> [<options>]",
        discussion: """
            Reads the run's logs, joins every scored window with its outcome, judges the detectors over walk-forward \
            folds with purge and embargo, and says what of it may be luck. The page is one file that needs nothing \
            else. The same run, plan and costs give the same bytes. Runs that stand in the same folder count as trials.

            --walk-forward takes a plan such as train=7d,validate=1d,test=1d,step=1d or, by the calendar, \
            train=6mo,test=1mo; or auto (half trains, four tests follow, if the run is long enough), or none.

            EXAMPLES
              lotus report runs/monday
              lotus report runs/monday --inputs monday.bundle --out monday.html
              lotus report runs/monday --walk-forward train=7d,test=1d --cost-bps 3.5 --half-spread-bps 0.5
              lotus report runs/monday --json > monday.json
            """)

    @Argument(help: "Folder of the run, as lotus replay --out wrote it.")
    var run: String
    @Option(name: .customLong("inputs"), parsing: .upToNextOption, help: "Market logs that the run read, in order.")
    var inputs: [String] = []
    @Option(help: "Where the page goes; report.html in the run's folder if neither this nor --json is given.")
    var out: String?
    @Option(help: "auto, none, or a plan such as train=7d,test=1d.")
    var walkForward = "auto"
    @Option(help: "Fee of one trade, bps.")
    var costBps: Double?
    @Option(help: "Half of the spread that a trade pays, bps.")
    var halfSpreadBps: Double?
    @Option(help: "Length of the periods that ratios are made of, such as 1h.")
    var period: String?
    @Option(help: "Bootstrap replicates and random arrangements.")
    var replicates: Int?
    @Flag(help: "Windows without a selection score take no position.")
    var scoredOnly = false
    @Flag(help: "Print the counts of windows before the summary.")
    var windows = false
    @Flag(help: "Print the report as JSON.")
    var json = false

    mutating func perform() throws -> Outcome {
        let plan: PlanChoice
        var rules = ReportRules()
        do throws(StatisticsError) {
            plan = try PlanChoice(parsing: walkForward)
            if let period { rules.periodNanos = try DurationText.nanos(period) }
        } catch { throw ToolError(.usage, "\(error)") }
        if let costBps { rules.feeBps = costBps }
        if let halfSpreadBps { rules.halfSpreadBps = halfSpreadBps }
        rules.replicates = replicates
        rules.scoredOnly = scoredOnly
        let path = out ?? (json ? nil : "\(run)/\(ReportWriter.fileName)")
        let written = try ReportWriter.write(
            run: run, inputs: inputs, plan: plan, rules: rules, to: path, commandLine: commandLine)
        if json {
            var text = written.report.json
            if text.hasSuffix("\n") { text.removeLast() }
            try Output.print(text)
        } else {
            let counts = windows ? WindowsView.text(written.windows) + "\n" : ""
            try Output.print(counts + written.summary)
        }
        return .clean
    }

    /// What was asked for, without where the output goes: the same question gives the same page anywhere.
    private var commandLine: String {
        var words = ["lotus report", run, "--walk-forward", walkForward]
        if let costBps { words += ["--cost-bps", "\(costBps)"] }
        if let halfSpreadBps { words += ["--half-spread-bps", "\(halfSpreadBps)"] }
        if let period { words += ["--period", period] }
        if let replicates { words += ["--replicates", "\(replicates)"] }
        if scoredOnly { words.append("--scored-only") }
        return words.joined(separator: " ")
    }
}

import ArgumentParser
import Backtest
import Events
import Glibc
import LogEngine
import LogFormat
import Runtime
import SignalEngine
import Statistics

/// `lotus replay`: a backtest that is nothing but a replay of frozen logs (REP-09).
struct Replay: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Replay recorded market logs into a run of its own.",
        discussion: """
            The market logs of bundles, roots or single logs are merged by the time at which things became known and \
            replayed on a virtual clock: every window is scored by every detector, and evaluated once its horizons \
            have passed. The run gets a folder of its own with RUN.json, which names everything that \
            can change an output byte: the sealed segments, the settings, the code, the seed. Its id follows from \
            that. Started again after a crash at any point, the run goes on and ends with the same events. --prove \
            runs everything a second time in another process, on one core, with other batches, time zone, language and \
            folder, compares every event, prints one digest and writes PROOF.json, which anybody can check without \
            this program.

            Exit status 4: the second run differs; the first event that does is named.

            EXAMPLES
              lotus replay monday.bundle --out runs/monday
              lotus replay logs/mkt --out runs/slow --speed x10 --until 2026-01-02T00:00:00Z
              lotus replay monday.bundle tuesday.bundle --out runs/both --prove
              lotus replay week.bundle --out runs/week --walk-forward train=3d,test=1d --without family:event
            """)

    @Argument(help: "Bundles, roots or market logs, sealed.")
    var inputs: [String]
    @Option(help: "Folder of the run; a new one, or the same run's.")
    var out: String
    @Option(help: "max, original, or a factor such as x10.")
    var speed = "max"
    @Option(help: "Leave out what became known after this moment.")
    var until: String?
    @Option(help: "Stop after so many events, to go on later.")
    var steps: UInt64?
    @Option(help: "Seed of everything that is drawn.")
    var seed: UInt64 = 1
    @OptionGroup var cohort: CohortOptions
    @Option(
        help: ArgumentHelp(
            "Begin with the sig priors of a root, its last version or root@version; without a watchdog they are "
                + "suspended after 48 hours.", valueName: "root"))
    var priors: String?
    @Option(help: "How the report judges: auto, none, or a plan such as train=7d,validate=1d,test=1d,step=1d.")
    var walkForward = "auto"
    @Flag(help: "Write no report.html into the run's folder.")
    var noReport = false
    @Flag(help: "Run it twice, in two processes, and compare.")
    var prove = false
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "Print one JSON object.")
    var json = false
    @Option(help: .hidden) var batchBytes: Int?
    @Option(help: .hidden) var pendingBatches: Int?
    @Option(help: .hidden) var cores: Int?
    @Option(help: .hidden) var folder: String?
    /// For the second run, whose figures are the first one's.
    @Flag(help: .hidden) var quiet = false
    /// For a cell of a sweep, which ends with it.
    @Flag(help: .hidden) var withParent = false

    mutating func perform() throws -> Outcome {
        guard !inputs.isEmpty else { throw ToolError(.usage, "nothing to replay: name a bundle, a root or a log") }
        if let folder, unsafe chdir(folder) != 0 { throw ToolError(.usage, "--folder \(folder): is no folder") }
        try NewLog.checkParent(of: out)
        if let cores { try Cores.keep(cores) }
        // Before the first run, which may take long.
        if prove { try Proof(out: out, words: []).check() }
        Interrupt.arm()
        if withParent { ParentPipe.follow() }
        let bar = Progress(quiet ? "second run" : "replay", .events)
        let logs = inputs.map { MarketFeed.marketLog(in: $0) }
        let engine = try cohort.engine(seed: seed)
        let plan: PlanChoice
        do throws(StatisticsError) { plan = try PlanChoice(parsing: walkForward) } catch {
            throw ToolError(.usage, "--walk-forward \(walkForward): \(error)")
        }
        let given = try priors.map { try GivenPriors($0) }
        var manifest = try self.manifest(logs, engine, given)
        if case .plan(let given) = plan { manifest.plan = given.text }
        var pace = ReplayPace(
            speed: try ReplaySpeed(speed), steps: steps ?? .max, stop: Interrupt.stop,
            report: { bar.update($0.done, of: $0.total, virtualNanos: $0.nowNanos) })
        var options = ReplayRun.logOptions
        if let batchBytes { options.batchBytes = batchBytes }
        if let pendingBatches { options.pendingBatchesMax = pendingBatches }
        let trials = TrialRatios()
        // A second run of the same is the same trial.
        let ledger = quiet ? nil : try RunLedger(beside: out)
        let configurations = engine.cohort.count
        let report = try ReplayDriver.run(
            out, inputs: logs, manifest: manifest, modules: [.sig], options: options, control: &pace,
            ratios: { trials.metrics }
        ) { run throws(LogError) in
            // The folder is the run's own by now, and nothing of its figures exists.
            try ledger?.begin(manifest, out, configurations: configurations)
            return try SignalPipeline(engine, output: TrialTape(run.output, trials), priors: given?.records ?? [])
        }
        Progress.clear()
        try ledger?.end(
            manifest, out, configurations: configurations, metrics: report.metrics, nanos: report.nowNanos)
        let difference = prove ? try proof().difference(manifest) : nil
        if prove, difference == nil { try ProofFile.write(out, manifest, report.digest) }
        if quiet { return .clean }
        if !noReport {
            let written = try ReportWriter.write(
                run: out, inputs: logs, plan: plan, to: "\(out)/\(ReportWriter.fileName)",
                commandLine: "lotus replay --walk-forward \(walkForward)", isProven: prove ? difference == nil : nil)
            if !json {
                try Output.print(written.summary + "\n")
            }
        }
        try Output.print(json ? jsonText(manifest, report, difference) : text(manifest, report, difference))
        return difference == nil ? .clean : .differs
    }

    private func manifest(_ logs: [String], _ engine: SignalEngine, _ given: GivenPriors?) throws -> RunManifest {
        var all: [RunInput] = []
        for log in logs { all.append(try RunInput(log)) }
        var untilNanos: Int64?
        if let until {
            do throws(TimeText.Failure) {
                untilNanos = try TimeText.parse(Array(until.utf8).span, allowsDate: true)
            } catch { throw ToolError(.usage, "--until \(until): \(error.detail)") }
        }
        return RunManifest(
            inputs: all, configuration: try RunConfiguration(CohortOptions.settings(engine) + (given?.settings ?? [])),
            codeRevision: RunManifest.codeRevision(.real()), seed: seed,
            priorsVersions: given.map { [$0.version] } ?? [], untilNanos: untilNanos)
    }

    /// The second run of `--prove`.
    private func proof() throws -> Proof {
        var words = ["replay"] + (try inputs.map(Proof.whole)) + ["--seed", "\(seed)", "--walk-forward", walkForward]
        if let until { words += ["--until", until] }
        if let priors {
            let parts = priors.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            words += ["--priors", ([try Proof.whole(parts[0])] + parts.dropFirst()).joined(separator: "@")]
        }
        return Proof(out: out, words: words + (try cohort.words()))
    }

    private func text(_ manifest: RunManifest, _ report: ReplayReport, _ difference: String?) -> String {
        var lines = [
            "\(out): \(Figures.grouped(report.marketCount)) market events up to \(TimeText.text(report.nowNanos))",
            "run \(manifest.runID): \(Figures.grouped(report.appendedCount)) events appended, "
                + "\(Figures.grouped(report.matchedCount)) found from an earlier attempt",
        ]
        for metric in Self.shown(report) {
            lines.append("  \(metric.name) \(metric.value.map { shortest($0) } ?? "not defined")")
        }
        lines.append("digest sha256:\(report.digest.total)")
        if prove {
            lines.append(
                difference.map { "NOT PROVED: \($0)" }
                    ?? "proved: \(SecondRun.circumstances), wrote the same events")
        }
        return lines.joined(separator: "\n")
    }

    private func jsonText(_ manifest: RunManifest, _ report: ReplayReport, _ difference: String?) -> String {
        let metrics = Self.shown(report).map { metric in
            "\(jsonString(metric.name)):\(metric.value.map { shortest($0) } ?? "null")"
        }
        var members = [
            ("run", jsonString(out)), ("run_id", jsonString("\(manifest.runID)")),
            ("content", jsonString("\(manifest.contentHash)")), ("market_events", "\(report.marketCount)"),
            ("appended", "\(report.appendedCount)"), ("found", "\(report.matchedCount)"),
            ("metrics", "{\(metrics.joined(separator: ","))}"),
            ("digest", jsonString("sha256:\(report.digest.total)")),
        ]
        if prove { members.append(("difference", difference.map(jsonString) ?? "null")) }
        return JSON.object(members)
    }

    /// The figures but for ratios: those are shown by the report alone, beside the number of trials.
    private static func shown(_ report: ReplayReport) -> [Metric] {
        report.metrics.filter { !$0.name.hasPrefix(TrialCount.ratioPrefix) && $0.name != TrialRatios.periodName }
    }

    private func shortest(_ value: Double) -> String { Int64(exactly: value).map { "\($0)" } ?? "\(value)" }
}

/// Folders of runs, on the machine's disk.
enum RunFolder {
    /// Removes a run that is known to be the named one, and nothing else.
    static func remove(_ path: String, _ manifest: RunManifest) throws {
        let place = "\(path)/\(RunManifest.fileName)"
        let found = String(decoding: try RealFS().readAll(place, limit: 64 << 20), as: UTF8.self)
        guard found == manifest.text else { throw ToolError("\(path) is not the run \(manifest.runID): left alone") }
        for log in LogLocation.logs(in: path) {
            for name in try RealFS().list(log) { unsafe unlink("\(log)/\(name)") }
            unsafe rmdir(log)
        }
        unsafe unlink(place)
        unsafe rmdir(path)
    }
}

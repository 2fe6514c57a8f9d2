package import Events
package import LogEngine
import LogFormat
package import Report
import Runtime
import Statistics

/// Reports of a run under other plans or costs than those that its last event counts, each a trial of its own (REP-05).
///
/// A run's logs are sealed when it ends, so they stand in a log beside them, `trials` in the run's folder: one
/// `rep.RunCompleted` an evaluation, whose id follows from the run, the plan and the rules. The same report made again
/// is the same evaluation. What was asked for once is counted for ever, by this run's reports and by those beside it.
package enum RunEvaluations {
    /// The log's folder in that of the run.
    package static let name = "trials"

    /// Id of an evaluation; nil for the one that the run's last event counts: the run's own plan, or one made from its
    /// length, and the rules that are the same for all runs.
    package static func id(of runID: RunID, plan: PlanChoice, ownPlan: String?, rules: ReportRules) -> RunID? {
        var usual = ReportRules()
        // Draws change an interval and periods the unit of a ratio, not what is judged.
        (usual.replicates, usual.labelsMin, usual.periodNanos) = (rules.replicates, rules.labelsMin, rules.periodNanos)
        let isUsual: Bool
        switch plan {
        case .automatic, .none: isUsual = true
        case .plan(let given): isUsual = given.text == ownPlan
        }
        guard !isUsual || rules != usual else { return nil }
        let key =
            "evaluation|\(runID)|\(isUsual ? "usual" : text(plan))|\(rules.feeBps)|\(rules.halfSpreadBps)|"
            + "\(rules.scoredOnly)|\(rules.uncertaintyMax)"
        return RunID(ULID(module: Module.ops.text, key: key, eventNanos: 0))
    }

    private static func text(_ plan: PlanChoice) -> String {
        if case .plan(let given) = plan { given.text } else { "" }
    }

    /// The evaluations of the run in a folder, in the order in which they were made.
    ///
    /// - Throws: `damaged` where they cannot be read: a trial must not be lost silently; `fileSystem`.
    package static func read(
        _ directory: String, environment: LogEnvironment = .real()
    ) throws(LogError) -> [RunCompleted] {
        let path = "\(directory)/\(name)"
        guard environment.fileSystem.kind(path) == .directory else { return [] }
        let scan = EventScan()
        var found: [RunCompleted] = []
        try scan.on(RunCompleted.self) { event, _ in
            if !found.contains(where: { $0.runID == event.runID }) { found.append(event) }
        }
        try scan.read(path, environment: environment)
        return found
    }

    /// Records an evaluation, durably; whether it is a new one.
    ///
    /// - Parameter metrics: the ratios that it came to.
    /// - Throws: errors of the log, such as that of a folder that cannot be written.
    @discardableResult
    package static func record(
        _ id: RunID, in directory: String, metrics: [Metric], nanos: Int64, options: LogOptions = LogOptions(),
        environment: LogEnvironment = .real()
    ) throws(LogError) -> Bool {
        guard try !read(directory, environment: environment).contains(where: { $0.runID == id }) else { return false }
        let writer = try LogWriter("\(directory)/\(name)", options: options, environment: environment)
        do throws(LogError) {
            var event = RunCompleted()
            event.lineage.id = EventID(module: .ops, key: "evaluation|\(id)", eventNanos: nanos)
            (event.runID, event.metrics) = (id, metrics)
            let type = try writer.register(RunCompleted.self)
            try writer.append(&event, typeID: type, eventNanos: nanos)
        } catch {
            try? writer.close()
            throw error
        }
        try writer.close(seal: true)
        return true
    }
}

extension RunReportMaker {
    /// Makes the report, and puts the evaluation on record if it is not the one that the run's last event counts.
    ///
    /// - Throws: as `make`; errors of the log, such as that of a folder that cannot be written.
    package func makeRecorded(
        options: LogOptions = LogOptions()
    ) throws(LogError) -> (report: RunReport, windows: RunWindows) {
        let made = try judged()
        let file = try RunFile(in: directory, environment: environment)
        let id = RunEvaluations.id(of: made.windows.started.runID, plan: plan, ownPlan: file.plan, rules: rules)
        guard let id, let judgement = made.judgement else { return (made.report, made.windows) }
        var metrics = [Metric(TrialRatios.periodName, Double(judgement.periodNanos / 1_000_000_000))]
        for detector in made.report.detectors {
            metrics.append(Metric(TrialCount.ratioPrefix + detector.id, detector.overall.sharpe.perPeriod.value))
        }
        do throws(LogError) {
            try RunEvaluations.record(
                id, in: directory, metrics: metrics, nanos: made.windows.endNanos, options: options,
                environment: environment)
            try RunLedger(beside: directory, options: options, environment: environment).evaluated(
                id, of: made.windows.started, in: directory, metrics: metrics, nanos: made.windows.endNanos)
        } catch {
            throw LogError(
                error.code,
                "\(directory): an evaluation under another plan or other costs is a trial and must be put on record, "
                    + "which failed: \(error.message); copy the run to where you can write")
        }
        return (made.report, made.windows)
    }
}

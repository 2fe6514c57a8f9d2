package import Events
package import LogEngine
import LogFormat
import Runtime

/// The configurations that were tried beside a run, counted from the records and not confessed.
///
/// Every finished run whose folder stands in the same directory counts: once for each ratio that its last event names,
/// else once for each detector that it registered, and at least once. The same run in two folders counts once. Runs and
/// evaluations whose folders are gone count by the ledger beside them. The ratios themselves say how far apart trials
/// are, which is what luck is measured by.
package struct RunTrials: Equatable, Sendable {
    /// Configurations of the other runs, and of other evaluations of this one.
    package private(set) var count = 0
    /// Evaluations under other plans or costs among them.
    package private(set) var evaluationCount = 0
    /// Trials among them of which the ledger alone knows.
    package private(set) var goneCount = 0
    /// The runs that were counted.
    package private(set) var runs: [RunID] = []
    /// Their folders, in the same order.
    package private(set) var folders: [String] = []
    /// The ratios that exist, each with the length of its periods.
    package private(set) var ratios: [(value: Double, periodNanos: Int64)] = []
    /// Evaluations of runs that were counted.
    private var evaluations: Set<RunID> = []

    package static func == (a: RunTrials, b: RunTrials) -> Bool {
        a.count == b.count && a.runs == b.runs && a.folders == b.folders
            && a.ratios.map(\.value) == b.ratios.map(\.value)
            && a.ratios.map(\.periodNanos) == b.ratios.map(\.periodNanos)
    }

    /// The ratios as they would be over other periods, if what happens in one says nothing about the next.
    package func ratios(overNanos periodNanos: Int64) -> [Double] {
        ratios.map { $0.value * (Double(periodNanos) / Double($0.periodNanos)).squareRoot() }
    }

    /// Looks into the folders of `directory`; a missing one holds nothing.
    ///
    /// - Parameter own: the run that asks, which does not count.
    /// - Throws: `damaged` for a run whose logs cannot be read: a trial must not be lost silently; `fileSystem`.
    package init(
        in directory: String, without own: RunID, environment: LogEnvironment = .real()
    ) throws(LogError) {
        let fileSystem = environment.fileSystem
        guard fileSystem.kind(directory) == .directory else { return }
        var names: [String]
        do throws(FSError) { names = try fileSystem.list(directory) } catch { throw LogError(error) }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for name in names {
            let run = "\(directory)/\(name)"
            guard fileSystem.kind("\(run)/\(RunManifest.fileName)") == .file,
                let (event, tried) = try Self.read(run, environment), event.runID != own, !runs.contains(event.runID)
            else { continue }
            take(event.metrics)
            runs.append(event.runID)
            folders.append(run)
            count += tried
            try add(evaluationsIn: run, without: nil, configurations: tried, environment)
        }
    }

    /// The last event of a run; nil for one that has not ended.
    package static func last(
        of run: String, environment: LogEnvironment = .real()
    ) throws(LogError) -> RunCompleted? { try read(run, environment)?.event }

    /// The last event of a run and the configurations that it judged; nil for a run that has not ended.
    static func read(
        _ run: String, _ environment: LogEnvironment
    ) throws(LogError) -> (event: RunCompleted, configurationCount: Int)? {
        let modules = EventScan.modules(in: run, environment: environment)
        guard modules.contains(.ops) else { return nil }
        let scan = EventScan()
        var completed: [RunCompleted] = []
        try scan.on(RunCompleted.self) { event, _ in completed.append(event) }
        try scan.read("\(run)/\(Module.ops.text)", environment: environment)
        guard let event = completed.last else { return nil }
        var tried = event.metrics.count { $0.name.hasPrefix(TrialCount.ratioPrefix) }
        if tried == 0, modules.contains(.sig) {
            let registered = EventScan()
            try registered.on(DetectorRegistered.self) { _, _ in tried += 1 }
            try registered.read("\(run)/\(Module.sig.text)", environment: environment)
        }
        return (event, max(tried, 1))
    }

    /// Counts the evaluations of a run beyond the first, each of so many configurations.
    package mutating func add(
        evaluationsIn run: String, without own: RunID?, configurations: Int, _ environment: LogEnvironment
    ) throws(LogError) {
        for event in try RunEvaluations.read(run, environment: environment) where event.runID != own {
            take(event.metrics)
            evaluations.insert(event.runID)
            count += max(configurations, 1)
            evaluationCount += 1
        }
    }

    /// Counts the trials that the ledger of a folder knows and its runs do not show.
    ///
    /// A run that began and whose folder is gone counts, too: nobody knows what it had shown.
    ///
    /// - Parameter own: the run and the evaluation that ask.
    package mutating func add(
        ledgerIn directory: String, without own: [RunID], _ environment: LogEnvironment
    ) throws(LogError) {
        let trials = try RunLedger(in: directory, environment: environment).trials()
        guard !trials.isEmpty else { return }
        let standing = Set(try RunFolders(in: directory, environment: environment).ids)
        for trial in trials where !own.contains(trial.id) && !runs.contains(trial.id) {
            guard !evaluations.contains(trial.id), trial.entry.hasEnded || !standing.contains("\(trial.id)") else {
                continue
            }
            take(trial.entry.metrics)
            count += trial.configurationCount
            goneCount += 1
        }
    }

    /// Counts the evaluation that a run's last event stands for, if it names ratios.
    package mutating func addFirst(of run: RunWindows) {
        guard run.completed.metrics.contains(where: { $0.name.hasPrefix(TrialCount.ratioPrefix) }) else { return }
        take(run.completed.metrics)
        count += run.detectors.count
        evaluationCount += 1
    }

    private mutating func take(_ metrics: [Metric]) {
        let seconds = metrics.first { $0.name == TrialRatios.periodName }?.value ?? 0
        // A ratio without its period says nothing; it is counted all the same.
        guard seconds >= 1, seconds <= 1e9 else { return }
        for metric in metrics where metric.name.hasPrefix(TrialCount.ratioPrefix) {
            if let value = metric.value { ratios.append((value, Int64(seconds) * 1_000_000_000)) }
        }
    }

    init() {}
}

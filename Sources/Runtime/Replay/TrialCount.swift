package import Events
package import LogEngine
import LogFormat

/// The trials that the record knows of: every completed run beside a run, by what it looked at and what it found.
///
/// The best of many is lucky; how many there were is counted here and not confessed.
package struct TrialCount: Equatable, Sendable {
    /// Metrics of `rep.RunCompleted` with this beginning are the ratios a period of one configuration each.
    package static let ratioPrefix = "sharpe/"

    /// Configurations that were judged: one for each ratio, and one for a run without any.
    package private(set) var count = 0
    /// The ratios that exist, by run and in the order of its metrics.
    package private(set) var ratios: [Double] = []
    /// The runs that were counted, by folder.
    package private(set) var runs: [RunID] = []

    /// Reads the runs whose folders stand in `directory`; the same run in two folders counts once.
    ///
    /// - Parameter own: a run that does not count: the one that asks.
    /// - Throws: `damaged` for a run whose ops log cannot be read: a trial must not be lost silently; `fileSystem`.
    package init(
        in directory: String, without own: RunID? = nil, environment: LogEnvironment = .real()
    ) throws(LogError) {
        let fileSystem = environment.fileSystem
        guard fileSystem.kind(directory) == .directory else { return }
        let names: [String]
        do throws(FSError) { names = try fileSystem.list(directory) } catch { throw LogError(error) }
        for name in names {
            let run = "\(directory)/\(name)"
            let ops = "\(run)/\(Module.ops.text)"
            guard fileSystem.kind("\(run)/\(RunManifest.fileName)") == .file, fileSystem.kind(ops) == .directory else {
                continue
            }
            let scan = EventScan()
            var completed: [RunCompleted] = []
            try scan.on(RunCompleted.self) { event, _ in completed.append(event) }
            try scan.read(ops, environment: environment)
            for event in completed where event.runID != own && !runs.contains(event.runID) { add(event) }
        }
    }

    private mutating func add(_ event: RunCompleted) {
        let found = event.metrics.filter { $0.name.hasPrefix(Self.ratioPrefix) }
        runs.append(event.runID)
        count += max(found.count, 1)
        ratios += found.compactMap(\.value)
    }
}

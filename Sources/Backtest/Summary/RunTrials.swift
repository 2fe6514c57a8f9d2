package import Events
package import LogEngine
import LogFormat
import Runtime

/// The configurations that were tried beside a run, counted from the records and not confessed.
///
/// Every finished run whose folder stands in the same directory counts: once for each ratio that its last event names,
/// else once for each detector that it registered, and at least once. The same run in two folders counts once.
package struct RunTrials: Equatable, Sendable {
    /// Configurations of the other runs.
    package private(set) var count = 0
    /// The runs that were counted.
    package private(set) var runs: [RunID] = []

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
            guard fileSystem.kind("\(run)/\(RunManifest.fileName)") == .file else { continue }
            let modules = EventScan.modules(in: run, environment: environment)
            guard modules.contains(.ops) else { continue }
            let scan = EventScan()
            var completed: [RunCompleted] = []
            try scan.on(RunCompleted.self) { event, _ in completed.append(event) }
            try scan.read("\(run)/\(Module.ops.text)", environment: environment)
            guard let event = completed.last, event.runID != own, !runs.contains(event.runID) else { continue }
            var tried = event.metrics.count { $0.name.hasPrefix(TrialCount.ratioPrefix) }
            if tried == 0, modules.contains(.sig) {
                let registered = EventScan()
                try registered.on(DetectorRegistered.self) { _, _ in tried += 1 }
                try registered.read("\(run)/\(Module.sig.text)", environment: environment)
            }
            runs.append(event.runID)
            count += max(tried, 1)
        }
    }

    init() {}
}

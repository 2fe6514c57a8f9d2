package import Events
package import LogEngine
import LogFormat
package import Runtime

/// The trials of a folder of runs, in a log beside them that survives its runs (REP-05, decision 0031).
///
/// A run is entered before it can show anything and once more when its figures are known; a report of it under another
/// plan or other costs is entered, too. Whoever removes the folder of a run does not remove the trial, and whoever
/// removes an entry breaks the chain of the log. Each entry is made once, however often a run was killed and went on.
package struct RunLedger: Sendable {
    /// The log's folder beside the runs.
    package static let name = "trials"

    /// What the ledger says of one trial.
    package struct Trial: Equatable, Sendable {
        /// Its last entry.
        package let entry: TrialEntered
        /// The evaluation, or the run itself.
        package var id: RunID { entry.evaluationID ?? entry.runID }
        /// Configurations that it judged: one for each ratio, else what was announced, and at least one.
        package var configurationCount: Int {
            let ratios = entry.metrics.count { $0.name.hasPrefix(TrialCount.ratioPrefix) }
            return max(ratios > 0 ? ratios : Int(clamping: entry.configurationCount), 1)
        }
    }

    /// Where the log stands.
    package let path: String

    private let options: LogOptions
    private let environment: LogEnvironment

    /// Longest wait for another process that makes an entry.
    private static let patienceNanos: Int64 = 30_000_000_000
    private static let pauseNanos: Int64 = 5_000_000

    /// The ledger of a folder of runs.
    package init(in folder: String, options: LogOptions? = nil, environment: LogEnvironment = .real()) {
        path = "\(folder)/\(Self.name)"
        self.environment = environment
        var own = LogOptions()
        (own.segmentBytes, own.zeroAheadBytes) = (16 << 20, 0)
        self.options = options ?? own
    }

    /// The ledger of the folder that a run's folder stands in.
    ///
    /// - Throws: `usage` for a run whose folder would take the ledger's name.
    package init(beside run: String, options: LogOptions? = nil, environment: LogEnvironment = .real()) throws(LogError)
    {
        self.init(in: RunReportMaker.parent(of: run), options: options, environment: environment)
        guard RunReportMaker.name(of: run) != Self.name else {
            throw LogError(
                .usage, "\(run): '\(Self.name)' is the name of the ledger beside the runs; give the run another one")
        }
    }

    /// The trials in the order in which they began.
    ///
    /// - Throws: `damaged` where an entry is missing or changed: a trial must not be lost silently; `fileSystem`.
    package func trials() throws(LogError) -> [Trial] {
        guard environment.fileSystem.kind(path) == .directory else { return [] }
        let scan = EventScan()
        var entries: [TrialEntered] = []
        try scan.on(TrialEntered.self) { event, _ in entries.append(event) }
        try scan.read(path, environment: environment)
        var trials: [Trial] = []
        var places: [RunID: Int] = [:]
        for entry in entries {
            let trial = Trial(entry: entry)
            if let place = places[trial.id] {
                if entry.hasEnded { trials[place] = trial }
            } else {
                places[trial.id] = trials.count
                trials.append(trial)
            }
        }
        return trials
    }

    /// Enters a run that begins, before any of its figures exist.
    ///
    /// - Throws: `locked` after half a minute in which others held the ledger; errors of the log.
    package func begin(_ manifest: RunManifest, _ run: String, configurations: Int) throws(LogError) {
        try enter(Self.entry(manifest, run, configurations, []), at: manifest.firstNanos)
    }

    /// Enters the figures of a run that has ended.
    ///
    /// - Throws: as `begin`.
    package func end(
        _ manifest: RunManifest, _ run: String, configurations: Int, metrics: [Metric], nanos: Int64
    ) throws(LogError) {
        var entry = Self.entry(manifest, run, configurations, metrics)
        entry.hasEnded = true
        try enter(entry, at: max(nanos, manifest.firstNanos))
    }

    /// Enters an evaluation of a run that has ended.
    ///
    /// - Throws: as `begin`.
    package func evaluated(
        _ id: RunID, of run: RunStarted, in folder: String, metrics: [Metric], nanos: Int64
    ) throws(LogError) {
        var entry = TrialEntered()
        (entry.runID, entry.evaluationID, entry.folder) = (run.runID, id, RunReportMaker.name(of: folder))
        (entry.inputsHash, entry.configHash, entry.codeRevision) = (run.fixturesHash, run.configHash, run.codeRevision)
        (entry.seed, entry.hasEnded, entry.metrics) = (run.seed, true, metrics)
        try enter(entry, at: nanos)
    }

    private static func entry(
        _ manifest: RunManifest, _ run: String, _ configurations: Int, _ metrics: [Metric]
    ) -> TrialEntered {
        let ratios = metrics.filter {
            $0.name.hasPrefix(TrialCount.ratioPrefix) || $0.name == TrialRatios.periodName
        }
        var entry = TrialEntered()
        (entry.runID, entry.folder) = (manifest.runID, RunReportMaker.name(of: run))
        (entry.inputsHash, entry.configHash) = (manifest.inputsHash, manifest.configuration.hash)
        (entry.codeRevision, entry.seed) = (manifest.codeRevision, manifest.seed)
        (entry.configurationCount, entry.metrics) = (Int64(configurations), ratios)
        return entry
    }

    /// Makes an entry durable, unless it stands there already.
    private func enter(_ given: TrialEntered, at nanos: Int64) throws(LogError) {
        let writer = try openWriter()
        do throws(LogError) {
            let trial = Trial(entry: given)
            // Nobody else writes now: what is read here stays true until the entry is made.
            let isThere = try trials().contains { $0.id == trial.id && ($0.entry.hasEnded || !given.hasEnded) }
            if !isThere {
                var entry = given
                let key = "trial|\(trial.id)|\(given.hasEnded)"
                entry.lineage.id = EventID(module: .ops, key: key, eventNanos: nanos)
                let type = try writer.register(TrialEntered.self)
                try writer.append(&entry, typeID: type, eventNanos: nanos)
            }
        } catch {
            try? writer.close()
            throw error
        }
        try writer.close()
    }

    private func openWriter() throws(LogError) -> LogWriter {
        let start = environment.clock.monotonicNanos()
        while true {
            do throws(LogError) {
                return try LogWriter(path, options: options, environment: environment)
            } catch {
                guard error.code == .locked, environment.clock.monotonicNanos() - start < Self.patienceNanos else {
                    throw error
                }
                // Entries take milliseconds: another run is making one.
                EventCount().wait(seen: 0, timeoutNanos: Self.pauseNanos)
            }
        }
    }
}

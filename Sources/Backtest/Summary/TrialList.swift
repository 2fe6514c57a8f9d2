import Events
package import LogEngine
import LogFormat
import Runtime

/// The trials of a folder of runs: what its ledger says beside what stands in the folder.
package struct TrialList: Sendable {
    /// What became of a trial's run.
    package enum State: String, Sendable {
        /// It has ended, as the ledger or its own log says, and its folder stands there.
        case here
        /// Its folder stands there, and it has not ended: it counts once it has, or once its folder is gone.
        case unfinished
        /// Its folder is gone; it counts all the same.
        case gone
        /// Its folder stands there and the ledger does not know it: it was copied here, or the ledger is a new one.
        case unlisted
    }

    /// A trial with its state.
    package struct Entry: Sendable {
        package let runID: String
        /// Nil for the run itself.
        package let evaluationID: String?
        package let folder: String
        package let configurationCount: Int
        package let state: State
    }

    /// In the order of the ledger, those that it does not know last, by folder.
    package private(set) var entries: [Entry] = []

    /// Configurations that count as trials.
    package var trialCount: Int {
        entries.reduce(0) { $0 + ($1.state == .unfinished ? 0 : $1.configurationCount) }
    }

    /// Whether the folder holds what the ledger says, and nothing else.
    package var isWhole: Bool { !entries.contains { $0.state == .gone || $0.state == .unlisted } }

    /// Compares the ledger of a folder with what stands in it.
    ///
    /// - Throws: `usage` for a folder without runs and without a ledger; `damaged`, `fileSystem`.
    package init(in folder: String, environment: LogEnvironment = .real()) throws(LogError) {
        let standing = try RunFolders(in: folder, environment: environment)
        let ledger = RunLedger(in: folder, environment: environment)
        guard !standing.names.isEmpty || environment.fileSystem.kind(ledger.path) == .directory else {
            throw LogError(
                .usage, "\(folder): holds neither runs nor a ledger of trials; name the folder above the runs")
        }
        let trials = try ledger.trials()
        for trial in trials {
            let id = "\(trial.entry.runID)"
            let name = standing.name(of: id)
            var (state, count) = (name == nil ? State.gone : .here, trial.configurationCount)
            if let name, !trial.entry.hasEnded {
                // Between a run's last event and its entry it can be killed: its own log is what a report counts by.
                let found = try RunTrials.read("\(folder)/\(name)", environment)
                state = found == nil ? .unfinished : .here
                count = found?.configurationCount ?? count
            }
            entries.append(
                Entry(
                    runID: id, evaluationID: trial.entry.evaluationID.map { "\($0)" },
                    folder: name ?? trial.entry.folder, configurationCount: count, state: state))
        }
        let known = Set(trials.map { "\($0.entry.runID)" })
        for (name, id) in zip(standing.names, standing.ids) where !known.contains(id) {
            let found = try RunTrials.read("\(folder)/\(name)", environment)
            entries.append(
                Entry(
                    runID: id, evaluationID: nil, folder: name, configurationCount: found?.configurationCount ?? 0,
                    state: .unlisted))
        }
    }
}

/// The folders of runs that stand in a folder, finished or not, with the ids that their RUN.json names.
struct RunFolders {
    /// Sorted.
    let names: [String]
    let ids: [String]

    init(in directory: String, environment: LogEnvironment) throws(LogError) {
        let fileSystem = environment.fileSystem
        var (names, ids): ([String], [String]) = ([], [])
        if fileSystem.kind(directory) == .directory {
            var all: [String]
            do throws(FSError) { all = try fileSystem.list(directory) } catch { throw LogError(error) }
            all.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            for name in all where fileSystem.kind("\(directory)/\(name)/\(RunManifest.fileName)") == .file {
                names.append(name)
                ids.append(try RunFile(in: "\(directory)/\(name)", environment: environment).runID)
            }
        }
        (self.names, self.ids) = (names, ids)
    }

    func name(of id: String) -> String? { ids.firstIndex(of: id).map { names[$0] } }
}

import ArgumentParser
import Backtest
import LogEngine
import LogFormat

/// `lotus trials`: everything that was tried in a folder of runs, also what is gone (REP-05).
struct Trials: Verb {
    static let configuration = CommandConfiguration(
        abstract: "List what was tried in a folder of runs.",
        discussion: """
            Every replay and every report under another plan or other costs is entered into the ledger of the folder \
            that the run's folder stands in: the log 'trials'. Reports count by it, so that removing a run does not \
            remove the trial. Entries are chained like those of every log: one that is missing or changed is damage. \
            What lotus attest prints of the ledger, kept elsewhere, shows later that nothing was taken from its end.

            States: here; unfinished, which counts once it has ended; gone, whose folder is missing and which counts; \
            unlisted, of which the ledger does not know.

            Exit status 2: an entry is missing or changed. 3: a run is gone or unlisted.

            EXAMPLES
              lotus trials runs
              lotus attest runs/trials > trials.anchor
            """)

    @Argument(help: "The folder above the folders of runs.")
    var folder: String
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let list = try TrialList(in: folder)
        if json {
            let entries = list.entries.map { entry in
                JSON.object([
                    ("run_id", jsonString(entry.runID)), ("evaluation_id", JSON.text(entry.evaluationID)),
                    ("folder", jsonString(entry.folder)), ("configurations", "\(entry.configurationCount)"),
                    ("state", jsonString(entry.state.rawValue)),
                ])
            }
            try Output.print(JSON.object([("trials", "\(list.trialCount)"), ("entries", JSON.array(entries))]))
        } else {
            var rows = [["state", "trials", "folder", "run", "evaluation"]]
            for entry in list.entries {
                rows.append([
                    entry.state.rawValue, "\(entry.configurationCount)", entry.folder, entry.runID,
                    entry.evaluationID ?? "",
                ])
            }
            let gone = list.entries.count { $0.state == .gone }
            let unlisted = list.entries.count { $0.state == .unlisted }
            var summary = "\(folder): \(list.trialCount) trials"
            if gone > 0 { summary += ", \(gone) entries whose runs are gone" }
            if unlisted > 0 { summary += ", \(unlisted) runs that the ledger does not know" }
            try Output.print(Figures.table(rows, rightAligned: [1]) + "\n" + summary)
        }
        return list.isWhole ? .clean : .lossy
    }
}

import ArgumentParser

/// `lotus diff`: what is not the same.
struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what differs: two logs, two runs, two versions of the priors.",
        discussion: """
            Exit status 0: equal; 4: it differs.

            EXAMPLES
              lotus diff priors v3 v5 --root logs
              lotus diff logs monday/sig tuesday/sig
              lotus diff runs monday tuesday
            """,
        subcommands: [DiffPriors.self, DiffLogs.self, DiffRuns.self])
}

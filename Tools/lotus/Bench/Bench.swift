import ArgumentParser

/// The project's own benchmarks.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this build on this machine.",
        discussion: """
            Each measurement prints one JSON object. make bench runs all of them beside the same work in C and in \
            SQLite, and prints one table.

            EXAMPLES
              lotus bench log ack /tmp
              lotus bench projections /tmp --events 1000000
              lotus bench ingest /tmp
              lotus bench replay peer ticks-1000000.csv /tmp
              lotus bench log --help
            """,
        subcommands: [
            BenchLog.self, BenchProjections.self, BenchIngest.self, BenchPipeline.self, BenchRoot.self, BenchDiff.self,
            BenchWhy.self, BenchBeside.self,
        ],
        // The name of the first group may be left out.
        defaultSubcommand: BenchLog.self)
}

import ArgumentParser
import CLotus
import Glibc

/// The command line of Lotus.
@main
struct Lotus: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Append-only event logs that anyone can read and nobody can trick.",
        discussion: """
            A log is a directory; a root is a directory of logs. Any number of programs may read a log while one writes.

            EXAMPLES
              lotus append logs/trades --schema trade.yaml < trades.ndjson
              lotus tail logs/trades --from cursor:mine
              lotus cat logs/trades --type mkt.Trade --from time:2026-01-02T00:00:00Z
              lotus verify logs --deep

            EXIT STATUS
              0 clean, 1 failure, 2 damaged data, 3 lossy result, 4 differs, 64 usage
            """,
        version: "0.1.0 (log format 1.0)",
        subcommands: [
            Append.self, IngestCommand.self, Fetch.self, RunCommand.self, Cat.self, Tail.self, Verify.self,
            Salvage.self, Info.self, Attest.self, Seal.self, Rebuild.self, Freeze.self, Replay.self, Sweep.self,
            Reproduce.self,
            ReportCommand.self, Trials.self, Diff.self, Why.self, WhyNot.self, Audit.self, SchemaCommand.self,
            ManifestCommand.self,
            HeraldCommand.self, Doctor.self, Manual.self, Bench.self,
        ])

    static func main() {
        // A reader that went away is met as an error of write, not as a signal.
        _ = signal(SIGPIPE, SIG_IGN)
        // Large buffers come and go with segments; without this the heap keeps the holes that they leave, and a long
        // replay takes more memory than a short one.
        clotus_return_large_blocks(256 << 10)
        main(nil)
    }
}

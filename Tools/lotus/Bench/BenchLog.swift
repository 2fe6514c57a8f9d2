import ArgumentParser

/// The benchmarks of the log.
struct BenchLog: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Measure the log: appends, acknowledgements, tails, replay.",
        discussion: """
            Each measurement prints one JSON object. Where events come from a file, it is the one that the C loops \
            of Tools/bench/cfloor write, so that both work on the same bytes. make bench runs all of it beside the \
            C loops and SQLite, and prints one table of ratios.

            EXAMPLES
              lotus bench log ack /tmp
              lotus bench log tail /tmp --count 5000
              cfloor gen /tmp/mix.bin 1000000
              lotus bench log append /tmp/mix.bin /tmp --level durable
              lotus bench log replay /tmp/mix.bin /tmp
            """,
        subcommands: [
            BenchAppend.self, BenchReplay.self, BenchAck.self, BenchLogs.self, BenchSeek.self, BenchTail.self,
            BenchTailChild.self, BenchOpen.self, BenchOpenChild.self, BenchPeer.self, BenchRoll.self,
        ])
}

import ArgumentParser

/// The project's own benchmarks.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures the engine; make bench runs all of it beside the C floor.",
        discussion: """
            Each measurement prints one JSON object. The events come from a file that the C floor
            writes, so both work on the same bytes.

            EXAMPLES
              cfloor gen /tmp/mix.bin 1000000
              lotus bench append /tmp/mix.bin /tmp --level durable
              lotus bench replay /tmp/mix.bin /tmp
              lotus bench ack /tmp
            """,
        subcommands: [
            BenchAppend.self, BenchReplay.self, BenchAck.self, BenchLogs.self, BenchSeek.self, BenchTail.self,
            BenchTailChild.self, BenchPeer.self,
        ])
}

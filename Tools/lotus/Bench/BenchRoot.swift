import ArgumentParser
import Events
import Glibc
import LogEngine
import LogFormat
import Runtime
import Specimens

/// `lotus bench root`: a root to try things on, the same for the same seed.
struct BenchRoot: Verb {
    static let configuration = CommandConfiguration(
        commandName: "root", abstract: "Make a root of generated events, to measure or torture something with.",
        usage: "lotus bench root <directory> [<options>]",
        discussion: """
            Random events of every type, some of them twice and some of a type that nobody knows; or with --signals \
            what a run writes: scores with their outcomes, publications and deliveries; or with --market two \
            instruments' trades, books and quotes, sealed. The same seed gives the same events.

            EXAMPLES
              lotus bench root /tmp/root --events 100000 --seed 7
              lotus bench root /tmp/root --events 2000000 --signals
              lotus bench root /tmp/root --events 60000 --market
            """)

    @Argument(help: "The root; must not exist.") var directory: String
    @Option(help: "Events of the root.") var events = 100_000
    @Option(help: "Seed of the random events.") var seed: UInt64 = 1
    @Flag(help: "Signals as a run writes them.") var signals = false
    @Flag(help: "A market, to replay.") var market = false
    @Option(help: ArgumentHelp("Most time between two events of the market.", valueName: "ms")) var pace = 180
    @Flag(help: "Print an error as JSON; the result is always one JSON object.") var json = false

    mutating func perform() throws -> Outcome {
        guard events > 0 else { throw ToolError(.usage, "--events is \(events); expected above 0") }
        guard (1...60_000).contains(pace) else { throw ToolError(.usage, "--pace is \(pace); expected 1 to 60000 ms") }
        guard RealFS().kind(directory) == .nothing else {
            throw ToolError(.usage, "\(directory): is there already; expected a new folder")
        }
        try RealFS().createDirectory(directory)
        if market {
            try SampleMarket.write(directory, count: events, seed: seed, paceMillis: pace)
        } else if signals {
            var history = ScratchRoot()
            try history.append(events, to: directory)
        } else {
            let root = try Root(directory, modules: RandomHistory.modules)
            var history = RandomHistory(seed: seed)
            try history.append(events, to: root)
            try root.close()
        }
        try Output.print(
            JSON.object([
                ("bench", jsonString("root")), ("root", jsonString(directory)), ("events", "\(events)"),
                ("seed", signals ? "null" : "\(seed)"),
            ]))
        return .clean
    }
}

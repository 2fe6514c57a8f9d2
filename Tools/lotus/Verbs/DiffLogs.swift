import ArgumentParser
import Inquiry
import LogEngine
import LogFormat

/// `lotus diff logs`: the first event that two logs do not share, field by field.
struct DiffLogs: Verb {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show the first event that two logs do not share.",
        usage: "lotus diff logs <a> <b> [--where <filter>] [--exact] [<options>]",
        discussion: """
            Sealed stretches are compared by the digests of their runs of 1024 events, without reading them; seals are \
            believed, and lotus verify --deep checks them. What follows is compared event by event. Append times, \
            global sequence numbers and volatile fields count only with --exact.

            With --where only the events that the filter takes are compared, in their order, whatever stands between \
            them. Seals tell nothing of single events: they help only where the logs are the same in all events, and \
            from the first run that is not on, everything that may be taken is read.

            Exit status 0: equal; 4: they differ, or one is a prefix of the other.

            EXAMPLES
              lotus diff logs monday/sig tuesday/sig
              lotus diff logs logs/trades copy/trades --exact --json
              lotus diff logs monday/sig tuesday/sig --where 'type = sig.SignalScored'
            """)

    @Argument(help: "A log, or a segment file.")
    var a: String
    @Argument(help: "Another one.")
    var b: String
    @Flag(help: "Also compare append times, global sequence numbers and volatile fields.")
    var exact = false
    @OptionGroup var condition: Where
    @OptionGroup var progress: ProgressOptions
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let bar = Progress("diff", .events)
        let filter = try condition.filter(over: [a, b])
        let difference = try LogDifference(a, b, isExact: exact, where: filter) { bar.update($0) }
        Progress.clear()
        try Output.print(json ? difference.json : difference.text(a, b))
        return difference.verdict == .equal ? .clean : .differs
    }
}

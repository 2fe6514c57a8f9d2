import ArgumentParser
import Backtest
import Inquiry
import LogEngine
import LogFormat

/// `lotus diff runs`: where two runs part, and why.
struct DiffRuns: Verb {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "Show the first event that two runs do not share, and why.",
        discussion: """
            Compares all logs of two roots. Events correspond by their ids, and those without one by what they say: an \
            event more is one insertion, however many numbers move behind it. Printed is the first difference in the \
            order over all logs, with its causes in both runs, and how many follow in each log. Runs of lotus replay \
            also tell what they were made of: settings, parameters of detectors, priors, code, seed, market.

            With --where only events that the filter takes, in the one run or in the other, count as differences. \
            Seals tell nothing of single events: stretches are passed over only where they are the same in all events.

            Exit status 0: equal; 4: they differ.

            EXAMPLES
              lotus diff runs monday tuesday
              lotus diff runs live replayed --json
              lotus diff runs monday tuesday --where 'log = sig and data.signal > 0.5'
            """)

    @Argument(help: "A root of logs.")
    var a: String
    @Argument(help: "Another one.")
    var b: String
    @OptionGroup var condition: Where
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func perform() throws -> Outcome {
        let (logsA, logsB) = (try RootLogs(a), try RootLogs(b))
        let filter = try condition.filter(over: logsA.paths + logsB.paths)
        var difference = try RunDifference(logsA, logsB, where: filter)
        if let first = try? RunFile(in: a), let second = try? RunFile(in: b) {
            // Of detectors the runs' own records say more than a hash.
            let settings = first.settingsChanged(in: second).filter { !$0.name.hasPrefix(RunFile.detector) }
            difference.add(settings.map { OriginDifference(name: $0.name, a: $0.a, b: $0.b) })
        }
        try Output.print(json ? difference.json : difference.text)
        return difference.isEqual ? .clean : .differs
    }
}

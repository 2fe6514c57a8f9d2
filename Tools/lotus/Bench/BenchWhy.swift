import ArgumentParser
import Events
import Inquiry
import LogEngine
import LogFormat
import Runtime

/// How long it takes to say why an event is there, from nothing: every question opens the root anew.
struct BenchWhy: Verb {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Measure why on random events of a root, each time from nothing.",
        usage: "lotus bench why <root> [<options>]",
        discussion: """
            Each question opens the logs anew, finds the event by its id and follows its causes. What the system keeps \
            of the files in memory stays.

            EXAMPLE
              lotus bench why /tmp/root --questions 500
            """)

    @Argument(help: "A root, such as bench root makes.") var root: String
    @Option(help: "Questions.") var questions = 500
    @Option(help: "Seed of the choice of events.") var seed: UInt64 = 1
    @Flag(help: "Print an error as JSON; the result is always one JSON object.") var json = false

    mutating func perform() throws -> Outcome {
        guard questions > 0 else { throw ToolError(.usage, "--questions is \(questions); expected above 0") }
        let logs = try RootLogs(root)
        var last: UInt64 = 0
        for name in logs.names { last = max(last, try logs.walk(name).end()?.globalSeq ?? 0) }
        guard last > 0 else { throw ToolError("\(root): holds no events; make some with lotus bench root") }
        var random = SeededGenerator(seed: seed)
        var nanos: [Int64] = []
        var events = 0
        while nanos.count < questions {
            let place = UInt64(random.below(Int(clamping: last))) + 1
            guard let id = try logs.event(globalSeq: place)?.id else { continue }
            let start = Terminal.nanos
            let opened = try RootLogs(root)
            guard let event = try opened.event(id, isThorough: true) else {
                throw ToolError("\(root): event \(id.text) is there by place and not by id; lotus verify says more")
            }
            events += try CauseTree(event, of: opened).count
            nanos.append(Terminal.nanos - start)
        }
        nanos.sort()
        func millis(_ percent: Int) -> String {
            decimals(Double(nanos[max(0, (nanos.count * percent + 99) / 100 - 1)]) / 1e6, 3)
        }
        try Output.print(
            JSON.object([
                ("bench", jsonString("why")), ("events", "\(last)"), ("questions", "\(questions)"),
                ("p50_ms", millis(50)), ("p90_ms", millis(90)), ("p99_ms", millis(99)), ("max_ms", millis(100)),
                ("events_per_tree", decimals(Double(events) / Double(questions), 1)),
            ]))
        return .clean
    }
}

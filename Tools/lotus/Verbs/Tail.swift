import ArgumentParser
import LogEngine
import LogFormat

/// `lotus tail`: what is in a log, and then what comes.
struct Tail: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Follow a log: print what is there from a place on, then what comes.",
        usage: "lotus tail <log> [--from <place>] [--to <place>] [<options>]",
        discussion: """
            Prints events as lotus cat does, as soon as they have reached the level. --from takes seq:N (or N), \
            time:T (event time, of all that is there and comes), append-time:T (when the log took it), now, or \
            cursor:NAME, a position that the log keeps for NAME and that moves along with what was printed. \
            Without --from everything is printed from the first event on. --to takes seq:N or append-time:T, and \
            the tail ends behind it. --where takes the filter of lotus cat; a cursor also moves past what it leaves \
            out. With --lag, a reader that is behind says so on standard error, once a second.

            If events that were printed are lost in a crash of the writer's machine, \
            {"rewound":{"from":N,"to":M}} is printed, and the tail goes on behind M. It ends at SIGINT, SIGTERM, or \
            when nobody reads its output any more.

            EXAMPLES
              lotus tail logs/trades --from now
              lotus tail logs/trades --from cursor:reporter | ./reporter
              lotus tail logs/trades --from seq:1 --count 10 --type mkt.Trade
              lotus tail logs/trades --from cursor:big --where 'data.size > 10'
              lotus tail logs/trades --from seq:100 --to seq:200
            """)

    @Argument(help: "Directory of the log.")
    var log: String
    @Option(help: ArgumentHelp("First event: seq:N, time:T, append-time:T, now or cursor:NAME.", valueName: "place"))
    var from: String = "seq:1"
    @Option(help: ArgumentHelp("Last event: seq:N or append-time:T.", valueName: "place"))
    var to: String?
    @Option(help: "Only this type (NAME or NAME@VERSION); may be given several times.")
    var type: [String] = []
    @OptionGroup var condition: Where
    @Option(help: "Deliver events that are written, or durable.")
    var level: AppendLevel = .durable
    @Option(help: "End after this many events.")
    var count: UInt64?
    @Option(help: "End after this many seconds without an event.")
    var timeout: Double?
    @Flag(help: "On standard error, once a second: events and seconds behind.")
    var lag = false
    @Flag(help: "Print an error as JSON; events are JSON anyway.")
    var json = false

    func validate() throws {
        guard level != .buffered else {
            throw ValidationError("buffered events are only in the writer's memory; choose written or durable")
        }
        guard timeout.map({ $0 >= 0 && $0 < 1e9 }) ?? true else {
            throw ValidationError("--timeout takes seconds from 0 to 1000000000")
        }
    }

    mutating func perform() throws -> Outcome {
        let place = try Place.parse(from, allowsLive: true)
        let end = try to.map { try Place.parse($0, allowsLive: false) }
        if case .time = end {
            throw ToolError(
                .usage,
                "--to \(to ?? ""): events come in the order in which the log took them, not in that of their times; "
                    + "expected seq:N or append-time:T (--where 'event_ts <= T' leaves out later times)")
        }
        let tail = try LogTail(log, level: level)
        Interrupt.handle { tail.stop() }
        let filter = EventFilter(
            types: type, from: place, to: end, where: try condition.filter(over: [log], types: type, isOpen: true))
        let following = Following(tail, place, filter, log: log, count: count, timeout: timeout)
        if lag { following.lagLine = LagLine() }
        try following.start()
        try following.run()
        return .clean
    }
}

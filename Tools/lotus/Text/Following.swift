import LogEngine
import LogFormat
import Runtime

/// Delivers a tail to standard output and keeps its cursor.
final class Following {
    private let tail: LogTail
    private let place: Place
    private let output = Output()
    private var printer: EventPrinter
    private let timeoutNanos: Int64
    private var cursorName: String?
    private var unstored: Cursor?
    private var storedNanos: Int64 = 0
    private var heardNanos = Terminal.nanos

    /// What says how far behind the reader is, where that is asked for.
    var lagLine: LagLine?

    private static let storeNanos: Int64 = 50_000_000
    private static let lookNanos: Int64 = 200_000_000

    init(_ tail: LogTail, _ place: Place, _ filter: EventFilter, log: String, count: UInt64?, timeout: Double?) {
        self.tail = tail
        self.place = place
        printer = EventPrinter(.ndjson, output, filter: filter, log: EventWalk.name(of: log))
        printer.limit = count ?? .max
        timeoutNanos = timeout.map { Int64($0 * 1e9) } ?? .max
        if case .cursor(let name) = place { cursorName = name }
    }

    /// Stands at the first event to deliver.
    func start() throws(LogError) {
        switch place {
        case .seq(let seq): try tail.seek(toSeq: max(seq, 1))
        case .time: tail.reader.range = printer.filter.range
        case .appendTime(let nanos): try tail.seek(toAppendNanos: nanos)
        case .now:
            try tail.seek(toSeq: .max)
            while case .batch(let block) = try tail.next(timeoutNanos: 0) {
                printer.filter.firstSeq = block.lastSeq + 1
            }
        case .cursor(let name):
            guard let cursor = try Cursor.load(name, of: tail.reader.location) else { return }
            try tail.seek(to: cursor)
            printer.filter.firstSeq = cursor.seq + 1
        }
    }

    /// Delivers until the end is asked for.
    func run() throws(LogError) {
        defer { try? store(force: true) }
        while !printer.isDone {
            switch try tail.next(timeoutNanos: patience) {
            case .batch(let block): try deliver(block)
            case .rewound(let from, let to):
                // What was not wanted yet, nobody needs to take back.
                guard printer.lastSeq >= printer.filter.firstSeq else { break }
                printer.filter.firstSeq = to + 1
                unstored = nil
                output.line("{\"rewound\":{\"from\":\(from),\"to\":\(to)}}")
                try output.flush()
            case .idle:
                output.checkReader()
                if Terminal.nanos - heardNanos >= timeoutNanos { return }
            case .stopped: return
            }
            try store(force: false)
        }
        try store(force: true)
    }

    private func deliver(_ block: BlockHeader) throws(LogError) {
        let before = printer.printed
        try printer.print(block, of: tail.reader)
        try output.flush()
        // What was not read by anybody is delivered again next time.
        if output.isClosed { return }
        if printer.printed > before { heardNanos = Terminal.nanos }
        lagLine?.delivered(block, of: tail)
        if cursorName != nil, printer.lastSeq >= printer.filter.firstSeq { unstored = tail.cursor(at: printer.lastSeq) }
    }

    /// How long to wait for the next batch before something else has to be looked after.
    private var patience: Int64 {
        let silence = timeoutNanos == .max ? .max : max(0, heardNanos + timeoutNanos - Terminal.nanos)
        return min(silence, unstored == nil ? Self.lookNanos : Self.storeNanos)
    }

    /// Stores the cursor, but not too often: each time costs two syncs.
    private func store(force: Bool) throws(LogError) {
        guard let cursorName, let cursor = unstored else { return }
        let now = Terminal.nanos
        guard force || now - storedNanos >= Self.storeNanos else { return }
        try cursor.store(cursorName, of: tail.reader.location)
        unstored = nil
        storedNanos = now
    }
}

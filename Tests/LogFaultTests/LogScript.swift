import LogEngine
import LogFormat
import LogTesting

/// A scripted life of a log on a simulated disk, and what it acknowledged: the same calls each time, so that any of
/// them can be made to fail.
final class LogScript {
    let disk: SimulatedDisk
    let path = "log"
    var environment: LogEnvironment
    var options = LogOptions()
    /// Events handed to the log so far.
    private(set) var appended = 0
    /// Events that must survive the death of the process.
    private(set) var written = 0
    /// Events that must survive a power cut.
    private(set) var durable = 0
    /// Called after each step.
    var afterStep: (String) throws -> Void = { _ in }

    init(disk: SimulatedDisk = SimulatedDisk(seed: 1), seed: UInt64 = 7) {
        self.disk = disk
        environment = .simulated(disk: disk, clock: SimulatedClock(), seed: seed)
        // Whoever looks at the log looks after the writer's death.
        environment.isProcessAlive = { _ in false }
        options.segmentBytes = 64 << 10
        options.reserveBytes = 0
        options.zeroAheadBytes = 8 << 10
    }

    /// One writer's life: opened, used in every way, closed cleanly or left to die.
    func live(closes: Bool = true, rolls: Bool = true) throws {
        let core = try LogCore.open(path, name: "log", options: options, environment: environment)
        defer { core.release() }
        (appended, written, durable) = (Int(core.writtenSeq), Int(core.writtenSeq), Int(core.durableSeq))
        try afterStep("open")
        let type = try core.register(try quoteSchema())
        try afterStep("register")
        let state = BatchState()
        state.register(try quoteSchema(), typeID: type)
        var batch = BatchBuilder(state: state)
        func append(_ count: Int) throws {
            for index in appended..<appended + count {
                let head = RecordHead(
                    typeID: type, appendNanos: 1_000 + Int64(index), globalSeq: UInt64(index + 1),
                    eventNanos: quoteTime(index))
                try batch.append(quote(index), head: head)
            }
            appended += count
            try core.write(batch)
            batch.removeAll()
            written = appended
            try afterStep("write")
        }
        func sync() throws {
            try core.sync()
            durable = written
            try afterStep("sync")
        }
        try append(3)
        try sync()
        try append(40)
        if rolls {
            core.prepareNext()
            try afterStep("prepare")
            try core.roll()
            try afterStep("roll")
            try append(5)
            try core.sealPending()
            try afterStep("seal")
        }
        try sync()
        try core.writeMark()
        try afterStep("mark")
        try append(2)
        guard closes else { return }
        try core.close()
        durable = written
        try afterStep("close")
    }

    /// Reads the log as a tail does, and moves a cursor.
    func follow() throws {
        let tail = try LogTail(path, environment: environment)
        while case .batch(let block) = try tail.next(timeoutNanos: 0) {
            try tail.cursor(at: block.lastSeq).store("reader", of: tail.reader.location)
            try afterStep("cursor")
        }
    }
}

/// What a log kept of a script, checked: everything acknowledged, in order, unaltered, and nothing else.
func expectKept(
    _ path: String, _ environment: LogEnvironment, atLeast promised: Int, atMost appended: Int, _ what: String
) throws -> Int {
    let events = try readAll(path, environment)
    guard events.count >= promised, events.count <= appended else {
        throw LogScriptFailure("\(what): \(events.count) events, acknowledged \(promised), appended \(appended)")
    }
    for (index, event) in events.enumerated() where event != quote(index) {
        throw LogScriptFailure("\(what): event \(index + 1) was altered")
    }
    return events.count
}

/// A broken promise, with the case that broke it.
struct LogScriptFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Opens a log, checks what it kept, closes it cleanly and verifies it deeply.
func expectRecovers(
    _ disk: SimulatedDisk, atLeast promised: Int, atMost appended: Int, options: LogOptions, seed: UInt64,
    _ what: String
) throws {
    var environment = LogEnvironment.simulated(disk: disk, clock: SimulatedClock(), seed: seed)
    environment.isProcessAlive = { _ in false }
    do {
        let core = try LogCore.open("log", name: "log", options: options, environment: environment)
        let kept = Int(core.writtenSeq)
        guard kept >= promised, kept <= appended else {
            core.release()
            throw LogScriptFailure("\(what): kept \(kept), acknowledged \(promised), appended \(appended)")
        }
        try core.close()
        guard try expectKept("log", environment, atLeast: kept, atMost: kept, what) == kept else { return }
        let report = try Verifier.verify("log", deep: true, environment: environment)
        guard report.status == .clean, report.events == UInt64(kept) else {
            throw LogScriptFailure("\(what): verify says \(report.status), \(report.events) events: \(report.damage)")
        }
    } catch let error as LogError {
        throw LogScriptFailure("\(what): \(error)")
    }
}

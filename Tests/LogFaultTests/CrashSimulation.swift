import LogEngine
import LogFormat
import LogTesting

/// One seeded life of a log on the simulated disk: appends, commits, rolls, seals, faults, crashes, reopenings, and a
/// model that knows what was acknowledged.
///
/// Throws `Violation` with the seed as soon as an invariant breaks.
struct CrashSimulation {
    struct Violation: Error, CustomStringConvertible {
        let seed: UInt64
        let description: String
    }

    let seed: UInt64
    private let quotes: QuoteBytes
    private var random: SeededGenerator
    private let disk: SimulatedDisk
    private let clock = SimulatedClock()
    private var environment: LogEnvironment
    private var options = LogOptions()
    private let injectsFaults: Bool
    private let schema: Schema
    /// Events appended so far that may be on the disk; the index is the event.
    private var appended = 0
    /// Events acknowledged as durable: must survive everything.
    private var durable = 0
    /// Events acknowledged as written: must survive the death of the process.
    private var written = 0
    private(set) var crashes = 0
    private(set) var eventsLost = 0

    init(seed: UInt64, quotes: QuoteBytes) throws {
        self.seed = seed
        self.quotes = quotes
        schema = try quoteSchema()
        random = SeededGenerator(seed: seed)
        disk = SimulatedDisk(seed: random.next())
        environment = .simulated(disk: disk, clock: clock, seed: random.next())
        // Whoever looks at the log in this simulation looks after the writer's death.
        environment.isProcessAlive = { _ in false }
        options.segmentBytes = 64 << 10
        options.batchBytes = [64, 512, 4096, 20_000][random.below(4)]
        options.zeroAheadBytes = [0, 512, 8192, 1 << 20][random.below(4)]
        options.reserveBytes = 0
        injectsFaults = random.below(3) == 0
    }

    private let path = "log"

    private func fail(_ text: String) -> Violation { Violation(seed: seed, description: "seed \(seed): \(text)") }

    /// Runs several lives.
    mutating func run() throws {
        for _ in 0..<2 + random.below(4) {
            try live()
            crash()
            try checkAfterCrash()
        }
        try finish()
    }

    /// Opens the log and works until the dice say crash, or a fault stops the writer.
    private mutating func live() throws {
        let core: LogCore
        do {
            core = try LogCore.open(path, name: "log", options: options, environment: environment)
        } catch {
            throw fail("a log without rot does not open: \(error)")
        }
        defer { core.release() }
        guard core.writtenSeq == UInt64(appended) else { throw fail("opened at \(core.writtenSeq), model \(appended)") }
        durable = appended
        written = appended
        do throws(LogError) {
            let type = try core.register(schema)
            if injectsFaults, random.chance(0.7) { disk.faults = .swarm(&random, intensity: 0.02) }
            let state = BatchState()
            state.register(schema, typeID: type)
            var batch = BatchBuilder(state: state)
            for _ in 0..<10 + random.below(60) { try step(core, type, &batch) }
        } catch {
            guard core.poison != nil || error.code == .fileSystem || error.code == .poisoned else {
                throw fail("unexpected error \(error)")
            }
            try checkPoisoned(core)
        }
        disk.faults = DiskFaults()
    }

    private mutating func step(
        _ core: LogCore, _ type: UInt16, _ batch: inout BatchBuilder
    ) throws(LogError) {
        clock.advance(by: Int64(random.below(200_000_000)))
        switch random.below(20) {
        case 0..<12:
            let count = random.chance(0.1) ? 1 + random.below(400) : 1 + random.below(25)
            for index in appended..<appended + count {
                do throws(FormatError) { try batch.append(quote(index), head: quoteHead(index, type)) } catch {
                    throw LogError(.badEvent, "\(error)")
                }
            }
            appended += count
            try core.write(batch)
            batch.removeAll()
            written = appended
        case 12..<16:
            let before = Int(core.writtenSeq)
            try core.sync()
            durable = before
        case 16: try core.writeMark()
        case 17: if random.chance(0.5) { try core.sealPending() } else { core.prepareNext() }
        case 18: if random.chance(0.3) { try core.roll(); durable = Int(core.durableSeq) }
        default:
            guard random.chance(0.2) else { return }
            // A commit whose system call is cut by the crash is never acknowledged.
            guard let target = core.beginSync(upTo: core.writtenSeq) else { return }
            try target.run(disk)
        }
    }

    private func checkPoisoned(_ core: LogCore) throws {
        guard core.poison != nil else { return }
        do {
            try core.sync()
            if core.durableSeq > UInt64(durable), core.poison == nil { throw fail("a poisoned writer acknowledged") }
        } catch let error as LogError {
            guard error.code == .poisoned else { throw fail("a poisoned writer says \(error)") }
        }
        guard core.durableSeq <= core.writtenSeq else { throw fail("durable ahead of written") }
    }

    private var wasPowerCut = false

    private mutating func crash() {
        crashes += 1
        wasPowerCut = random.chance(0.7)
        if wasPowerCut {
            disk.powerCut(&random, [.random, .random, .loseAll, .keepAll][random.below(4)])
        } else {
            disk.restartAfterKill()
        }
    }

    /// Recovery must keep a prefix that holds all that was acknowledged, byte for byte, and must have nothing left to
    /// do afterwards.
    private mutating func checkAfterCrash() throws {
        let core: LogCore
        // A reader that looks before recovery must not invent either.
        try checkReading(before: true)
        do {
            core = try LogCore.open(path, name: "log", options: options, environment: environment)
        } catch {
            throw fail("does not open after a crash (power cut \(wasPowerCut)): \(error)")
        }
        let kept = Int(core.writtenSeq)
        let promised = wasPowerCut ? durable : written
        guard kept >= promised else {
            throw fail("kept \(kept) events, acknowledged \(promised) (power cut \(wasPowerCut))")
        }
        guard kept <= appended else { throw fail("kept \(kept) events, only \(appended) were appended") }
        core.release()
        eventsLost += appended - kept
        appended = kept
        try checkReading(before: false)
        let second: LogCore
        do {
            second = try LogCore.open(path, name: "log", options: options, environment: environment)
        } catch {
            throw fail("does not open a second time: \(error)")
        }
        guard !second.recovery.changedAnything, second.writtenSeq == UInt64(kept) else {
            throw fail("a second recovery changed something: \(second.recovery.json)")
        }
        second.release()
        durable = kept
        written = kept
    }

    /// Prints the state of the files, when a single seed is looked at.
    private func dump() {
        for path in disk.paths() { print(path, disk.contents(path)?.count ?? 0) }
        for path in disk.paths() where path.hasSuffix(".seg") {
            guard let file = try? disk.open(path, .read) else { continue }
            do {
                let scan = try SegmentScan(disk, file, name: String(path.split(separator: "/").last ?? ""))
                print(
                    path, scan.header.ordinal, "to", scan.lastSeq, "dataEnd", scan.dataEnd, "durable", scan.durableSeq)
                print("  bad:", scan.firstBad as Any)
                for damage in scan.damage { print("  ", damage) }
            } catch { print(path, error) }
        }
    }

    private func checkReading(before: Bool) throws {
        guard disk.kind("\(path)/MANIFEST") == .file else { return }
        let count: Int
        do {
            count = try quotes.read(path, environment)
        } catch let error as QuoteBytes.Altered {
            throw fail("event \(error.seq) was altered")
        } catch {
            if environmentFlag("LOTUS_SEED") { dump() }
            throw fail("reading \(before ? "before" : "after") recovery: \(error)")
        }
        let promised = wasPowerCut ? durable : written
        if count < promised, environmentFlag("LOTUS_SEED") { dump() }
        guard count >= promised, count <= appended, before || count == appended else {
            throw fail(
                "\(count) events read \(before ? "before" : "after") recovery, promised "
                    + "\(promised), appended \(appended)"
            )
        }
    }

    /// Closes cleanly; everything must verify, deeply.
    private mutating func finish() throws {
        do {
            let core = try LogCore.open(path, name: "log", options: options, environment: environment)
            try core.close(seal: random.chance(0.5))
            let report = try Verifier.verify(path, deep: true, environment: environment)
            guard report.status == .clean, report.events == UInt64(appended) else {
                throw fail("verify says \(report.status) with \(report.events) of \(appended) events: \(report.damage)")
            }
        } catch let error as LogError {
            throw fail("clean close: \(error)")
        }
    }
}

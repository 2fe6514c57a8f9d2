import ArgumentParser
import Events
import Glibc
import LogEngine
import LogFormat
import Projections
import Runtime

/// Folding a root into views: in memory, into SQLite, and going on from where SQLite stands.
struct BenchProjections: Verb {
    static let configuration = CommandConfiguration(
        commandName: "projections", abstract: "Measure folds of generated roots: in memory, SQLite, going on.",
        usage: "lotus bench projections <directory> [<options>]",
        discussion: """
            The root holds signals with their outcomes and deliveries, as a run writes them; every event is folded. \
            Rates are events a second of wall time. plain_rows_per_s is what SQLite alone takes for the same rows: a \
            prepared INSERT for each row in one transaction, without reading, folding or hashing. Rebuilds run in \
            processes of their own, so that rebuild_peak_mb is their memory alone, at a fifth of the events and at all.

            run_* is a second root with a market beside the signals, --trades events for each scored window, which no \
            view reads: run_events_per_s counts all of them, run_folded_per_s what is folded. counting_events_per_s \
            counts every event of it by type; sparse_percent is the time to find its one alarm, of the time to count.

            EXAMPLES
              lotus bench projections /tmp --events 1000000
            """)

    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Events of the root.") var events = 5_000_000
    @Option(help: "Events that are folded in memory, where every row stays; all if 0.") var memoryEvents = 0
    @Option(help: "Events whose rows are written with plain inserts.") var plainEvents = 1_000_000
    @Option(help: "Events that are appended before going on.") var moreEvents = 10_000
    @Option(help: "Market events for each scored window of the second root.") var trades = 100
    @Option(help: "Measure only one part: memory, sqlite or run.") var only: Part?
    @Flag(help: "Print an error as JSON; the result is always one JSON object.") var json = false

    /// What can be measured by itself.
    enum Part: String, ExpressibleByArgument {
        case memory, sqlite, run
    }

    mutating func perform() throws -> Outcome {
        guard events > 4, memoryEvents >= 0, plainEvents > 0, moreEvents > 0, trades >= 0 else {
            throw ToolError(.usage, "counts of events must be above 0, and --events above 4")
        }
        let scratch = "\(directory)/bench-projections-\(getpid())"
        defer { ScratchRoot.remove(scratch) }
        try RealFS().createDirectory(scratch)
        do {
            var figures = [("bench", jsonString("projections")), ("events", "\(events)")]
            if only != .run { figures += try measureModules("\(scratch)/modules") }
            if only == nil || only == .run { figures += try measureRun("\(scratch)/run") }
            try Output.print(JSON.object(figures))
        } catch let error as ProjectionError {
            throw ToolError(error.description)
        }
        return .clean
    }

    /// The strict root: every event is folded.
    private func measureModules(_ root: String) throws -> [(String, String)] {
        try RealFS().createDirectory(root)
        var history = ScratchRoot()
        try history.append(events, to: root)
        guard only != .memory else { return try measureMemory(root) }
        let file = "\(root)/all.sqlite"
        // First, while this process is small: a process begins its account with the memory of the one that starts it.
        let fifth = try RebuildProcess.run(root, into: "\(root)/fifth.sqlite", upTo: UInt64(events / 5))
        let build = try RebuildProcess.run(root, into: file)
        // What the rebuilds left to be written out would be written beside the fold in memory.
        sync()
        let memory = only == .sqlite ? [] : try measureMemory(root)
        let plain = try measurePlain(root)
        try history.append(moreEvents, to: root)
        let resume = try RebuildProcess.run(root, into: file)
        return memory + plain + [
            ("sqlite_events_per_s", decimals(Double(build.events) / build.seconds, 0)),
            ("sqlite_bytes", "\(build.byteCount)"), ("sqlite_rows", "\(build.rows)"),
            ("rebuild_peak_mb_fifth", "\(fifth.peakMegabytes)"), ("rebuild_peak_mb", "\(build.peakMegabytes)"),
            ("resume_events", "\(resume.events - build.events)"), ("resume_s", decimals(resume.seconds, 3)),
        ]
    }

    /// A root with the market of a run, which no view reads, and one event that is looked for.
    private func measureRun(_ root: String) throws -> [(String, String)] {
        try RealFS().createDirectory(root)
        var history = ScratchRoot(tradesPerWindow: trades)
        let folded = max(events / 5, 5)
        try history.append(folded / 2, to: root)
        try history.appendAlarm(to: root)
        try history.append(folded - folded / 2, to: root)
        let build = try RebuildProcess.run(root, into: "\(root)/all.sqlite")
        let counting = try count(root) { _ in true }
        let sparse = try count(root) { $0 == AlarmRaised.typeName }
        guard sparse.count == 1 else { throw ToolError("found \(sparse.count) alarms, expected the one that was made") }
        return [
            ("run_events", "\(counting.count)"), ("run_folded", "\(build.events)"),
            ("run_events_per_s", decimals(Double(counting.count) / build.seconds, 0)),
            ("run_folded_per_s", decimals(Double(build.events) / build.seconds, 0)),
            ("counting_events_per_s", decimals(Double(counting.count) / counting.seconds, 0)),
            ("sparse_s", decimals(sparse.seconds, 4)),
            ("sparse_percent", decimals(100 * sparse.seconds / counting.seconds, 2)),
        ]
    }

    /// Counts events of wanted types.
    private func count(_ root: String, _ wants: @escaping (String) -> Bool) throws -> (count: UInt64, seconds: Double) {
        let start = wallSeconds()
        let counter = TypeCounter()
        let reader = try RootReader(root, wants: wants)
        let count = try reader.read { (batch, place) throws(FormatError) in try counter.count(&batch, place) }
        return (count, wallSeconds() - start)
    }

    /// Folds in memory, where every row stays.
    private func measureMemory(_ root: String) throws -> [(String, String)] {
        let folder = Folder()
        let most = memoryEvents == 0 ? UInt64.max : UInt64(memoryEvents)
        let (wall, cpu) = (wallSeconds(), cpuSeconds())
        let count = try fold(root, into: folder, most: most)
        let (folded, foldedCPU) = (wallSeconds() - wall, cpuSeconds() - cpu)
        let hashStart = wallSeconds()
        let hash = folder.state.stateHash()
        let hashed = wallSeconds() - hashStart
        let rows = folder.state.tableHashes().reduce(0) { $0 + $1.rows }
        return [
            ("memory_events", "\(count)"), ("memory_events_per_s", decimals(Double(count) / folded, 0)),
            ("memory_cpu_ns_per_event", decimals(foldedCPU * 1e9 / Double(count), 1)),
            ("hash_rows_per_s", decimals(Double(rows) / hashed, 0)), ("state_hash", jsonString("sha256:\(hash)")),
            ("peak_rss_mb", "\(peakMegabytes())"),
        ]
    }

    /// Writes the rows of a fold with SQLite alone.
    private func measurePlain(_ root: String) throws -> [(String, String)] {
        let folder = Folder()
        let count = try fold(root, into: folder, most: UInt64(plainEvents))
        let store = try ProjectionStore("\(root)/plain.sqlite", subject: "all")
        let start = wallSeconds()
        let rows = try store.copyRows(of: &folder.state)
        let written = wallSeconds() - start
        try store.close()
        return [
            ("plain_rows", "\(rows)"), ("plain_rows_per_s", decimals(Double(rows) / written, 0)),
            ("plain_events_per_s", decimals(Double(count) / written, 0)),
        ]
    }

    private func fold(_ root: String, into folder: Folder, most: UInt64) throws -> UInt64 {
        let reader = try RootReader(root, wants: Folder.wants)
        return try reader.read(most: most) { (batch, place) throws(FormatError) in
            try folder.fold(
                &batch,
                EventPlace(
                    module: place.module, seq: place.seq, globalSeq: place.globalSeq,
                    eventNanos: batch.head.eventNanos))
        }
    }
}

/// The smallest projection: events by log and type.
@safe
private final class TypeCounter {
    // SAFETY: made in init, freed in deinit; a type id has 16 bits, a log's rank fewer than 4.
    private let counts = UnsafeMutablePointer<UInt64>.allocate(capacity: 16 << 16)

    init() { unsafe counts.initialize(repeating: 0, count: 16 << 16) }

    deinit { unsafe counts.deallocate() }

    @inline(__always)
    func count(_ batch: inout BatchReader, _ place: Runtime.Place) throws(FormatError) {
        unsafe counts[Int(place.module.rawValue & 15) << 16 | Int(batch.head.typeID)] += 1
        try batch.skip()
    }
}

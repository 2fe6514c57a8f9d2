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
        commandName: "projections", abstract: "Measure folds of a generated root: in memory, SQLite, going on.",
        usage: "lotus bench projections <directory> [<options>]",
        discussion: """
            The root holds signals with their outcomes and deliveries, as a run writes them; every event is folded. \
            Rates are events a second of wall time. plain_rows_per_s is what SQLite alone takes for the same rows: \
            the same statements in one transaction, without reading, folding or hashing.

            EXAMPLES
              lotus bench projections /tmp --events 1000000
            """)

    @Argument(help: "Scratch directory.") var directory: String
    @Option(help: "Events of the root.") var events = 5_000_000
    @Option(help: "Events that are folded in memory, where every row stays.") var memoryEvents = 1_000_000
    @Option(help: "Events that are appended before going on.") var moreEvents = 10_000
    @Flag(help: "Print an error as JSON; the result is always one JSON object.") var json = false

    mutating func perform() throws -> Outcome {
        guard events > 0, memoryEvents > 0, moreEvents > 0 else {
            throw ToolError(.usage, "counts of events must be above 0")
        }
        let root = "\(directory)/bench-projections-\(getpid())"
        defer { ScratchRoot.remove(root) }
        try RealFS().createDirectory(root)
        var history = ScratchRoot()
        try history.append(events, to: root)
        do {
            let memory = try measureMemory(root)
            let build = try measureBuild(root)
            try history.append(moreEvents, to: root)
            let resume = try measureBuild(root)
            try Output.print(
                JSON.object(
                    [("bench", jsonString("projections")), ("events", "\(events)")] + memory + [
                        ("sqlite_events_per_s", decimals(Double(build.read) / build.seconds, 0)),
                        ("sqlite_bytes", "\(build.byteCount)"), ("sqlite_rows", "\(build.rows)"),
                        ("resume_events", "\(resume.read)"), ("resume_s", decimals(resume.seconds, 3)),
                        ("peak_rss_mb", "\(peakMegabytes())"),
                    ]))
        } catch let error as ProjectionError {
            throw ToolError(error.description)
        }
        return .clean
    }

    /// Folds in memory, then writes the same rows with SQLite alone.
    private func measureMemory(_ root: String) throws -> [(String, String)] {
        let folder = Folder()
        let wall = wallSeconds()
        let cpu = cpuSeconds()
        let reader = try RootReader(root, wants: Folder.wants)
        let count = try reader.read(most: UInt64(memoryEvents)) { (batch, place) throws(FormatError) in
            try folder.fold(
                &batch,
                EventPlace(
                    module: place.module, seq: place.seq, globalSeq: place.globalSeq,
                    eventNanos: batch.head.eventNanos))
        }
        let (folded, foldedCPU) = (wallSeconds() - wall, cpuSeconds() - cpu)
        let hashStart = wallSeconds()
        let hash = folder.state.stateHash()
        let hashed = wallSeconds() - hashStart
        let plain = "\(root)/plain.sqlite"
        let store = try ProjectionStore(plain, subject: "all")
        let start = wallSeconds()
        let rows = try store.copyRows(of: &folder.state)
        let written = wallSeconds() - start
        try store.close()
        return [
            ("memory_events", "\(count)"), ("memory_events_per_s", decimals(Double(count) / folded, 0)),
            ("memory_cpu_ns_per_event", decimals(foldedCPU * 1e9 / Double(count), 1)),
            ("hash_rows_per_s", decimals(Double(rows) / hashed, 0)), ("state_hash", jsonString("sha256:\(hash)")),
            ("plain_rows", "\(rows)"), ("plain_rows_per_s", decimals(Double(rows) / written, 0)),
            ("plain_events_per_s", decimals(Double(count) / written, 0)),
        ]
    }

    private func measureBuild(
        _ root: String
    ) throws -> (read: UInt64, seconds: Double, rows: UInt64, byteCount: UInt64) {
        let job = RebuildJob(root: root, subject: "all", modules: nil, end: try RebuildEnd(nil))
        let file = "\(root)/all.sqlite"
        let start = wallSeconds()
        let result = try job.run(into: file) { _, _ in }
        let seconds = wallSeconds() - start
        let handle = try RealFS().open(file, .read)
        defer { RealFS().close(handle) }
        return (result.read, seconds, result.hashes.reduce(0) { $0 + $1.rows }, try RealFS().size(handle))
    }
}

/// A root as a run writes it: scores, outcomes, publications and deliveries of four detectors.
struct ScratchRoot {
    private var random = SeededGenerator(seed: 7)
    private var nanos: Int64 = 1_760_000_000_000_000_000
    private var made = 0
    /// Windows whose outcome is not known yet.
    private var open: [EventID] = []

    /// Appends `count` events.
    mutating func append(_ count: Int, to directory: String) throws {
        let root = try Root(directory, modules: [.sig, .dm, .herald, .weave])
        var scored = SignalScored()
        scored.symbol = "BTC-USD"
        scored.priorsVersion = "sig:2025-09-05.v1"
        scored.quality = QualityParts()
        scored.kernel = KernelParts()
        var outcome = SignalEvaluated()
        var published = SignalPublished()
        published.asset = "BTC-USD"
        published.envelope = Envelope()
        published.envelope?.to = [.dm]
        published.envelope?.schemaRef = "urn:schema:sig.signal_published:v1"
        var withheld = SignalWithheld()
        withheld.reasons = [.belowTau]
        var delivery = DeliveryRecorded()
        var receipt = MessageReceived()
        let end = made + count
        while made < end {
            nanos += 250_000_000
            let detector = DetectorID("breakout_v\(made & 3)")
            scored.lineage = lineage(.sig)
            scored.detectorID = detector
            scored.conditionKey = "session=US|hbar=\(random.below(8))|spread=\(random.below(8))"
            scored.signal = Double(random.below(2001)) / 1000 - 1
            scored.sigma = Double(random.below(1001)) / 1000
            scored.quality?.score = scored.sigma
            scored.kernel?.deltaPhi = scored.sigma
            scored.kernel?.theta = 0.25
            try root.append(&scored, to: .sig, eventNanos: nanos)
            open.append(scored.lineage.id)
            if open.count > 120, made < end {
                outcome.lineage = lineage(.sig)
                outcome.scoredID = open.removeFirst()
                outcome.forwardReturn = Double(random.below(2001)) / 1e6 - 0.001
                outcome.hit = outcome.forwardReturn > 0
                try root.append(&outcome, to: .sig, eventNanos: nanos)
            }
            guard made + 4 < end else { continue }
            if random.chance(0.1) {
                published.lineage = lineage(.sig)
                published.scoredID = scored.lineage.id
                published.detectorID = detector
                published.envelope?.dedupeKey = "\(made)"
                try root.append(&published, to: .sig, eventNanos: nanos)
                delivery.lineage = lineage(.herald)
                delivery.messageID = published.lineage.id
                try root.append(&delivery, to: .herald, eventNanos: nanos)
                receipt.lineage = lineage(.dm)
                receipt.messageID = published.lineage.id
                try root.append(&receipt, to: .dm, eventNanos: nanos)
            } else if random.chance(0.3) {
                withheld.lineage = lineage(.sig)
                withheld.scoredID = scored.lineage.id
                try root.append(&withheld, to: .sig, eventNanos: nanos)
            }
        }
        try root.close()
    }

    private mutating func lineage(_ module: Module) -> Lineage {
        made += 1
        return Lineage(id: EventID(module: module, key: "\(made)", eventNanos: nanos), seenGlobalSeq: UInt64(made))
    }

    /// Removes a root of logs with all its files.
    static func remove(_ directory: String) {
        let fileSystem = RealFS()
        for name in (try? fileSystem.list(directory)) ?? [] {
            let path = "\(directory)/\(name)"
            if fileSystem.kind(path) == .directory { remove(path) } else { unsafe unlink(path) }
        }
        unsafe rmdir(directory)
    }
}

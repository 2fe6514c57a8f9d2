import Events
package import LogEngine
import LogFormat
package import Market

/// What became of one source.
package struct SourceReport: Sendable {
    /// What was done with it.
    package enum Outcome: Sendable {
        /// It was read; what ended it early, if anything did.
        case read(trouble: String?)
        /// It was read before: its hash stands on the log.
        case known
        /// It is of a kind that is not read.
        case unread(String)
        /// It could not be read.
        case failed(LogError)
    }

    /// Where it is.
    package let path: String
    /// Name of its kind.
    package let kind: String
    /// Its size in bytes.
    package let bytes: UInt64
    /// Bytes of text that it held.
    package let textBytes: UInt64
    /// What was done with it.
    package let outcome: Outcome
    /// What it gave.
    package let counts: SourceCounts

    /// Makes a report.
    package init(
        path: String, kind: String, bytes: UInt64, textBytes: UInt64, outcome: Outcome, counts: SourceCounts
    ) {
        self.path = path
        self.kind = kind
        self.bytes = bytes
        self.textBytes = textBytes
        self.outcome = outcome
        self.counts = counts
    }
}

/// What an ingest did.
package struct IngestReport: Sendable {
    /// Each source, in the order of reading.
    package var sources: [SourceReport] = []
    /// Events that were appended.
    package var appendedCount: UInt64 = 0
    /// Events of an interrupted ingest that stood on the log already.
    package var matchedCount: UInt64 = 0
    /// Bytes of text that were read.
    package var textBytes: UInt64 = 0
    /// Bytes of files that were read.
    package var bytes: UInt64 = 0

    /// An empty report.
    package init() {}

    /// All counts together.
    package var total: SourceCounts {
        var total = SourceCounts()
        for source in sources { total.merge(source.counts) }
        return total
    }
}

/// Reads sources of market data into the `mkt` log of a root (ARC-16, LOG-20).
package final class Ingest {
    private let log: MarketLog
    private let fileSystem: any LogFS
    private let progress: (_ done: UInt64, _ total: UInt64) throws(LogError) -> Void
    private var totalBytes: UInt64 = 0
    private var doneBytes: UInt64 = 0

    /// Opens the root.
    ///
    /// - Parameter progress: hears how many bytes are read, of how many; what it throws ends the ingest, which goes on
    ///   when it is given again.
    package init(
        root: String, options: LogOptions = LogOptions(), environment: LogEnvironment = .real(),
        progress: @escaping (UInt64, UInt64) throws(LogError) -> Void = { _, _ in }
    ) throws(LogError) {
        log = try MarketLog(root, options: options, environment: environment)
        fileSystem = environment.fileSystem
        self.progress = progress
    }

    /// All files at `paths`: folders are gone through, by name.
    ///
    /// - Throws: `usage` for a path where nothing is.
    package static func files(_ paths: [String], _ fileSystem: any LogFS) throws(LogError) -> [String] {
        var files: [String] = []
        for path in paths { try collect(path, fileSystem, &files, depth: 0) }
        return files
    }

    /// Deepest folder that is gone into.
    private static let depthMax = 64

    private static func collect(
        _ path: String, _ fileSystem: any LogFS, _ files: inout [String], depth: Int
    ) throws(LogError) {
        switch fileSystem.kind(path) {
        case .file: files.append(path)
        case .nothing:
            throw LogError(.usage, "\(path): nothing is there; expected a file or a folder of market data")
        case .directory:
            guard depth < depthMax else {
                throw LogError(.usage, "\(path): more than \(depthMax) folders deep; give a folder further in")
            }
            let names: [String]
            do throws(FSError) { names = try fileSystem.list(path) } catch { throw LogError(error) }
            let base = path.hasSuffix("/") ? String(path.dropLast()) : path
            for name in names where name != "." && name != ".." {
                let inner = "\(base)/\(name)"
                guard fileSystem.kind(inner) != .nothing else { continue }
                try collect(inner, fileSystem, &files, depth: depth + 1)
            }
        }
    }

    /// Reads the sources at `paths`.
    ///
    /// A source that cannot be read does not stop the others; it is in the report.
    ///
    /// - Throws: what the log throws; `usage` if the log waits for sources that are not among these.
    package func run(_ paths: [String]) throws(LogError) -> IngestReport {
        try log.closeBrokenLive()
        var report = IngestReport()
        var sessions: [[IngestFile]] = []
        let files = try Self.files(paths, fileSystem)
        for path in files { try plan(path, &sessions, &report) }
        Self.orderDays(&sessions)
        // What an earlier ingest left unfinished comes first: its events stand at the end of the log.
        if let first = log.unfinished.first {
            guard let index = sessions.firstIndex(where: isUnfinished) else {
                throw LogError(
                    .usage,
                    "the log ends in an ingest that was interrupted, of \(log.unfinished.map(\.name)); give all "
                        + "\(first.count) files of it again first, or use a new root")
            }
            sessions.insert(sessions.remove(at: index), at: 0)
        }
        totalBytes = sessions.joined().reduce(0) { $0 + $1.size }
        for session in sessions { try read(session, &report) }
        try log.commit()
        report.appendedCount = log.appendedCount
        report.matchedCount = log.matchedCount
        return report
    }

    /// Ends the log cleanly.
    package func close() throws(LogError) { try log.close() }

    /// Puts the sessions that are of a day into the order of their days, among their own places.
    private static func orderDays(_ sessions: inout [[IngestFile]]) {
        let places = sessions.indices.filter { sessions[$0][0].format.dayNanos != nil }
        let days = places.sorted {
            (sessions[$0][0].format.dayNanos ?? 0, $0) < (sessions[$1][0].format.dayNanos ?? 0, $1)
        }
        for (place, session) in zip(places, days.map { sessions[$0] }) { sessions[place] = session }
    }

    private func isUnfinished(_ session: [IngestFile]) -> Bool {
        guard let first = log.unfinished.first, session.count == Int(first.count) else { return false }
        return zip(session, log.unfinished).allSatisfy { $0.digest == $1.hash.digest }
    }

    /// Most tables of one session: each is held open with its buffers.
    package static let tablesMax = 64

    /// Looks at a file and puts it to its session: files of one family in one folder were recorded together, tables of
    /// bars and funding are merged wherever they lie.
    private func plan(_ path: String, _ sessions: inout [[IngestFile]], _ report: inout IngestReport) throws(LogError) {
        func add(_ outcome: SourceReport.Outcome, kind: String, size: UInt64 = 0) {
            report.sources.append(
                SourceReport(
                    path: path, kind: kind, bytes: size, textBytes: 0, outcome: outcome, counts: SourceCounts()))
        }
        let file: IngestFile
        do throws(LogError) {
            file = try IngestFile(path, fileSystem, progress: { _ in })
        } catch {
            return add(.failed(error), kind: "unknown")
        }
        if case .unread(let reason) = file.format { return add(.unread(reason), kind: "unread") }
        guard !log.readHashes.contains(file.digest.bytes) else {
            return add(.known, kind: file.format.name, size: file.size)
        }
        // The same bytes under another name.
        guard !sessions.joined().contains(where: { $0.digest == file.digest }) else {
            return add(.known, kind: file.format.name, size: file.size)
        }
        if let family = file.format.family,
            let index = sessions.firstIndex(where: {
                $0[0].format.family == family
                    && (file.format.isFamilyOfOneFolder ? $0[0].folder == file.folder : $0.count < Self.tablesMax)
            })
        {
            sessions[index].append(file)
            // The order of the session is that of the names, however they were given and wherever they lie.
            sessions[index].sort { $0.order.lexicographicallyPrecedes($1.order) }
        } else {
            sessions.append([file])
        }
    }

    /// Reads the files of one session in the order in which their records became known.
    private func read(_ files: [IngestFile], _ report: inout IngestReport) throws(LogError) {
        var intake = log.intake
        intake.beginSession(sourceCount: files.count)
        var sources: [IngestSource] = []
        for (index, file) in files.enumerated() {
            intake.source = index
            sources.append(try IngestSource(file, fileSystem, into: &intake))
        }
        var frames: FrameLines?
        if case .frames(let kind) = files[0].format { frames = FrameLines(kind) }
        let startNanos = try begin(sources, &frames, &intake)
        for (index, file) in files.enumerated() {
            var opened = MarketSourceOpened()
            opened.kind = file.format.name
            opened.name = file.name
            opened.hash = PayloadHash(file.digest)
            opened.index = Int32(index + 1)
            opened.count = Int32(files.count)
            try log.open(opened, eventNanos: startNanos)
        }
        try merge(sources, &frames, &intake)
        intake.endSession(isStream: files[0].format.isStream)
        try log.drain(&intake)
        for (index, source) in sources.enumerated() {
            let trouble = source.trouble()
            if trouble != nil {
                intake.source = index
                intake.reject(.truncated)
            }
            let counts = intake.counts[index]
            try log.finish(sourceRead(source.file, counts), eventNanos: counts.lastNanos ?? startNanos)
            report.sources.append(
                SourceReport(
                    path: source.file.path, kind: source.file.format.name, bytes: source.file.size,
                    textBytes: source.bytes.deliveredCount, outcome: .read(trouble: trouble), counts: counts))
            report.textBytes += source.bytes.deliveredCount
            report.bytes += source.file.size
            doneBytes += source.file.size
        }
        try log.endSession(files.map(\.digest.bytes))
        log.intake = intake
        try progress(doneBytes, totalBytes)
    }

    /// When a session begins: with its first receipt or, of sources that do not tell when they were received, with the
    /// first event that they tell, which is then in the queue.
    private func begin(
        _ sources: [IngestSource], _ frames: inout FrameLines?, _ intake: inout Intake
    ) throws(LogError) -> Int64 {
        if let stamp = sources.compactMap(\.stampNanos).min(), stamp > .min { return max(0, stamp) }
        while intake.queue.count == 0, try takeNext(sources, &frames, &intake) {}
        return intake.queue.count > 0 ? max(0, intake.queue.slots[0].eventNanos) : 0
    }

    /// Reads the record with the earliest receipt; false at the end of all sources.
    private func takeNext(
        _ sources: [IngestSource], _ frames: inout FrameLines?, _ intake: inout Intake
    ) throws(LogError) -> Bool {
        var next: Int?
        for index in sources.indices {
            guard let stamp = sources[index].stampNanos else { continue }
            if let best = next, let bestStamp = sources[best].stampNanos, bestStamp <= stamp { continue }
            next = index
        }
        guard let next else { return false }
        intake.source = next
        try sources[next].take(&frames, into: &intake)
        return true
    }

    private func merge(
        _ sources: [IngestSource], _ frames: inout FrameLines?, _ intake: inout Intake
    ) throws(LogError) {
        var taken = 0
        while try takeNext(sources, &frames, &intake) {
            if intake.queue.count >= Self.drainEvents { try log.drain(&intake) }
            taken += 1
            if taken & 0xfff == 0 {
                try progress(doneBytes + sources.reduce(0) { $0 + $1.bytes.readCount }, totalBytes)
            }
        }
    }

    /// Events that are collected before they are written.
    private static let drainEvents = 256

    private func sourceRead(_ file: IngestFile, _ counts: SourceCounts) -> MarketSourceRead {
        var event = MarketSourceRead()
        event.kind = file.format.name
        event.name = file.name
        event.hash = PayloadHash(file.digest)
        event.eventCount = counts.eventCount
        event.duplicateCount = counts.duplicateCount
        event.rejects = counts.tallies
        return event
    }
}

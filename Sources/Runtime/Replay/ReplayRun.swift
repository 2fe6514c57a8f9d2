package import Events
package import LogEngine
import LogFormat

/// A replay with a folder of its own, which any number of attempts bring to the same end (REP-09, REP-10, REP-13).
///
/// The folder holds RUN.json and one log a module. Started again after a crash at any point, the run computes the same
/// events from the start; what stands on the logs already is compared, and the rest is appended behind it.
package final class ReplayRun {
    /// How a run writes its logs: in shorter segments than a server's and with fewer batches on their way, because
    /// sealing takes memory that follows the length of a segment, and a run is to take as much for a year as for a day.
    package static var logOptions: LogOptions {
        var options = LogOptions()
        options.segmentBytes = 16 << 20
        options.zeroAheadBytes = 256 << 10
        options.pendingBatchesMax = 4
        // Nobody waits for a replay's last events: batches are written when they are full.
        options.batchDelayNanos = 50_000_000
        return options
    }

    /// The run's folder.
    package let directory: String
    /// What it is made of.
    package let manifest: RunManifest
    /// Where its events go.
    package let output: ResumingOutput
    /// Whether an earlier attempt had started it.
    package let isResumed: Bool

    private let environment: LogEnvironment

    /// Makes the folder at `path`, or goes on with the same run in it.
    ///
    /// - Parameters:
    ///   - modules: the logs that the run writes, besides `ops`.
    /// - Throws: `usage` when something else is there: another run, live logs, other files; `locked`, `damaged`,
    ///   `noSpace`, `fileSystem`.
    package init(
        _ path: String, manifest: RunManifest, modules: [Module], options: LogOptions = ReplayRun.logOptions,
        environment: LogEnvironment = .real()
    ) throws(LogError) {
        var directory = path
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        self.directory = directory
        self.manifest = manifest
        self.environment = environment
        isResumed = try Self.claim(directory, manifest, environment.fileSystem)
        let all = Set(modules + [.ops]).sorted()
        let root = try Root(directory, modules: all, options: options, environment: environment, holes: .refill)
        output = try ResumingOutput(root, modules: all, environment: environment)
    }

    /// Appends what the run is made of (REP-07): its first event.
    package func start() throws(LogError) {
        var event = RunStarted()
        event.lineage = lineage("started", manifest.firstNanos)
        event.runID = manifest.runID
        event.type = manifest.type
        event.configHash = manifest.configuration.hash
        event.fixturesHash = manifest.inputsHash
        event.codeRevision = manifest.codeRevision
        event.priorsVersions = manifest.priorsVersions
        event.seed = manifest.seed
        event.cutOffNanos = manifest.untilNanos
        _ = try output.append(&event, to: .ops, eventNanos: manifest.firstNanos, flags: [])
    }

    /// Appends how the run ended, with a digest over every event before, makes all of it durable and seals the logs.
    ///
    /// - Returns: the digest of the whole run.
    /// - Throws: `damaged` when the logs hold more than this run makes; errors of the logs.
    @discardableResult
    package func finish(
        status: RunStatus = .succeeded, metrics: [Metric], nowNanos: Int64
    ) throws(LogError) -> RunDigest {
        try output.root.commit()
        let before = try RunDigest(directory, upTo: output.lastGlobalSeq, environment: environment)
        var event = RunCompleted()
        event.lineage = lineage("completed", max(nowNanos, manifest.firstNanos))
        event.runID = manifest.runID
        event.status = status
        event.metrics = metrics
        event.outputHash = PayloadHash(before.total)
        _ = try output.append(&event, to: .ops, eventNanos: max(nowNanos, manifest.firstNanos), flags: [])
        guard output.isCaughtUp else {
            throw LogError(
                .damaged,
                "\(directory): its logs go on behind the end of this run: they were written by another one; compare "
                    + "the two, or write into a new folder")
        }
        try output.root.commit()
        try output.root.close(seal: true)
        // Nothing but that last event came since: the other logs say what they said, and are not read again.
        return try RunDigest(directory, since: before, changed: .ops, environment: environment)
    }

    private func lineage(_ what: String, _ nanos: Int64) -> Lineage {
        Lineage(
            id: EventID(module: .ops, key: "run|\(what)|\(manifest.contentHash)", eventNanos: nanos),
            seenGlobalSeq: output.lastGlobalSeq)
    }

    /// Makes the folder a run's own; true if it was this run's before.
    private static func claim(
        _ directory: String, _ manifest: RunManifest, _ fileSystem: any LogFS
    ) throws(LogError) -> Bool {
        let isThere = fileSystem.kind(directory) == .directory
        if isThere {
            if let found = try text(of: directory, fileSystem) {
                guard found != manifest.text else { return true }
                throw LogError(
                    .usage,
                    "\(directory) holds another run than \(manifest.runID): \(firstDifference(found, manifest.text)); "
                        + "choose another folder")
            }
            try checkEmpty(directory, fileSystem)
        } else if fileSystem.kind(directory) == .file {
            throw LogError(.usage, "\(directory) is a file; a run is written into a folder of its own")
        }
        do throws(FSError) {
            if !isThere {
                try fileSystem.createDirectory(directory)
                let parent = directory.lastIndex(of: "/").map { String(directory[..<$0]) } ?? "."
                try fileSystem.syncDirectory(parent.isEmpty ? "/" : parent)
            }
            try fileSystem.createDurably(RunManifest.fileName, in: directory, Array(manifest.text.utf8))
        } catch { throw LogError(error) }
        return false
    }

    /// The manifest of the run in a folder; nil if there is none.
    private static func text(of directory: String, _ fileSystem: any LogFS) throws(LogError) -> String? {
        let place = "\(directory)/\(RunManifest.fileName)"
        guard fileSystem.kind(place) == .file else { return nil }
        do throws(FSError) {
            return String(decoding: try fileSystem.readAll(place, limit: 64 << 20), as: UTF8.self)
        } catch { throw LogError(error) }
    }

    private static func checkEmpty(_ directory: String, _ fileSystem: any LogFS) throws(LogError) {
        let names: [String]
        do throws(FSError) { names = try fileSystem.list(directory) } catch { throw LogError(error) }
        // A crash before RUN.json got its name leaves nothing else.
        let others = names.filter { $0 != "\(RunManifest.fileName).new" }
        guard others.isEmpty else {
            throw LogError(
                .usage,
                "\(directory) holds \(others.prefix(3).joined(separator: ", ")) and no \(RunManifest.fileName): "
                    + "it is no "
                    + "folder of a replay, which never writes among other things; choose a new one")
        }
    }

    private static func firstDifference(_ found: String, _ wanted: String) -> String {
        let lines = (found.split(separator: "\n"), wanted.split(separator: "\n"))
        for index in 0..<min(lines.0.count, lines.1.count) where lines.0[index] != lines.1[index] {
            return "it says \(lines.0[index]), this one \(lines.1[index])"
        }
        return "one has more lines than the other"
    }
}

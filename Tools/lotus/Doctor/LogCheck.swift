import Events
import LogEngine
import LogFormat

/// What of one log would get in the way of its readers and its writer, from its names, marks and headers alone.
struct LogCheck {
    private(set) var findings: [Finding] = []
    private let log: String
    private let nowNanos: Int64

    /// Clocks of venues and machines differ by less.
    private static let aheadNanosMax = TimeText.dayNanos

    init(_ log: String, nowNanos: Int64) { (self.log, self.nowNanos) = (log, nowNanos) }

    private mutating func add(
        _ kind: Finding.Kind, _ place: String, _ found: String, expected: String, _ advice: String
    ) {
        findings.append(Finding(kind: kind, place: place, found: found, expected: expected, advice: advice))
    }

    mutating func run() throws {
        let names: [String]
        let location: LogLocation
        do {
            names = try RealFS().list(log)
            location = try LogLocation(log)
        } catch {
            let why = (error as? LogError)?.message ?? "\(error)"
            return add(.unreadable, log, why, expected: "a log", "lotus verify \(log) says more; lotus salvage copies")
        }
        files(names)
        if let damage = location.manifestDamage {
            add(
                .logManifest, "\(log)/\(LogPaths.manifest)", damage, expected: "the decisions of the log, whole",
                "restore it from a copy of the log, or lotus salvage \(log) --out \(log)-salvaged")
        }
        let map = try segments(names, location)
        times(map)
        // Marks and cursors are told by the name of the log, which MANIFEST has.
        guard location.manifest?.identity != nil else { return }
        try marks(location)
        try cursors(names, location)
        schemas(location)
    }

    /// Names and modes of the files.
    private mutating func files(_ names: [String]) {
        if let finding = FileMode.finding(log, isFolder: true) { findings.append(finding) }
        let own = [LogPaths.manifest, LogPaths.commit, LogPaths.lock, LogPaths.next, LogPaths.cursors]
        for name in names {
            let path = "\(log)/\(name)"
            if let finding = FileMode.finding(path, isFolder: name == LogPaths.cursors) { findings.append(finding) }
            if own.contains(name) || LogPaths.baseSeq(name) != nil { continue }
            if name.hasSuffix(".new") {
                add(
                    .leftover, path, "a file that did not get its name", expected: "nothing",
                    "a crash left it and nobody reads it: remove it while no writer is at work")
            } else if name.hasSuffix(LogPaths.quarantineSuffix) {
                add(
                    .setAside, path, "bytes that a recovery set aside", expected: "nothing",
                    "they were never acknowledged: look at them with lotus info \(log), keep or remove them")
            } else {
                add(
                    .stranger, path, "a file that is not part of a log", expected: "logs alone",
                    "move it elsewhere: copies and seals of the log do not know it")
            }
        }
    }

    /// The page of published marks, and who is or was at work.
    private mutating func marks(_ location: LogLocation) throws {
        let path = "\(log)/\(LogPaths.commit)"
        guard let page = location.commitPage(), let state = page.readAfterCrash() else {
            let isThere = RealFS().kind(path) == .file
            return add(
                .commitPage, path, isThere ? "not what a writer of this log leaves" : "nothing is there",
                expected: "the marks up to which events are durable",
                "lotus verify \(log) first; the next writer makes it anew, and until then readers cannot tell what "
                    + "was acknowledged last")
        }
        if location.liveMarks(page) != nil {
            add(
                .writer, log, "process \(state.writerPID) writes to it", expected: "nobody, to change anything here",
                "stop it first if you mean to write, seal or move the log; readers need not wait")
        } else if state.writerPID != 0 {
            add(
                .crash, log, "process \(state.writerPID) ended without closing it", expected: "a clean close",
                "nothing durable is lost; start its program again, which recovers the log")
        }
    }

    /// Headers and directories of the segments; the last one that can be read.
    private mutating func segments(_ names: [String], _ location: LogLocation) throws -> [SegmentMap] {
        for sealed in location.manifest?.sealedSegments.sorted(by: { $0.key < $1.key }) ?? [] {
            let name = LogPaths.segment(sealed.value.baseSeq)
            guard !names.contains(name) else { continue }
            add(
                .segment, "\(log)/\(name)", "nothing is there",
                expected: "a sealed segment with the events \(sealed.value.baseSeq) to \(sealed.value.lastSeq)",
                "put it back from a copy: without it the log is damaged")
        }
        var maps: [SegmentMap] = []
        for name in try location.segmentNames() {
            do { maps.append(try SegmentMaps.map(location, name)) } catch {
                add(
                    .segment, "\(log)/\(name)", (error as? LogError)?.message ?? "\(error)",
                    expected: "a segment",
                    "lotus verify \(log) says which events are lost; lotus salvage copies the rest")
            }
        }
        return maps
    }

    /// Times that lie ahead of the clock.
    private mutating func times(_ maps: [SegmentMap]) {
        let entries = maps.flatMap(\.entries)
        if let last = entries.map(\.lastAppendNanos).max(), last > nowNanos + 1_000_000_000 {
            add(
                .clock, log,
                "its last event was appended at \(TimeText.text(last)), now it is \(TimeText.text(nowNanos))",
                expected: "a clock that has not gone back",
                "set the clock of the system; append times stand still until it has caught up")
        }
        if let last = entries.map(\.maxEventNanos).max(), last > nowNanos + Self.aheadNanosMax {
            add(
                .future, log, "it holds an event of \(TimeText.text(last)), now it is \(TimeText.text(nowNanos))",
                expected: "events of at most a day ahead",
                "look at its source: the unit of its times may be wrong; a replay up to now is --until "
                    + TimeText.text(nowNanos))
        }
    }

    private mutating func cursors(_ names: [String], _ location: LogLocation) throws {
        guard names.contains(LogPaths.cursors) else { return }
        for name in try RealFS().list("\(log)/\(LogPaths.cursors)") where LogPaths.isLogName(name) {
            let path = "\(log)/\(LogPaths.cursors)/\(name)"
            let again = "remove it: its reader begins anew with --from 1, or with the place that it noted itself"
            do {
                guard let cursor = try Cursor.load(name, of: location) else { continue }
                if cursor.logID != location.manifest?.identity?.logID {
                    add(.cursor, path, "a place in another log", expected: "a place in this one", again)
                }
            } catch {
                add(.cursor, path, error.message, expected: "a place in the log", again)
            }
        }
    }

    /// Descriptions that this program does not know, of types whose area it knows.
    private mutating func schemas(_ location: LogLocation) {
        let areas = Set(EventCatalog.types.map { $0.type.typeName.prefix { $0 != "." } })
        for (_, schema) in location.manifest?.schemas ?? [] where areas.contains(schema.name.prefix { $0 != "." }) {
            let newer = "it was written by a newer program: use that one, or update this"
            guard let known = EventCatalog.type(named: schema.name), let own = try? known.describe().schema else {
                add(.schema, log, "events of type \(schema.name)", expected: "types of this program", newer)
                continue
            }
            if schema.version > own.version {
                add(
                    .schema, log, "\(schema.name) version \(schema.version)",
                    expected: "version \(own.version) or earlier",
                    newer)
            } else if schema.version == own.version, schema.identityDigest != own.identityDigest {
                add(
                    .schema, log, "\(schema.name) version \(schema.version) with another description",
                    expected: "the description of this program: lotus schema export",
                    "read it with the program that wrote it; its meaning was changed without a new version")
            }
        }
    }
}

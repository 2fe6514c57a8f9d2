import Events
package import LogEngine
import LogFormat
import Runtime

extension BundleManifest {
    /// Describes the logs of a folder; with `target` it copies them there on the way.
    ///
    /// - Throws: `usage` for a log with events behind its last seal; `damaged`, `fileSystem`.
    package init(
        _ root: RootLogs, copiedTo target: String? = nil, progress: (String) -> Void = { _ in }
    ) throws(LogError) {
        var streams: [Stream] = []
        for name in root.names {
            progress(name)
            streams.append(try Self.stream(name, root, target.map { "\($0)/\(name)" }))
        }
        self.streams = streams
        cut = try Self.cut(streams, root)
        universe = try Self.universe(root)
        var versions: [(String, String)] = []
        for name in root.names {
            if let version = try Self.last(VersionMinted.typeName, name, root)?.text("priors_ver") {
                versions.append((name, version))
            }
        }
        priorsVersions = versions
        run = root.names.contains(Module.ops.text) ? try Self.last(RunStarted.typeName, Module.ops.text, root) : nil
    }

    private static func stream(_ name: String, _ root: RootLogs, _ target: String?) throws(LogError) -> Stream {
        let fileSystem = root.environment.fileSystem
        let location = try LogLocation(root.path(name), environment: root.environment)
        guard location.manifest != nil else {
            throw LogError(.damaged, "\(root.path(name)): has no MANIFEST; only whole logs can be frozen")
        }
        var files: [File] = []
        var (chainHead, lastSeq) = (Digest.zero, UInt64(0))
        var range: ClosedRange<Int64>?
        var builds: [String] = []
        func copy(_ file: String) throws(LogError) -> FrozenFile {
            try FrozenFile(
                "\(location.directory)/\(file)", copiedTo: target.map { (directory: $0, name: file) }, fileSystem)
        }
        if let target { try makeDirectory(target, fileSystem) }
        let names = try location.segmentNames()
        for (place, file) in names.enumerated() {
            let map = try Self.map(location, file)
            let count = map.entries.reduce(0) { $0 + UInt64($1.count) }
            try checkSealed(map, count, isLast: place + 1 == names.count, root.path(name))
            if let seal = map.seal { (chainHead, lastSeq) = (seal.chainHead, seal.lastSeq) }
            for entry in map.entries {
                let (low, high) = (range?.lowerBound ?? .max, range?.upperBound ?? .min)
                range = min(low, entry.minEventNanos)...max(high, entry.maxEventNanos)
            }
            let build = hex(map.header.build) + (map.header.buildIsModified ? "-modified" : "")
            if !builds.contains(build) { builds.append(build) }
            var entry = File(name: file, hashes: try copy(file))
            if count > 0 { entry.events = (map.header.baseSeq, map.header.baseSeq + count - 1) }
            files.append(entry)
        }
        files.append(File(name: LogPaths.manifest, hashes: try copy(LogPaths.manifest)))
        if let target { try syncDirectory(target, fileSystem) }
        return Stream(
            name: name, chainHead: chainHead, events: lastSeq,
            lastGlobalSeq: try root.walk(name).end()?.globalSeq ?? 0, eventNanos: range, files: files, builds: builds,
            schemas: (location.manifest?.schemas ?? []).map(\.schema.identityDigest))
    }

    /// Refuses a root with events behind the last seal of a log, by the indexes alone.
    static func checkSealed(_ root: RootLogs) throws(LogError) {
        for name in root.names {
            let location = try LogLocation(root.path(name), environment: root.environment)
            let names = try location.segmentNames()
            for (place, file) in names.enumerated() {
                let map = try map(location, file)
                let count = map.entries.reduce(0) { $0 + UInt64($1.count) }
                try checkSealed(map, count, isLast: place + 1 == names.count, root.path(name))
            }
        }
    }

    /// A sealed log ends in a segment that waits for events; one that holds some is not frozen.
    private static func checkSealed(
        _ map: SegmentMap, _ count: UInt64, isLast: Bool, _ path: String
    ) throws(LogError) {
        guard map.seal != nil || count == 0 && isLast else {
            throw LogError(
                .usage,
                "\(path): \(count) events stand behind its last seal, and only sealed ones are frozen: lotus seal "
                    + "\(path), or freeze with --seal, while no writer is at work")
        }
    }

    private static func map(_ location: LogLocation, _ name: String) throws(LogError) -> SegmentMap {
        let file: FileID
        do throws(FSError) {
            file = try location.fileSystem.open("\(location.directory)/\(name)", .read)
        } catch { throw LogError(error) }
        defer { location.fileSystem.close(file) }
        return try SegmentMap(location.fileSystem, file, name: name, useIndex: true)
    }

    static func makeDirectory(_ path: String, _ fileSystem: any LogFS) throws(LogError) {
        do throws(FSError) { try fileSystem.createDirectory(path) } catch { throw LogError(error) }
    }

    static func syncDirectory(_ path: String, _ fileSystem: any LogFS) throws(LogError) {
        do throws(FSError) { try fileSystem.syncDirectory(path) } catch { throw LogError(error) }
    }

    /// Where the logs agree: the numbers are dense, so as many events as the highest number says are all of them.
    private static func cut(_ streams: [Stream], _ root: RootLogs) throws(LogError) -> Cut {
        let last = streams.map(\.lastGlobalSeq).max() ?? 0
        let orphans = root.knownCuts.reduce(0) { $0 + $1.orphanCount }
        let stretches = root.knownCuts.reduce(0) { $0 + ($1.resumed - $1.after - 1) }
        let events = streams.reduce(0) { $0 + $1.events }
        if events >= orphans, last >= stretches, events - orphans == last - stretches {
            return Cut(globalSeq: last, lastGlobalSeq: last, orphanCount: 0)
        }
        let found = try ConsistentCut.find(
            root.names.map { root.path($0) }, known: root.knownCuts, environment: root.environment)
        return Cut(globalSeq: found.globalSeq, lastGlobalSeq: last, orphanCount: found.orphanCount)
    }

    /// The assets that the market log lists, in order.
    private static func universe(_ root: RootLogs) throws(LogError) -> [String] {
        guard root.names.contains(Module.mkt.text) else { return [] }
        var assets: Set<String> = []
        let walk = try root.walk(Module.mkt.text, types: [MarketInstrument.typeName], byIndex: .all)
        while try walk.next() { if let asset = try walk.event().text("asset") { assets.insert(asset) } }
        return assets.sorted()
    }

    private static func last(_ type: String, _ name: String, _ root: RootLogs) throws(LogError) -> RecordedEvent? {
        let walk = try root.walk(name, types: [type], byIndex: .all)
        var last: RecordedEvent?
        while try walk.next() { if !root.isOrphan(walk.head) { last = try walk.event() } }
        return last
    }
}

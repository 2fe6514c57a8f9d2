internal import LogFormat

/// A log (or one segment file) opened for reading: its files, its manifest, and whether somebody is writing to it.
public struct LogLocation: Sendable {
    let environment: LogEnvironment
    /// Directory of the log.
    public let directory: String
    /// The only segment to read, if the path named a segment file.
    let onlySegment: String?
    /// The manifest; nil if there is none (a lone segment, or a damaged log).
    public let manifest: Manifest?

    package var fileSystem: any LogFS { environment.fileSystem }

    /// Looks at a path.
    ///
    /// - Throws: `notALog` when there is neither a log nor a segment.
    public init(_ path: String, environment: LogEnvironment = .real()) throws(LogError) {
        self.environment = environment
        var trimmed = path
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        let fileSystem = environment.fileSystem
        switch fileSystem.kind(trimmed) {
        case .nothing:
            throw LogError(
                .notALog, "\(path): nothing is there; give a log directory, a root of logs, or a segment file")
        case .file:
            guard trimmed.hasSuffix(LogPaths.segmentSuffix) else {
                throw LogError(
                    .notALog, "\(path) is a file but no segment (NAME.seg); give a log directory or a segment")
            }
            if let slash = trimmed.lastIndex(of: "/") {
                directory = String(trimmed[..<slash])
                onlySegment = String(trimmed[trimmed.index(after: slash)...])
            } else {
                directory = "."
                onlySegment = trimmed
            }
            manifest = nil
        case .directory:
            directory = trimmed
            onlySegment = nil
            // A log that is just being born gets its MANIFEST before its first segment: where segments are seen, a
            // second look at MANIFEST sees it, unless it is really missing.
            if let found = try Self.readManifest(trimmed, fileSystem) {
                manifest = found
            } else if try Self.segmentNames(trimmed, fileSystem).isEmpty {
                throw LogError(
                    .notALog, "\(path) is no log: it holds neither MANIFEST nor segments; lotus append makes one")
            } else {
                manifest = try Self.readManifest(trimmed, fileSystem)
            }
        }
    }

    private static func readManifest(_ directory: String, _ fileSystem: any LogFS) throws(LogError) -> Manifest? {
        let path = "\(directory)/\(LogPaths.manifest)"
        guard fileSystem.kind(path) == .file else { return nil }
        return Manifest(
            decoding: try wrapping { () throws(FSError) in try fileSystem.readAll(path, limit: Int.max) })
    }

    private static func segmentNames(_ directory: String, _ fileSystem: any LogFS) throws(LogError) -> [String] {
        try wrapping { () throws(FSError) in try fileSystem.list(directory) }.filter { LogPaths.baseSeq($0) != nil }
    }

    /// What is wrong with MANIFEST beyond a torn last record; nil for a segment read alone, which needs none.
    ///
    /// A missing one counts: nothing else tells which segments and types a log has, and how far it was acknowledged.
    public var manifestDamage: String? {
        guard onlySegment == nil else { return nil }
        let path = "\(directory)/\(LogPaths.manifest)"
        let advice = "restore it from a copy of the log; a segment can be read alone, and lotus salvage copies all"
        guard let manifest else { return "\(path): is missing although there are segments: \(advice)" }
        guard manifest.identity != nil else {
            return "\(path): does not begin with the record that names the log: \(advice)"
        }
        guard let failure = manifest.failure, manifest.hasRecordsAfterFailure else { return nil }
        return "\(path): damaged at offset \(manifest.validEnd), before its end: \(failure): \(advice)"
    }

    /// Names of the segment files, in order.
    public func segmentNames() throws(LogError) -> [String] {
        if let onlySegment { return [onlySegment] }
        return try Self.segmentNames(directory, fileSystem)
    }

    /// Directories of logs directly below `path`, in order of name; empty if it is a log itself.
    public static func logs(in path: String, environment: LogEnvironment = .real()) -> [String] {
        let fileSystem = environment.fileSystem
        guard fileSystem.kind(path) == .directory, fileSystem.kind("\(path)/\(LogPaths.manifest)") != .file else {
            return []
        }
        let names = (try? fileSystem.list(path)) ?? []
        return names.map { "\(path)/\($0)" }.filter { directory in
            guard fileSystem.kind(directory) == .directory else { return false }
            if fileSystem.kind("\(directory)/\(LogPaths.manifest)") == .file { return true }
            // A folder that cannot be listed may be a log: whoever opens it is told why not.
            guard let entries = try? fileSystem.list(directory) else { return true }
            return entries.contains { LogPaths.baseSeq($0) != nil }
        }
    }

    /// The published marks, while a writer is alive: nothing behind them is read.
    ///
    /// Nil if nobody writes.
    package func liveMarks(_ page: CommitPage?) -> CommitState? {
        guard let state = page?.read(), state.writerPID != 0, environment.isProcessAlive(state.writerPID) else {
            return nil
        }
        let lock = (try? fileSystem.readAll("\(directory)/\(LogPaths.lock)", limit: 256)) ?? []
        return String(decoding: lock, as: UTF8.self).hasSuffix("boot \(hex(environment.bootID))") ? state : nil
    }

    /// Maps the COMMIT page, if there is one.
    package func commitPage(writable: Bool = false) -> CommitPage? {
        guard onlySegment == nil, let logID = manifest?.identity?.logID else { return nil }
        return try? CommitPage(fileSystem, directory: directory, logID: logID, writable: writable)
    }
}

internal import LogFormat

/// All that a `LogCore` needs to go on where the log ends.
struct OpenedLog {
    var logID: [UInt8]
    var name: String
    var epoch: UInt64
    var report: RecoveryReport
    var manifest: ManifestFile
    var registry: SchemaRegistry
    var segment: ActiveSegment
    var commitPage: CommitPage
    var sealer: Sealer
    var nextSeq: UInt64
    var markedSeq: UInt64
    var lastAppendNanos: Int64
}

/// Opens a log for writing by the table of SPEC.md section 17: cuts only what was never acknowledged, refuses
/// everything else.
///
/// Interrupted at any point and run again, it ends in the same state.
struct Recovery {
    let environment: LogEnvironment
    let directory: String
    let options: LogOptions
    var report = RecoveryReport()
    var registry = SchemaRegistry()
    /// Marks of the last writer, if its COMMIT page holds.
    var lastMarks: CommitState?
    /// Files that are open, to be closed if the log is refused.
    var openedFiles: [FileID] = []

    var fileSystem: any LogFS { environment.fileSystem }

    init(environment: LogEnvironment, directory: String, options: LogOptions) {
        self.environment = environment
        self.directory = directory
        self.options = options
    }

    /// Runs the whole opening.
    ///
    /// The lock is held by the caller.
    mutating func open(name: String) throws(LogError) -> OpenedLog {
        var (manifestFile, manifest) = try openManifest(name: name)
        guard let identity = manifest.identity else {
            throw LogError(.damaged, "\(directory)/MANIFEST: does not begin with the record that names the log")
        }
        for (typeID, schema) in manifest.schemas { try registry.insert(schema, typeID: typeID) }
        let commitPage = try wrapping { () throws(FSError) in
            try CommitPage(
                fileSystem, directory: directory, logID: identity.logID, writable: true, creates: true)
        }
        report.wasClosedCleanly = manifest.isClosedCleanly
        lastMarks = commitPage.readAfterCrash()
        report.durableSeq = max(manifest.durableSeq, lastMarks?.durable.seq ?? 0)
        if !report.wasClosedCleanly {
            try makeDurable(manifestFile.file, from: 0, to: manifestFile.end)
        }

        var chain = try openSegments(manifest, logID: identity.logID, &manifestFile)
        // MANIFEST may be an older copy, so the blocks are asked too: epochs never go back.
        let epoch = max(manifest.lastEpoch, chain.last?.lastEpoch ?? 0, lastMarks?.epoch ?? 0) + 1
        if chain.isEmpty || chain[chain.count - 1].isSealed {
            chain.append(try createNext(after: chain.last, identity, epoch: epoch, &manifestFile))
        }
        let active = chain[chain.count - 1]
        report.lastSeq = active.lastSeq
        try manifestFile.append(
            .opened(
                epoch: epoch, wallNanos: environment.clock.wallNanos(), processID: environment.processID,
                build: environment.build), fileSystem)
        if report.changedAnything {
            try manifestFile.append(
                .recovered(wallNanos: environment.clock.wallNanos(), report: report.json), fileSystem)
        }
        try manifestFile.sync(fileSystem)
        // Before the files of sealed segments are closed.
        let lastAppend = try lastAppendNanos(chain)
        return OpenedLog(
            logID: identity.logID, name: identity.name, epoch: epoch, report: report, manifest: manifestFile,
            registry: registry, segment: active.segment, commitPage: commitPage,
            sealer: makeSealer(chain, manifest), nextSeq: active.lastSeq + 1, markedSeq: active.durableSeq,
            lastAppendNanos: lastAppend)
    }

    /// Append time of the log's last event: from the index of the last sealed segment, if there are no events
    /// behind it.
    private func lastAppendNanos(_ chain: [Recovered]) throws(LogError) -> Int64 {
        let known = chain.map(\.lastAppendNanos).max() ?? 0
        guard known == .min, let sealed = chain.last(where: { $0.isSealed }) else { return known }
        let map = try SegmentMap(
            fileSystem, sealed.segment.file, name: LogPaths.segment(sealed.header.baseSeq), useIndex: true)
        return map.entries.last?.lastAppendNanos ?? known
    }

    /// A segment as recovery left it.
    struct Recovered {
        var header: SegmentHeader
        var segment: ActiveSegment
        var lastSeq: UInt64
        var isSealed: Bool
        var durableSeq: UInt64
        var lastAppendNanos: Int64
        /// Epoch of the last block, of which the blocks tell only the low half.
        var lastEpoch: UInt64
    }

    private func makeSealer(_ chain: [Recovered], _ manifest: Manifest) -> Sealer {
        let sealed = manifest.sealedSegments
        var head = Digest.zero
        var pending: [ActiveSegment] = []
        for recovered in chain.dropLast() {
            if recovered.isSealed, let record = sealed[recovered.header.ordinal] {
                head = record.chainHead
                fileSystem.close(recovered.segment.file)
            } else {
                pending.append(recovered.segment)
            }
        }
        let types = registry.all
        return Sealer(pending: pending, chainHead: head, accumulator: nil, types: { types })
    }

    private mutating func createNext(
        after last: Recovered?, _ identity: (logID: [UInt8], name: String), epoch: UInt64,
        _ manifestFile: inout ManifestFile
    ) throws(LogError) -> Recovered {
        var predecessor = SegmentHeader.Predecessor.none
        if let last {
            predecessor = .init(
                lastSeq: last.lastSeq, lastHash: last.segment.lastHash, dataEnd: last.segment.end,
                salt: last.header.salt)
        }
        let header = SegmentHeader(
            logID: identity.logID, ordinal: last.map { $0.header.ordinal + 1 } ?? 0,
            baseSeq: (last?.lastSeq ?? 0) + 1, writerEpoch: epoch, salt: environment.randomInteger(),
            createdWallNanos: environment.clock.wallNanos(),
            createdMonotonicNanos: environment.clock.monotonicNanos(), bootID: environment.bootID,
            predecessor: predecessor, schemaSetDigest: registry.digest, build: environment.build,
            buildIsModified: environment.buildIsModified, name: identity.name)
        let segment = try SegmentFile.create(header, in: directory, fileSystem)
        openedFiles.append(segment.file)
        try manifestFile.append(
            .segment(ordinal: header.ordinal, baseSeq: header.baseSeq, salt: header.salt), fileSystem)
        try manifestFile.sync(fileSystem)
        return Recovered(
            header: header, segment: segment, lastSeq: header.baseSeq - 1, isSealed: false, durableSeq: 0,
            lastAppendNanos: last?.lastAppendNanos ?? 0, lastEpoch: epoch)
    }
}

extension Recovery {
    /// Reads MANIFEST, cutting a torn last record; makes one for a new log.
    private mutating func openManifest(name: String) throws(LogError) -> (ManifestFile, Manifest) {
        let path = "\(directory)/\(LogPaths.manifest)"
        if fileSystem.kind(path) != .file {
            let names = try wrapping { () throws(FSError) in try fileSystem.list(directory) }
            guard !names.contains(where: { LogPaths.baseSeq($0) != nil }) else {
                throw LogError(
                    .damaged,
                    "\(directory): MANIFEST is missing although there are segments: restore it from a copy; a segment "
                        + "can be read alone, and lotus salvage copies what all of them hold into a new log")
            }
            let known = [
                LogPaths.lock, LogPaths.commit, LogPaths.next, LogPaths.manifest + ".new", LogPaths.commit + ".new",
            ]
            if let stranger = names.first(where: { !known.contains($0) }) {
                throw LogError(
                    .notALog,
                    "\(directory) is no log and not empty (it holds \(stranger)): "
                        + "give an empty or new directory")
            }
            let created = ManifestRecord.created(logID: environment.random(16), name: name)
            try wrapping { () throws(FSError) in
                try fileSystem.createDurably(LogPaths.manifest, in: directory, created.encoded(at: 0, link: 0).bytes)
            }
        }
        let file = try wrapping { () throws(FSError) in try fileSystem.open(path, .readWrite) }
        openedFiles.append(file)
        let size = try wrapping { () throws(FSError) in try fileSystem.size(file) }
        let bytes = try wrapping { () throws(FSError) in try fileSystem.read(file, count: Int(size), at: 0) }
        let manifest = Manifest(decoding: bytes)
        if let failure = manifest.failure {
            guard !manifest.hasRecordsAfterFailure, manifest.validEnd > 0 else {
                throw LogError(
                    .damaged,
                    "\(path): damaged at offset \(manifest.validEnd), before its end: \(failure); "
                        + "lotus verify tells more, lotus salvage copies the events into a new log")
            }
            let tail = Array(bytes[Int(manifest.validEnd)...])
            let aside = try quarantine(tail, named: "\(LogPaths.manifest).\(manifest.validEnd)")
            try wrapping { () throws(FSError) in
                try fileSystem.truncate(file, to: manifest.validEnd)
                try fileSystem.syncData(file)
            }
            report.notes.append("MANIFEST: torn record of \(tail.count) bytes set aside as \(aside)")
        }
        return (
            ManifestFile(file: file, end: manifest.validEnd, lastHash: manifest.lastHash, path: path), manifest
        )
    }

    /// Writes bytes up to the file's end to the same place again, cuts the file there again, and syncs.
    ///
    /// After a failed sync the kernel shows pages that it has given up writing: a second sync alone would succeed
    /// without doing anything, and the next
    /// power cut would take what it vouched for. Writing them again makes them dirty, so the sync that follows is a
    /// real one. The same goes for a cut: without a second one the end of the file could come back.
    func makeDurable(_ file: FileID, from start: UInt64, to end: UInt64) throws(LogError) {
        try wrapping { () throws(FSError) in
            var offset = start
            while offset < end {
                let bytes = try fileSystem.read(file, count: Int(min(end - offset, 1 << 20)), at: offset)
                guard !bytes.isEmpty else { break }
                try fileSystem.write(file, bytes, at: offset)
                offset += UInt64(bytes.count)
            }
            try fileSystem.truncate(file, to: end)
            try fileSystem.syncData(file)
        }
    }

    /// Keeps bytes that are about to be cut.
    func quarantine(_ bytes: [UInt8], named stem: String) throws(LogError) -> String {
        let name = "\(stem).\(hex(xxh3(bytes, seed: 0)))\(LogPaths.quarantineSuffix)"
        if fileSystem.kind("\(directory)/\(name)") != .file {
            try wrapping { () throws(FSError) in try fileSystem.createDurably(name, in: directory, bytes) }
        }
        return name
    }
}

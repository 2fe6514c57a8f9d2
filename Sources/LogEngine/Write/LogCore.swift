package import LogFormat

/// The writing half of one log, without threads: every method does its work before it returns.
///
/// `LogWriter` puts threads and locks around it; the crash simulation drives it directly, so that a seed reproduces a
/// run.
/// Not thread-safe: callers serialise.
package final class LogCore {
    let environment: LogEnvironment
    let directory: String
    let options: LogOptions
    let logID: [UInt8]
    let name: String
    /// This writer's epoch.
    let epoch: UInt64
    /// What recovery found and did when the log was opened.
    package let recovery: RecoveryReport

    private let lockFile: FileID
    var manifest: ManifestFile
    var registry: SchemaRegistry
    var segment: ActiveSegment
    let commitPage: CommitPage
    package var sealer: Sealer
    /// The next segment's file, once it is prepared.
    let next: NextSegment

    /// Seq that the next event gets.
    private(set) var nextSeq: UInt64
    /// Highest seq handed to the operating system.
    package var writtenSeq: UInt64 { nextSeq - 1 }
    /// Highest seq on stable storage.
    package private(set) var durableSeq: UInt64
    /// Append time of the last event.
    private(set) var lastAppendNanos: Int64
    /// The durable seq that the log itself tells already.
    private var markedSeq: UInt64
    /// Why nothing is accepted any more.
    package private(set) var poison: LogError?
    /// Whether the free space fell below the reserve.
    private(set) var isLowOnSpace = false

    private var blocks = ByteBuffer(capacity: 256 << 10)
    private var frame = ByteBuffer(capacity: 128 << 10)
    private let codec = FrameCodec()
    private var durableMark: LogMark
    /// Ends of the batches written since the last sync.
    private var unsyncedMarks: [LogMark] = []
    /// Files of sealed segments, to be closed when no sync can be using them.
    var retiredFiles: [FileID] = []
    private var nextSpaceCheck: UInt64 = 0
    /// Whether `claimNext` has said yes for this segment.
    var hasClaimedNext = false

    var fileSystem: any LogFS { environment.fileSystem }

    init(
        environment: LogEnvironment, directory: String, options: LogOptions, lockFile: FileID, opened: OpenedLog
    ) throws(LogError) {
        self.environment = environment
        self.directory = directory
        self.options = options
        self.lockFile = lockFile
        logID = opened.logID
        name = opened.name
        epoch = opened.epoch
        recovery = opened.report
        manifest = opened.manifest
        registry = opened.registry
        segment = opened.segment
        commitPage = opened.commitPage
        sealer = opened.sealer
        next = NextSegment(directory, environment.fileSystem)
        nextSeq = opened.nextSeq
        durableSeq = opened.nextSeq - 1
        markedSeq = opened.markedSeq
        lastAppendNanos = opened.lastAppendNanos
        durableMark = LogMark(
            ordinal: opened.segment.header.ordinal, offset: opened.segment.end, seq: opened.nextSeq - 1)
        checkSpace()
        publish()
    }

    /// Takes a type into the log, durably, before its first event.
    ///
    /// - Throws: `schemaClash`, or the poison after a failed write.
    package func register(_ schema: Schema) throws(LogError) -> UInt16 {
        if let known = try registry.find(schema) { return known }
        guard let typeID = registry.nextTypeID else {
            throw LogError(.badEvent, "this log has \(FormatLimits.typesMax) types already, the limit of the format")
        }
        try guardPoison()
        try poisoning { () throws(LogError) in
            try manifest.append(.schema(typeID: typeID, schema: schema), fileSystem)
            try manifest.sync(fileSystem)
        }
        try registry.insert(schema, typeID: typeID)
        return typeID
    }

    /// Writes a batch; when it returns, the events survive the death of the process.
    ///
    /// - Throws: the poison. After that nothing of the batch counts as written.
    package func write(_ batch: borrowing BatchBuilder) throws(LogError) {
        guard batch.count > 0 else { return }
        try guardPoison()
        try poisoning { () throws(LogError) in
            frame.removeAll()
            unsafe batch.raw.withUnsafeBytes { raw in _ = unsafe codec.compress(raw, into: &frame) }
            let needed = UInt64(BlockHeader.byteCount + frame.count)
            if segment.hasEvents, segment.end + needed > UInt64(options.segmentBytes) { try roll() }
            blocks.removeAll()
            try encodeSchemaBlocks(batch)
            encodeBatch(batch)
            try writeBlocks()
            segment.hasEvents = true
            nextSeq += UInt64(batch.count)
            lastAppendNanos = batch.lastAppendNanos
            unsyncedMarks.append(LogMark(ordinal: segment.header.ordinal, offset: segment.end, seq: writtenSeq))
        }
        publish()
    }

    /// Makes everything written so far durable.
    ///
    /// - Throws: the poison; then nothing is acknowledged any more, because the kernel may have dropped the pages
    ///   (fsyncgate).
    package func sync() throws(LogError) {
        try guardPoison()
        guard let target = beginSync(upTo: writtenSeq) else { return }
        try poisoning { () throws(LogError) in try target.run(fileSystem) }
        finishSync(target)
    }

    /// Takes down what the next sync will make durable: the last batch that ends at or before `seq`; nil if that is
    /// durable already.
    package func beginSync(upTo seq: UInt64) -> SyncTarget? {
        guard let mark = unsyncedMarks.last(where: { $0.seq <= seq }), mark.seq > durableSeq else { return nil }
        return SyncTarget(file: segment.file, mark: mark)
    }

    /// Publishes what a successful sync made durable.
    func finishSync(_ target: SyncTarget) {
        unsyncedMarks.removeAll { $0.seq <= target.mark.seq }
        guard target.mark.seq > durableSeq else { return }
        durableSeq = target.mark.seq
        durableMark = target.mark
        publish()
    }

    /// Refuses everything from now on.
    func poison(_ error: LogError) {
        guard poison == nil else { return }
        poison = LogError(
            .poisoned,
            "\(directory): writing stopped after an error, nothing after seq \(durableSeq) is acknowledged as durable: "
                + "\(error.message); close this writer and open the log again, which runs recovery")
    }

    /// Notes the durable mark in the log itself, when it is not told yet.
    package func writeMark() throws(LogError) {
        try guardPoison()
        guard markedSeq < durableSeq, segment.hasEvents else { return }
        try poisoning { () throws(LogError) in
            blocks.removeAll()
            encode(.mark, payload: [])
            try writeBlocks()
        }
        publish()
    }

    /// Closes the active segment and begins the next one.
    package func roll() throws(LogError) {
        try guardPoison()
        guard segment.hasEvents else { return }
        // Whatever fails here may have dropped pages or left half a name: nothing may be acknowledged after it.
        try poisoning { () throws(LogError) in try beginNextSegment() }
        checkSpace()
    }

    private func beginNextSegment() throws(LogError) {
        // The next header names this segment's end, so that end must be on the disk first.
        try wrapping { () throws(FSError) in try fileSystem.syncData(segment.file) }
        let old = segment
        let header = SegmentHeader(
            logID: logID, ordinal: old.header.ordinal + 1, baseSeq: nextSeq, writerEpoch: epoch,
            salt: environment.randomInteger(), createdWallNanos: environment.clock.wallNanos(),
            createdMonotonicNanos: environment.clock.monotonicNanos(), bootID: environment.bootID,
            predecessor: .init(
                lastSeq: nextSeq - 1, lastHash: old.lastHash, dataEnd: old.end, salt: old.header.salt),
            schemaSetDigest: registry.digest, build: environment.build,
            buildIsModified: environment.buildIsModified, name: name)
        segment = try next.becomeSegment(header)
        hasClaimedNext = false
        try manifest.append(
            .segment(ordinal: header.ordinal, baseSeq: header.baseSeq, salt: header.salt), fileSystem)
        try manifest.sync(fileSystem)
        sealer.enqueue(old)
        // All of it is on the disk, but only a commit round may say so: other logs of the group may hold its causes.
        let mark = LogMark(ordinal: header.ordinal, offset: segment.end, seq: nextSeq - 1)
        unsyncedMarks = mark.seq > durableSeq ? [mark] : []
        if mark.seq == durableSeq { durableMark = mark }
    }

    /// Seals the segments that were closed since; a pure function of their bytes.
    package func sealPending() throws(LogError) {
        while let closed = sealer.takeNext() {
            try guardPoison()
            try poisoning { () throws(LogError) in
                try finishSeal(try sealer.seal(closed, environment: environment, directory: directory), of: closed)
            }
        }
        closeRetired()
    }

    /// Notes in the manifest that a segment is sealed.
    func finishSeal(_ record: ManifestRecord, of closed: ActiveSegment) throws(LogError) {
        // A record behind one whose sync failed would make a hole in MANIFEST.
        try guardPoison()
        try manifest.append(record, fileSystem)
        try manifest.sync(fileSystem)
        retiredFiles.append(closed.file)
    }

    /// Closes the files of sealed segments; only when no sync is running.
    func closeRetired() {
        for file in retiredFiles { fileSystem.close(file) }
        retiredFiles.removeAll()
    }

    /// Ends the log cleanly: everything durable, marked, no padding, noted in the manifest.
    ///
    /// With `seal`, also seals the last segment.
    package func close(seal: Bool = false) throws(LogError) {
        defer { release() }
        try guardPoison()
        try sync()
        if seal, segment.hasEvents { try roll() }
        try sealPending()
        try poisoning { () throws(LogError) in
            if segment.hasEvents { try writeMark() }
            try wrapping { () throws(FSError) in
                if segment.fileSize > segment.end { try fileSystem.truncate(segment.file, to: segment.end) }
                try fileSystem.syncData(segment.file)
            }
            segment.fileSize = segment.end
            try manifest.append(
                .closed(
                    epoch: epoch, ordinal: segment.header.ordinal, lastSeq: writtenSeq, lastHash: segment.lastHash,
                    dataEnd: segment.end), fileSystem)
            try manifest.sync(fileSystem)
        }
        next.close(emptying: true)
        publish(isClosed: true)
    }

    private var isReleased = false

    /// Gives up files and lock without writing anything.
    package func release() {
        guard !isReleased else { return }
        isReleased = true
        closeRetired()
        for closed in sealer.pending { fileSystem.close(closed.file) }
        next.close()
        fileSystem.close(segment.file)
        fileSystem.close(manifest.file)
        fileSystem.close(lockFile)
    }

    /// Looks at the free space again.
    func checkSpace() {
        let free = (try? fileSystem.freeBytes(directory)) ?? UInt64.max
        isLowOnSpace = free < options.reserve
        nextSpaceCheck = segment.end + (1 << 20)
    }

    private func encodeSchemaBlocks(_ batch: borrowing BatchBuilder) throws(LogError) {
        for typeID in batch.typeIDs where !segment.describedTypes.contains(typeID) {
            guard let schema = registry.schema(typeID) else {
                throw LogError(.badEvent, "type id \(typeID) is not registered in this log")
            }
            encode(.schema, payload: SchemaBlock.encode(typeID: typeID, schema))
            segment.describedTypes.insert(typeID)
        }
    }

    private func encode(_ kind: BlockKind, payload: [UInt8]) {
        let offset = segment.end + UInt64(blocks.count)
        var header = BlockHeader(
            kind: kind, link: segment.lastHash, firstSeq: nextSeq, writerEpoch: UInt32(truncatingIfNeeded: epoch),
            durableSeq: durableSeq)
        header.storedLength = UInt32(payload.count)
        header.rawLength = header.storedLength
        header.storedHash = xxh3(payload, seed: blockSeed(salt: segment.header.salt, offset: offset))
        header.rawHash = header.storedHash
        header.encode(into: &blocks, salt: segment.header.salt, offset: offset)
        blocks.append(contentsOf: payload)
        segment.lastHash = header.headerHash
        markedSeq = durableSeq
    }

    private func encodeBatch(_ batch: borrowing BatchBuilder) {
        let offset = segment.end + UInt64(blocks.count)
        let seed = blockSeed(salt: segment.header.salt, offset: offset)
        var header = BlockHeader(
            kind: .batch, link: segment.lastHash, firstSeq: nextSeq, writerEpoch: UInt32(truncatingIfNeeded: epoch),
            durableSeq: durableSeq)
        batch.describe(&header)
        header.storedLength = UInt32(frame.count)
        unsafe frame.withUnsafeBytes { stored in header.storedHash = unsafe xxh3(stored, seed: seed) }
        unsafe batch.raw.withUnsafeBytes { raw in header.rawHash = unsafe xxh3(raw, seed: seed) }
        header.encode(into: &blocks, salt: segment.header.salt, offset: offset)
        unsafe frame.withUnsafeBytes { unsafe blocks.append(contentsOf: $0) }
        segment.lastHash = header.headerHash
        markedSeq = durableSeq
    }

    private func writeBlocks() throws(LogError) {
        try wrapping { () throws(FSError) in
            try fileSystem.append(
                &blocks, to: &segment, zeroAheadBytes: options.zeroAheadBytes, sizeMax: options.segmentBytes)
        }
        if segment.end >= nextSpaceCheck { checkSpace() }
    }

    private func guardPoison() throws(LogError) {
        if let poison { throw poison }
        if isReleased { throw LogError(.closed, "\(directory): this writer is closed") }
    }

    /// Runs `body`; any failure stops the writer for good.
    private func poisoning(_ body: () throws(LogError) -> Void) throws(LogError) {
        do throws(LogError) { try body() } catch {
            poison(error)
            throw poison ?? error
        }
    }

    private func publish(isClosed: Bool = false) {
        commitPage.publish(
            CommitState(
                epoch: epoch,
                written: LogMark(ordinal: segment.header.ordinal, offset: segment.end, seq: writtenSeq),
                durable: durableMark, lastHash: segment.lastHash, writerPID: isClosed ? 0 : environment.processID),
            heartbeatNanos: environment.clock.monotonicNanos())
    }
}

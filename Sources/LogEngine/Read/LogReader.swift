public import LogFormat

/// Reads the batches of a log in order, from any place; needs no lock and never disturbs the writer.
///
/// While a writer is alive nothing behind the mark of the chosen level is read. A damaged place is an error that
/// names the missing events; reading can go on
/// behind it with `skipDamage`.
public final class LogReader {
    /// The log being read.
    public let location: LogLocation
    /// How safe events must be before they are read.
    public let level: AppendLevel
    /// Types known so far.
    public private(set) var registry = SchemaRegistry()
    /// Seq of the next event to come.
    public private(set) var nextSeq: UInt64 = 1
    /// The batch that `next` returned last: where it stands.
    public private(set) var position = LogMark(ordinal: 0, offset: 0, seq: 0)
    /// Epoch of the segment being read.
    public private(set) var epoch: UInt64 = 0

    private(set) var commitPage: CommitPage?
    private let watches: Bool
    private var current: Current?
    /// The segment that could not even be opened: reading stands before it.
    private var broken: (name: String, error: LogError)?
    private var fileSystem: any LogFS { location.fileSystem }
    /// Maps of sealed segments, which never change again.
    private var sealedMaps: [String: SegmentMap] = [:]
    private var liveness = Liveness()

    /// Whether a writer is alive, asked of the system at most every so often: after its death the marks stay exact.
    private struct Liveness {
        var epoch: UInt64 = 0
        var isAlive = false
        var askAgainNanos = Int64.min
        static let intervalNanos: Int64 = 100_000_000
    }

    private func mapCommitPage() {
        // Watching announces itself on the page; where that is not allowed, polling does.
        commitPage = (watches ? location.commitPage(writable: true) : nil) ?? location.commitPage()
    }

    private func liveMarks() -> CommitState? {
        // Only a writer makes the page: one that follows a log from its birth may be there first.
        if watches, commitPage == nil { mapCommitPage() }
        guard let state = commitPage?.read(), state.writerPID != 0 else { return nil }
        let now = location.environment.clock.monotonicNanos()
        if state.epoch != liveness.epoch || now >= liveness.askAgainNanos {
            liveness = Liveness(
                epoch: state.epoch, isAlive: location.liveMarks(commitPage) != nil,
                askAgainNanos: now + Liveness.intervalNanos)
        }
        return liveness.isAlive ? state : nil
    }

    private struct Current {
        let file: FileID
        let header: SegmentHeader
        let name: String
        let stream: SegmentStream
        var lastHash: UInt64
        var linkIsKnown: Bool
        var batchStart: UInt64 = 0
    }

    /// Opens a log at its first event.
    public init(_ location: LogLocation, level: AppendLevel = .written, watches: Bool = false) throws(LogError) {
        self.location = location
        self.level = level
        self.watches = watches
        mapCommitPage()
        for (typeID, schema) in location.manifest?.schemas ?? [] { try registry.insert(schema, typeID: typeID) }
    }

    deinit { if let current { fileSystem.close(current.file) } }

    /// The next batch, or nil if there is none (yet).
    ///
    /// Its payload is at hand until the next call.
    ///
    /// - Throws: `damaged` naming the events that cannot be read; `fileSystem`.
    public func next() throws(LogError) -> BlockHeader? {
        while true {
            guard let current = try currentSegment() else { return nil }
            let stream = current.stream
            let live = liveMarks()
            try setLimit(stream, current.header.ordinal, live)
            let start = stream.offset
            switch try wrapping({ () throws(FSError) in try stream.next() }) {
            case .block(let block):
                do throws(LogError) { try check(block, current) } catch {
                    stream.seek(to: start)
                    throw error
                }
                self.current?.lastHash = block.headerHash
                self.current?.linkIsKnown = true
                self.current?.batchStart = start
                switch block.kind {
                case .schema: try learn(stream, current.name)
                case .batch:
                    nextSeq = block.lastSeq + 1
                    position = LogMark(ordinal: current.header.ordinal, offset: start, seq: block.lastSeq)
                    return block
                case .index:
                    stream.seek(to: start)
                    guard try advance(live) else { return nil }
                default: break
                }
            case .badPayload(let block, let error):
                if try successorStarts(at: start, current), try advance(live) { continue }
                if try isTornTail(current) {
                    stream.seek(to: start)
                    return nil
                }
                throw damage(current, first: block.firstSeq, last: block.lastSeq, "\(error)")
            case .bad(let error):
                if live != nil, start >= stream.limit { return nil }
                if try successorStarts(at: start, current), try advance(live) { continue }
                if try isTornTail(current) { return nil }
                throw damage(current, first: nextSeq, last: nil, "at offset \(start): \(error)")
            case .padding, .end:
                stream.forget()
                guard try advance(live) else { return nil }
            }
        }
    }

    /// The stored payload of the batch that `next` returned last.
    public func withPayload<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        guard let current else { preconditionFailure("Invariant: a payload is asked for after next returned a batch") }
        return unsafe try current.stream.withPayload(body)
    }

    /// Decodes the batch that `next` returned last into `reader`.
    public func decode(
        _ block: BlockHeader, into reader: inout BatchReader, codec: borrowing FrameCodec
    ) throws(LogError) {
        guard let current else { return }
        let seed = blockSeed(salt: current.header.salt, offset: current.batchStart)
        do throws(FormatError) {
            try unsafe current.stream.withPayload { stored throws(FormatError) in
                unsafe try reader.open(block, stored: stored, codec: codec, seed: seed)
            }
        } catch {
            throw damage(current, first: block.firstSeq, last: block.lastSeq, "\(error)")
        }
    }

    /// Stands before the batch that holds `seq`, or at the end if the log is shorter.
    public func seek(toSeq seq: UInt64) throws(LogError) {
        try seek { name, _ in
            LogPaths.baseSeq(name).map { $0 <= seq } ?? true
        } entry: {
            $0.firstSeq + UInt64($0.count) > seq
        }
    }

    /// Stands before the first batch with an event appended at or after `nanos`.
    public func seek(toAppendNanos nanos: Int64) throws(LogError) {
        try seek { (_, map) throws(LogError) in
            try map().entries.first.map { $0.firstAppendNanos < nanos } ?? false
        } entry: {
            $0.lastAppendNanos >= nanos
        }
    }

    private func seek(
        segment isBefore: (String, () throws(LogError) -> SegmentMap) throws(LogError) -> Bool,
        entry isWanted: (IndexEntry) -> Bool
    ) throws(LogError) {
        let names = try location.segmentNames()
        var chosen = names.first
        // Later segments first: the last one that starts at or before the target holds it.
        for name in names.reversed() {
            var known: SegmentMap?
            let lookUp = { () throws(LogError) -> SegmentMap in
                if let known { return known }
                let map = try self.map(name)
                known = map
                return map
            }
            if try isBefore(name, lookUp) {
                chosen = name
                break
            }
        }
        guard let chosen else { return }
        let map = try self.map(chosen)
        if current?.name != chosen { try open(chosen) }
        guard !map.entries.isEmpty else { return }
        // Entries are in order, so the first wanted one is found by halving.
        var low = 0
        var high = map.entries.count - 1
        while low < high {
            let middle = (low + high) / 2
            if isWanted(map.entries[middle]) { high = middle } else { low = middle + 1 }
        }
        let index = low
        stand(at: map.entries[index], map)
    }

    private func stand(at entry: IndexEntry, _ map: SegmentMap) {
        for (typeID, schema) in map.schemas where registry.schema(typeID) == nil {
            try? registry.insert(schema, typeID: typeID)
        }
        current?.stream.seek(to: entry.offset)
        current?.linkIsKnown = entry.offset == UInt64(SegmentHeader.byteCount)
        current?.lastHash = map.header.headerID
        nextSeq = entry.firstSeq
    }

    /// Goes on behind a damaged place; returns the seq of the next event that can be read, nil if there is none.
    public func skipDamage() throws(LogError) -> UInt64? {
        if let current {
            let stream = current.stream
            stream.limit = try wrapping { () throws(FSError) in try fileSystem.size(current.file) }
            var includingHere = true
            while try wrapping({ () throws(FSError) in try stream.resynchronise(includingHere: includingHere) }) {
                let start = stream.offset
                let step = try wrapping { () throws(FSError) in try stream.next() }
                stream.seek(to: start)
                if case .block(let block) = step, block.firstSeq >= nextSeq {
                    self.current?.linkIsKnown = false
                    nextSeq = block.firstSeq
                    return nextSeq
                }
                includingHere = false
            }
        }
        let names = try location.segmentNames()
        guard let name = broken?.name ?? current?.name, let index = names.firstIndex(of: name) else { return nil }
        for next in names[(index + 1)...] {
            do throws(LogError) { try open(next) } catch {
                // Its header is damaged too: its events are lost with it.
                guard error.code == .damaged else { throw error }
                continue
            }
            if let opened = self.current { nextSeq = max(nextSeq, opened.header.baseSeq) }
            return nextSeq
        }
        return nil
    }

    private func map(_ name: String) throws(LogError) -> SegmentMap {
        if let known = sealedMaps[name] { return known }
        let file = try wrapping { () throws(FSError) in
            try fileSystem.open("\(location.directory)/\(name)", .read)
        }
        defer { fileSystem.close(file) }
        let map = try SegmentMap(fileSystem, file, name: name, useIndex: location.manifest != nil)
        if map.seal != nil { sealedMaps[name] = map }
        return map
    }

    private func currentSegment() throws(LogError) -> Current? {
        if let current { return current }
        if let broken { throw broken.error }
        guard let first = try location.segmentNames().first else { return nil }
        try open(first)
        if let current {
            nextSeq = current.header.baseSeq
            if location.onlySegment == nil, current.header.ordinal > 0 {
                throw LogError(
                    .damaged,
                    "\(location.directory): the log begins with segment number \(current.header.ordinal), "
                        + "events 1…\(current.header.baseSeq - 1) are missing")
            }
        }
        return current
    }

    private func open(_ name: String) throws(LogError) {
        if let current { fileSystem.close(current.file) }
        current = nil
        broken = nil
        let file = try wrapping { () throws(FSError) in
            try fileSystem.open("\(location.directory)/\(name)", .read)
        }
        do throws(LogError) {
            let header = try SegmentScan.readHeader(fileSystem, file, name: name).header
            epoch = header.writerEpoch
            current = Current(
                file: file, header: header, name: name,
                stream: SegmentStream(
                    fileSystem, file, salt: header.salt, offset: UInt64(SegmentHeader.byteCount),
                    limit: try wrapping { () throws(FSError) in try fileSystem.size(file) }),
                lastHash: header.headerID, linkIsKnown: true)
        } catch {
            fileSystem.close(file)
            guard error.code == .format else { throw error }
            let damage = LogError(
                .damaged, "\(location.directory)/\(name): \(try eventsOf(name)) cannot be read: \(error.message)")
            broken = (name, damage)
            throw damage
        }
    }

    /// The events of a segment whose header cannot be read, as far as file names tell.
    private func eventsOf(_ name: String) throws(LogError) -> String {
        let names = try location.segmentNames()
        guard let first = LogPaths.baseSeq(name) else { return "its events" }
        guard let index = names.firstIndex(of: name), index + 1 < names.count,
            let next = LogPaths.baseSeq(names[index + 1])
        else { return "events from \(first) on" }
        return "events \(first)…\(next - 1)"
    }

    private func setLimit(_ stream: SegmentStream, _ ordinal: UInt64, _ live: CommitState?) throws(LogError) {
        guard let live else {
            guard let current, stream.offset >= stream.limit else { return }
            stream.limit = try wrapping { () throws(FSError) in try fileSystem.size(current.file) }
            return
        }
        let mark = level == .durable ? live.durable : live.written
        if ordinal == mark.ordinal {
            if mark.offset > stream.limit { stream.forget() }
            stream.limit = max(mark.offset, UInt64(SegmentHeader.byteCount))
        } else if ordinal < mark.ordinal, let current {
            stream.limit = try wrapping { () throws(FSError) in try fileSystem.size(current.file) }
        } else {
            stream.limit = UInt64(SegmentHeader.byteCount)
        }
    }

    /// Moves to the next segment; false if there is none to read yet.
    private func advance(_ live: CommitState?) throws(LogError) -> Bool {
        guard let current else { return false }
        if let live {
            let mark = level == .durable ? live.durable : live.written
            if current.header.ordinal >= mark.ordinal { return false }
        }
        let names = try location.segmentNames()
        guard let index = names.firstIndex(of: current.name), index + 1 < names.count else { return false }
        let before = current
        let dataEnd = current.stream.offset
        // The writer may have added to this segment between the last look and the roll.
        try setLimit(current.stream, current.header.ordinal, live)
        if case .block(let block) = try wrapping({ () throws(FSError) in try current.stream.next() }),
            block.kind != .index
        {
            current.stream.seek(to: dataEnd)
            return true
        }
        try open(names[index + 1])
        guard let opened = self.current else { return false }
        guard opened.header.ordinal == before.header.ordinal + 1 else {
            throw LogError(
                .damaged,
                "\(location.directory): segment number \(before.header.ordinal + 1) is missing, events "
                    + "\(nextSeq)…\(opened.header.baseSeq - 1) with it")
        }
        guard opened.header.predecessor.lastSeq == nextSeq - 1, opened.header.predecessor.salt == before.header.salt
        else {
            throw damage(
                before, first: nextSeq, last: opened.header.predecessor.lastSeq,
                "ends at seq \(nextSeq - 1), its successor says \(opened.header.predecessor.lastSeq)")
        }
        return true
    }

    /// Whether the next segment says that this one's data ended here: then what follows is an unfinished index or
    /// seal.
    private func successorStarts(at offset: UInt64, _ current: Current) throws(LogError) -> Bool {
        let names = try location.segmentNames()
        guard let index = names.firstIndex(of: current.name), index + 1 < names.count else { return false }
        let name = names[index + 1]
        let file = try wrapping { () throws(FSError) in try fileSystem.open("\(location.directory)/\(name)", .read) }
        defer { fileSystem.close(file) }
        guard let next = try? SegmentScan.readHeader(fileSystem, file, name: name).header.predecessor else {
            return false
        }
        current.stream.seek(to: offset)
        return next.dataEnd == offset && next.lastSeq == nextSeq - 1 && next.salt == current.header.salt
    }

    private func check(_ block: BlockHeader, _ current: Current) throws(LogError) {
        if block.firstSeq != nextSeq {
            throw damage(
                current, first: nextSeq, last: max(block.firstSeq, nextSeq) - 1,
                "block starts at seq \(block.firstSeq), expected \(nextSeq)")
        }
        if current.linkIsKnown, block.link != current.lastHash {
            throw damage(
                current, first: block.firstSeq, last: block.lastSeq,
                "block links to \(hex(block.link)), the block before it is \(hex(current.lastHash))")
        }
    }

    private func learn(_ stream: SegmentStream, _ name: String) throws(LogError) {
        let (typeID, schema) = try wrapping(at: name) { () throws(FormatError) in
            try unsafe stream.withPayload { payload throws(FormatError) in unsafe try SchemaBlock.decode(payload) }
        }
        if let known = registry.schema(typeID), known.identityDigest == schema.identityDigest, known == schema {
            return
        }
        try registry.insert(schema, typeID: typeID)
    }

    /// Without a writer, bytes that do not verify at the very end were never acknowledged, if no mark says otherwise.
    private func isTornTail(_ current: Current) throws(LogError) -> Bool {
        let names = try location.segmentNames()
        guard names.last == current.name else { return false }
        let marks = max(location.manifest?.durableSeq ?? 0, commitPage?.readAfterCrash()?.durable.seq ?? 0)
        guard nextSeq > marks else { return false }
        let scan = unsafe try SegmentScan(fileSystem, current.file, name: current.name)
        return nextSeq > scan.durableSeq
    }

    private func damage(_ current: Current, first: UInt64, last: UInt64?, _ detail: String) -> LogError {
        let range = last.map { $0 >= first ? "events \(first)…\($0)" : "no event" } ?? "events from \(first) on"
        return LogError(.damaged, "\(location.directory)/\(current.name): \(range) cannot be read: \(detail)")
    }
}

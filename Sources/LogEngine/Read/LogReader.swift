public import LogFormat

/// Reads the batches of a log in order, from any place; needs no lock and never disturbs the writer.
///
/// While a writer is alive nothing behind the mark of the chosen level is read. A damaged place is an error that
/// names the missing events; reading can go on behind it with `skipDamage`. So is an end that comes before events
/// that were acknowledged as durable.
public final class LogReader {
    /// The log being read.
    public let location: LogLocation
    /// How safe events must be before they are read.
    public let level: AppendLevel
    /// Types known so far.
    public internal(set) var registry = SchemaRegistry()
    /// Seq of the next event to come.
    public internal(set) var nextSeq: UInt64 = 1
    /// The batch that `next` returned or passed over last: where it stands.
    public internal(set) var position = LogMark(ordinal: 0, offset: 0, seq: 0)
    /// Epoch of the segment being read.
    public internal(set) var epoch: UInt64 = 0
    /// Which events are wanted; `next` passes over batches that cannot hold one.
    public var range = EventRange()

    private(set) var commitPage: CommitPage?
    private let watches: Bool
    var current: Current?
    /// The segment that could not even be opened: reading stands before it.
    var broken: (name: String, error: LogError)?
    /// What is wrong with MANIFEST: told once, before the first batch.
    var manifestDamage: LogError?
    /// Maps of sealed segments, which never change again.
    var sealedMaps: [String: SegmentMap] = [:]
    /// Maps that several readers of the log share; nil for a reader that follows the log as it grows.
    package var sharedMaps: SharedSegmentMaps?
    /// Padding that was found to be whole and zero, so that a poller does not read it again and again.
    var cleanPadding: (ordinal: UInt64, offset: UInt64, size: UInt64)?
    /// The torn end that was found last, so that a poller does not read the segment again and again.
    var tornEnd: TornEnd?
    private var liveness = Liveness()
    private let manifestMark: UInt64

    var fileSystem: any LogFS { location.fileSystem }

    /// The segment being read, and the block before the place where reading stands.
    struct Current {
        let file: FileID
        let header: SegmentHeader
        let name: String
        let stream: SegmentStream
        /// Hash of the block before; what the next one must link to.
        var lastHash: UInt64
        /// Whether `lastHash` is known: not right behind a jump.
        var linkIsKnown: Bool
        /// Where the block with `lastHash` starts; nil at the start of the segment.
        var lastStart: UInt64?
        var batchStart: UInt64 = 0
    }

    /// An end that holds bytes which were never acknowledged.
    ///
    /// It stays one until a writer opens the log, which changes the epoch, or the file grows.
    struct TornEnd: Equatable {
        let ordinal: UInt64
        let seq: UInt64
        let fileSize: UInt64
        let epoch: UInt64
    }

    /// Whether a writer is alive, asked of the system at most every so often: after its death the marks stay exact.
    private struct Liveness {
        var epoch: UInt64 = 0
        var isAlive = false
        var askAgainNanos = Int64.min
        static let intervalNanos: Int64 = 100_000_000
    }

    /// Opens a log at its first event.
    public init(_ location: LogLocation, level: AppendLevel = .written, watches: Bool = false) throws(LogError) {
        self.location = location
        self.level = level
        self.watches = watches
        manifestMark = location.manifest?.durableSeq ?? 0
        manifestDamage = location.manifestDamage.map { LogError(.damaged, $0) }
        mapCommitPage()
        for (typeID, schema) in location.manifest?.schemas ?? [] { try registry.insert(schema, typeID: typeID) }
    }

    deinit { if let current { fileSystem.close(current.file) } }

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

    /// The highest seq that MANIFEST or COMMIT say is on stable storage; 0 for a segment read alone.
    ///
    /// Read it before the files that are held against it: a writer makes events durable before it says so.
    public func acknowledgedSeq() -> UInt64 { max(manifestMark, commitPage?.read()?.durable.seq ?? 0) }

    /// The next batch that may hold a wanted event, or nil if there is none (yet).
    ///
    /// Its payload is at hand until the next call.
    ///
    /// - Throws: `damaged` naming the events that cannot be read; `fileSystem`.
    public func next() throws(LogError) -> BlockHeader? {
        if let manifestDamage { throw manifestDamage }
        // Marks from before the last look at a place where the log seems to end or to be bad; nil before a first look.
        var acknowledged: UInt64?
        while nextSeq <= range.lastSeq {
            guard let current = try currentSegment() else { return nil }
            let stream = current.stream
            let live = liveMarks()
            if try passOver(current, live) { continue }
            try setLimit(stream, current.header.ordinal, live)
            let start = stream.offset
            let range = range
            let step = try wrapping { () throws(FSError) in
                try stream.next { !range.mayHold(from: $0.minEventNanos, to: $0.maxEventNanos) }
            }
            switch step {
            case .block(let block):
                acknowledged = nil
                if let batch = try take(block, start, current) { return batch }
                guard block.kind == .index else { continue }
                stream.seek(to: start)
                guard try goesOn(current, live, &acknowledged, isPadding: false) else { return nil }
            case .badPayload(let block, let error):
                if try successorStarts(at: start, current), try advance(live) { continue }
                if try looksAgain(&acknowledged, at: start, current, live) { continue }
                if try isTornTail(current, acknowledged) {
                    stream.seek(to: start)
                    return nil
                }
                throw damage(current, first: block.firstSeq, last: block.lastSeq, "\(error)")
            case .bad(let error):
                if try successorStarts(at: start, current), try advance(live) { continue }
                if try looksAgain(&acknowledged, at: start, current, live) { continue }
                if try isTornTail(current, acknowledged) { return nil }
                throw damage(current, first: nextSeq, last: nil, "at offset \(start): \(error)")
            case .padding, .end:
                stream.forget()
                let isPadding = if case .padding = step { true } else { false }
                guard try goesOn(current, live, &acknowledged, isPadding: isPadding) else { return nil }
            }
        }
        return nil
    }

    /// Takes in a block that verifies; returns it if it is a batch to be delivered.
    private func take(_ block: BlockHeader, _ start: UInt64, _ current: Current) throws(LogError) -> BlockHeader? {
        do throws(LogError) { try check(block, current) } catch {
            current.stream.seek(to: start)
            throw error
        }
        if block.kind == .index { return nil }
        self.current?.lastHash = block.headerHash
        self.current?.linkIsKnown = true
        self.current?.lastStart = start
        switch block.kind {
        case .schema: try learn(current.stream, current.name)
        case .batch:
            self.current?.batchStart = start
            nextSeq = block.lastSeq + 1
            position = LogMark(ordinal: current.header.ordinal, offset: start, seq: block.lastSeq)
            return current.stream.hasPayload ? block : nil
        default: break
        }
        return nil
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
}

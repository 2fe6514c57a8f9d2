package import LogEngine
package import LogFormat

/// Goes through the events of one log, one after the other, from any place.
///
/// Each event can be looked at once, as values or as canonical bytes; one that is not looked at is passed over.
package final class EventWalk {
    /// Name of the log: the last part of its path.
    package let name: String
    /// Place of the current event; 0 before the first one.
    package private(set) var seq: UInt64 = 0

    private let reader: LogReader
    private let state = BatchState()
    private var batch: BatchReader
    private let codec = FrameCodec()
    private var encoder = CanonicalEncoder()
    /// Whether the batch still holds events of the place where reading stands.
    private var isOpen = false
    /// Whether the current event was not looked at yet.
    private var isPending = false
    /// Events before this one are passed over: a batch begins somewhere before the place that was asked for.
    private var firstWanted: UInt64 = 1
    /// Whether events of a type are wanted; nil if all are.
    private let wants: ((Schema) -> Bool)?
    /// The answers, by type id; nil for types that were not met yet.
    private var wantedTypes: [Bool?] = []
    private var typeMask = UInt64.max
    /// First events of the batches that are read; nil if all are.
    private var jumps: ArraySlice<UInt64>?

    /// Stands before the first event of the log at `path`.
    ///
    /// - Parameters:
    ///   - types: names of the wanted types; batches that can hold none of them are not decoded.
    ///   - mayTake: tells of a type whether its events are wanted; as `types`.
    ///   - eventNanos: batches that hold no such event time are passed over.
    ///   - maps: maps of the segments that other walks over the log use too.
    ///   - part: if given, only those batches of these segments are read of which the indexes say that they may hold a
    ///     wanted event.
    /// - Throws: `notALog`, `damaged`, `fileSystem`.
    package init(
        _ path: String, types: Set<String>? = nil, where mayTake: ((Schema) -> Bool)? = nil,
        eventNanos: ClosedRange<Int64>? = nil,
        environment: LogEnvironment = .real(), maps: SharedSegmentMaps? = nil, byIndex part: SegmentPart? = nil
    ) throws(LogError) {
        name = Self.name(of: path)
        reader = try LogReader(try LogLocation(path, environment: environment))
        batch = BatchReader(state: state)
        wants = types.map { types in { types.contains($0.name) && mayTake?($0) ?? true } } ?? mayTake
        if let eventNanos { reader.range = EventRange(eventNanos: eventNanos) }
        reader.sharedMaps = maps
        if wants != nil { typeMask = 0 }
        learn()
        guard let part else { return }
        // Of a type that the log does not know there is nothing to look for.
        if typeMask == 0, reader.hasAllTypes {
            jumps = []
            return
        }
        try reader.learnTypes(in: part)
        learn()
        jumps = try reader.batches(typeMask: typeMask, in: part)[...]
    }

    /// The name of the log at a path: its last part.
    package static func name(of path: String) -> String { String(path.split(separator: "/").last ?? "") }

    /// Whether any of the wanted types is known to the log so far.
    package var mayHoldWanted: Bool { typeMask != 0 }

    /// What every event has, of the current one.
    package var head: RecordHead { batch.head }

    /// Description of the current event's type.
    package var schema: Schema? { state.state(of: batch.head.typeID)?.schema }

    /// Stands before event `seq`, or at the end of a shorter log.
    package func seek(toSeq seq: UInt64) throws(LogError) {
        try reader.seek(toSeq: seq)
        (isOpen, isPending, firstWanted) = (false, false, seq)
    }

    /// Moves to the next event of a wanted type; false at the end of the log.
    ///
    /// - Throws: `damaged` for what cannot be read.
    package func next() throws(LogError) -> Bool {
        while true {
            if isOpen, try nextOfBatch() { return true }
            if jumps != nil {
                guard let seq = jumps?.popFirst() else { return false }
                try reader.seek(toSeq: seq)
            }
            guard let block = try reader.next() else { return false }
            learn()
            guard block.typeBitmap & typeMask != 0, block.lastSeq >= firstWanted else { continue }
            try reader.decode(block, into: &batch, codec: codec)
            seq = block.firstSeq - 1
            (isOpen, isPending) = (true, false)
        }
    }

    /// The last event of the batch that holds event `seq`, as its header tells it: place and place in the root.
    package func batchEnd(atSeq seq: UInt64) throws(LogError) -> (seq: UInt64, globalSeq: UInt64)? {
        try seek(toSeq: seq)
        // A map may be older than the batch.
        while let block = try reader.next() {
            if block.lastSeq >= seq { return (block.lastSeq, block.lastGlobalSeq) }
        }
        return nil
    }

    /// The last event of the log: place and place in the root; nil for an empty log.
    package func end() throws(LogError) -> (seq: UInt64, globalSeq: UInt64)? {
        (isOpen, isPending) = (false, false)
        return try reader.seekToLastBatch().map { ($0.lastSeq, $0.lastGlobalSeq) }
    }

    /// The canonical bytes of the current event: the stable part, then the volatile one.
    package func withCanonical<R>(
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> R
    ) throws(LogError) -> R {
        isPending = false
        do throws(FormatError) {
            let result: Result<R, Never> = unsafe try encoder.encode(&batch) { stable, volatile throws(Never) in
                unsafe body(stable, volatile)
            }
            return result.get()
        } catch { throw damage(error) }
    }

    /// Decodes the current event in whatever way the caller knows.
    package func read<R>(_ decode: (inout BatchReader) throws(FormatError) -> R) throws(LogError) -> R {
        isPending = false
        do throws(FormatError) { return try decode(&batch) } catch { throw damage(error) }
    }

    private func nextOfBatch() throws(LogError) -> Bool {
        do throws(FormatError) {
            if isPending { try batch.skip() }
            isPending = false
            while try batch.next() {
                seq += 1
                if seq >= firstWanted, isWanted {
                    isPending = true
                    return true
                }
                try batch.skip()
            }
        } catch { throw damage(error) }
        isOpen = false
        return false
    }

    private var isWanted: Bool {
        if wants == nil { return true }
        let typeID = Int(batch.head.typeID)
        return typeID < wantedTypes.count && wantedTypes[typeID] == true
    }

    private func learn() {
        state.register(reader.registry)
        guard let wants else { return }
        for (typeID, schema) in reader.registry.schemas.enumerated() {
            if typeID == wantedTypes.count { wantedTypes.append(nil) }
            guard let schema, wantedTypes[typeID] == nil else { continue }
            let isWanted = wants(schema)
            wantedTypes[typeID] = isWanted
            if isWanted { typeMask |= 1 << UInt64(typeID & 63) }
        }
    }

    private func damage(_ error: FormatError) -> LogError {
        LogError(
            .damaged,
            "\(reader.location.directory): event \(seq) cannot be read: \(error); "
                + "lotus verify says what is damaged, lotus salvage copies the rest")
    }
}

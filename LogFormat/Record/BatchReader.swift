/// Walks the events of one decoded batch, in order.
///
/// Two ways: `next` and `decode` for Swift event types (the hot path), `nextValues` for anything by its description.
/// A reader is reused from batch to batch.
@safe
public struct BatchReader: ~Copyable {
    /// Raw bytes of the batch, followed by slack.
    var raw = ByteBuffer(capacity: 128 << 10)
    /// Packing state, with the types known so far.
    public let state: BatchState
    @usableFromInline var current = RecordHead()
    @usableFromInline var left: UInt32 = 0
    @usableFromInline var cursor: UnsafeRawPointer
    @usableFromInline var end: UnsafeRawPointer

    /// Makes a reader whose types are known to `state`.
    public init(state: BatchState) {
        self.state = state
        unsafe cursor = UnsafeRawPointer(raw.memory.base)
        unsafe end = UnsafeRawPointer(raw.memory.base)
    }

    /// Head of the current event.
    @inlinable @inline(__always)
    public var head: RecordHead { current }

    /// Events not yet visited.
    @inlinable
    public var remaining: UInt32 { left }

    /// Decompresses and checks a batch and stands before its first event.
    ///
    /// Errors: `badCompression`; `badHash` when the decoded bytes are not those that were written.
    public mutating func open(
        _ header: BlockHeader, stored: UnsafeRawBufferPointer, codec: borrowing FrameCodec, seed: UInt64
    ) throws(FormatError) {
        raw.removeAll()
        unsafe try codec.decompress(stored, rawCount: Int(header.rawLength), into: &raw)
        let rawHash = unsafe raw.withUnsafeBytes { unsafe xxh3($0, seed: seed) }
        guard rawHash == header.rawHash else {
            throw .badHash(what: "decoded batch", found: rawHash, expected: header.rawHash)
        }
        start(header.count)
    }

    /// Stands before the first event of raw bytes that were just built here and never left the process.
    public mutating func open(raw built: borrowing ByteBuffer, count: UInt32) {
        raw.removeAll()
        unsafe built.withUnsafeBytes { bytes in unsafe raw.append(contentsOf: bytes) }
        start(count)
    }

    /// Stands before the first of the `count` events that `raw` holds.
    private mutating func start(_ count: UInt32) {
        let byteCount = raw.count
        raw.appendZeros(FieldReader.slack)
        state.reset()
        current = RecordHead()
        left = count
        unsafe cursor = UnsafeRawPointer(raw.memory.base)
        unsafe end = cursor + byteCount
    }

    /// Reads the head of the next event; false at the end of the batch.
    ///
    /// Errors: when the bytes end early, or go on behind the last event.
    @inlinable @inline(__always)
    public mutating func next() throws(FormatError) -> Bool {
        if left == 0 {
            guard unsafe cursor == end else { throw .invalid(what: "batch", detail: "has bytes behind its last event") }
            return false
        }
        left &-= 1
        var reader = unsafe HeadReader(cursor: cursor)
        unsafe reader.read(&current)
        unsafe cursor = reader.cursor
        if unsafe reader.failed || cursor > end {
            throw refuse("head is malformed or runs over the end of its batch")
        }
        return true
    }

    /// Decodes the current event, whose Swift type has the description of `type`, and moves behind it.
    ///
    /// Errors: when the record is malformed or runs over the end of the batch.
    @inlinable @inline(__always)
    public mutating func decode<Event: LogEvent>(_ event: inout Event, _ type: TypeState) throws(FormatError) {
        unsafe try decode(&event, type.memory)
    }

    /// Decodes the current event, whose Swift type has the log's own description of its type id, and moves behind it.
    ///
    /// Errors: when the type id is not known, or the record is malformed or runs over the end of the batch.
    @inlinable @inline(__always)
    public mutating func decode<Event: LogEvent>(_ event: inout Event) throws(FormatError) {
        guard let memory = unsafe state.memory(of: head.typeID) else { throw .unknownType(typeID: head.typeID) }
        unsafe try decode(&event, memory)
    }

    @inlinable @inline(__always)
    mutating func decode<Event: LogEvent>(
        _ event: inout Event, _ memory: UnsafeMutablePointer<PackingMemory>
    ) throws(FormatError) {
        unsafe memory.pointee.isDirty = true
        var reader = unsafe FieldReader(cursor: cursor, end: end, memory: memory, eventNanos: current.eventNanos)
        event.fields(&reader)
        unsafe cursor = reader.cursor
        if unsafe reader.failed || cursor > end {
            throw refuse("body is malformed or runs over the end of its batch")
        }
    }

    /// The error for a record that does not decode; whoever goes on all the same stays within the batch.
    @usableFromInline @inline(never)
    mutating func refuse(_ detail: String) -> FormatError {
        if unsafe cursor > end { unsafe cursor = end }
        return .invalid(what: "event record", detail: detail)
    }

    /// Decodes the current event into a sink and moves behind it; `start` learns its type before.
    @inline(__always)
    mutating func decodeBody<Sink: RecordSink & ~Copyable>(
        into sink: inout Sink, start: (inout Sink, RecordHead, TypeState) -> Void = { _, _, _ in }
    ) throws(FormatError) -> TypeState {
        guard let type = state.state(of: current.typeID) else { throw .unknownType(typeID: current.typeID) }
        start(&sink, current, type)
        var reader = unsafe ByteReader(
            UnsafeRawBufferPointer(start: cursor, count: end - cursor), what: "event record")
        try RecordDecoder.decodeBody(&reader, state: type, eventNanos: current.eventNanos, into: &sink)
        unsafe cursor += reader.offset
        return type
    }

    /// Decodes the current event as values and moves behind it.
    public mutating func decodeValues() throws(FormatError) -> (schema: Schema, values: [Value]) {
        var sink = ValueSink()
        let type = try decodeBody(into: &sink)
        return (type.schema, sink.result)
    }

    /// Passes over the current event.
    public mutating func skip() throws(FormatError) {
        var sink = SkipSink()
        _ = try decodeBody(into: &sink)
    }

    /// The raw bytes of the batch, as `lz4 -dc` prints them.
    public func withRawBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        unsafe try raw.withUnsafeBytes { all throws(E) in
            unsafe try body(UnsafeRawBufferPointer(rebasing: all[0..<(all.count - FieldReader.slack)]))
        }
    }
}

/// Turns events into canonical bytes, with reused memory.
public struct CanonicalEncoder: ~Copyable {
    var sink = CanonicalSink()

    /// Makes an encoder.
    public init() {}

    /// Encodes the current event of `reader` and moves behind it; `body` gets its stable and volatile part.
    @inlinable
    public mutating func encode<R, E: Error>(
        _ reader: inout BatchReader, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(E) -> R
    ) throws(FormatError) -> Result<R, E> {
        try take(&reader)
        let (stable, volatile) = unsafe parts
        do throws(E) { return .success(try unsafe body(stable, volatile)) } catch { return .failure(error) }
    }

    /// The part of `encode` that is the same for whoever asks.
    @usableFromInline
    mutating func take(_ reader: inout BatchReader) throws(FormatError) {
        _ = try reader.decodeBody(into: &sink) { sink, head, type in sink.start(head, type) }
        sink.finish()
        guard sink.byteCount <= FormatLimits.eventBytesMax else {
            throw .limit(what: "event", found: sink.byteCount, limit: FormatLimits.eventBytesMax)
        }
    }

    /// Stable and volatile part of the last event, valid until the next one is taken.
    @usableFromInline
    var parts: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
        unsafe (sink.stable.all, sink.volatile.all)
    }
}

/// Reads record heads without a check per byte; a head is at most 51 bytes, well inside the slack.
@usableFromInline
@unsafe
struct HeadReader {
    @usableFromInline var cursor: UnsafeRawPointer
    @usableFromInline var failed = false

    @inlinable @inline(__always)
    init(cursor: UnsafeRawPointer) { unsafe self.cursor = cursor }

    @inlinable @inline(__always)
    mutating func varint() -> UInt64 { unsafe takeVarint(&cursor, &failed) }

    @inlinable @inline(__always)
    mutating func read(_ head: inout RecordHead) {
        let tag = unsafe varint()
        let typeID = tag &>> 3
        if typeID == 0 || typeID > 65_535 { unsafe failed = true }
        head.typeID = UInt16(truncatingIfNeeded: typeID)
        if tag & 7 == 0 {
            head.flags = []
            head.globalSeq &+= 1
        } else {
            unsafe readRest(&head, tag: tag)
        }
        head.eventNanos &+= unsafe unzigzag(varint())
    }

    @inlinable @inline(__always)
    mutating func readRest(_ head: inout RecordHead, tag: UInt64) {
        head.flags = []
        if tag & 4 != 0 {
            let flags = unsafe cursor.load(as: UInt8.self)
            unsafe cursor += 1
            if flags == 0 || flags & ~EventFlags.known != 0 { unsafe failed = true }
            head.flags = EventFlags(rawValue: flags)
        }
        if tag & 2 != 0 { head.appendNanos &+= unsafe Int64(bitPattern: varint()) }
        head.globalSeq &+= 1
        if tag & 1 != 0 { head.globalSeq &+= unsafe UInt64(bitPattern: unzigzag(varint())) }
    }
}

/// Collects event records into the raw bytes of one batch.
public struct BatchBuilder: ~Copyable {
    /// Raw bytes so far.
    public var raw: ByteBuffer
    /// Packing state of the batch.
    public let state: BatchState
    @usableFromInline var events: UInt32 = 0
    /// Head of the last event.
    @usableFromInline var last = RecordHead()
    @usableFromInline var firstAppendNanos: Int64 = 0
    @usableFromInline var minEventNanos = Int64.max
    @usableFromInline var maxEventNanos = Int64.min
    @usableFromInline var typeBitmap: UInt64 = 0

    /// Makes an empty batch whose types are known to `state`.
    public init(state: BatchState, capacity: Int = 96 << 10) {
        self.state = state
        self.raw = ByteBuffer(capacity: capacity)
    }

    /// Events so far.
    @inlinable
    public var count: UInt32 { events }

    /// Types inside, ascending.
    public var typeIDs: [UInt16] { state.dirtyTypeIDs }

    /// Append time of the last event.
    public var lastAppendNanos: Int64 { last.appendNanos }
    /// Global sequence number of the last event.
    public var lastGlobalSeq: UInt64 { last.globalSeq }

    /// Empties the batch for the next one.
    public mutating func removeAll() {
        raw.removeAll()
        state.reset()
        events = 0
        last = RecordHead()
        minEventNanos = .max
        maxEventNanos = .min
        typeBitmap = 0
    }

    @inlinable @inline(__always)
    mutating func note(_ head: RecordHead) {
        if events == 0 { firstAppendNanos = head.appendNanos }
        events &+= 1
        last = head
        if head.eventNanos < minEventNanos { minEventNanos = head.eventNanos }
        if head.eventNanos > maxEventNanos { maxEventNanos = head.eventNanos }
        typeBitmap |= 1 &<< UInt64(head.typeID & 63)
    }

    /// Appends an event given as values that passed `Schema.validate`.
    ///
    /// Errors: `unknownType` when the type is not registered.
    public mutating func append(_ values: [Value], head: RecordHead) throws(FormatError) {
        guard let type = state.state(of: head.typeID) else { throw .unknownType(typeID: head.typeID) }
        raw.appendHead(head, after: last)
        RecordEncoder.encodeBody(values, state: type, eventNanos: head.eventNanos, into: &raw)
        note(head)
    }

    /// Appends an event of a Swift type.
    ///
    /// Errors: `unknownType` when the type is not registered; `invalid` for a float that is not finite, `limit`. A
    /// failed append leaves the batch as
    /// it was, but for the packing state of the event's type, so the batch must be closed after it.
    @inlinable
    public mutating func append<Event: LogEvent>(_ event: inout Event, head: RecordHead) throws(FormatError) {
        guard let memory = unsafe state.memory(of: head.typeID) else { throw .unknownType(typeID: head.typeID) }
        let before = raw.count
        raw.appendHead(head, after: last)
        unsafe memory.pointee.isDirty = true
        var writer = unsafe FieldWriter(buffer: raw.memory, memory: memory, eventNanos: head.eventNanos)
        event.fields(&writer)
        unsafe raw.memory = writer.buffer
        guard !writer.failed else {
            raw.truncate(to: before)
            throw refusal(of: &event)
        }
        // No event of less than 7 MiB packed can be above 8 MiB in canonical bytes: fields other than texts and bytes
        // are few.
        if raw.count - before > EventSizer.threshold {
            var sizer = EventSizer()
            event.fields(&sizer)
            guard sizer.byteCount <= FormatLimits.eventBytesMax else {
                raw.truncate(to: before)
                throw .limit(
                    what: "event of type id \(head.typeID)", found: sizer.byteCount, limit: FormatLimits.eventBytesMax)
            }
        }
        note(head)
    }

    /// Why an event was refused.
    @usableFromInline
    func refusal<Event: LogEvent>(of event: inout Event) -> FormatError {
        var checker = FieldChecker()
        event.fields(&checker)
        return checker.failure ?? .invalid(what: Event.typeName, detail: "a value is outside of what its field allows")
    }

    /// The header fields that follow from the content; hashes and lengths are filled in when it is written.
    public func describe(_ header: inout BlockHeader) {
        header.count = events
        header.rawLength = UInt32(raw.count)
        header.firstAppendNanos = firstAppendNanos
        header.lastAppendNanos = last.appendNanos
        header.minEventNanos = minEventNanos
        header.maxEventNanos = maxEventNanos
        header.typeBitmap = typeBitmap
        header.lastGlobalSeq = last.globalSeq
    }
}

/// Builds the canonical bytes of events (SPEC.md section 10).
struct CanonicalSink: RecordSink, ~Copyable {
    /// Stable part of the event.
    var stable = ByteBuffer(capacity: 512)
    /// Volatile part of the event.
    var volatile = ByteBuffer(capacity: 128)
    private var isVolatileField = false
    private var hasVolatileFields = false

    /// Starts a new event.
    mutating func start(_ head: RecordHead, _ type: TypeState) {
        hasVolatileFields = type.hasVolatileFields
        stable.removeAll()
        stable.append(UInt32(0))
        stable.append(type.schema.version)
        stable.append(head.flags.rawValue)
        stable.append(UInt8(0))
        stable.append(type.fingerprint)
        stable.append(head.eventNanos)
        volatile.removeAll()
        volatile.append(UInt32(0))
        volatile.append(head.appendNanos)
        volatile.append(head.globalSeq)
        isVolatileField = false
    }

    /// Ends the event: lengths are filled in.
    mutating func finish() {
        stable.set(UInt32(stable.count), at: 0)
        volatile.set(UInt32(volatile.count), at: 0)
    }

    var byteCount: Int { stable.count + volatile.count }

    @inline(__always)
    private mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        if isVolatileField { volatile.append(value) } else { stable.append(value) }
    }

    @inline(__always)
    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        if isVolatileField {
            unsafe volatile.append(contentsOf: bytes)
        } else {
            unsafe stable.append(contentsOf: bytes)
        }
    }

    @inline(__always)
    mutating func begin(_ type: TypeState, nested: Int?, presence: PresenceView) {
        guard unsafe presence.bytes.count > 0 else { return }
        guard nested == nil, hasVolatileFields else { return unsafe put(presence.bytes) }
        split(presence, type.schema.fields)
    }

    /// Each part has the bits of its own fields.
    @inline(never)
    private mutating func split(_ presence: PresenceView, _ fields: [Field]) {
        var stableBits: [Bool] = []
        var volatileBits: [Bool] = []
        var optionalIndex = 0
        for field in fields where field.null != .required {
            if field.isVolatile {
                volatileBits.append(presence.isPresent(optionalIndex))
            } else {
                stableBits.append(presence.isPresent(optionalIndex))
            }
            optionalIndex += 1
        }
        stable.append(contentsOf: PresenceMap(stableBits).bytes)
        volatile.append(contentsOf: PresenceMap(volatileBits).bytes)
    }

    @inline(__always)
    mutating func field(_ index: Int, isVolatile: Bool) { isVolatileField = isVolatile }
    mutating func end() {}
    @inline(__always)
    mutating func bool(_ value: Bool) { put(UInt8(value ? 1 : 0)) }
    @inline(__always)
    mutating func i32(_ value: Int32) { put(value) }
    @inline(__always)
    mutating func i64(_ value: Int64) { put(value) }
    @inline(__always)
    mutating func u64(_ value: UInt64) { put(value) }
    @inline(__always)
    mutating func f64(_ value: Double) { put(value.bitPattern) }
    @inline(__always)
    mutating func f32(_ value: Float) { put(value.bitPattern) }
    @inline(__always)
    mutating func symbol(_ index: UInt32) { put(index) }

    @inline(__always)
    mutating func text(_ utf8: UnsafeRawBufferPointer) { unsafe bytes(utf8) }

    @inline(__always)
    mutating func bytes(_ bytes: UnsafeRawBufferPointer) {
        put(UInt32(bytes.count))
        unsafe put(bytes)
    }

    @inline(__always)
    mutating func fixed(_ bytes: UnsafeRawBufferPointer) { unsafe put(bytes) }
    @inline(__always)
    mutating func beginList(_ count: Int) { put(UInt32(count)) }
    mutating func endList() {}
}

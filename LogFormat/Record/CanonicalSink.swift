/// Builds the canonical bytes of events (SPEC.md section 10).
struct CanonicalSink: RecordSink, ~Copyable {
    /// Stable part of the event.
    var stable = ByteBuffer(capacity: 512)
    /// Volatile part of the event.
    var volatile = ByteBuffer(capacity: 128)
    private var isVolatileField = false
    private var hasVolatileFields = false
    private var depth = 0

    /// Starts a new event.
    mutating func start(_ head: RecordHead, _ type: TypeState) {
        hasVolatileFields = type.hasVolatileFields
        stable.removeAll()
        stable.append(UInt32(0))
        stable.append(type.schema.version)
        stable.append(head.flags.rawValue)
        stable.append(UInt8(0))
        stable.append(type.schema.fingerprint)
        stable.append(head.eventNanos)
        volatile.removeAll()
        volatile.append(UInt32(0))
        volatile.append(head.appendNanos)
        volatile.append(head.globalSeq)
        depth = 0
        isVolatileField = false
    }

    /// Ends the event: lengths are filled in.
    mutating func finish() {
        stable.set(UInt32(stable.count), at: 0)
        volatile.set(UInt32(volatile.count), at: 0)
    }

    var byteCount: Int { stable.count + volatile.count }

    private mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        if isVolatileField { volatile.append(value) } else { stable.append(value) }
    }

    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        if isVolatileField {
            unsafe volatile.append(contentsOf: bytes)
        } else {
            unsafe stable.append(contentsOf: bytes)
        }
    }

    mutating func begin(_ fields: [Field], presence: PresenceView) {
        depth += 1
        guard unsafe presence.bytes.count > 0 else { return }
        if depth > 1 { return unsafe put(presence.bytes) }
        // Most types have no volatile field: the bits are written as they are.
        guard hasVolatileFields else { return unsafe stable.append(contentsOf: presence.bytes) }
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

    mutating func field(_ index: Int, isVolatile: Bool) { isVolatileField = isVolatile }
    mutating func end() { depth -= 1 }
    mutating func bool(_ value: Bool) { put(UInt8(value ? 1 : 0)) }
    mutating func i32(_ value: Int32) { put(value) }
    mutating func i64(_ value: Int64) { put(value) }
    mutating func u64(_ value: UInt64) { put(value) }
    mutating func f64(_ value: Double) { put(value.bitPattern) }
    mutating func f32(_ value: Float) { put(value.bitPattern) }
    mutating func symbol(_ index: UInt32) { put(index) }

    mutating func text(_ utf8: UnsafeRawBufferPointer) { unsafe bytes(utf8) }

    mutating func bytes(_ bytes: UnsafeRawBufferPointer) {
        put(UInt32(bytes.count))
        unsafe put(bytes)
    }

    mutating func fixed(_ bytes: UnsafeRawBufferPointer) { unsafe put(bytes) }
    mutating func beginList(_ count: Int) { put(UInt32(count)) }
    mutating func endList() {}
}

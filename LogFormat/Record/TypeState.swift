/// How many key slots a batch may still allocate (SPEC.md section 9, "Key state").
@usableFromInline
final class KeyBudget {
    @usableFromInline var slotsLeft = FormatLimits.keySlotsMax
    init() {}
}

/// What one event type remembers within one batch: previous values, per field and per key.
///
/// Encoder and decoder run the same state in step. It is reset at the start of each batch, so batches stay independent.
@safe
public final class TypeState {
    /// The type that is being packed.
    public let schema: Schema
    /// Previous value of each top-level field, for `delta`.
    @usableFromInline let last: UnsafeMutablePointer<Int64>
    /// Slots of one key: one for each `keyDelta`, one an element for each `keyMask`.
    @usableFromInline let slotsPerKey: Int
    /// Whether anything was packed since the last reset.
    @usableFromInline var isDirty = false

    @usableFromInline let budget: KeyBudget
    /// All slots of all keys, back to back.
    @usableFromInline var slab: UnsafeMutablePointer<Int64>
    @usableFromInline var slabCount = 0
    private var slabCapacity: Int
    /// Start of a key's slots plus one, for the small keys that instruments are; 0 is none.
    @usableFromInline let small: UnsafeMutablePointer<Int32>
    /// Small keys in use, to clear them quickly.
    private var smallUsed: [Int32] = []
    private var large: [Int64: Int] = [:]
    private var texts: [[UInt8]: Int] = [:]

    @usableFromInline static var smallKeys: Int64 { 1024 }

    init(schema: Schema, budget: KeyBudget) {
        self.schema = schema
        self.budget = budget
        var slots = 0
        for field in schema.fields {
            switch field.encoding {
            case .keyDelta: slots += 1
            case .keyMask:
                if case .list(_, let count) = field.type { slots += count }
            default: break
            }
        }
        slotsPerKey = slots
        unsafe last = .allocate(capacity: max(schema.fields.count, 1))
        unsafe last.initialize(repeating: 0, count: max(schema.fields.count, 1))
        // One spare run of slots at the start serves keys beyond the budget.
        slabCapacity = max(slots, 1) * 17
        unsafe slab = .allocate(capacity: slabCapacity)
        unsafe slab.initialize(repeating: 0, count: slabCapacity)
        slabCount = max(slots, 1)
        unsafe small = .allocate(capacity: Int(Self.smallKeys))
        unsafe small.initialize(repeating: 0, count: Int(Self.smallKeys))
    }

    deinit {
        unsafe last.deallocate()
        unsafe slab.deallocate()
        unsafe small.deallocate()
    }

    /// Forgets everything; called at the start of a batch.
    func reset() {
        guard isDirty else { return }
        isDirty = false
        unsafe last.update(repeating: 0, count: max(schema.fields.count, 1))
        slabCount = max(slotsPerKey, 1)
        for key in smallUsed { unsafe small[Int(key)] = 0 }
        smallUsed.removeAll(keepingCapacity: true)
        if !large.isEmpty { large.removeAll(keepingCapacity: true) }
        if !texts.isEmpty { texts.removeAll(keepingCapacity: true) }
    }

    /// Slots of an integer key, valid until the next call.
    @inlinable @inline(__always)
    func slots(of key: Int64) -> UnsafeMutablePointer<Int64> {
        if UInt64(bitPattern: key) < UInt64(bitPattern: Self.smallKeys) {
            let start = unsafe small[Int(key)]
            if start > 0 { return unsafe slab + Int(start) }
        }
        return unsafe findSlots(of: key)
    }

    @usableFromInline @inline(never)
    func findSlots(of key: Int64) -> UnsafeMutablePointer<Int64> {
        guard slotsPerKey > 0 else { return unsafe slab }
        if (0..<Self.smallKeys).contains(key) {
            guard let start = allocate() else { return unsafe spare() }
            unsafe small[Int(key)] = Int32(start)
            smallUsed.append(Int32(key))
            return unsafe slab + start
        }
        if let start = large[key] { return unsafe slab + start }
        guard let start = allocate() else { return unsafe spare() }
        large[key] = start
        return unsafe slab + start
    }

    /// Slots of a text or bytes key, valid until the next call.
    func slots(of key: UnsafeRawBufferPointer) -> UnsafeMutablePointer<Int64> {
        guard slotsPerKey > 0 else { return unsafe slab }
        let copy = unsafe [UInt8](key)
        if let start = texts[copy] { return unsafe slab + start }
        guard let start = allocate() else { return unsafe spare() }
        texts[copy] = start
        return unsafe slab + start
    }

    private func allocate() -> Int? {
        guard budget.slotsLeft >= slotsPerKey else { return nil }
        budget.slotsLeft -= slotsPerKey
        let start = slabCount
        if start + slotsPerKey > slabCapacity {
            let wanted = slabCapacity * 2
            let fresh = UnsafeMutablePointer<Int64>.allocate(capacity: wanted)
            unsafe fresh.update(from: slab, count: slabCount)
            unsafe slab.deallocate()
            unsafe slab = fresh
            slabCapacity = wanted
        }
        slabCount += slotsPerKey
        unsafe (slab + start).update(repeating: 0, count: slotsPerKey)
        return start
    }

    /// Keys beyond the budget: the previous value is always 0 and nothing is remembered.
    private func spare() -> UnsafeMutablePointer<Int64> {
        unsafe slab.update(repeating: 0, count: max(slotsPerKey, 1))
        return unsafe slab
    }
}

/// The states of all types of one batch, indexed by type id.
public final class BatchState {
    /// State by type id; index 0 is unused.
    @usableFromInline var types: [TypeState?] = [nil]
    @usableFromInline let budget = KeyBudget()

    /// Makes a state that knows no type.
    public init() {}

    /// Makes a type known; a second call for the same id replaces it.
    public func register(_ schema: Schema, typeID: UInt16) {
        while types.count <= Int(typeID) { types.append(nil) }
        types[Int(typeID)] = TypeState(schema: schema, budget: budget)
    }

    /// The state of a type, if it is known.
    @inlinable @inline(__always)
    public func state(of typeID: UInt16) -> TypeState? {
        Int(typeID) < types.count ? types[Int(typeID)] : nil
    }

    /// Ids of the types used since the last reset, ascending.
    public var dirtyTypeIDs: [UInt16] {
        types.indices.compactMap { types[$0]?.isDirty == true ? UInt16($0) : nil }
    }

    /// Forgets all values, keeps the types.
    public func reset() {
        budget.slotsLeft = FormatLimits.keySlotsMax
        for type in types { type?.reset() }
    }
}

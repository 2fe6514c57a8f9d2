/// How many key slots a batch may still allocate (SPEC.md section 9, "Key state").
final class KeyBudget {
    var slotsLeft = FormatLimits.keySlotsMax
    init() {}
}

/// The part of a type's packing state that every event touches, outside of any object: reading it costs neither
/// exclusivity checks nor reference counts.
@usableFromInline
@unsafe
struct PackingMemory {
    /// Previous value of each top-level field, for `delta`.
    @usableFromInline let last: UnsafeMutablePointer<Int64>
    /// All slots of all keys, back to back; the first run serves keys beyond the budget.
    @usableFromInline var slab: UnsafeMutablePointer<Int64>
    /// Start of a small key's slots; 0 is none.
    ///
    /// Instruments are small keys.
    @usableFromInline let small: UnsafeMutablePointer<Int32>
    /// Keys below it are small; 0 for a type that remembers nothing by key.
    @usableFromInline let smallCount: Int64
    /// Longer texts that were decoded last, each at the place that its hash gives.
    ///
    /// Conditions and detectors come again and again, and whoever decodes shares them instead of making each anew. Nil
    /// until there is one: who encodes has none.
    var texts: UnsafeMutablePointer<String>?
    /// Whether anything was packed since the last reset.
    @usableFromInline var isDirty = false
    /// Number of fields that may be absent.
    @usableFromInline let optionalCount: Int
    /// The object that looks up what `small` does not hold.
    unowned(unsafe) var owner: TypeState?

    static var smallKeys: Int64 { 1024 }
    static var textCount: Int { 256 }
    /// UTF-8 bytes of texts that are kept; shorter ones need no memory of their own.
    static var textLengths: ClosedRange<Int> { 16...256 }

    init(fieldCount: Int, optionalCount: Int, slabCapacity: Int, hasSlots: Bool) {
        unsafe self.optionalCount = optionalCount
        unsafe last = .allocate(capacity: fieldCount)
        unsafe last.initialize(repeating: 0, count: fieldCount)
        unsafe slab = .allocate(capacity: slabCapacity)
        unsafe slab.initialize(repeating: 0, count: slabCapacity)
        unsafe smallCount = hasSlots ? Self.smallKeys : 0
        unsafe small = .allocate(capacity: Int(smallCount))
        unsafe small.initialize(repeating: 0, count: Int(smallCount))
    }

    /// The places of texts, which are taken at the first one.
    mutating func textPlaces() -> UnsafeMutablePointer<String> {
        if let known = unsafe texts { return unsafe known }
        let made = unsafe UnsafeMutablePointer<String>.allocate(capacity: Self.textCount)
        unsafe made.initialize(repeating: "", count: Self.textCount)
        unsafe texts = made
        return unsafe made
    }

    func deallocate() {
        unsafe last.deallocate()
        unsafe slab.deallocate()
        unsafe small.deallocate()
        unsafe texts?.deinitialize(count: Self.textCount)
        unsafe texts?.deallocate()
    }
}

/// Lookups work on the pointer, never on a copy: copying the whole memory right after a store to one of its bytes
/// stalls the processor.
extension UnsafeMutablePointer where Pointee == PackingMemory {
    /// Slots of an integer key, valid until the next call.
    @inlinable @inline(__always)
    func slots(of key: Int64) -> UnsafeMutablePointer<Int64> {
        if unsafe UInt64(bitPattern: key) < UInt64(bitPattern: pointee.smallCount) {
            let start = unsafe pointee.small[Int(key)]
            if start > 0 { return unsafe pointee.slab + Int(start) }
        }
        return unsafe findSlots(of: key)
    }

    @usableFromInline @inline(never)
    func findSlots(of key: Int64) -> UnsafeMutablePointer<Int64> {
        guard let owner = unsafe pointee.owner else { return unsafe pointee.slab }
        return unsafe owner.findSlots(of: key)
    }

    /// The text of some bytes; nil if they are no UTF-8.
    @usableFromInline @inline(never)
    func text(_ utf8: UnsafeRawBufferPointer) -> String? {
        guard unsafe PackingMemory.textLengths.contains(utf8.count) else { return unsafe makeText(utf8) }
        let hash = unsafe xxh3(utf8, seed: 0)
        let known = unsafe pointee.textPlaces() + Int(hash & UInt64(PackingMemory.textCount - 1))
        if unsafe holds(&known.pointee, utf8) { return unsafe known.pointee }
        guard let text = unsafe makeText(utf8) else { return nil }
        unsafe known.pointee = text
        return text
    }

    @usableFromInline @inline(never)
    func slots(of key: UnsafeRawBufferPointer) -> UnsafeMutablePointer<Int64> {
        guard let owner = unsafe pointee.owner else { return unsafe pointee.slab }
        return unsafe owner.slots(of: key)
    }
}

/// What one event type remembers within one batch: previous values, per field and per key.
///
/// Encoder and decoder run the same state in step. It is reset at the start of each batch, so batches stay
/// independent.
@safe
public final class TypeState {
    /// The type that is being packed.
    public let schema: Schema
    @usableFromInline let memory: UnsafeMutablePointer<PackingMemory>
    /// The fields as the generic decoder walks them, allocated once.
    let plan: UnsafeMutableBufferPointer<FieldPlan>
    /// The types inside of lists and records, allocated once.
    let nested: UnsafeMutableBufferPointer<NestedPlan.Node>
    /// The fields of the records among them.
    let nestedRecords: [[Field]]
    /// Whether any field may differ between two runs.
    let hasVolatileFields: Bool
    /// The schema's fingerprint, which stands in the canonical bytes of every event.
    let fingerprint: UInt64
    /// Number of fields that may be absent.
    let optionalCount: Int
    /// Slots of one key: one for each `keyDelta`, one an element for each `keyMask`.
    private let slotsPerKey: Int
    private let budget: KeyBudget
    private var slabCount: Int
    private var slabCapacity: Int
    /// Small keys in use, to clear them quickly.
    private var smallUsed: [Int32] = []
    private var large: [Int64: Int] = [:]
    private var texts: [[UInt8]: Int] = [:]

    init(schema: Schema, budget: KeyBudget) {
        self.schema = schema
        self.budget = budget
        unsafe plan = .allocate(capacity: schema.fields.count)
        var inner = NestedPlan()
        for (index, field) in schema.fields.enumerated() {
            unsafe plan.initializeElement(at: index, to: FieldPlan(field, nested: &inner))
        }
        unsafe nested = .allocate(capacity: inner.nodes.count)
        for (index, node) in inner.nodes.enumerated() { unsafe nested.initializeElement(at: index, to: node) }
        nestedRecords = inner.records
        fingerprint = schema.fingerprint
        hasVolatileFields = schema.fields.contains { $0.isVolatile }
        optionalCount = schema.fields.optionalCount
        slotsPerKey = schema.fields.reduce(0) { $0 + RecordDecoder.slotWidth($1) }
        slabCount = max(slotsPerKey, 1)
        slabCapacity = slabCount * 17
        unsafe memory = .allocate(capacity: 1)
        unsafe memory.initialize(
            to: PackingMemory(
                fieldCount: max(schema.fields.count, 1), optionalCount: optionalCount, slabCapacity: slabCapacity,
                hasSlots: slotsPerKey > 0))
        unsafe memory.pointee.owner = self
    }

    deinit {
        unsafe memory.pointee.deallocate()
        unsafe memory.deallocate()
        unsafe plan.deallocate()
        unsafe nested.deallocate()
    }

    /// Whether anything was packed since the last reset.
    var isDirty: Bool { unsafe memory.pointee.isDirty }

    /// Forgets everything; called at the start of a batch.
    func reset() {
        guard isDirty else { return }
        unsafe memory.pointee.isDirty = false
        unsafe memory.pointee.last.update(repeating: 0, count: max(schema.fields.count, 1))
        slabCount = max(slotsPerKey, 1)
        for key in smallUsed { unsafe memory.pointee.small[Int(key)] = 0 }
        smallUsed.removeAll(keepingCapacity: true)
        if !large.isEmpty { large.removeAll(keepingCapacity: true) }
        if !texts.isEmpty { texts.removeAll(keepingCapacity: true) }
    }

    func findSlots(of key: Int64) -> UnsafeMutablePointer<Int64> {
        guard slotsPerKey > 0 else { return unsafe memory.pointee.slab }
        if unsafe (0..<PackingMemory.smallKeys).contains(key) {
            guard let start = allocate() else { return unsafe spare() }
            unsafe memory.pointee.small[Int(key)] = Int32(start)
            smallUsed.append(Int32(key))
            return unsafe memory.pointee.slab + start
        }
        if let start = large[key] { return unsafe memory.pointee.slab + start }
        guard let start = allocate() else { return unsafe spare() }
        large[key] = start
        return unsafe memory.pointee.slab + start
    }

    /// Slots of an integer key, valid until the next call.
    func findKnownSlots(of key: Int64) -> UnsafeMutablePointer<Int64> { unsafe memory.slots(of: key) }

    /// Slots of a text or bytes key, valid until the next call.
    func slots(of key: UnsafeRawBufferPointer) -> UnsafeMutablePointer<Int64> {
        guard slotsPerKey > 0 else { return unsafe memory.pointee.slab }
        let copy = unsafe [UInt8](key)
        if let start = texts[copy] { return unsafe memory.pointee.slab + start }
        guard let start = allocate() else { return unsafe spare() }
        texts[copy] = start
        return unsafe memory.pointee.slab + start
    }

    private func allocate() -> Int? {
        guard budget.slotsLeft >= slotsPerKey else { return nil }
        budget.slotsLeft -= slotsPerKey
        let start = slabCount
        if start + slotsPerKey > slabCapacity {
            let wanted = slabCapacity * 2
            let fresh = UnsafeMutablePointer<Int64>.allocate(capacity: wanted)
            unsafe fresh.update(from: memory.pointee.slab, count: slabCount)
            unsafe memory.pointee.slab.deallocate()
            unsafe memory.pointee.slab = fresh
            slabCapacity = wanted
        }
        slabCount += slotsPerKey
        unsafe (memory.pointee.slab + start).update(repeating: 0, count: slotsPerKey)
        return start
    }

    /// Keys beyond the budget: the previous value is always 0 and nothing is remembered.
    private func spare() -> UnsafeMutablePointer<Int64> {
        unsafe memory.pointee.slab.update(repeating: 0, count: max(slotsPerKey, 1))
        return unsafe memory.pointee.slab
    }
}

/// The states of all types of one batch, indexed by type id.
@safe
public final class BatchState {
    private var types: [TypeState?] = [nil]
    private let budget = KeyBudget()
    /// The memories of the types, reached without touching the array.
    @usableFromInline let table: UnsafeMutablePointer<Table>

    @usableFromInline
    @unsafe
    struct Table {
        @usableFromInline var memories: UnsafeMutablePointer<UnsafeMutablePointer<PackingMemory>?>
        @usableFromInline var count: Int
    }

    /// Makes a state that knows no type.
    public init() {
        unsafe table = .allocate(capacity: 1)
        unsafe table.initialize(to: Table(memories: .allocate(capacity: 1), count: 0))
    }

    deinit {
        unsafe table.pointee.memories.deallocate()
        unsafe table.deallocate()
    }

    /// Makes a type known; a second call for the same id replaces it.
    public func register(_ schema: Schema, typeID: UInt16) {
        while types.count <= Int(typeID) { types.append(nil) }
        types[Int(typeID)] = TypeState(schema: schema, budget: budget)
        unsafe table.pointee.memories.deallocate()
        unsafe table.pointee.memories = .allocate(capacity: types.count)
        unsafe table.pointee.count = types.count
        for (index, type) in types.enumerated() {
            unsafe (table.pointee.memories + index).initialize(to: type?.memory)
        }
    }

    /// The state of a type, if it is known.
    public func state(of typeID: UInt16) -> TypeState? { Int(typeID) < types.count ? types[Int(typeID)] : nil }

    @inlinable @inline(__always)
    func memory(of typeID: UInt16) -> UnsafeMutablePointer<PackingMemory>? {
        unsafe Int(typeID) < table.pointee.count ? table.pointee.memories[Int(typeID)] : nil
    }

    /// Whether a type is known.
    @inlinable @inline(__always)
    public func knows(_ typeID: UInt16) -> Bool { unsafe memory(of: typeID) != nil }

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

import Events
import LogFormat

/// What is done with the events of one type of one log; by itself it passes over them.
///
/// Events come in portions. One thread takes them: it decodes each into a place of its portion and admits it. Another
/// one, or the same, applies the portion to the views afterwards, while the first fills the next.
class Step {
    /// One thing for each portion that may be in use at the same time.
    typealias PerPortion<Element> = InlineArray<4, Element>
    static var portions: Int { PerPortion<Bool>.count }

    /// Enters what was counted since the last time; nothing for types that no view knows of.
    func settle(_ admitted: inout AdmittedEvents, _ module: Module) {}

    /// Reads the current event of `batch`; its place in the portion if it is to be applied.
    func take(
        _ batch: inout BatchReader, _ admitted: inout AdmittedEvents, _ place: EventPlace, _ portion: PortionNumber
    ) throws(FormatError) -> Int? {
        try batch.skip()
        return nil
    }

    /// Folds an event that was taken.
    func apply(_ slot: Int, of portion: PortionNumber, to views: inout FoldedViews, _ place: EventPlace) {}
}

/// The number of a portion, counted over a whole fold.
struct PortionNumber: Equatable {
    private(set) var number: UInt32 = 0
    /// Where its events stand among those of the portions in use.
    var index: Int { Int(number % UInt32(Step.portions)) }

    mutating func advance() { number &+= 1 }
}

/// Counts events of a type that the program does not know.
final class UnknownStep: Step {
    private var counted: TypeCount

    init(_ schema: Schema) { counted = TypeCount(schema.name, schema.version, isKnown: false) }

    override func settle(_ admitted: inout AdmittedEvents, _ module: Module) {
        admitted.enter(&counted, module: module)
    }

    override func take(
        _ batch: inout BatchReader, _ admitted: inout AdmittedEvents, _ place: EventPlace, _ portion: PortionNumber
    ) throws(FormatError) -> Int? {
        try batch.skip()
        counted.add(place, isNew: true)
        return nil
    }
}

/// Decodes events of one type into the same memory again and again, and folds them.
@safe
final class EventStep<Event: DomainEvent>: Step {
    /// Events of one portion, in memory that is decoded into again and again.
    @unsafe
    private struct Slots {
        var events: UnsafeMutablePointer<Event>
        var capacity = 0
        var used = 0
        var portion = PortionNumber()
    }

    @unsafe
    private struct Memory {
        var count: TypeCount
        var slots: PerPortion<Slots>
        /// Whether the log describes the type as the program does; a step serves one type id of one log, so the answer
        /// stays.
        var isCurrent: Bool?
    }

    private let fold: (inout FoldedViews, inout Event, EventPlace) -> Void
    // SAFETY: made in init, freed in deinit, and never handed out. A stored property would be checked for overlapping
    // uses with every event. Slots of a portion are touched by one thread at a time: by the one that takes until the
    // portion is handed over, by the one that applies from then on until it is done.
    private let memory: UnsafeMutablePointer<Memory>
    private let digest: Digest
    private let typeNumber: UInt8
    private var lifting: EventDecoder<Event>

    init(_ fold: @escaping (inout FoldedViews, inout Event, EventPlace) -> Void) throws(FormatError) {
        self.fold = fold
        digest = try Event.makeSchema().identityDigest
        typeNumber = FoldedType.number(Event.typeName)
        lifting = try EventDecoder<Event>()
        unsafe memory = .allocate(capacity: 1)
        let slots = unsafe PerPortion<Slots> { _ in unsafe Slots(events: .allocate(capacity: 0)) }
        unsafe memory.initialize(
            to: Memory(count: TypeCount(Event.typeName, Event.version, isKnown: true), slots: slots, isCurrent: nil))
    }

    deinit {
        for index in 0..<Self.portions {
            unsafe memory.pointee.slots[index].events.deinitialize(count: memory.pointee.slots[index].capacity)
            unsafe memory.pointee.slots[index].events.deallocate()
        }
        unsafe memory.deinitialize(count: 1)
        unsafe memory.deallocate()
    }

    override func settle(_ admitted: inout AdmittedEvents, _ module: Module) {
        unsafe admitted.enter(&memory.pointee.count, module: module)
    }

    /// The next free place of a portion.
    @inline(__always)
    private func nextSlot(_ portion: PortionNumber) -> Int {
        let index = portion.index
        if unsafe memory.pointee.slots[index].portion != portion {
            unsafe memory.pointee.slots[index].portion = portion
            unsafe memory.pointee.slots[index].used = 0
        }
        if unsafe memory.pointee.slots[index].used == memory.pointee.slots[index].capacity { grow(index) }
        return unsafe memory.pointee.slots[index].used
    }

    private func grow(_ index: Int) {
        let (old, count) = unsafe (memory.pointee.slots[index].events, memory.pointee.slots[index].capacity)
        let capacity = max(1, 2 * count)
        let larger = UnsafeMutablePointer<Event>.allocate(capacity: capacity)
        unsafe larger.moveInitialize(from: old, count: count)
        for at in count..<capacity { unsafe (larger + at).initialize(to: Event()) }
        unsafe old.deallocate()
        unsafe memory.pointee.slots[index].events = larger
        unsafe memory.pointee.slots[index].capacity = capacity
    }

    override func take(
        _ batch: inout BatchReader, _ admitted: inout AdmittedEvents, _ place: EventPlace, _ portion: PortionNumber
    ) throws(FormatError) -> Int? {
        let slot = nextSlot(portion)
        let event = unsafe memory.pointee.slots[portion.index].events + slot
        // On the short way when the log's description is the program's own, otherwise lifted.
        if try isCurrent(batch) {
            unsafe try batch.decode(&event.pointee)
        } else {
            unsafe try lifting.decode(&batch, into: &event.pointee)
        }
        let isNew = unsafe admitted.admit(event.pointee.lineage, typeNumber: typeNumber, place)
        unsafe memory.pointee.count.add(place, isNew: isNew)
        guard isNew else { return nil }
        unsafe memory.pointee.slots[portion.index].used += 1
        return slot
    }

    @inline(__always)
    private func isCurrent(_ batch: borrowing BatchReader) throws(FormatError) -> Bool {
        if let known = unsafe memory.pointee.isCurrent { return known }
        guard let type = batch.state.state(of: batch.head.typeID) else {
            throw .unknownType(typeID: batch.head.typeID)
        }
        let answer = type.schema.identityDigest == digest
        unsafe memory.pointee.isCurrent = answer
        return answer
    }

    override func apply(_ slot: Int, of portion: PortionNumber, to views: inout FoldedViews, _ place: EventPlace) {
        let event = unsafe memory.pointee.slots[portion.index].events + slot
        unsafe fold(&views, &event.pointee, place)
    }
}

import Events
import LogEngine
import LogFormat

/// The walks over the logs of a root.
///
/// They stand in memory of their own: what an object stores is checked for overlapping uses with every event.
@safe
struct ModuleWalks: ~Copyable {
    // SAFETY: made in init, freed in deinit; the first `count` are initialised.
    private let memory: UnsafeMutablePointer<ModuleWalk>
    let count: Int

    init(_ modules: [Module], _ make: (Module) throws(LogError) -> ModuleWalk) throws(LogError) {
        let memory = UnsafeMutablePointer<ModuleWalk>.allocate(capacity: max(1, modules.count))
        var made = 0
        do throws(LogError) {
            for module in modules {
                let walk = try make(module)
                unsafe (memory + made).initialize(to: walk)
                made += 1
            }
        } catch {
            unsafe memory.deinitialize(count: made)
            unsafe memory.deallocate()
            throw error
        }
        unsafe self.memory = memory
        count = made
    }

    deinit {
        unsafe memory.deinitialize(count: count)
        unsafe memory.deallocate()
    }

    @inline(__always)
    subscript(_ index: Int) -> ModuleWalk {
        _read {
            precondition(index < count, "Invariant: a walk of the root")
            yield unsafe memory[index]
        }
        nonmutating _modify {
            precondition(index < count, "Invariant: a walk of the root")
            yield unsafe &memory[index]
        }
    }
}

/// The wanted events of one log, in order.
struct ModuleWalk: ~Copyable {
    /// Place of the next event; the highest number at the end.
    private(set) var globalSeq: UInt64 = .max
    /// Append time of the next event.
    var appendNanos: Int64 { batch.head.appendNanos }

    /// The log.
    var directory: String { reader.location.directory }

    private let module: Module
    private let reader: LogReader
    private let state = BatchState()
    private let codec = FrameCodec()
    private let wants: (String) -> Bool
    private var batch: BatchReader
    private var seq: UInt64 = 0
    private let after: UInt64
    private var isWanted: [Bool] = []
    private var wantedMask: UInt64 = 0
    private var typeCount = 0
    /// First events of the batches to read before reading goes on from `resume`.
    private var jumps: ArraySlice<UInt64> = []
    private var resume: UInt64?
    /// Last event of the batch that was opened last.
    private var opened: UInt64 = 0

    private init(_ module: Module, _ reader: LogReader, after: UInt64, _ wants: @escaping (String) -> Bool) {
        self.module = module
        self.reader = reader
        self.after = after
        self.wants = wants
        batch = BatchReader(state: state)
    }

    /// A walk that stands before the first wanted event behind event `after` of the log at `path`.
    static func start(
        _ module: Module, _ path: String, after: UInt64, environment: LogEnvironment, wants: @escaping (String) -> Bool
    ) throws(LogError) -> ModuleWalk {
        let reader = try LogReader(try LogLocation(path, environment: environment), level: .durable)
        // The segment that still grows has no index: going through its headers once is enough, for the plan and for
        // every jump of it.
        reader.sharedMaps = SharedSegmentMaps()
        if after > 0 { try reader.seek(toSeq: after + 1) }
        var walk = ModuleWalk(module, reader, after: after, wants)
        try walk.planJumps()
        try walk.step()
        return walk
    }

    /// Gives the next event away and stands before the one behind it.
    @inline(__always)
    mutating func deliver(_ body: (inout BatchReader, Place) throws(FormatError) -> Void) throws(LogError) {
        do throws(FormatError) {
            try body(&batch, Place(module: module, seq: seq, globalSeq: globalSeq))
        } catch {
            throw damage(error)
        }
        try step()
    }

    /// Passes over the next event.
    mutating func skip() throws(LogError) {
        try deliver { (batch, _) throws(FormatError) in try batch.skip() }
    }

    private func damage(_ error: FormatError) -> LogError {
        LogError(
            .damaged,
            "\(reader.location.directory): event \(seq) cannot be folded: \(error); lotus verify tells what is damaged")
    }

    private mutating func step() throws(LogError) {
        do throws(FormatError) {
            while true {
                guard try batch.next() else {
                    let isOpen = try openNext()
                    if isOpen { continue }
                    globalSeq = .max
                    return
                }
                seq += 1
                let typeID = Int(batch.head.typeID)
                if seq > after, typeID < isWanted.count, isWanted[typeID] {
                    globalSeq = batch.head.globalSeq
                    return
                }
                try batch.skip()
            }
        } catch {
            throw damage(error)
        }
    }

    private mutating func openNext() throws(FormatError) -> Bool {
        do throws(LogError) {
            while true {
                if let seq = jumps.popFirst() {
                    try reader.seek(toSeq: seq)
                } else if let seq = resume {
                    resume = nil
                    try reader.seek(toSeq: seq)
                }
                guard let block = try reader.next() else { return false }
                learn()
                guard block.lastSeq > max(after, opened), block.typeBitmap & wantedMask != 0 else { continue }
                try reader.decode(block, into: &batch, codec: codec)
                opened = block.lastSeq
                seq = block.firstSeq - 1
                return true
            }
        } catch {
            throw .invalid(what: "log", detail: error.message)
        }
    }

    /// Takes in types that the log began to use.
    private mutating func learn() {
        let all = reader.registry.all
        guard all.count != typeCount else { return }
        typeCount = all.count
        state.register(reader.registry)
        for (typeID, schema) in all {
            while isWanted.count <= Int(typeID) { isWanted.append(false) }
            isWanted[Int(typeID)] = wants(schema.name)
            if isWanted[Int(typeID)] { wantedMask |= 1 << UInt64(typeID & 63) }
        }
    }

    /// Goes by the indexes of the segments where few batches hold anything wanted (AT9.4).
    ///
    /// What the indexes do not know is read: reading goes on behind the last batch that they name, so that damage and
    /// events that were appended meanwhile are met as without an index.
    private mutating func planJumps() throws(LogError) {
        try reader.learnTypes()
        learn()
        let all = try reader.batches(typeMask: .max)
        // The batch that holds the first wanted place may begin before it.
        let first = all.last { $0 <= after + 1 } ?? 0
        let wanted = try reader.batches(typeMask: wantedMask).filter { $0 >= first }
        let left = all.count(where: { $0 >= first })
        guard let last = all.last, wanted.count * Self.batchesPerJump < left else { return }
        jumps = wanted[...]
        resume = last
    }

    /// A jump costs about as much as reading so many batches that hold nothing wanted.
    private static let batchesPerJump = 4
}

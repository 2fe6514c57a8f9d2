import Events

/// The steps of a fold by log and type id, found without counting a reference for each event.
@safe
struct StepTable: ~Copyable {
    /// Every step with its log, in the order in which their types came.
    private(set) var all: [(module: Module, step: Step)] = []
    // SAFETY: one table for each log, made in init or grown, freed in deinit; `all` keeps the steps that they name.
    private var tables: [UnsafeMutableBufferPointer<Unmanaged<Step>?>]

    init() {
        unsafe tables = Module.allCases.map { _ in .allocate(capacity: 0) }
    }

    deinit { unsafe tables.forEach { unsafe $0.deallocate() } }

    /// The step of a type, if there is one.
    @inline(__always)
    func step(_ module: Module, _ typeID: UInt16) -> Unmanaged<Step>? {
        let table = unsafe tables[Int(module.rawValue)]
        return unsafe Int(typeID) < table.count ? table[Int(typeID)] : nil
    }

    /// Enters the step of a type that has none.
    mutating func insert(_ step: Step, _ module: Module, _ typeID: UInt16) {
        all.append((module, step))
        let old = unsafe tables[Int(module.rawValue)]
        var table = unsafe old
        if Int(typeID) >= old.count {
            unsafe table = .allocate(capacity: max(Int(typeID) + 1, 2 * old.count))
            unsafe table.initialize(repeating: nil)
            for at in old.indices { unsafe table[at] = old[at] }
            unsafe old.deallocate()
            unsafe tables[Int(module.rawValue)] = table
        }
        unsafe table[Int(typeID)] = .passUnretained(step)
    }
}

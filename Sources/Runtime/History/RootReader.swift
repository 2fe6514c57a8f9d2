package import Events
package import LogEngine
package import LogFormat

/// Reads the logs of a root as one history, in order of the global sequence numbers (LOG-13).
///
/// Events behind the consistent cut, and those inside of stretches that earlier crashes left incomplete, are passed
/// over, and so are batches that hold nothing wanted. Only durable events are read: what was read once is never taken
/// back by a power cut.
package final class RootReader {
    /// Where the logs agree.
    package let cut: ConsistentCut
    /// The logs that are read, in order of their ranks.
    package let modules: [Module]
    private let knownCuts: [KnownCut]
    private var walks: [ModuleWalk] = []

    /// Opens the logs of a root.
    ///
    /// - Parameters:
    ///   - modules: the logs to read; all that are there if nil.
    ///   - seqs: for each log, by rank, the last event that is not wanted any more; from the first one on if empty.
    ///   - wants: whether a type is wanted, by its name.
    /// - Throws: `notALog`, `usage`, `damaged`, `fileSystem`.
    package init(
        _ directory: String, modules: [Module]? = nil, after seqs: [UInt64] = [],
        environment: LogEnvironment = .real(), wants: @escaping (String) -> Bool = { _ in true }
    ) throws(LogError) {
        let found = EventScan.modules(in: directory, environment: environment)
        guard !found.isEmpty else {
            throw LogError(
                .notALog,
                "\(directory): holds no log of a module (\(Module.symbols.joined(separator: ", "))); give the root of "
                    + "a run")
        }
        let wanted = (modules ?? found).sorted()
        if let missing = wanted.first(where: { !found.contains($0) }) {
            throw LogError(
                .notALog,
                "\(directory): has no log of \(missing.text); there are \(found.map(\.text).joined(separator: ", "))")
        }
        let known =
            found.contains(.ops)
            ? try CutRecords.read("\(directory)/\(Module.ops.text)", environment: environment) : []
        cut = try ConsistentCut.find(
            found.map { "\(directory)/\($0.text)" }, known: known, environment: environment)
        knownCuts = known
        self.modules = wanted
        for module in wanted {
            let rank = Int(module.rawValue)
            walks.append(
                try ModuleWalk(
                    module, "\(directory)/\(module.text)", after: rank < seqs.count ? seqs[rank] : 0,
                    environment: environment, wants: wants))
        }
    }

    /// Reads on; `body` must decode or skip the event that the batch stands before.
    ///
    /// - Parameters:
    ///   - globalSeq: the last place that is wanted.
    ///   - appendNanos: the history ends before the first event that was appended later.
    ///   - most: how many events to read at most.
    /// - Returns: how many events were read; fewer than `most` at the end.
    /// - Throws: `damaged` naming the event; what the logs throw.
    package func read(
        upTo globalSeq: UInt64 = .max, appendNanos: Int64 = .max, most: UInt64 = .max,
        _ body: (inout BatchReader, Place) throws(FormatError) -> Void
    ) throws(LogError) -> UInt64 {
        var count: UInt64 = 0
        let last = min(globalSeq, cut.globalSeq)
        while count < most {
            var first: UInt64 = .max
            var second: UInt64 = .max
            var chosen = -1
            for (index, walk) in walks.enumerated() {
                let place = walk.globalSeq
                if place < first {
                    second = first
                    first = place
                    chosen = index
                } else if place < second {
                    second = place
                }
            }
            guard chosen >= 0 else { return count }
            let walk = walks[chosen]
            guard first < second else {
                throw LogError(
                    .damaged,
                    "\(walk.directory): another log of the root has an event with the global sequence number \(first) "
                        + "too; expected each number once: these logs were not written by one owner of the root")
            }
            // Until another log has the next event; the end of a log is the highest number of all.
            while walk.globalSeq < second, count < most {
                guard walk.globalSeq <= last, walk.appendNanos <= appendNanos else { return count }
                if isOrphan(walk.globalSeq) {
                    try walk.skip()
                } else {
                    try walk.deliver(body)
                    count += 1
                }
            }
        }
        return count
    }

    private func isOrphan(_ globalSeq: UInt64) -> Bool {
        for cut in knownCuts where cut.isOrphan(globalSeq) { return true }
        return false
    }
}

/// The wanted events of one log, in order.
private final class ModuleWalk {
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
    private var seq: UInt64
    private let after: UInt64
    private var isWanted: [Bool] = []
    private var wantedMask: UInt64 = 0
    private var typeCount = 0

    init(
        _ module: Module, _ path: String, after: UInt64, environment: LogEnvironment, wants: @escaping (String) -> Bool
    ) throws(LogError) {
        self.module = module
        self.after = after
        self.wants = wants
        seq = 0
        reader = try LogReader(try LogLocation(path, environment: environment), level: .durable)
        batch = BatchReader(state: state)
        if after > 0 { try reader.seek(toSeq: after + 1) }
        try step()
    }

    /// Gives the next event away and stands before the one behind it.
    @inline(__always)
    func deliver(_ body: (inout BatchReader, Place) throws(FormatError) -> Void) throws(LogError) {
        do throws(FormatError) {
            try body(&batch, Place(module: module, seq: seq, globalSeq: globalSeq))
        } catch {
            throw damage(error)
        }
        try step()
    }

    /// Passes over the next event.
    func skip() throws(LogError) {
        try deliver { (batch, _) throws(FormatError) in try batch.skip() }
    }

    private func damage(_ error: FormatError) -> LogError {
        LogError(
            .damaged,
            "\(reader.location.directory): event \(seq) cannot be folded: \(error); lotus verify tells what is damaged")
    }

    private func step() throws(LogError) {
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

    private func openNext() throws(FormatError) -> Bool {
        do throws(LogError) {
            while let block = try reader.next() {
                learn()
                guard block.lastSeq > after, block.typeBitmap & wantedMask != 0 else { continue }
                try reader.decode(block, into: &batch, codec: codec)
                seq = block.firstSeq - 1
                return true
            }
            return false
        } catch {
            throw .invalid(what: "log", detail: error.message)
        }
    }

    /// Takes in types that the log began to use.
    private func learn() {
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
}

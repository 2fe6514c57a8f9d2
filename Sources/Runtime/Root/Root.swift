package import Events
package import LogEngine
package import LogFormat

/// Where an event came to stand.
package struct Place: Equatable, Sendable {
    /// The log.
    package let module: Module
    /// Place within the log.
    package let seq: UInt64
    /// Place among all logs of the root: the total order.
    package let globalSeq: UInt64

    /// Makes a place.
    package init(module: Module, seq: UInt64, globalSeq: UInt64) {
        self.module = module
        self.seq = seq
        self.globalSeq = globalSeq
    }
}

/// The logs of one run, under one owner that gives every event its place in the total order (design §3).
///
/// Not thread-safe: one thread owns a root. Every log commits in the same group, so a durable event never outlives the
/// loss of an earlier one that its owner had committed with it.
package final class Root {
    /// The folder.
    package let directory: String
    /// Where the logs agreed when the root was opened.
    package let cut: ConsistentCut
    /// Stretches that folds must pass over.
    package private(set) var knownCuts: [KnownCut]
    /// The number that the next event gets.
    package var nextGlobalSeq: UInt64 { hot.value.nextGlobalSeq }

    /// What every event touches.
    private let hot = OwnMemory(Hot())

    private struct Hot {
        var logs: [ModuleLog] = []
        var nextGlobalSeq: UInt64 = 1
    }

    private var logs: [ModuleLog] { hot.value.logs }

    /// A log that the root writes.
    private struct ModuleLog {
        let module: Module
        let writer: LogWriter
        /// Ids of the types registered so far: a log has a few, and the list is walked at every event.
        var typeIDs: [(type: ObjectIdentifier, typeID: UInt16)] = []

        /// The id of a type, nil before its first event.
        @inline(__always)
        func typeID(_ type: ObjectIdentifier) -> UInt16? {
            for known in typeIDs where known.type == type { return known.typeID }
            return nil
        }
    }

    /// What is done about events that a crash took from the middle of the order.
    package enum HolePolicy: Sendable {
        /// They are gone: the stretch is recorded, and folds pass over it.
        case record
        /// The run makes them again (see `ResumingOutput`).
        case refill
    }

    /// Opens the logs of `modules` for writing, making what is missing, and finds where they agree.
    ///
    /// - Parameters:
    ///   - directory: the root; must exist.
    ///   - modules: the logs to write, in any order.
    /// - Throws: `locked`, `damaged`, `unsupported`, `noSpace`, `fileSystem`.
    package init(
        _ directory: String, modules: [Module], options: LogOptions = LogOptions(),
        environment: LogEnvironment = .real(), holes: HolePolicy = .record
    ) throws(LogError) {
        self.directory = directory
        let group = CommitGroup()
        let sorted = Set(modules).sorted()
        for module in sorted {
            let writer = try LogWriter(
                "\(directory)/\(module.text)", name: module.text, options: options, environment: environment,
                group: group)
            hot.value.logs.append(ModuleLog(module: module, writer: writer))
        }
        let paths = sorted.map { "\(directory)/\($0.text)" }
        var known: [KnownCut] = []
        if sorted.contains(.ops) {
            known = try CutRecords.read("\(directory)/\(Module.ops.text)", environment: environment)
        }
        cut = try ConsistentCut.find(paths, known: known, environment: environment)
        knownCuts = known
        hot.value.nextGlobalSeq = cut.lastGlobalSeq + 1
        if !cut.isWhole, holes == .record { try recordCut() }
    }

    /// Writes down what the crash left incomplete, durably, before anything else is appended.
    private func recordCut() throws(LogError) {
        guard logs.contains(where: { $0.module == .ops }) else {
            throw LogError(
                .damaged,
                "\(directory): events \(cut.globalSeq + 1)… are incomplete after a crash (\(cut.orphanCount) of them "
                    + "are left); open the root with its ops log, where this is recorded")
        }
        var event = CutTaken()
        event.afterGlobalSeq = cut.globalSeq
        event.resumedGlobalSeq = nextGlobalSeq
        event.orphanCount = cut.orphanCount
        try append(&event, to: .ops, eventNanos: 0)
        try commit()
        knownCuts.append(
            KnownCut(after: cut.globalSeq, resumed: event.resumedGlobalSeq, orphanCount: cut.orphanCount))
    }

    /// The logs that are written, in order of their ranks.
    package var modules: [Module] { logs.map(\.module) }

    /// Appends an event to a module's log.
    ///
    /// - Parameters:
    ///   - eventNanos: the moment that it is about.
    ///   - appendNanos: its append time; the log clock if nil.
    ///   - globalSeq: its place in the total order; the next one if nil. Only a run that refills a hole gives it.
    /// - Throws: `badEvent`, `noSpace`, `schemaClash`, the poison of the log.
    @discardableResult
    package func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags = [], appendNanos: Int64? = nil,
        globalSeq: UInt64? = nil
    ) throws(LogError) -> Place {
        guard let index = hot.value.logs.firstIndex(where: { $0.module == module }) else {
            throw LogError(
                .badEvent, "\(directory): no log of \(module.text) is open; open are \(modules.map(\.text))")
        }
        let key = ObjectIdentifier(Event.self)
        let typeID: UInt16
        if let known = hot.value.logs[index].typeID(key) {
            typeID = known
        } else {
            typeID = try hot.value.logs[index].writer.register(Event.self)
            hot.value.logs[index].typeIDs.append((key, typeID))
        }
        let globalSeq = globalSeq ?? hot.value.nextGlobalSeq
        let seq = try hot.value.logs[index].writer.append(
            &event, typeID: typeID, eventNanos: eventNanos, flags: flags, globalSeq: globalSeq,
            appendNanos: appendNanos)
        hot.value.nextGlobalSeq = max(hot.value.nextGlobalSeq, globalSeq + 1)
        return Place(module: module, seq: seq, globalSeq: globalSeq)
    }

    /// Makes everything appended so far durable, in all logs.
    package func commit() throws(LogError) {
        for log in logs { log.writer.requestDurable(log.writer.lastSeq) }
        for log in logs { try log.writer.wait(for: log.writer.lastSeq, .durable) }
    }

    /// The processor's time of the logs' own threads, known once the root is closed.
    package var threadNanos: (writing: Int64, sealing: Int64) {
        logs.reduce((0, 0)) { ($0.0 + $1.writer.threadNanos.writing, $0.1 + $1.writer.threadNanos.sealing) }
    }

    /// Ends all logs cleanly.
    package func close(seal: Bool = false) throws(LogError) {
        for log in logs { try log.writer.close(seal: seal) }
    }
}

/// Reads what earlier owners of a root recorded about crashes.
package enum CutRecords {
    /// The stretches that the ops log at `path` tells of, in their order.
    package static func read(_ path: String, environment: LogEnvironment) throws(LogError) -> [KnownCut] {
        let walk = try EventWalk(path, types: [CutTaken.typeName], environment: environment)
        var cuts: [KnownCut] = []
        var event = CutTaken()
        var decoder: EventDecoder<CutTaken>?
        while try walk.next() {
            try walk.read { batch throws(FormatError) in
                if decoder == nil { decoder = try EventDecoder() }
                try decoder?.decode(&batch, into: &event)
            }
            cuts.append(
                KnownCut(
                    after: event.afterGlobalSeq, resumed: event.resumedGlobalSeq, orphanCount: event.orphanCount))
        }
        return cuts
    }
}

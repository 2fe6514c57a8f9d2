package import Events
package import LogEngine
package import LogFormat

/// A root that may hold the start of the same run: events that stand there are compared, the rest is appended.
///
/// Comparing is by canonical stable bytes, so append times and packing do not count. Every log is read once, in step
/// with the run; memory does not grow with it.
package final class ResumingOutput: EventOutput {
    /// The logs.
    package let root: Root
    /// Events that were found where they stand.
    package private(set) var matchedCount: UInt64 = 0
    /// Events that were new.
    package private(set) var appendedCount: UInt64 = 0
    package private(set) var lastGlobalSeq: UInt64 = 0

    private var histories: [Module: LogHistory] = [:]
    private var typeStates: [ObjectIdentifier: BatchState] = [:]
    private var encoder = CanonicalEncoder()

    /// Opens over the logs of `root` that the run writes.
    package init(_ root: Root, modules: [Module], environment: LogEnvironment = .real()) throws(LogError) {
        self.root = root
        for module in modules.sorted() {
            histories[module] = try LogHistory("\(root.directory)/\(module.text)", environment: environment)
        }
    }

    /// Whether everything that stood on the logs was found again.
    package var isCaughtUp: Bool { histories.values.allSatisfy(\.isAtEnd) }

    package func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        if let history = histories[module], !history.isAtEnd {
            let made = try canonical(&event, eventNanos: eventNanos, flags: flags)
            let place = Place(module: module, seq: history.seq, globalSeq: history.globalSeq)
            guard history.stable == made, place.globalSeq == lastGlobalSeq + 1 else {
                throw LogError(
                    .damaged,
                    "\(root.directory)/\(module.text): event \(history.seq) is not what this run makes there "
                        + "(\(Event.typeName)): the inputs, the code or the configuration differ from the run that "
                        + "wrote it; compare them, or write into a new folder")
            }
            try history.advance()
            lastGlobalSeq = place.globalSeq
            matchedCount += 1
            return place
        }
        // The run's own number, not the root's next one: a crash may have taken this event and left later ones.
        let place = try root.append(
            &event, to: module, eventNanos: eventNanos, flags: flags, appendNanos: eventNanos,
            globalSeq: lastGlobalSeq + 1)
        lastGlobalSeq = place.globalSeq
        appendedCount += 1
        return place
    }

    /// The canonical stable bytes that an event would have on a log.
    private func canonical<Event: LogEvent>(
        _ event: inout Event, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> [UInt8] {
        do throws(FormatError) {
            let key = ObjectIdentifier(Event.self)
            let state = typeStates[key] ?? BatchState()
            if typeStates[key] == nil {
                state.register(try Event.makeSchema(), typeID: 1)
                typeStates[key] = state
            }
            state.reset()
            var builder = BatchBuilder(state: state, capacity: 4096)
            try builder.append(
                &event, head: RecordHead(typeID: 1, flags: flags, appendNanos: 0, globalSeq: 1, eventNanos: eventNanos))
            var batch = BatchReader(state: state)
            batch.open(raw: builder.raw, count: 1)
            guard try batch.next() else { return [] }
            return try LogHistory.stableBytes(&batch, &encoder)
        } catch {
            throw LogError(.badEvent, "\(error)")
        }
    }
}

/// The events of one log, one after another, as canonical stable bytes.
final class LogHistory {
    private(set) var seq: UInt64 = 0
    private(set) var globalSeq: UInt64 = 0
    private(set) var stable: [UInt8] = []
    private(set) var isAtEnd = false

    private let reader: LogReader
    /// The log as it was when the run began: what the run itself appends is not read.
    private let lastSeq: UInt64
    private let state = BatchState()
    private var batch: BatchReader
    private var encoder = CanonicalEncoder()
    private let codec = FrameCodec()

    init(_ path: String, environment: LogEnvironment) throws(LogError) {
        let end = try LogReader(try LogLocation(path, environment: environment))
        try end.seek(toSeq: .max)
        var last: UInt64 = 0
        while let block = try end.next() { last = block.lastSeq }
        lastSeq = last
        reader = try LogReader(try LogLocation(path, environment: environment))
        batch = BatchReader(state: state)
        try advance()
    }

    func advance() throws(LogError) {
        guard seq < lastSeq else {
            isAtEnd = true
            return
        }
        do throws(FormatError) {
            while try !batch.next() {
                guard try openNext() else {
                    isAtEnd = true
                    return
                }
            }
            globalSeq = batch.head.globalSeq
            stable = try Self.stableBytes(&batch, &encoder)
            seq += 1
        } catch {
            throw LogError(.damaged, "\(reader.location.directory): \(error)")
        }
    }

    private func openNext() throws(FormatError) -> Bool {
        do throws(LogError) {
            guard let block = try reader.next() else { return false }
            for (typeID, schema) in reader.registry.all where state.state(of: typeID)?.schema != schema {
                state.register(schema, typeID: typeID)
            }
            try reader.decode(block, into: &batch, codec: codec)
            return true
        } catch {
            throw .invalid(what: "log", detail: error.message)
        }
    }

    /// The stable part of the current event.
    static func stableBytes(
        _ batch: inout BatchReader, _ encoder: inout CanonicalEncoder
    ) throws(FormatError) -> [UInt8] {
        switch try unsafe encoder.encode(&batch, { stable, _ in unsafe [UInt8](stable) }) {
        case .success(let bytes): return bytes
        }
    }
}

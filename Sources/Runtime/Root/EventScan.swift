package import Events
package import LogEngine
package import LogFormat

/// Reads one log once and hands events of the wanted types to whoever asked for them; batches without them are passed
/// over.
package final class EventScan {
    private struct Handler {
        let name: String
        let take: (inout BatchReader) throws(FormatError) -> Void
    }

    private var handlers: [Handler] = []

    /// Makes a scan that wants nothing.
    package init() {}

    /// Asks for the events of a type, in the order of the log.
    package func on<Event: LogEvent>(
        _ type: Event.Type, _ take: @escaping (Event, RecordHead) -> Void
    ) throws(LogError) {
        do throws(FormatError) {
            var decoder = try EventDecoder<Event>()
            handlers.append(
                Handler(name: Event.typeName) { (batch: inout BatchReader) throws(FormatError) in
                    var event = Event()
                    let head = batch.head
                    try decoder.decode(&batch, into: &event)
                    take(event, head)
                })
        } catch {
            throw LogError(.badEvent, "\(Event.typeName): \(error)")
        }
    }

    /// Reads the log at `path` to its end.
    ///
    /// - Throws: `notALog`, `damaged`, `unsupported`, `fileSystem`.
    package func read(_ path: String, environment: LogEnvironment = .real()) throws(LogError) {
        let reader = try LogReader(try LogLocation(path, environment: environment))
        let state = BatchState()
        var batch = BatchReader(state: state)
        let codec = FrameCodec()
        /// The handler of each type id.
        var byType: [UInt16: Int] = [:]
        while let block = try reader.next() {
            var isWanted = false
            for (typeID, schema) in reader.registry.all {
                if state.state(of: typeID)?.schema != schema { state.register(schema, typeID: typeID) }
                guard let index = handlers.firstIndex(where: { $0.name == schema.name }) else { continue }
                byType[typeID] = index
                if block.typeBitmap >> UInt64(typeID & 63) & 1 == 1 { isWanted = true }
            }
            guard isWanted else { continue }
            try reader.decode(block, into: &batch, codec: codec)
            do throws(FormatError) {
                while try batch.next() {
                    if let index = byType[batch.head.typeID] {
                        try handlers[index].take(&batch)
                    } else {
                        try batch.skip()
                    }
                }
            } catch {
                throw LogError(.damaged, "\(path): \(error)")
            }
        }
    }
}

extension EventScan {
    /// The modules whose logs stand in a root, by rank.
    package static func modules(in root: String, environment: LogEnvironment = .real()) -> [Module] {
        let names = Set(
            LogLocation.logs(in: root, environment: environment).compactMap {
                $0.split(separator: "/").last.map(String.init)
            })
        return Module.allCases.filter { names.contains($0.text) }
    }
}

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
        let walk = try EventWalk(path, types: Set(handlers.map(\.name)), environment: environment)
        while try walk.next() {
            guard let handler = handlers.first(where: { $0.name == walk.schema?.name }) else { continue }
            try walk.read(handler.take)
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

import ArgumentParser
import Filters
import LogEngine
import LogFormat
import Runtime

/// `--where`, of all verbs that take it.
struct Where: ParsableArguments {
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only events of which this holds, such as 'data.price > 100'; docs/filters.md has the language.",
            valueName: "filter"))
    var text: String?

    /// The filter, checked against the event types of some logs; nil if none is given.
    ///
    /// - Parameters:
    ///   - types: what `--type` says; other types are not looked at.
    ///   - isOpen: whether types may follow that the logs do not have yet.
    /// - Throws: `usage` with the place in the filter; what a log throws that cannot be opened.
    func filter(over logs: [String], types: [String] = [], isOpen: Bool = false) throws -> Filter? {
        guard let text else { return nil }
        do {
            let filter = try Filter(text)
            let selected = EventFilter(types: types)
            let subjects = try logs.flatMap { log in
                try Self.schemas(of: log).filter(selected.wants).map {
                    FilterSubject(log: EventWalk.name(of: log), schema: $0)
                }
            }
            // A log of no type yet may get any.
            if !isOpen || !subjects.isEmpty { try filter.check(subjects, isOpen: isOpen) }
            return filter
        } catch let error as FilterError { throw ToolError(.usage, "--where \(error)") }
    }

    /// Types of a log: MANIFEST names them, and of a segment alone its own descriptions.
    private static func schemas(of log: String) throws(LogError) -> [Schema] {
        let reader = try LogReader(try LogLocation(log))
        // What is damaged, reading will meet and tell.
        if !reader.hasAllTypes { try? reader.learnTypes() }
        return reader.registry.all.map(\.schema)
    }
}

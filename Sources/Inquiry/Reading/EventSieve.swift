import Events
import Filters
import LogEngine
import LogFormat
import Runtime

/// Asks of recorded events whether a filter takes them; compiles it once for each type of a log.
final class EventSieve {
    private let filter: Filter
    private let canonical = CanonicalBytes()
    private var predicates: [String: FilterPredicate?] = [:]

    init(_ filter: Filter) { self.filter = filter }

    /// The filter for a type of a log; nil if it takes none of its events.
    func predicate(_ schema: Schema, log: String) -> FilterPredicate? {
        let name = "\(log) \(schema.name)@\(schema.version) \(schema.fingerprint)"
        if let known = predicates[name] { return known }
        let predicate = filter.predicate(for: schema, log: log)
        predicates[name] = .some(predicate)
        return predicate
    }

    /// Whether the filter takes an event.
    func takes(_ event: RecordedEvent) -> Bool {
        guard let predicate = predicate(event.schema, log: event.log) else { return false }
        if let known = predicate.verdict(event.head, seq: event.seq) { return known }
        let answer = try? unsafe canonical.encode(event.values, event.schema, head: event.head) { stable, volatile in
            unsafe predicate.takes(event.head, seq: event.seq, stable: stable, volatile: volatile)
        }
        return answer ?? false
    }
}

/// The same for the events of one log that are gone through, by their type ids.
struct LogSieve {
    private let filter: Filter?
    private let log: String
    private var predicates: [FilterPredicate??] = []

    /// Without a filter everything is taken.
    init(_ filter: Filter?, log: String) {
        self.filter = filter
        self.log = log
    }

    /// Whether the filter takes an event, given by its canonical parts.
    fileprivate mutating func takes(
        _ head: RecordHead, _ schema: Schema?, seq: UInt64, stable: UnsafeRawBufferPointer,
        volatile: UnsafeRawBufferPointer
    ) -> Bool {
        guard let filter else { return true }
        let typeID = Int(head.typeID)
        while predicates.count <= typeID { predicates.append(nil) }
        let predicate = predicates[typeID] ?? schema.flatMap { filter.predicate(for: $0, log: log) }
        predicates[typeID] = .some(predicate)
        return unsafe predicate?.takes(head, seq: seq, stable: stable, volatile: volatile) ?? false
    }
}

extension EventWalk {
    /// The canonical bytes of the current event, the stable part and the volatile one, behind whether the filter takes
    /// it.
    func withCanonical<R>(
        asking sieve: inout LogSieve, _ body: (Bool, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> R
    ) throws(LogError) -> R {
        let (head, schema, seq) = (head, schema, seq)
        return unsafe try withCanonical { stable, volatile in
            let isTaken = unsafe sieve.takes(head, schema, seq: seq, stable: stable, volatile: volatile)
            return unsafe body(isTaken, stable, volatile)
        }
    }
}

extension Filter {
    /// Names of the types of a log of which the filter may take events, as far as the log knows them.
    ///
    /// - Throws: `notALog`, `fileSystem`.
    func typeNames(of path: String, _ environment: LogEnvironment) throws(LogError) -> Set<String> {
        let reader = try LogReader(try LogLocation(path, environment: environment))
        // What is damaged, reading will meet and tell.
        if !reader.hasAllTypes { try? reader.learnTypes() }
        let log = EventWalk.name(of: path)
        return Set(reader.registry.all.map(\.schema).filter { mayTake($0, log: log) }.map(\.name))
    }
}

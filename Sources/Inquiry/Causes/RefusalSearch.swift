import Events
package import Filters
package import LogEngine
import LogFormat
import Runtime

/// What stopped a thing, the nearest miss first.
package struct RefusalSearch: Equatable, Sendable {
    /// Found, the nearest miss first.
    package let refusals: [Refusal]
    /// Records that say that it did pass, in their order.
    package let passed: [RecordedEvent]

    /// Looks through a root for what concerns `name`: an event id, a patch, an asset, a detector or a knob.
    ///
    /// - Parameters:
    ///   - nanos: event time that it should be near; then the nearest in time comes first, and among those at the same
    ///     distance the nearest miss.
    ///   - filter: if given, only records that it takes tell of refusals and of passing.
    package init(
        _ name: String, near nanos: Int64?, of root: RootLogs, where filter: Filter? = nil
    ) throws(LogError) {
        var found: [Refusal] = []
        var passed: [RecordedEvent] = []
        let types = Refusal.typeNames.union(Self.passTypes)
        for log in root.names {
            let walk = try root.walk(log, types: types)
            // Windows with a gate that did not open, until it is told what became of them.
            var windows: [ULID: Refusal] = [:]
            while try walk.next() {
                guard !root.isOrphan(walk.head) else { continue }
                let event = try walk.event()
                if event.schema.name == SignalScored.typeName {
                    if let id = event.id, let refusal = Refusal(event), refusal.concerns(name) { windows[id] = refusal }
                    continue
                }
                // What is told of a window by a record of its own is not told twice.
                let window = event["scored_id"].ulid.flatMap { windows.removeValue(forKey: $0) }
                if var refusal = Refusal(event) {
                    // What a window was about stands in the record that scored it.
                    if event.schema.name == SignalWithheld.typeName, let id = event["scored_id"].ulid {
                        refusal.about = window?.event
                        if window == nil { refusal.about = try root.event(id, isThorough: false) }
                        if let about = refusal.about { refusal.add(Refusal.failedGates(about)) }
                    }
                    if refusal.concerns(name) { found.append(refusal) }
                } else if Self.passes(event, name) {
                    passed.append(event)
                }
            }
            found += windows.values
        }
        if let filter {
            let sieve = EventSieve(filter)
            found.removeAll { !sieve.takes($0.event) }
            passed.removeAll { !sieve.takes($0) }
        }
        refusals = found.sorted { a, b in Self.precedes(a, b, nanos) }
        self.passed = passed.sorted { ($0.head.globalSeq, $0.log) < ($1.head.globalSeq, $1.log) }
    }

    private static let passTypes: Set<String> = [
        SignalPublished.typeName, PatchApplied.typeName, MessageReceived.typeName,
    ]

    private static func passes(_ event: RecordedEvent, _ name: String) -> Bool {
        switch event.schema.name {
        case SignalPublished.typeName: return ["id", "scored_id"].contains { event.text($0) == name }
        case PatchApplied.typeName: return event.patchID == name
        case MessageReceived.typeName:
            return event.text("result") == ReceiptResult.consumed.text && event.text("message_id") == name
        default: return false
        }
    }

    private static func precedes(_ a: Refusal, _ b: Refusal, _ nanos: Int64?) -> Bool {
        if let nanos {
            let (first, second) = (distance(a.event, nanos), distance(b.event, nanos))
            if first != second { return first < second }
        }
        if a.distance != b.distance { return a.distance < b.distance }
        return (a.event.head.globalSeq, a.event.log, a.event.seq) < (b.event.head.globalSeq, b.event.log, b.event.seq)
    }

    private static func distance(_ event: RecordedEvent, _ nanos: Int64) -> UInt64 {
        event.head.eventNanos > nanos
            ? UInt64(bitPattern: event.head.eventNanos &- nanos) : UInt64(bitPattern: nanos &- event.head.eventNanos)
    }
}

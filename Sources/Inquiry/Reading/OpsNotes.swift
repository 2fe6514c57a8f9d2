package import Events
package import LogEngine
import LogFormat
import Runtime

/// What programs write down about a root on its ops log, while no run has the root.
package enum OpsNotes {
    /// Appends events at this moment, durably.
    ///
    /// - Parameters:
    ///   - key: tells what is noted from any other note of the moment.
    ///   - events: without lineage.
    /// - Returns: the ids of the records.
    /// - Throws: `locked` while a run has the root; `damaged` after a crash that the run has not gone on from.
    package static func append<Event: DomainEvent>(
        _ events: [Event], key: String, to root: RootLogs, options: LogOptions = LogOptions()
    ) throws(LogError) -> [EventID] {
        var modules = EventScan.modules(in: root.directory, environment: root.environment)
        if !modules.contains(.ops) { modules.append(.ops) }
        let owner = try Root(
            root.directory, modules: modules, options: options, environment: root.environment, holes: .refill)
        do throws(LogError) {
            guard owner.cut.isWhole else {
                throw LogError(
                    .damaged,
                    "\(root.directory): events after \(owner.cut.globalSeq) are incomplete since a crash: let the run "
                        + "go on first, then do this again")
            }
            let nanos = root.environment.clock.wallNanos()
            var ids: [EventID] = []
            for (place, event) in events.enumerated() {
                var event = event
                let name = place == 0 ? key : "\(key)|\(place)"
                event.lineage = Lineage(
                    id: EventID(module: .ops, key: name, eventNanos: nanos), seenGlobalSeq: owner.nextGlobalSeq - 1)
                try owner.append(&event, to: .ops, eventNanos: nanos)
                ids.append(event.lineage.id)
            }
            try owner.commit()
            try owner.close()
            return ids
        } catch {
            try? owner.close()
            throw error
        }
    }
}

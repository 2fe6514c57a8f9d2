package import Events
internal import Herald
package import LogEngine
internal import LogFormat

/// Writes down that a module signs with another key from now on (SEC-07).
///
/// The record stands on the herald log, where everybody who checks signatures looks; the run that goes on is fed it
/// again (`HeraldInputs`). Private keys are never seen here (SEC-09).
package enum KeyDesk {
    /// Appends the record of a key to the herald log of a root and makes it durable.
    ///
    /// - Parameter record: the record of the key that begins at a moment.
    /// - Returns: the moment from which the key is in force: now, and after everything that stands on the herald log.
    /// - Throws: `usage` for a key that the module had before; `locked` while a run has the root; `damaged` after a
    ///   crash that the run has not gone on from; `notALog` where there is no root.
    package static func rotate(
        root path: String, options: LogOptions = LogOptions(), environment: LogEnvironment = .real(),
        _ record: (_ fromNanos: Int64) -> KeyRotated
    ) throws(LogError) -> KeyRotated {
        var modules = EventScan.modules(in: path, environment: environment)
        guard !modules.isEmpty else {
            throw LogError(.notALog, "\(path): no log of a module is in it: give the folder of a run")
        }
        var book = KeyBook()
        var last = Int64.min
        if modules.contains(.herald) {
            let walk = try EventWalk("\(path)/\(Module.herald.text)", environment: environment)
            while try walk.next() { last = max(last, walk.head.eventNanos) }
            let inputs = try HeraldInputs("\(path)/\(Module.herald.text)", environment: environment)
            for entry in inputs.keys {  // ORDERED: a list
                book.apply(entry.key, eventNanos: entry.time.nanos)
            }
        } else {
            modules.append(.herald)
        }
        // No earlier than anything that Herald has seen: a run that goes on takes its inputs in the order of time.
        let nanos = max(environment.clock.wallNanos(), last == .max ? last : last + 1)
        var event = record(nanos)
        if let fault = book.fault(of: event, eventNanos: nanos) { throw LogError(.usage, "\(path): \(fault)") }
        let root = try Root(path, modules: modules, options: options, environment: environment, holes: .refill)
        do throws(LogError) {
            guard root.cut.isWhole else {
                throw LogError(
                    .damaged,
                    "\(path): events after \(root.cut.globalSeq) are incomplete since a crash: let the run go on "
                        + "first, it makes them again")
            }
            event.lineage.seenGlobalSeq = root.nextGlobalSeq - 1
            try root.append(&event, to: .herald, eventNanos: nanos)
            try root.commit()
            try root.close()
        } catch {
            try? root.close()
            throw error
        }
        return event
    }
}

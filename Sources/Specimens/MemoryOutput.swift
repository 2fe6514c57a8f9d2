package import Events
package import LogEngine
package import LogFormat
package import Runtime

/// What a pipeline wrote, in memory: canonical bytes with their times.
package final class MemoryOutput: EventOutput {
    /// One event.
    package struct Line: Equatable, Sendable {
        /// Name of its type.
        package let name: String
        /// Its event time.
        package let nanos: Int64
        /// Its canonical stable bytes.
        package let bytes: [UInt8]
    }

    /// What was appended, in order.
    package private(set) var lines: [Line] = []
    package private(set) var lastGlobalSeq: UInt64 = 0
    private let canonical = CanonicalBytes()

    /// Holds nothing yet.
    package init() {}

    package func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        lastGlobalSeq += 1
        do throws(FormatError) {
            let bytes = try unsafe canonical.encode(&event, eventNanos: eventNanos, flags: flags) { stable, _ in
                unsafe [UInt8](stable)
            }
            lines.append(Line(name: Event.typeName, nanos: eventNanos, bytes: bytes))
        } catch {
            throw LogError(.badEvent, "\(Event.typeName): \(error)")
        }
        return Place(module: module, seq: lastGlobalSeq, globalSeq: lastGlobalSeq)
    }
}

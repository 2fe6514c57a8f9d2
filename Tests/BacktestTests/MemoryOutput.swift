import Events
import LogEngine
import LogFormat
import Runtime

/// What a pipeline wrote, in memory: canonical bytes with their times.
final class MemoryOutput: EventOutput {
    struct Line: Equatable {
        let name: String
        let nanos: Int64
        let bytes: [UInt8]
    }

    private(set) var lines: [Line] = []
    private(set) var lastGlobalSeq: UInt64 = 0
    private let canonical = CanonicalBytes()

    func append<Event: LogEvent>(
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

package import Events
internal import Herald
package import LogEngine
package import LogFormat
package import Runtime

/// Asks its partner and hears back.
package struct EchoCaller: Reducer {
    package let module = Module.sig
    package var heard = 0

    package init() {}

    package mutating func step(_ input: Input, _ now: VirtualTime, _ effects: inout Effects) {
        switch input {
        case .outside(let event, let globalSeq):
            guard let asked = event as? OperatorActed else { return }
            effects.append(alert(effects.lineage("ask|\(globalSeq)"), asked.subject, to: .dm, key: "ask|\(globalSeq)"))
        case .message: heard += 1
        case .timer: break
        }
    }
}

/// Answers every question once, and a second time ten seconds later.
package struct EchoPartner: Reducer {
    package let module = Module.dm
    package var asked = 0

    package init() {}

    package mutating func step(_ input: Input, _ now: VirtualTime, _ effects: inout Effects) {
        switch input {
        case .message(let message):
            asked += 1
            var note = AlarmRaised()
            note.lineage = effects.lineage("note|\(message.id)", parentID: message.id)
            note.subject = "asked \(asked)"
            effects.append(note)
            let lineage = effects.lineage("answer|\(message.id)", parentID: message.id)
            effects.append(alert(lineage, "answer \(asked)", to: .sig, key: "answer|\(message.id)"))
            effects.append(alert(effects.lineage("count|\(message.id)"), "count", to: .tr, key: "count|\(message.id)"))
            effects.setTimer("again", at: VirtualTime(now.nanos + 10_000_000_000))
        case .timer:
            effects.append(
                alert(effects.lineage("again|\(now.nanos)"), "again", to: .sig, key: "again|\(now.nanos)"))
        case .outside: break
        }
    }
}

/// Counts what it is told.
package struct Counter: Reducer {
    package let module = Module.tr
    package var count = 0

    package init() {}

    package mutating func step(_ input: Input, _ now: VirtualTime, _ effects: inout Effects) {
        guard case .message(let message) = input else { return }
        count += 1
        var event = AlarmRaised()
        event.lineage = effects.lineage("counted|\(message.id)", parentID: message.id)
        event.value = Double(count)
        effects.append(event)
    }
}

private func alert(_ lineage: Lineage, _ subject: String, to target: Module, key: String) -> AlertRaised {
    var event = AlertRaised()
    event.lineage = lineage
    event.subject = subject
    var envelope = Envelope()
    envelope.from = target == .dm ? .sig : .dm
    envelope.to = [target]
    envelope.intent = .watchdogAlert
    envelope.schemaRef = "urn:alert"
    envelope.dedupeKey = key
    event.envelope = envelope
    return event
}

/// Dies after a number of events.
package final class DyingOutput: EventOutput {
    private let inner: ResumingOutput
    package var left: Int
    package init(_ inner: ResumingOutput, after left: Int) {
        self.inner = inner
        self.left = left
    }

    package var lastGlobalSeq: UInt64 { inner.lastGlobalSeq }

    package func append<Event: LogEvent>(
        _ event: inout Event, to module: Module, eventNanos: Int64, flags: EventFlags
    ) throws(LogError) -> Place {
        let place = try inner.append(&event, to: module, eventNanos: eventNanos, flags: flags)
        left -= 1
        if left == 0 { throw LogError(.closed, "the process died") }
        return place
    }
}

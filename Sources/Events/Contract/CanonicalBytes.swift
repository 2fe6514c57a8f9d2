package import LogFormat

/// The canonical bytes (SPEC, "Canonical bytes") of events that stand on no log yet.
package final class CanonicalBytes {
    private var states: [ObjectIdentifier: BatchState] = [:]
    private var described: [UInt64: BatchState] = [:]
    private var encoder = CanonicalEncoder()

    /// Makes an encoder.
    package init() {}

    /// Gives `body` the stable and the volatile part of an event.
    ///
    /// Errors: `invalid` for a float that is not finite or a number outside of its range; `limit` for an event that no
    /// log would take.
    package func encode<Event: LogEvent, Result>(
        _ event: inout Event, eventNanos: Int64, flags: EventFlags = [],
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Result
    ) throws(FormatError) -> Result {
        let state = try state(Event.self)
        state.reset()
        var builder = BatchBuilder(state: state, capacity: 4096)
        try builder.append(
            &event, head: RecordHead(typeID: 1, flags: flags, appendNanos: 0, globalSeq: 1, eventNanos: eventNanos))
        return unsafe try finish(builder, state, body)
    }

    /// Gives `body` the stable and the volatile part of an event that was read as values; `head` is its own, whatever
    /// id its type has in its log.
    ///
    /// Errors: `limit` for an event that no log would take.
    package func encode<Result>(
        _ values: [Value], _ schema: Schema, head: RecordHead,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Result
    ) throws(FormatError) -> Result {
        let state = described[schema.fingerprint] ?? BatchState()
        if described.updateValue(state, forKey: schema.fingerprint) == nil { state.register(schema, typeID: 1) }
        state.reset()
        var builder = BatchBuilder(state: state, capacity: 4096)
        var own = head
        own.typeID = 1
        try builder.append(values, head: own)
        return unsafe try finish(builder, state, body)
    }

    private func finish<Result>(
        _ builder: borrowing BatchBuilder, _ state: BatchState,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Result
    ) throws(FormatError) -> Result {
        var batch = BatchReader(state: state)
        batch.open(raw: builder.raw, count: 1)
        guard try batch.next() else { throw .invalid(what: "event record", detail: "its own encoding is empty") }
        switch unsafe try encoder.encode(&batch, { stable, volatile in unsafe body(stable, volatile) }) {
        case .success(let result): return result
        }
    }

    private func state<Event: LogEvent>(_ type: Event.Type) throws(FormatError) -> BatchState {
        if let known = states[ObjectIdentifier(type)] { return known }
        let state = BatchState()
        state.register(try Event.makeSchema(), typeID: 1)
        states[ObjectIdentifier(type)] = state
        return state
    }
}

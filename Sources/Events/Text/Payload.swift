package import LogFormat

/// Canonical JSON of events (GEN-07): fields in the order of the schema, no white space, shortest floats.
///
/// Of a message the envelope is left out: what remains is the payload that the envelope's hash covers.
package final class CanonicalText {
    private struct Known {
        let state: BatchState
        let schema: Schema
        let plan: RecordPlan
    }

    private var types: [ObjectIdentifier: Known] = [:]
    private let codec = FrameCodec()
    private var encoder = CanonicalEncoder()

    /// Makes a writer.
    package init() {}

    /// The JSON object of an event, without its envelope.
    ///
    /// Errors: `invalid` for a float that is not finite or a number outside of its range.
    package func payload<Event: LogEvent>(_ event: inout Event) throws(FormatError) -> [UInt8] {
        let known = try known(Event.self)
        known.state.reset()
        var builder = BatchBuilder(state: known.state, capacity: 4096)
        try builder.append(&event, head: RecordHead(typeID: 1, appendNanos: 0, globalSeq: 1, eventNanos: 0))
        var batch = BatchReader(state: known.state)
        batch.open(raw: builder.raw, count: 1)
        guard try batch.next() else { return [] }
        let result = unsafe try encoder.encode(&batch) { stable, volatile -> [UInt8] in
            guard var parts = unsafe EventParts(stable: stable, volatile: volatile, plan: known.plan) else { return [] }
            var text = ByteBuffer(capacity: 1024)
            text.appendData(known.plan, &parts, leavingOut: Self.envelope)
            return text.bytes
        }
        switch result {
        case .success(let text): return text
        }
    }

    private static let envelope = Array("message".utf8)

    private func known<Event: LogEvent>(_ type: Event.Type) throws(FormatError) -> Known {
        if let known = types[ObjectIdentifier(type)] { return known }
        let schema = try Event.makeSchema()
        let state = BatchState()
        state.register(schema, typeID: 1)
        let known = Known(state: state, schema: schema, plan: RecordPlan(schema.fields))
        types[ObjectIdentifier(type)] = known
        return known
    }
}

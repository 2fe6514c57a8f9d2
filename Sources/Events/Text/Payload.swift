package import LogFormat

/// Canonical JSON of events (GEN-07): fields in the order of the schema, no white space, shortest floats.
///
/// Of a message the envelope is left out: what remains is the payload that the envelope's hash covers.
package final class CanonicalText {
    private var plans: [ObjectIdentifier: RecordPlan] = [:]
    private let canonical = CanonicalBytes()

    /// Makes a writer.
    package init() {}

    /// The JSON object of an event, without its envelope.
    ///
    /// Errors: `invalid` for a float that is not finite or a number outside of its range.
    package func payload<Event: LogEvent>(_ event: inout Event) throws(FormatError) -> [UInt8] {
        let plan = try plan(Event.self)
        return try unsafe canonical.encode(&event, eventNanos: 0) { stable, volatile in
            guard var parts = unsafe EventParts(stable: stable, volatile: volatile, plan: plan) else { return [] }
            var text = ByteBuffer(capacity: 1024)
            text.appendData(plan, &parts, leavingOut: Self.envelope)
            return text.bytes
        }
    }

    private static let envelope = Array("message".utf8)

    private func plan<Event: LogEvent>(_ type: Event.Type) throws(FormatError) -> RecordPlan {
        if let known = plans[ObjectIdentifier(type)] { return known }
        let plan = RecordPlan(try Event.makeSchema().fields)
        plans[ObjectIdentifier(type)] = plan
        return plan
    }
}

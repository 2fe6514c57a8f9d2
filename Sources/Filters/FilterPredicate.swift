import Events
package import LogFormat

/// A filter compiled for one event type of a log.
///
/// What an event answers to each comparison is one bit of a word; a short program joins the bits.
package final class FilterPredicate {
    private enum Step { case push(UInt64), not, both, either }

    private let plan: RecordPlan
    private let probe: FieldProbe
    private let envelope: [(bit: UInt64, field: EnvelopeField, test: ValueTest)]
    private let fieldBits: UInt64
    private let steps: [Step]

    /// Nil for what takes no event.
    init?(_ compiled: Filter.Compiled, _ schema: Schema) {
        if compiled.expression == .constant(false) { return nil }
        plan = RecordPlan(schema.fields)
        probe = compiled.probe
        envelope = compiled.envelope
        fieldBits = compiled.found
        var steps: [Step] = []
        Self.append(compiled.expression, to: &steps)
        self.steps = steps
    }

    private static func append(_ expression: FilterExpression, to steps: inout [Step]) {
        switch expression {
        case .constant: break
        case .comparison(let index): steps.append(.push(1 << UInt64(index)))
        case .not(let inner):
            append(inner, to: &steps)
            steps.append(.not)
        case .both(let a, let b), .either(let a, let b):
            append(a, to: &steps)
            append(b, to: &steps)
            if case .both = expression { steps.append(.both) } else { steps.append(.either) }
        }
    }

    /// What can be said of an event without its payload; nil if that decides.
    package func verdict(_ head: RecordHead, seq: UInt64) -> Bool? {
        if steps.isEmpty { return true }
        return join(envelopeBits(head, seq), known: ~fieldBits)
    }

    /// Whether the filter takes an event, given by its canonical parts.
    package func takes(
        _ head: RecordHead, seq: UInt64, stable: UnsafeRawBufferPointer, volatile: UnsafeRawBufferPointer
    ) -> Bool {
        if steps.isEmpty { return true }
        let bits = envelopeBits(head, seq) | (unsafe probe.look(at: plan, stable: stable, volatile: volatile))
        return join(bits, known: .max) ?? false
    }

    private func envelopeBits(_ head: RecordHead, _ seq: UInt64) -> UInt64 {
        var bits: UInt64 = 0
        for (bit, field, test) in envelope {
            let value: Int128 =
                switch field {
                case .seq: Int128(seq)
                case .gsn: Int128(head.globalSeq)
                case .eventTime: Int128(head.eventNanos)
                case .appendTime: Int128(head.appendNanos)
                case .log, .type, .version: 0
                }
            if test.holds(integer: value) { bits |= bit }
        }
        return bits
    }

    /// Joins the bits that are known; nil if those that are not decide.
    ///
    /// The stack is two words, for what is true and for what is false: it is never deeper than
    /// `2 × FilterLimits.depthMax + 2`, which is below their 64 bits.
    private func join(_ bits: UInt64, known: UInt64) -> Bool? {
        var (yes, no): (UInt64, UInt64) = (0, 0)
        for step in steps {
            switch step {
            case .push(let bit):
                yes = yes << 1 | (bits & known & bit != 0 ? 1 : 0)
                no = no << 1 | (~bits & known & bit != 0 ? 1 : 0)
            case .not:
                let low = yes & 1
                yes = yes & ~1 | no & 1
                no = no & ~1 | low
            case .both:
                yes = yes >> 1 & ~1 | yes & (yes >> 1) & 1
                no = no >> 1 | no & 1
            case .either:
                yes = yes >> 1 | yes & 1
                no = no >> 1 & ~1 | no & (no >> 1) & 1
            }
        }
        return yes & 1 == 1 ? true : no & 1 == 1 ? false : nil
    }
}

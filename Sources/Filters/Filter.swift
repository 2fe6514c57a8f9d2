import Events
package import LogFormat

/// Which events are wanted, in the one language of all verbs (`--where`; AT14.3).
///
/// A filter is read once, and compiled once for each event type of a log.
package struct Filter: Sendable {
    /// The filter as it was given.
    package let text: String
    /// What batch headers can tell of it.
    package let bounds: FilterBounds
    private let expression: FilterExpression
    let comparisons: [Comparison]
    /// Tests of what stands beside the payload; nil for the others, and for presence.
    private let envelopeTests: [ValueTest?]

    /// Reads a filter.
    ///
    /// Errors: what is no filter, with its place; a value that does not suit `seq`, `gsn`, `version` or a time.
    package init(_ text: String) throws(FilterError) {
        let (expression, comparisons) = try FilterParser.parse(text)
        var tests: [ValueTest?] = []
        for comparison in comparisons { tests.append(try Self.envelopeTest(comparison, text)) }
        self.text = text
        self.expression = expression
        self.comparisons = comparisons
        envelopeTests = tests
        bounds = FilterBounds(expression) { index in
            guard case .envelope(let field) = comparisons[index].field else { return nil }
            return tests[index].map { (field, $0) }
        }
    }

    private static func envelopeTest(_ comparison: Comparison, _ text: String) throws(FilterError) -> ValueTest? {
        guard case .envelope(let field) = comparison.field, comparison.question != .isPresent else { return nil }
        let plan: TypePlan =
            switch field {
            case .log, .type: .string
            case .seq, .gsn: .u64
            case .version: .i32
            case .eventTime, .appendTime: .time
            }
        do throws(KindMismatch) { return try ValueTest(comparison.question, of: plan) } catch {
            throw error.placed(comparison, text)
        }
    }

    /// The filter for the events of a type in a log; nil if it takes none of them, whatever they say.
    package func predicate(for schema: Schema, log: String) -> FilterPredicate? {
        FilterPredicate(compile(schema, log: log), schema)
    }

    /// Whether the filter may take an event of the type.
    package func mayTake(_ schema: Schema, log: String) -> Bool {
        compile(schema, log: log).expression != .constant(false)
    }

    /// A filter for one type: what is left of it, and how comparisons that look at the payload came out.
    struct Compiled {
        var expression: FilterExpression
        var probe = FieldProbe()
        /// Tests of `seq`, `gsn` and the times, by the index of their comparison.
        var envelope: [(bit: UInt64, field: EnvelopeField, test: ValueTest)] = []
        /// Comparisons that look at a field of the type.
        var found: UInt64 = 0
        /// Those that look at a field that the type does not have.
        var missing: UInt64 = 0
        /// Those that do not suit their field.
        var mismatches: [(index: Int, mismatch: KindMismatch)] = []
    }

    func compile(_ schema: Schema, log: String) -> Compiled {
        // Type, version and log first: where they decide, nobody asks for fields that another type has.
        let rest = expression.simplified { constant($0, schema, log) }
        var compiled = Compiled(expression: rest)
        let plan = TypePlan.record(RecordPlan(schema.fields))
        rest.forEachComparison { index in
            let comparison = comparisons[index]
            let bit = UInt64(1) << UInt64(index)
            switch comparison.field {
            case .envelope(let field):
                if let test = envelopeTests[index] { compiled.envelope.append((bit, field, test)) }
            case .data(let path):
                do throws(KindMismatch) {
                    let isThere = try compiled.probe.add(comparison.question, bit: bit, path: path[...], of: plan)
                    if isThere { compiled.found |= bit } else { compiled.missing |= bit }
                } catch { compiled.mismatches.append((index, error)) }
            }
        }
        compiled.expression = rest.simplified { index in
            guard case .data = comparisons[index].field else { return nil }
            return compiled.found >> UInt64(index) & 1 == 1 ? nil : false
        }
        return compiled
    }

    /// What a comparison gives for all events of a type in a log; nil if it depends on the event.
    private func constant(_ index: Int, _ schema: Schema, _ log: String) -> Bool? {
        guard case .envelope(let field) = comparisons[index].field else { return nil }
        guard let test = envelopeTests[index] else { return true }
        switch field {
        case .log: return test.holds(text: log)
        case .type: return test.holds(text: schema.name)
        case .version: return test.holds(integer: Int128(schema.version))
        case .seq, .gsn, .eventTime, .appendTime: return nil
        }
    }
}

extension KindMismatch {
    /// The error at its place in a filter.
    func placed(_ comparison: Comparison, _ text: String) -> FilterError {
        FilterError(text, at: at ?? comparison.at, "\(comparison.field.text)\(at == nil ? " " : ": ")\(message)")
    }
}

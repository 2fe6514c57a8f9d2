import Events
package import LogFormat

/// An event type in a log, as a filter is checked against.
package struct FilterSubject: Sendable {
    package let log: String
    package let schema: Schema

    package init(log: String, schema: Schema) {
        self.log = log
        self.schema = schema
    }
}

extension Filter {
    /// Refuses what is asked for in vain: a type or a field that is not there, a value of another kind.
    ///
    /// A field is asked for in the types that the filter selects by `type`, `version` and `log`; it is enough if one of
    /// them has it, and in the others the comparison does not hold.
    ///
    /// - Parameter isOpen: whether other types may follow, so that a type that is not there yet is no error.
    package func check(_ subjects: [FilterSubject], isOpen: Bool) throws(FilterError) {
        if !isOpen { try checkTypes(subjects) }
        let compiled = subjects.map { compile($0.schema, log: $0.log) }
        for (index, comparison) in comparisons.enumerated() {
            let bit = UInt64(1) << UInt64(index)
            if compiled.contains(where: { $0.found & bit != 0 }) { continue }
            for one in compiled {
                if let found = one.mismatches.first(where: { $0.index == index }) {
                    throw found.mismatch.placed(comparison, text)
                }
            }
            let asked = zip(subjects, compiled).filter { $0.1.missing & bit != 0 }.map(\.0.schema)
            guard !asked.isEmpty else { continue }
            throw FilterError(text, at: comparison.at, Self.unknown(comparison.field.text, in: asked))
        }
    }

    private func checkTypes(_ subjects: [FilterSubject]) throws(FilterError) {
        let known = Set(subjects.map(\.schema.name)).sorted()
        for comparison in comparisons where comparison.field == .envelope(.type) {
            guard case .compares(let comparator, let literals) = comparison.question, !comparator.isOrder else {
                continue
            }
            for literal in literals where !known.contains(literal.text) {
                let list = known.isEmpty ? "none" : known.joined(separator: ", ")
                throw FilterError(
                    text, at: literal.at,
                    "no type '\(literal.text)'\(Spelling.hint(literal.text, among: known)); there are \(list)")
            }
        }
    }

    /// Names the fields that come nearest.
    private static func unknown(_ name: String, in schemas: [Schema]) -> String {
        var names: Set<String> = []
        for schema in schemas { collect(RecordPlan(schema.fields), "data", &names) }
        let near = Spelling.hint(name, among: names.sorted())
        let types = Set(schemas.map(\.name)).sorted()
        let listed = types.prefix(4).joined(separator: ", ") + (types.count > 4 ? ", …" : "")
        // Without a name that is near, the first ones show what names look like.
        let more = near.isEmpty ? "; there are \(names.sorted().prefix(12).joined(separator: ", "))" : ""
        return "\(listed) \(types.count > 1 ? "have" : "has") no field '\(name)'\(near)\(more)"
    }

    private static func collect(_ record: RecordPlan, _ path: String, _ names: inout Set<String>) {
        for member in record.members {
            let name = "\(path).\(String(decoding: member.name, as: UTF8.self))"
            names.insert(name)
            var type = member.type
            while case .list(let element, _) = type { type = element }
            if case .record(let inner) = type { collect(inner, name, &names) }
        }
    }
}

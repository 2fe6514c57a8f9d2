internal import LogFormat

/// What a record of MANIFEST must keep to, given those before it (SPEC.md section 12).
///
/// A record whose hash holds but that breaks a rule is no torn append: somebody wrote it.
struct ManifestRules {
    private var count = 0
    private var epoch: UInt64 = 0
    private var types: Set<TypeName> = []

    private struct TypeName: Hashable {
        var name: String
        var version: UInt16
    }

    mutating func check(_ record: ManifestRecord) throws(FormatError) {
        let isFirst = count == 0
        count += 1
        switch record {
        case .created:
            guard isFirst else { throw invalid("names the log a second time") }
            return
        case .opened(let opened, _, _, _):
            guard opened >= epoch else { throw invalid("tells epoch \(opened), epoch \(epoch) stands before it") }
            epoch = opened
        case .schema(let typeID, let schema):
            guard Int(typeID) == types.count + 1 else {
                throw invalid("gives type id \(typeID), the next one is \(types.count + 1)")
            }
            guard types.insert(TypeName(name: schema.name, version: schema.version)).inserted else {
                throw invalid("registers \(schema.name) v\(schema.version) a second time")
            }
        default: break
        }
        if isFirst { throw invalid("is not the one that names the log, which comes first") }
    }

    private func invalid(_ detail: String) -> FormatError {
        .invalid(what: "manifest record", detail: detail)
    }
}

import Events
import LogFormat

/// One field that two events say differently; a value is nil where the field is absent.
package struct FieldDifference: Equatable, Sendable {
    /// Name of the field, with the ones around it: `quality.sq`, `gates[2].passed`, `event_ts`.
    package let path: String
    /// JSON texts.
    package let a: String?
    package let b: String?
}

extension FieldDifference {
    /// Field by field, what tells two events apart, the head first.
    ///
    /// - Parameter isExact: also append time, place in the root, and fields that their schema calls volatile.
    package static func between(_ a: RecordedEvent, _ b: RecordedEvent, isExact: Bool) -> [FieldDifference] {
        var found: [FieldDifference] = []
        func compare(_ path: String, _ a: String?, _ b: String?) {
            if a != b { found.append(FieldDifference(path: path, a: a, b: b)) }
        }
        func time(_ nanos: Int64) -> String { "\"\(TimeText.text(nanos))\"" }
        compare("event_ts", time(a.head.eventNanos), time(b.head.eventNanos))
        compare("flags", "\(a.head.flags.rawValue)", "\(b.head.flags.rawValue)")
        if isExact {
            compare("append_ts", time(a.head.appendNanos), time(b.head.appendNanos))
            compare("gsn", "\(a.head.globalSeq)", "\(b.head.globalSeq)")
        }
        let types = [a, b].map { jsonString("\($0.schema.name)@\($0.schema.version)") }
        compare("type", types[0], types[1])
        if types[0] == types[1], a.schema.identityDigest != b.schema.identityDigest {
            compare("schema", "\"\(hex(a.schema.fingerprint))\"", "\"\(hex(b.schema.fingerprint))\"")
        }
        let names =
            a.schema.fields.map(\.name)
            + b.schema.fields.map(\.name).filter { name in
                !a.schema.fields.contains { $0.name == name }
            }
        for name in names {
            let (first, second) = (Side(a, name), Side(b, name))
            if !isExact, first?.isVolatile ?? second?.isVolatile ?? false { continue }
            walk(first, second, name, &found)
        }
        return found
    }

    /// A value with its type.
    private struct Side {
        let value: Value
        let type: FieldType
        let unit: String
        var isVolatile = false

        init(_ value: Value, _ type: FieldType, _ unit: String) {
            (self.value, self.type, self.unit) = (value, type, unit)
        }

        init?(_ event: RecordedEvent, _ name: String) {
            guard let index = event.schema.fields.firstIndex(where: { $0.name == name }) else { return nil }
            let field = event.schema.fields[index]
            self.init(event.values[index], field.type, field.unit)
            isVolatile = field.isVolatile
        }

        /// JSON text; nil for an absent value.
        var json: String? { value == .null ? nil : FieldText.json(value, type, unit: unit) }
    }

    private static func walk(_ a: Side?, _ b: Side?, _ path: String, _ found: inout [FieldDifference]) {
        if let a, let b {
            switch (a.type, a.value, b.type, b.value) {
            case (.record(let fieldsA), .record(let valuesA), .record(let fieldsB), .record(let valuesB))
            where fieldsA == fieldsB:
                for (index, field) in fieldsA.enumerated() {
                    walk(
                        Side(valuesA[index], field.type, field.unit), Side(valuesB[index], field.type, field.unit),
                        "\(path).\(field.name)", &found)
                }
                return
            case (.list(let elementA, _), .list(let valuesA), .list(let elementB, _), .list(let valuesB))
            where elementA == elementB:
                for index in 0..<max(valuesA.count, valuesB.count) {
                    walk(
                        index < valuesA.count ? Side(valuesA[index], elementA, a.unit) : nil,
                        index < valuesB.count ? Side(valuesB[index], elementB, b.unit) : nil, "\(path)[\(index)]",
                        &found)
                }
                return
            default: break
            }
        }
        let (textA, textB) = (a?.json, b?.json)
        if textA != textB { found.append(FieldDifference(path: path, a: textA, b: textB)) }
    }

    /// `path: a -> b`.
    package var text: String { "\(path): \(a ?? "none") -> \(b ?? "none")" }

    /// One JSON object.
    package var json: String { "{\"field\":\(jsonString(path)),\"a\":\(a ?? "null"),\"b\":\(b ?? "null")}" }
}

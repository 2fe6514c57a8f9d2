import Events
package import LogFormat

/// Values of events as JSON and as people read them; the same forms as `lotus cat`.
package enum FieldText {
    /// The JSON text of a value.
    package static func json(_ value: Value, _ type: FieldType, unit: String = "") -> String {
        switch (type, value) {
        case (_, .null): return "null"
        case (.time, .int(let nanos)): return "\"\(TimeText.text(nanos))\""
        case (.decimal(let scale), .int(let scaled)):
            var buffer = ByteBuffer(capacity: 64)
            buffer.appendDecimal(scaled, scale: scale)
            return "\"\(string(buffer))\""
        case (_, .bool(let value)): return value ? "true" : "false"
        case (_, .int(let value)): return "\(value)"
        case (_, .uint(let value)): return "\(value)"
        case (_, .double(let value)):
            var buffer = ByteBuffer(capacity: 64)
            buffer.appendFloat(value)
            return string(buffer)
        case (_, .float(let value)):
            var buffer = ByteBuffer(capacity: 64)
            buffer.appendFloat(value)
            return string(buffer)
        case (_, .string(let text)): return jsonString(text)
        case (.enumeration(let symbols), .symbol(let index)):
            return jsonString(Int(index) < symbols.count ? symbols[Int(index)] : "\(index)")
        case (_, .symbol(let index)): return "\(index)"
        case (_, .bytes(let bytes)):
            if unit == "ulid", let id = EventID(bytes: bytes) { return "\"\(id)\"" }
            var buffer = ByteBuffer(capacity: 64)
            unsafe bytes.withUnsafeBytes { unsafe Base64.append($0, to: &buffer) }
            return "\"\(string(buffer))\""
        case (.list(let element, _), .list(let values)):
            return "[" + values.map { json($0, element, unit: unit) }.joined(separator: ",") + "]"
        case (.record(let fields), .record(let values)): return object(fields, values)
        default: return "null"
        }
    }

    /// Fields as a JSON object, in their order, absent ones left out.
    package static func object(_ fields: [Field], _ values: [Value]) -> String {
        let members = zip(fields, values).filter { $0.1 != .null }.map { field, value in
            "\(jsonString(field.name)):\(json(value, field.type, unit: field.unit))"
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// A value for a line of text: strings bare, everything else as in JSON; control characters are escaped.
    package static func plain(_ value: Value, _ field: Field) -> String {
        plain(value, field.type, unit: field.unit)
    }

    /// A value for a line of text.
    package static func plain(_ value: Value, _ type: FieldType, unit: String) -> String {
        let text = json(value, type, unit: unit)
        guard text.hasPrefix("\""), text.utf8.count >= 2, !text.contains("\\") else { return text }
        return String(text.dropFirst().dropLast())
    }

    private static func string(_ buffer: borrowing ByteBuffer) -> String {
        String(decoding: buffer.bytes, as: UTF8.self)
    }
}

extension RecordedEvent {
    /// What it says besides its lineage, as `name value`, at most `limit` fields; records and lists are left out.
    package func summary(limit: Int = 6) -> String {
        var parts: [String] = []
        var left = 0
        for (field, value) in zip(schema.fields, values) where value != .null && value != .string("") {
            if Self.lineageNames.contains(field.name) { continue }
            switch field.type {
            case .record, .list, .bytes: continue
            case .fixed where field.unit != "ulid": continue
            default: break
            }
            if parts.count < limit { parts.append("\(field.name) \(FieldText.plain(value, field))") } else { left += 1 }
        }
        return parts.joined(separator: ", ") + (left > 0 ? ", … \(left) more" : "")
    }

    /// The event as one JSON object.
    package var json: String {
        let ids = [("id", id), ("parent_id", parentID)].compactMap { name, id in
            id.map { "\"\(name)\":\"\($0.text)\"," }
        }
        return "{\"log\":\(jsonString(log)),\"seq\":\(seq),\"gsn\":\(head.globalSeq),"
            + "\"type\":\(jsonString(schema.name)),\"version\":\(schema.version),\(ids.joined())"
            + "\"event_ts\":\"\(TimeText.text(head.eventNanos))\",\"append_ts\":\"\(TimeText.text(head.appendNanos))\","
            + "\"data\":\(FieldText.object(schema.fields, values))}"
    }

    /// Type, place and event time in a line.
    package var title: String {
        "\(schema.name)  \(place)  gsn \(head.globalSeq)  \(TimeText.text(head.eventNanos))"
    }
}

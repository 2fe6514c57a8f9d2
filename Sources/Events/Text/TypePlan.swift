package import LogFormat

/// A record's members with their names as bytes, for printing and reading JSON without strings.
package final class RecordPlan {
    package struct Member {
        /// The name.
        package let name: [UInt8]
        /// `"name":`, as it stands in JSON.
        package let label: [UInt8]
        package let isOptional: Bool
        package let isVolatile: Bool
        package let type: TypePlan
    }

    package let members: [Member]
    /// Optional members of the stable and of the volatile part (SPEC.md section 10).
    package let stableOptionalCount: Int
    package let volatileOptionalCount: Int

    package init(_ fields: [Field]) {
        members = fields.map { field in
            Member(
                name: Array(field.name.utf8), label: Array("\(jsonString(field.name)):".utf8),
                isOptional: field.null != .required, isVolatile: field.isVolatile,
                type: TypePlan(field.type, unit: field.unit))
        }
        stableOptionalCount = members.count { $0.isOptional && !$0.isVolatile }
        volatileOptionalCount = members.count { $0.isOptional && $0.isVolatile }
    }
}

/// What a value is, prepared for printing and reading.
package indirect enum TypePlan {
    case bool, i32, i64, u64, f64, f32, string, bytes, time
    case fixed(Int)
    /// 16 bytes that are written as the 26 characters of a ULID.
    case ulid
    case decimal(Int)
    /// Symbols as they are, and as JSON strings.
    case symbols([[UInt8]], quoted: [[UInt8]])
    case list(TypePlan, count: Int)
    case record(RecordPlan)

    /// Plans a type; `unit` is that of the field it stands in.
    package init(_ type: FieldType, unit: String = "") {
        switch type {
        case .bool: self = .bool
        case .i32: self = .i32
        case .i64: self = .i64
        case .u64: self = .u64
        case .f64: self = .f64
        case .f32: self = .f32
        case .string: self = .string
        case .bytes: self = .bytes
        case .time: self = .time
        case .fixed(let size): self = size == 16 && unit == "ulid" ? .ulid : .fixed(size)
        case .decimal(let scale): self = .decimal(scale)
        case .enumeration(let symbols):
            self = .symbols(symbols.map { Array($0.utf8) }, quoted: symbols.map { Array(jsonString($0).utf8) })
        case .list(let element, let count): self = .list(TypePlan(element, unit: unit), count: count)
        case .record(let fields): self = .record(RecordPlan(fields))
        }
    }

    /// What JSON text a value of this type is, for error messages.
    package var expectation: String {
        switch self {
        case .bool: "true or false"
        case .i32: "an integer from -2147483648 to 2147483647"
        case .i64: "an integer of 64 bits"
        case .u64: "an integer from 0 to 18446744073709551615"
        case .f64, .f32: "a number"
        case .string: "a string"
        case .bytes: "a base64 string"
        case .time: "an ISO-8601 string or integer nanoseconds"
        case .fixed(let size): "a base64 string of \(size) bytes"
        case .ulid: "the 26 characters of a ULID"
        case .decimal(let scale): "a number or string with at most \(scale) decimals"
        case .symbols(let symbols, _):
            "one of " + symbols.prefix(20).map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
                + (symbols.count > 20 ? ", …" : "")
        case .list(_, let count): count > 0 ? "an array of \(count) elements" : "an array"
        case .record: "an object"
        }
    }
}

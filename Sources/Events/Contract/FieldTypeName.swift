package import LogFormat

extension FieldType {
    /// The type in the words of contracts and documentation; the fields of a record are told in rows of their own.
    package var plainName: String {
        switch self {
        case .bool: "bool"
        case .i32: "i32"
        case .i64: "i64"
        case .u64: "u64"
        case .f64: "f64"
        case .f32: "f32"
        case .string: "text"
        case .bytes: "bytes"
        case .fixed(let size): "fixed(\(size))"
        case .decimal(let scale): "decimal(\(scale))"
        case .time: "time"
        case .enumeration(let symbols): "enum(\(symbols.joined(separator: " ")))"
        case .list(let element, let count): "list\(count > 0 ? "(\(count))" : "") of \(element.plainName)"
        case .record: "record"
        }
    }
}

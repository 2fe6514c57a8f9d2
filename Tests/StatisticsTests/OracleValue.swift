/// A value of an oracle file.
///
/// `null` reads as NaN, the strings "inf" and "-inf" as infinities.
enum OracleValue {
    case number(Double)
    case flag(Bool)
    case text(String)
    case list([OracleValue])
    case table([String: OracleValue])

    var double: Double {
        switch self {
        case .number(let value): value
        case .flag(let value): value ? 1 : 0
        default: .nan
        }
    }
    var int: Int { double.isFinite ? Int(double) : 0 }
    /// Nil for `null`.
    var optionalInt: Int? { double.isFinite ? Int(double) : nil }
    var bool: Bool { if case .flag(let value) = self { value } else { false } }
    var string: String { if case .text(let value) = self { value } else { "" } }
    var list: [OracleValue] { if case .list(let value) = self { value } else { [] } }
    var doubles: [Double] { list.map(\.double) }
    var ints: [Int] { list.map(\.int) }
    var strings: [String] { list.map(\.string) }
    var rows: [[Double]] { list.map(\.doubles) }
    var intRows: [[Int]] { list.map(\.ints) }
    subscript(_ key: String) -> OracleValue {
        if case .table(let value) = self { value[key] ?? .number(.nan) } else { .number(.nan) }
    }
    func has(_ key: String) -> Bool { if case .table(let value) = self { value[key] != nil } else { false } }
    var keys: [String] { if case .table(let value) = self { value.keys.sorted() } else { [] } }

    /// All numbers, row by row.
    var flat: [Double] {
        if case .list(let values) = self { return values.flatMap(\.flat) }
        return [double]
    }
}

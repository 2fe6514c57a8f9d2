import Events

/// What a leaf of Parquet's schema holds.
enum ColumnType: Equatable {
    case bool, i32, i64, u64, f32, f64
    /// Nanoseconds since 1970 in UTC.
    case time
    /// UTF-8 text.
    case text
    case bytes
    case fixed(Int)
    /// An integer of 64 bits that stands for `value × 10^-scale`; with all its 19 digits it needs nine bytes.
    case decimal(Int)

    /// Bytes of a decimal, and the digits that they are said to hold.
    static let decimalBytes = 9
    static let decimalDigits = 19

    /// The column for values of a kind; nil for lists and records, which have columns of their own.
    init?(_ plan: TypePlan) {
        switch plan {
        case .bool: self = .bool
        case .i32: self = .i32
        case .i64: self = .i64
        case .u64: self = .u64
        case .f64: self = .f64
        case .f32: self = .f32
        case .time: self = .time
        case .string, .ulid, .symbols: self = .text
        case .bytes: self = .bytes
        case .fixed(let size): self = .fixed(size)
        case .decimal(let scale): self = .decimal(scale)
        case .list, .record: return nil
        }
    }

    /// `parquet.thrift`, Type.
    var physical: Int {
        switch self {
        case .bool: 0
        case .i32: 1
        case .i64, .u64, .time: 2
        case .f32: 4
        case .f64: 5
        case .text, .bytes: 6
        case .fixed, .decimal: 7
        }
    }

    /// Writes what a SchemaElement says of a leaf; `repetition` is 0 for required, 1 for optional, 2 for repeated.
    func describe(_ name: String, repetition: Int, to thrift: inout ThriftWriter) {
        thrift.i32(1, physical)
        switch self {
        case .fixed(let size): thrift.i32(2, size)
        case .decimal: thrift.i32(2, Self.decimalBytes)
        default: break
        }
        thrift.i32(3, repetition)
        thrift.text(4, name)
        switch self {
        case .text:
            thrift.i32(6, 0)
            thrift.structure(10) { $0.structure(1) { _ in } }
        case .u64:
            thrift.i32(6, 14)
            thrift.structure(10) { union in
                union.structure(10) { integer in
                    integer.i8(1, 64)
                    integer.bool(2, false)
                }
            }
        case .decimal(let scale):
            thrift.i32(6, 5)
            thrift.i32(7, scale)
            thrift.i32(8, Self.decimalDigits)
            thrift.structure(10) { union in
                union.structure(5) { decimal in
                    decimal.i32(1, scale)
                    decimal.i32(2, Self.decimalDigits)
                }
            }
        case .time:
            thrift.structure(10) { union in
                union.structure(8) { time in
                    time.bool(1, true)
                    time.structure(2) { unit in unit.structure(3) { _ in } }
                }
            }
        case .bool, .i32, .i64, .f32, .f64, .bytes, .fixed: break
        }
    }
}

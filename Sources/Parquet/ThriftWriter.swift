/// Writes the compact protocol of Thrift, as far as the metadata of Parquet needs it.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    /// Number of the field before, in the structure that is open.
    private var last = 0

    /// Kinds of values, as a field's header and a list's header name them.
    private enum Kind {
        static let yes: UInt8 = 1
        static let no: UInt8 = 2
        static let i8: UInt8 = 3
        static let i16: UInt8 = 4
        static let i32: UInt8 = 5
        static let i64: UInt8 = 6
        static let binary: UInt8 = 8
        static let list: UInt8 = 9
        static let structure: UInt8 = 12
    }

    /// Writes a structure that stands for itself.
    mutating func structure(_ body: (inout ThriftWriter) -> Void) {
        let outer = last
        last = 0
        body(&self)
        bytes.append(0)
        last = outer
    }

    mutating func bool(_ field: Int, _ value: Bool) { header(field, value ? Kind.yes : Kind.no) }

    mutating func i8(_ field: Int, _ value: Int8) {
        header(field, Kind.i8)
        bytes.append(UInt8(bitPattern: value))
    }

    mutating func i16(_ field: Int, _ value: Int) {
        header(field, Kind.i16)
        zigzag(value)
    }

    mutating func i32(_ field: Int, _ value: Int) {
        header(field, Kind.i32)
        zigzag(value)
    }

    mutating func i64(_ field: Int, _ value: Int) {
        header(field, Kind.i64)
        zigzag(value)
    }

    mutating func text(_ field: Int, _ value: String) {
        header(field, Kind.binary)
        text(value)
    }

    mutating func structure(_ field: Int, _ body: (inout ThriftWriter) -> Void) {
        header(field, Kind.structure)
        structure(body)
    }

    mutating func structures<Element>(
        _ field: Int, _ elements: [Element], _ body: (inout ThriftWriter, Element) -> Void
    ) {
        list(field, Kind.structure, elements.count)
        for element in elements { structure { body(&$0, element) } }
    }

    mutating func texts(_ field: Int, _ elements: [String]) {
        list(field, Kind.binary, elements.count)
        for element in elements { text(element) }
    }

    mutating func i32s(_ field: Int, _ elements: [Int]) {
        list(field, Kind.i32, elements.count)
        for element in elements { zigzag(element) }
    }

    private mutating func header(_ field: Int, _ kind: UInt8) {
        let step = field - last
        precondition((1...15).contains(step), "Invariant: fields are written in order, with small steps between them")
        bytes.append(UInt8(step) << 4 | kind)
        last = field
    }

    private mutating func list(_ field: Int, _ kind: UInt8, _ count: Int) {
        header(field, Kind.list)
        if count < 15 { return bytes.append(UInt8(count) << 4 | kind) }
        bytes.append(0xF0 | kind)
        varint(UInt64(count))
    }

    private mutating func text(_ value: String) {
        varint(UInt64(value.utf8.count))
        bytes += Array(value.utf8)
    }

    private mutating func zigzag(_ value: Int) { varint(UInt64(bitPattern: Int64(value << 1 ^ value >> 63))) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}

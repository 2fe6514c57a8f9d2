import Events
import LogFormat

/// The values of one leaf in the row group that is being filled, PLAIN, and their levels.
final class Column {
    /// Names from the root of the schema on.
    let path: [String]
    let type: ColumnType
    let maxDefinition: Int
    let maxRepetition: Int
    private var values = ByteBuffer(capacity: 4096)
    private var definitions = LevelRuns()
    private var repetitions = LevelRuns()
    /// Levels, which is values and places where one is missing.
    private(set) var count = 0
    /// Bits of the last byte of a column of bits.
    private var bits: UInt8 = 0
    private var bitCount = 0

    init(_ path: [String], _ type: ColumnType, maxDefinition: Int, maxRepetition: Int) {
        self.path = path
        self.type = type
        self.maxDefinition = maxDefinition
        self.maxRepetition = maxRepetition
    }

    /// Bytes of the values so far.
    var byteCount: Int { values.count }

    /// Notes where a value stands, or how far up there is none.
    func level(_ repetition: Int, _ definition: Int) {
        count += 1
        if maxRepetition > 0 { repetitions.append(repetition) }
        if maxDefinition > 0 { definitions.append(definition) }
    }

    func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) { values.append(value) }

    /// Takes over the canonical value at `cursor`, which is of this column's kind.
    func append(_ plan: TypePlan, _ cursor: inout PlainCursor) {
        switch plan {
        case .bool: append(cursor.take(UInt8.self) == 1)
        case .i32, .f32: values.append(cursor.take(UInt32.self))
        case .i64, .u64, .f64, .time: values.append(cursor.take(UInt64.self))
        case .string, .bytes:
            let count = cursor.take(UInt32.self)
            values.append(count)
            unsafe values.append(contentsOf: cursor.take(Int(count)))
        case .symbols(let symbols, _): append(symbols[Int(cursor.take(UInt32.self))])
        case .ulid: append(Array(unsafe ULID(bigEndian: cursor.take(16)).text.utf8))
        case .fixed(let size): unsafe values.append(contentsOf: cursor.take(size))
        case .decimal:
            let value = cursor.take(Int64.self)
            values.append(value < 0 ? UInt8.max : 0)
            values.append(value.bigEndian)
        case .list, .record: preconditionFailure("Invariant: a column holds single values")
        }
    }

    private func append(_ text: [UInt8]) {
        values.append(UInt32(text.count))
        values.append(contentsOf: text)
    }

    private func append(_ bit: Bool) {
        if bit { bits |= 1 << UInt8(bitCount) }
        bitCount += 1
        if bitCount == 8 { endByte() }
    }

    private func endByte() {
        guard bitCount > 0 else { return }
        values.append(bits)
        (bits, bitCount) = (0, 0)
    }

    /// Gives the page of this column, and what its header says, and begins anew.
    func takePage<E: Error>(
        _ sink: (UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) -> (headerBytes: Int, pageBytes: Int, count: Int) {
        endByte()
        let levels = (maxRepetition > 0 ? repetitions.take() : []) + (maxDefinition > 0 ? definitions.take() : [])
        let pageBytes = levels.count + values.count
        var header = ThriftWriter()
        header.structure { page in
            page.i32(1, 0)
            page.i32(2, pageBytes)
            page.i32(3, pageBytes)
            page.structure(5) { data in
                data.i32(1, count)
                data.i32(2, 0)
                data.i32(3, 3)
                data.i32(4, 3)
            }
        }
        var start = ByteBuffer(capacity: header.bytes.count + levels.count)
        start.append(contentsOf: header.bytes)
        start.append(contentsOf: levels)
        try unsafe start.withUnsafeBytes { bytes throws(E) in unsafe try sink(bytes) }
        try unsafe values.withUnsafeBytes { bytes throws(E) in unsafe try sink(bytes) }
        defer {
            values.removeAll()
            count = 0
        }
        return (header.bytes.count, pageBytes, count)
    }
}

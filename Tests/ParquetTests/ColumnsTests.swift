import Events
import LogFormat
import Testing

@testable import Parquet

/// How events fall into columns, pages, groups and a file (AT15.2); `parquet.py` reads files back with other programs.
@Suite struct ColumnsTests {
    private func schema(_ fields: [Field]) throws -> Schema { try Schema(name: "demo.Row", version: 2, fields: fields) }

    /// The file of some events; their times and places count from 1.
    private func file(_ schema: Schema, _ rows: [[Value]], rowsMax: Int = 100, groupBytes: Int = 1 << 20) throws
        -> [UInt8]
    {
        let writer = ParquetWriter(schema, rowsMax: rowsMax, groupBytes: groupBytes)
        let canonical = CanonicalBytes()
        var bytes: [UInt8] = []
        func take(_ part: UnsafeRawBufferPointer) { unsafe bytes += Array(part) }
        for (index, values) in rows.enumerated() {
            let number = Int64(index + 1)
            let head = RecordHead(typeID: 1, appendNanos: number, globalSeq: UInt64(number), eventNanos: number)
            try unsafe canonical.encode(values, schema, head: head) { stable, volatile in
                unsafe writer.append(head, seq: UInt64(number), stable: stable, volatile: volatile)
            }
            if writer.isFull { writer.endGroup(take) }
        }
        writer.finish(take)
        #expect(writer.count == rows.count)
        return bytes
    }

    /// Levels and values of a field's columns, by path, without the headers of their pages.
    private func pages(_ field: Field, _ values: [Value]) throws -> [String: [UInt8]] {
        let plan = TypePlan(field.type, unit: field.unit)
        var maker = ColumnTree.Maker()
        let member = maker.member("x", plan, isOptional: field.null != .required, in: [], 0, 0)
        let schema = try schema([field])
        let record = RecordPlan(schema.fields)
        for value in values {
            try unsafe CanonicalBytes().encode(
                [value], schema, head: RecordHead(typeID: 1, appendNanos: 0, globalSeq: 1, eventNanos: 0)
            ) { stable, volatile in
                guard var parts = unsafe EventParts(stable: stable, volatile: volatile, plan: record) else { return }
                guard parts.isPresent(record.members[0]) else { return member.absent(0, 0) }
                parts.withPart(of: record.members[0]) { member.put(isThere: true, plan, &$0, 0, 0) }
            }
        }
        var found: [String: [UInt8]] = [:]
        for column in maker.columns {
            var bytes: [UInt8] = []
            let page = column.takePage { part in unsafe bytes += Array(part) }
            found[column.path.joined(separator: ".")] = Array(bytes[page.headerBytes...])
        }
        return found
    }

    @Test func `single values are PLAIN`() throws {
        func plain(_ type: FieldType, _ value: Value, unit: String = "") throws -> [UInt8]? {
            try pages(Field("x", type, unit: unit), [value])["x"]
        }
        #expect(try plain(.i32, .int(-2)) == [0xFE, 0xFF, 0xFF, 0xFF])
        #expect(try plain(.u64, .uint(.max)) == [UInt8](repeating: 0xFF, count: 8))
        #expect(try plain(.f64, .double(1)) == [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
        #expect(try plain(.string, .string("ä")) == [2, 0, 0, 0, 0xC3, 0xA4])
        #expect(try plain(.enumeration(["BUY", "SELL"]), .symbol(1)) == [4, 0, 0, 0] + Array("SELL".utf8))
        #expect(try plain(.decimal(scale: 2), .int(-2)) == [UInt8](repeating: 0xFF, count: 8) + [0xFE])
        #expect(try plain(.decimal(scale: 2), .int(.max)) == [0, 0x7F] + [UInt8](repeating: 0xFF, count: 7))
        let id = [UInt8](repeating: 0, count: 15) + [9]
        #expect(
            try plain(.fixed(size: 16), .bytes(id), unit: "ulid")
                == [26, 0, 0, 0] + Array("00000000000000000000000009".utf8))
        #expect(try plain(.fixed(size: 16), .bytes(id)) == id)
        let bits = (0..<10).map { Value.bool($0 % 3 == 0) }
        #expect(try pages(Field("x", .bool), bits)["x"] == [0b0100_1001, 0b10])
    }

    @Test func `what is absent is a level without a value`() throws {
        let found = try pages(Field("x", .i32, null: .optional), [.int(7), .null, .null, .int(8)])
        #expect(found["x"] == [6, 0, 0, 0, 2, 1, 4, 0, 2, 1, 7, 0, 0, 0, 8, 0, 0, 0])
    }

    @Test func `lists of lists have the levels of the paper`() throws {
        // [[1, 2], []], null, [], [[3]]
        let field = Field("x", .list(.list(.i32, count: 0), count: 0), null: .optional)
        let values: [Value] = [
            .list([.list([.int(1), .int(2)]), .list([])]), .null, .list([]), .list([.list([.int(3)])]),
        ]
        let found = try pages(field, values)
        // Repetition 0 2 1 0 0 0, definition 3 3 2 0 1 3.
        #expect(
            found["x.list.element.list.element"] == [
                8, 0, 0, 0, 2, 0, 2, 2, 2, 1, 6, 0, 10, 0, 0, 0, 4, 3, 2, 2, 2, 0, 2, 1, 2, 3, 1, 0, 0, 0, 2, 0, 0, 0,
                3, 0,
                0, 0,
            ])
    }

    @Test func `an absent record is absent in all columns below it`() throws {
        let record = FieldType.record([Field("a", .i32), Field("b", .list(.bool, count: 0), null: .optional)])
        let values: [Value] = [.null, .record([.int(1), .null]), .record([.int(2), .list([.bool(true)])])]
        let found = try pages(Field("x", record, null: .optional), values)
        #expect(found["x.a"] == [4, 0, 0, 0, 2, 0, 4, 1, 1, 0, 0, 0, 2, 0, 0, 0])
        #expect(found["x.b.list.element"] == [2, 0, 0, 0, 6, 0, 6, 0, 0, 0, 2, 0, 2, 1, 2, 3, 1])
    }

    @Test func `the same events give the same file, which begins and ends as it must`() throws {
        let fields = [Field("seq", .i32), Field("name", .string, null: .optional), Field("l", .list(.i64, count: 0))]
        let rows: [[Value]] = (0..<10).map {
            [.int(Int64($0)), $0 % 2 == 0 ? .null : .string("n\($0)"), .list([.int(1), .int(-1)])]
        }
        let schema = try schema(fields)
        let bytes = try file(schema, rows)
        #expect(try file(schema, rows) == bytes)
        #expect(bytes.prefix(4) == Array("PAR1".utf8)[...] && bytes.suffix(4) == Array("PAR1".utf8)[...])
        let length = bytes.suffix(8).prefix(4).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
        #expect(length > 0 && length < bytes.count - 12)
        let footer = String(decoding: bytes.suffix(length + 8).dropLast(8), as: UTF8.self)
        // A field with the name of an envelope column gives way.
        #expect(footer.contains("data.seq") && footer.contains("demo.Row") && footer.contains("event_ts"))
        // Groups end by rows or by bytes; both limits are of one group.
        let small = try file(schema, rows, rowsMax: 3)
        #expect(small != bytes && small.count > bytes.count)
        #expect(try file(schema, rows, groupBytes: 1) == file(schema, rows, rowsMax: 1))
        let none = try file(schema, [])
        #expect(none.count > 12 && none.suffix(4) == Array("PAR1".utf8)[...])
    }

    /// Another digest is another file for everyone who kept one: change the text only with a reason in the commit.
    @Test func `the file of a small log keeps its bytes`() throws {
        let fields = [
            Field("price", .decimal(scale: 2), unit: "USD"), Field("side", .enumeration(["BUY", "SELL"])),
            Field("note", .string, null: .optional), Field("levels", .list(.i32, count: 0)),
            Field("inner", .record([Field("x", .f64), Field("ok", .bool)]), null: .optional), Field("at", .time),
        ]
        var rows: [[Value]] = []
        for index in 0..<7 {
            var levels: [Value] = []
            for level in 0..<(index % 4) { levels.append(.int(Int64(level - 1))) }
            let note: Value = index % 3 == 0 ? .null : .string("n\(index)")
            let inner: Value = index == 5 ? .null : .record([.double(Double(index) / 8), .bool(index > 2)])
            let price = Int64(index * 12_345 - 20_000)
            let at: Int64 = 1_760_000_000_000_000_000 + Int64(index)
            rows.append([.int(price), .symbol(UInt32(index % 2)), note, .list(levels), inner, .int(at)])
        }
        let found = Digest(hashing: try file(try schema(fields), rows, rowsMax: 3))
        #expect("\(found)" == "c7d674d0d2600a0963a8731fd9695bbc46841022cf6864e0dd010f439f8dbd1e", "found \(found)")
    }
}

import Events
package import LogFormat

/// Writes the events of one type as a Parquet file: PLAIN, uncompressed, levels in runs.
///
/// The same events give the same bytes. A row is an event: its envelope, then the fields of its payload. Records are
/// groups, lists are LIST, fields that may be absent are optional. Memory is bounded by a row group.
package final class ParquetWriter {
    /// Most rows of a group.
    package static let rowsMax = 65_536
    /// Bytes of values with which a group ends before it has all rows.
    package static let groupBytes = 64 << 20

    private let schema: Schema
    private let plan: RecordPlan
    private let seqs: Column
    private let eventTimes: Column
    private let appendTimes: Column
    private let members: [ColumnTree.Member]
    private let columns: [Column]
    private let elements: [(inout ThriftWriter) -> Void]
    private let rowsMax: Int
    private let groupBytes: Int

    /// Rows of the group that is being filled.
    private var rows = 0
    private var groups: [Group] = []
    private var written = 0

    private struct Group {
        let rows: Int
        let start: Int
        let chunks: [Chunk]
    }

    private struct Chunk {
        let start: Int
        let bytes: Int
        let count: Int
    }

    private static let magic = Array("PAR1".utf8)
    /// Names of the columns beside the payload.
    private static let envelope = ["seq", "event_ts", "append_ts"]

    /// Plans the columns of a type; a field with the name of an envelope column becomes `data.NAME`.
    package init(_ schema: Schema, rowsMax: Int = ParquetWriter.rowsMax, groupBytes: Int = ParquetWriter.groupBytes) {
        self.schema = schema
        self.rowsMax = rowsMax
        self.groupBytes = groupBytes
        plan = RecordPlan(schema.fields)
        var maker = ColumnTree.Maker()
        seqs = maker.required(Self.envelope[0], .u64)
        eventTimes = maker.required(Self.envelope[1], .time)
        appendTimes = maker.required(Self.envelope[2], .time)
        var members: [ColumnTree.Member] = []
        for member in plan.members {
            let name = String(decoding: member.name, as: UTF8.self)
            members.append(
                maker.member(
                    Self.envelope.contains(name) ? "data.\(name)" : name, member.type, isOptional: member.isOptional,
                    in: [], 0, 0))
        }
        self.members = members
        columns = maker.columns
        elements = maker.elements
    }

    /// Events in the groups that were written, and in the one that is being filled.
    package var count: Int { groups.reduce(rows) { $0 + $1.rows } }

    /// Appends an event, given by its canonical parts.
    package func append(
        _ head: RecordHead, seq: UInt64, stable: UnsafeRawBufferPointer, volatile: UnsafeRawBufferPointer
    ) {
        guard var parts = unsafe EventParts(stable: stable, volatile: volatile, plan: plan) else { return }
        rows += 1
        seqs.level(0, 0)
        seqs.append(seq)
        eventTimes.level(0, 0)
        eventTimes.append(head.eventNanos)
        appendTimes.level(0, 0)
        appendTimes.append(head.appendNanos)
        for (member, field) in zip(members, plan.members) {
            guard parts.isPresent(field) else {
                member.absent(0, 0)
                continue
            }
            parts.withPart(of: field) { cursor in member.put(isThere: true, field.type, &cursor, 0, 0) }
        }
    }

    /// Whether the group must be ended before the next event.
    package var isFull: Bool { rows >= rowsMax || columns.reduce(0) { $0 + $1.byteCount } >= groupBytes }

    /// Gives the bytes of the group to `sink`, in order, if it has any row.
    package func endGroup<E: Error>(_ sink: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
        guard rows > 0 else { return }
        unsafe try begin(sink)
        let start = written
        var chunks: [Chunk] = []
        for column in columns {
            let page = unsafe try column.takePage(sink)
            let bytes = page.headerBytes + page.pageBytes
            chunks.append(Chunk(start: written, bytes: bytes, count: page.count))
            written += bytes
        }
        groups.append(Group(rows: rows, start: start, chunks: chunks))
        rows = 0
    }

    /// Gives the rest of the file to `sink`: the last group and the footer.
    package func finish<E: Error>(_ sink: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
        unsafe try endGroup(sink)
        unsafe try begin(sink)
        let footer = footer()
        let count = UInt32(footer.count)
        var end = ByteBuffer(capacity: footer.count + 8)
        end.append(contentsOf: footer)
        end.append(count)
        end.append(contentsOf: Self.magic)
        try unsafe end.withUnsafeBytes { bytes throws(E) in unsafe try sink(bytes) }
    }

    private func begin<E: Error>(_ sink: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
        guard written == 0 else { return }
        var start = ByteBuffer(capacity: 4)
        start.append(contentsOf: Self.magic)
        try unsafe start.withUnsafeBytes { bytes throws(E) in unsafe try sink(bytes) }
        written = Self.magic.count
    }

    /// `parquet.thrift`, FileMetaData.
    private func footer() -> [UInt8] {
        var thrift = ThriftWriter()
        let top =
            columns.count { $0.path.count == 1 } + members.count { if case .leaf = $0.tree { false } else { true } }
        thrift.structure { file in
            file.i32(1, 2)
            let root: (inout ThriftWriter) -> Void = { element in
                element.text(4, "schema")
                element.i32(5, top)
            }
            file.structures(2, [root] + elements) { $1(&$0) }
            file.i64(3, count)
            file.structures(4, groups) { self.describe($1, to: &$0) }
            let facts = [
                ("lotus.type", schema.name), ("lotus.version", "\(schema.version)"),
                ("lotus.identity", "\(schema.identityDigest)"),
            ]
            file.structures(5, facts) { pair, fact in
                pair.text(1, fact.0)
                pair.text(2, fact.1)
            }
            file.text(6, "lotus")
        }
        return thrift.bytes
    }

    private func describe(_ group: Group, to thrift: inout ThriftWriter) {
        let bytes = group.chunks.reduce(0) { $0 + $1.bytes }
        thrift.structures(1, Array(zip(columns, group.chunks))) { chunk, part in
            let (column, place) = part
            chunk.i64(2, place.start)
            chunk.structure(3) { data in
                data.i32(1, column.type.physical)
                data.i32s(2, [0, 3])
                data.texts(3, column.path)
                data.i32(4, 0)
                data.i64(5, place.count)
                data.i64(6, place.bytes)
                data.i64(7, place.bytes)
                data.i64(9, place.start)
            }
        }
        thrift.i64(2, bytes)
        thrift.i64(3, group.rows)
        thrift.i64(5, group.start)
        thrift.i64(6, bytes)
    }
}

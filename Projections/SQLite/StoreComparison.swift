import GRDB
import LogFormat

/// Where a file differs from one that was folded anew.
package struct StoreDifference: Equatable, Sendable {
    /// The table.
    package let table: String
    /// The key of the row, column by column.
    package let key: [String]
    /// The column that differs, nil when the row is missing or should not be there.
    package let column: String?
    /// What stands in the file.
    package let found: String
    /// What the log says.
    package let expected: String
    /// The event that the row was changed by last.
    package let globalSeq: UInt64
    /// Rows that differ in all tables.
    package let rowCount: UInt64
}

extension ProjectionStore {
    /// Holds every row against those of another file; nil if all are the same.
    ///
    /// The first difference is the one with the lowest global sequence number. The other file must not be open.
    package func firstDifference(from fresh: String) throws(ProjectionError) -> StoreDifference? {
        let tables: [ColumnKey.TableKey]
        do throws(FormatError) { tables = try ColumnKey.tables() } catch {
            throw ProjectionError(.foreign, "\(path): \(error)")
        }
        return try withDatabase { database in
            try database.execute(sql: "ATTACH DATABASE ? AS fresh", arguments: [fresh])
            defer { try? database.execute(sql: "DETACH DATABASE fresh") }
            var first: StoreDifference?
            var count: UInt64 = 0
            for table in tables {
                for query in Self.queries(table) {
                    count += UInt64(try Int64.fetchOne(database, sql: "SELECT count(*) \(query.from)") ?? 0)
                    guard
                        let row = try Row.fetchOne(
                            database, sql: "SELECT \(query.columns) \(query.from) ORDER BY \(query.order) LIMIT 1")
                    else { continue }
                    let found = Self.difference(table, row)
                    if first.map({ found.globalSeq < $0.globalSeq }) ?? true { first = found }
                }
            }
            return first.map {
                StoreDifference(
                    table: $0.table, key: $0.key, column: $0.column, found: $0.found, expected: $0.expected,
                    globalSeq: $0.globalSeq, rowCount: count)
            }
        }
    }

    private struct DifferenceQuery {
        let columns: String
        let from: String
        let order: String
    }

    /// Rows that are missing or changed, and rows that should not be there.
    private static func queries(_ table: ColumnKey.TableKey) -> [DifferenceQuery] {
        let keys = table.columns.filter(\.isKey).map(\.name)
        let on = keys.map { "m.\"\($0)\"=f.\"\($0)\"" }.joined(separator: " AND ")
        let columns = table.columns.map { "f.\"\($0.name)\", m.\"\($0.name)\"" }.joined(separator: ", ")
        // Types too: what SQLite takes for equal (1 and 1.0) is not the same row.
        let changed = table.columns.map {
            "m.\"\($0.name)\" IS NOT f.\"\($0.name)\" OR typeof(m.\"\($0.name)\")<>typeof(f.\"\($0.name)\")"
        }.joined(separator: " OR ")
        let order = { (side: String) in "\(side).gsn, \(keys.map { "\(side).\"\($0)\"" }.joined(separator: ", "))" }
        return [
            DifferenceQuery(
                columns: columns,
                from: "FROM fresh.\"\(table.name)\" f LEFT JOIN main.\"\(table.name)\" m ON \(on) WHERE \(changed)",
                order: order("f")),
            DifferenceQuery(
                columns: columns,
                from: "FROM main.\"\(table.name)\" m LEFT JOIN fresh.\"\(table.name)\" f ON \(on) "
                    + "WHERE f.\"\(keys[0])\" IS NULL",
                order: order("m")),
        ]
    }

    /// Tells of a row whose columns stand in turn as the log says and as the file says.
    private static func difference(_ table: ColumnKey.TableKey, _ row: Row) -> StoreDifference {
        func text(_ index: Int) -> String {
            let value: DatabaseValue = row[index]
            return value.isNull ? "nothing" : String.fromDatabaseValue(value) ?? value.description
        }
        let isInLog = !(row[0] as DatabaseValue).isNull
        let isInFile = !(row[1] as DatabaseValue).isNull
        let side = isInLog ? 0 : 1
        let keyCount = table.columns.count(where: \.isKey)
        var column: Int?
        if isInLog, isInFile {
            column = table.columns.indices.first { index in
                (row[2 * index] as DatabaseValue) != (row[2 * index + 1] as DatabaseValue)
            }
        }
        let gsnAt = table.columns.firstIndex { $0.name == "gsn" } ?? 0
        let place = Int64.fromDatabaseValue(row[2 * gsnAt + side]) ?? 0
        return StoreDifference(
            table: table.name, key: (0..<keyCount).map { text(2 * $0 + side) },
            column: column.map { table.columns[$0].name },
            found: column.map { text(2 * $0 + 1) } ?? (isInFile ? "the row" : "no row"),
            expected: column.map { text(2 * $0) } ?? (isInLog ? "the row" : "no row"),
            globalSeq: UInt64(bitPattern: place), rowCount: 0)
    }
}

extension ProjectionStore {
    /// The first column of the answer to a question, as text.
    package func strings(_ sql: String) throws(ProjectionError) -> [String] {
        try withDatabase { database in
            try Row.fetchAll(database, sql: sql).map { ($0[0] as DatabaseValue).description }
        }
    }
}

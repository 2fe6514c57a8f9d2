import Events
import GRDB
import LogFormat

// Writing what changed into the file.
extension ProjectionStore {
    /// Writes what changed since the last time, with the position and the hash, in one transaction.
    package func save(_ state: inout ProjectionState) throws(ProjectionError) { try write(take(&state)) }

    /// Takes what changed since the last time out of the state, so that it can be folded on while `write` writes it.
    ///
    /// What is taken must be written in the order in which it was taken, and before any other use of this object;
    /// `beforeLoad` sees to it for rows that the fold asks for meanwhile.
    package func take(_ state: inout ProjectionState) -> PendingSave {
        var taker = Taker(rowsInMemoryMax: rowsInMemoryMax)
        state.visit(&taker)
        return PendingSave(position: state.position, hashes: taker.hashes, tables: taker.tables)
    }

    /// Writes what was taken in one transaction; after an error nothing of it stands, and the state is of no more use.
    package func write(_ pending: PendingSave) throws(ProjectionError) {
        if let failure { throw failure }
        do throws(ProjectionError) {
            try transaction { database in
                for rows in pending.tables { try write(rows) }
                try Self.write(pending.position, pending.hashes, to: database)
            }
        } catch {
            // The file stays as it was; what is in memory is ahead of it and must not be used any more.
            failure = error
            throw error
        }
    }

    private static func write(_ position: FoldPosition, _ hashes: [TableHash], to database: Database) throws {
        var entries = [
            ("gsn", "\(position.globalSeq)"), ("events", "\(position.folded)"),
            ("state_hash", "sha256:\(ProjectionState.stateHash(hashes))"),
        ]
        for module in Module.allCases {
            entries.append(("seq.\(module.text)", "\(position.seqs[Int(module.rawValue)])"))
        }
        let put = try database.cachedStatement(sql: "INSERT OR REPLACE INTO lotus_state VALUES (?, ?)")
        for (key, value) in entries { try put.execute(arguments: [key, value]) }
        let note = try database.cachedStatement(
            sql: "UPDATE lotus_tables SET rows=?, row_sum=? WHERE table_name=? AND row_sum<>?")
        for hash in hashes {
            let sum = hash.sum.text
            try note.execute(arguments: [Int64(hash.rows), sum, hash.name, sum])
        }
    }

    /// Rows that were taken out go first: one may have come back under the same key.
    private func write(_ rows: PendingRows) throws(ProjectionError) {
        let statements = try statements(rows.table)
        try feed(rows.changes.removed, rows.changes.removedStarts, to: statements.delete)
        try feed(rows.changes.rows, rows.changes.starts, to: statements.upsert)
    }

    private struct Taker: TableVisitor {
        let rowsInMemoryMax: Int
        var hashes: [TableHash] = []
        var tables: [PendingRows] = []

        mutating func table<Row: ViewRow>(_ table: inout Table<Row>) {
            var changes = RowChanges(areKept: true, rowCount: table.changeCount)
            table.settle(&changes)
            hashes.append(TableHash(name: Row.typeName, rows: table.count, sum: table.sum))
            table.evict(over: rowsInMemoryMax)
            if !changes.isEmpty { tables.append(PendingRows(Row.typeName, changes)) }
        }
    }
}

/// What changed between two savings, on its way into the file.
package struct PendingSave: Sendable {
    fileprivate let position: FoldPosition
    fileprivate let hashes: [TableHash]
    fileprivate let tables: [PendingRows]
}

/// Rows of one table on their way into the file.
private final class PendingRows: @unchecked Sendable {
    // SAFETY: nobody changes it after it was made.
    let table: String
    let changes: RowChanges

    init(_ table: String, _ changes: consuming RowChanges) {
        self.table = table
        self.changes = changes
    }
}

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
                for rows in pending.tables { try rows.write(to: self) }
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

    fileprivate func upsert<Row: ViewRow>(
        _ rows: ContiguousArray<Row>, removing removed: [Row]
    ) throws(ProjectionError) {
        let statements = try statements(Row.self)
        for var row in removed { try statements.delete.run(&row, keyOnly: true) }
        for var row in rows { try statements.upsert.run(&row) }
    }

    private struct Taker: TableVisitor {
        let rowsInMemoryMax: Int
        var hashes: [TableHash] = []
        var tables: [any PendingRows] = []

        mutating func table<Row: ViewRow>(_ table: inout Table<Row>) {
            var rows = ContiguousArray<Row>()
            var removed: [Row] = []
            table.settle { row, isPresent in
                if isPresent { rows.append(row) } else { removed.append(row) }
            }
            hashes.append(TableHash(name: Row.typeName, rows: table.count, sum: table.sum))
            table.evict(over: rowsInMemoryMax)
            guard !rows.isEmpty || !removed.isEmpty else { return }
            tables.append(ChangedRows(changed: rows, removed: removed))
        }
    }
}

/// What changed between two savings, on its way into the file.
package struct PendingSave: Sendable {
    fileprivate let position: FoldPosition
    fileprivate let hashes: [TableHash]
    fileprivate let tables: [any PendingRows]
}

/// Rows of one table on their way into the file.
private protocol PendingRows: Sendable {
    func write(to store: ProjectionStore) throws(ProjectionError)
}

private struct ChangedRows<Row: ViewRow>: PendingRows {
    let changed: ContiguousArray<Row>
    let removed: [Row]

    func write(to store: ProjectionStore) throws(ProjectionError) {
        try store.upsert(changed, removing: removed)
    }
}

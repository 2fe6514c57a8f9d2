import LogFormat

extension ProjectionStore {
    /// Writes all rows of a state that is in memory in one transaction, without hashes or position: what SQLite alone
    /// takes for the same rows.
    package func copyRows(of state: inout ProjectionState) throws(ProjectionError) -> UInt64 {
        var copier = RowCopier(store: self)
        try transaction { _ in try state.visit(&copier) }
        return copier.count
    }

    private struct RowCopier: TableVisitor {
        let store: ProjectionStore
        var count: UInt64 = 0

        mutating func table<Row: ViewRow>(_ table: inout Table<Row>) throws(ProjectionError) {
            let statement = try store.statements(Row.typeName).insert
            for row in table.sortedRows {
                var copy = row
                try statement.run(&copy)
                count += 1
            }
        }
    }
}

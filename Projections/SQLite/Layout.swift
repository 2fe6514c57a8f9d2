import GRDB
import LogFormat

/// The tables of a new file, with the key to their columns, so that whoever opens it finds what each one means.
enum Layout {
    static func create(_ database: Database, subject: String) throws {
        try database.execute(
            sql: """
                CREATE TABLE lotus_state (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE lotus_tables (table_name TEXT NOT NULL PRIMARY KEY, view TEXT NOT NULL,
                    meaning TEXT NOT NULL, sources TEXT NOT NULL,
                    rows INTEGER NOT NULL, row_sum TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE lotus_columns (table_name TEXT NOT NULL, position INTEGER NOT NULL,
                    column_name TEXT NOT NULL, type TEXT NOT NULL, unit TEXT NOT NULL,
                    is_key INTEGER NOT NULL, may_be_null INTEGER NOT NULL,
                    meaning TEXT NOT NULL, PRIMARY KEY (table_name, position)) WITHOUT ROWID;
                """)
        for (key, value) in [("layout_version", "\(ProjectionStore.layoutVersion)"), ("subject", subject)] {
            try database.execute(sql: "INSERT INTO lotus_state VALUES (?, ?)", arguments: [key, value])
        }
        for table in try ColumnKey.tables() {
            try database.execute(sql: table.create)
            try database.execute(
                sql: "INSERT INTO lotus_tables VALUES (?, ?, ?, ?, 0, ?)",
                arguments: [
                    table.name, table.view.rawValue, table.meaning, table.sources.joined(separator: ", "),
                    RowDigest().text,
                ])
            for (position, column) in table.columns.enumerated() {
                try database.execute(
                    sql: "INSERT INTO lotus_columns VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    arguments: [
                        table.name, position, column.name, column.type, column.unit, column.isKey, column.mayBeNull,
                        column.meaning,
                    ])
            }
        }
        for view in ColumnKey.queries { try database.execute(sql: "CREATE VIEW \(view.name) AS \(view.sql)") }
    }
}

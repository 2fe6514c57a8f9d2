import LogFormat

/// The SQL of one table, made from the declaration of its rows.
struct TableSQL {
    let name: String
    let schema: Schema
    let keyCount: Int

    init<Row: ViewRow>(_ type: Row.Type) throws(FormatError) {
        schema = try Row.makeSchema()
        name = Row.typeName
        keyCount = Row.keyColumnCount
    }

    var columns: [String] { schema.fields.map { "\"\($0.name)\"" } }
    var keyColumns: ArraySlice<String> { columns.prefix(keyCount) }
    private var whereKey: String { keyColumns.map { "\($0)=?" }.joined(separator: " AND ") }

    var create: String {
        let definitions = schema.fields.map { field in
            "\"\(field.name)\" \(Self.type(field.type))\(field.null == .required ? " NOT NULL" : "")"
        }
        return "CREATE TABLE \"\(name)\" (\(definitions.joined(separator: ", ")), "
            + "PRIMARY KEY (\(keyColumns.joined(separator: ", ")))) WITHOUT ROWID"
    }

    /// Name of the table in memory from which rows are taken.
    var feed: String { "rows_of_\(name)" }

    /// Writes all rows of the feed.
    var upsert: String { "INSERT OR REPLACE INTO \"\(name)\" SELECT * FROM \"\(feed)\"" }

    /// Takes out all rows whose keys are in the feed.
    var delete: String {
        let keys = (0..<keyCount).map { "c\($0)" }.joined(separator: ", ")
        return "DELETE FROM \"\(name)\" WHERE (\(keyColumns.joined(separator: ", "))) IN "
            + "(SELECT \(keys) FROM \"\(feed)\")"
    }

    /// Writes one row, as any program would.
    var insert: String { "INSERT INTO \"\(name)\" VALUES (\(columns.map { _ in "?" }.joined(separator: ",")))" }
    var select: String { "SELECT * FROM \"\(name)\" WHERE \(whereKey)" }

    var selectLast: String {
        "SELECT * FROM \"\(name)\" ORDER BY \(keyColumns.map { "\($0) DESC" }.joined(separator: ", ")) LIMIT 1"
    }

    static func type(_ type: FieldType) -> String {
        switch type {
        case .bool, .i32, .i64, .u64, .decimal, .time: "INTEGER"
        case .f64, .f32: "REAL"
        case .fixed(16), .string, .enumeration: "TEXT"
        default: "BLOB"
        }
    }
}

import Events
package import LogFormat

/// The key to every table and column, made from the declarations of the rows.
package enum ColumnKey {
    /// A table.
    struct TableKey {
        let name: String
        let view: View
        let meaning: String
        let sources: [String]
        let create: String
        var columns: [ColumnEntry]
    }

    /// A column.
    struct ColumnEntry {
        let name: String
        let type: String
        let unit: String
        let isKey: Bool
        let mayBeNull: Bool
        let meaning: String
    }

    /// A question that is asked so often that the file answers it by name (LOOM-12).
    struct Query {
        let name: String
        let meaning: String
        let sql: String
    }

    static let queries = [
        Query(
            name: "active_lessons", meaning: "Micro-braids in force, the best first",
            sql: "SELECT braid_id, module, rule, effect, uplift_dr, n, coalesce(bqs, score) AS quality, patch_id "
                + "FROM braids WHERE state='active' AND braid_type='micro' ORDER BY quality DESC, braid_id"),
        Query(
            name: "active_braids", meaning: "Braids of all types in force, with parents and effects",
            sql: "SELECT braid_id, braid_type, scope, parents, op, rule, effect, patch_id, priors_after "
                + "FROM braids WHERE state='active' ORDER BY braid_type, braid_id"),
        Query(
            name: "effective_priors", meaning: "Priors in force with the patch and braid that set them",
            sql: "SELECT p.owner, p.prior_key, p.value, p.effect, p.patch_id, p.braid_id, t.status AS patch_status, "
                + "p.priors_ver FROM active_priors p LEFT JOIN patches t USING (patch_id) "
                + "ORDER BY p.owner, p.position"),
        Query(
            name: "inbox", meaning: "What each module was sent and has taken (SCH-HER-2)",
            sql:
                "SELECT d.target, d.message_id, m.from_mod, m.intent, m.event_ts, d.delivered_ts, "
                + "d.consumed_at, d.result "
                + "FROM deliveries d LEFT JOIN messages m USING (message_id) ORDER BY d.target, d.message_id"),
        Query(
            name: "outbox", meaning: "What each module sent, and when Herald took it (SCH-HER-2)",
            sql: "SELECT from_mod, message_id, to_mods, intent, event_ts, picked_ts AS dispatched_at FROM messages "
                + "ORDER BY from_mod, message_id"),
        Query(
            name: "intent_success", meaning: "Deliveries of each intent that arrived, of those reported (HER-11)",
            sql: "SELECT intent, sum(delivered) AS delivered, sum(dead) AS dead, "
                + "sum(delivered) * 1.0 / nullif(sum(delivered) + sum(dead), 0) AS success_rate "
                + "FROM delivery_lags GROUP BY intent ORDER BY intent"),
    ]

    static func tables() throws(FormatError) -> [TableKey] {
        var collector = Collector()
        var state = ProjectionState()
        try state.visit(&collector)
        return collector.tables
    }

    private struct Collector: TableVisitor {
        var tables: [TableKey] = []

        mutating func table<Row: ViewRow>(_ table: inout Table<Row>) throws(FormatError) {
            let sql = try TableSQL(Row.self)
            let description = try Row.describe()
            tables.append(
                TableKey(
                    name: Row.typeName, view: Row.view, meaning: Row.documentation, sources: Row.sources,
                    create: sql.create,
                    columns: sql.schema.fields.enumerated().map { index, field in
                        ColumnEntry(
                            name: field.name, type: TableSQL.type(field.type), unit: Self.unit(field),
                            isKey: index < Row.keyColumnCount, mayBeNull: field.null != .required,
                            meaning: field.documentation.isEmpty ? description.note(field.name) : field.documentation)
                    }))
        }

        private static func unit(_ field: Field) -> String {
            switch field.type {
            case .time: "ns since 1970, UTC"
            case .bool: "0 or 1"
            case .enumeration(let symbols): symbols.joined(separator: " ")
            default: field.unit
            }
        }
    }

    /// The document of all tables (`docs/projections.md`).
    package static func markdown() throws(FormatError) -> String {
        let tables = try tables()
        var text = """
            # Projections

            Made by `lotus rebuild --columns`; a test keeps it current. Every file that `lotus rebuild` makes says the
            same about itself, in its tables `lotus_tables` and `lotus_columns`. Nothing in such a file is the truth: it
            follows from the logs, and may be deleted at any time.

            Times are nanoseconds since 1970 in UTC. Ids are the 26 characters of a ULID, without the prefix of their
            kind. Columns that hold JSON say so. `lotus_state` holds the place that the file has come to (`gsn`, and
            `seq.NAME` for each log) and the state hash, written in the same transaction as the rows.

            | table | view | rows are made of | says |
            |---|---|---|---|

            """
        for table in tables {
            text +=
                "| [`\(table.name)`](#\(table.name)) | \(table.view.rawValue) "
                + "| \(table.sources.joined(separator: ", ")) "
                + "| \(table.meaning) |\n"
        }
        text += "\nQuestions that the file answers by name:\n\n| view | says |\n|---|---|\n"
        for query in queries { text += "| `\(query.name)` | \(query.meaning) |\n" }
        for table in tables {
            text +=
                "\n## \(table.name)\n\n\(table.meaning).\n\n| column | type | unit or values | key | null | meaning |\n"
                + "|---|---|---|---|---|---|\n"
            for column in table.columns {
                text +=
                    "| `\(column.name)` | \(column.type) | \(column.unit) | \(column.isKey ? "key" : "") "
                    + "| \(column.mayBeNull ? "null" : "") | \(column.meaning) |\n"
            }
        }
        return text
    }
}

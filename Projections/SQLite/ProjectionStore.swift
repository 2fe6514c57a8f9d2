import CRows
import Events
import GRDB
import GRDBSQLite
import LogEngine
import LogFormat

/// The views in a SQLite file: rows, position and state hash change together, in one transaction.
///
/// The file is the checkpoint (LOG-12): a fold goes on from it as if it had never stopped. One connection a file, used
/// by one thread at a time, except that two threads of a fold may ask for rows; GRDB opens, configures and closes it,
/// rows are bound without GRDB in between.
@safe
package final class ProjectionStore: RowSource, @unchecked Sendable {
    // SAFETY: whoever hands it to another thread waits for that one before going on (`beforeLoad`).

    /// Where the file is.
    package let path: String
    /// What is rebuilt: a module, or `all`.
    package let subject: String
    /// Version of the layout; a file of another one is built anew.
    package static let layoutVersion = 1

    private let queue: DatabaseQueue
    // SAFETY: the queue owns the connection and lives as long as this object.
    private let connection: OpaquePointer
    private var tables: [String: TableStatements] = [:]
    // SAFETY: made in init, freed in deinit; SQLite reads it only while a statement of this object runs.
    private let rows: UnsafeMutablePointer<clotus_rows>
    var failure: ProjectionError?
    /// Two threads fold, and either may ask for a row.
    private let loading = Lock()
    /// Is called before a row is read for a fold; ends when all that was taken is written.
    package var beforeLoad: (() -> Void)?
    /// Rows of one table that stay in memory between transactions.
    let rowsInMemoryMax: Int

    /// Statements of one table.
    struct TableStatements {
        let upsert: PreparedStatement
        let insert: PreparedStatement
        let delete: PreparedStatement
        let select: PreparedStatement
        let selectLast: PreparedStatement
    }

    /// Opens the file, making it if it is not there.
    package init(_ path: String, subject: String, rowsInMemoryMax: Int = 100_000) throws(ProjectionError) {
        self.path = path
        self.subject = subject
        self.rowsInMemoryMax = rowsInMemoryMax
        _ = Self.isConfigured
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA page_size=32768;
                    PRAGMA journal_mode=TRUNCATE;
                    PRAGMA synchronous=NORMAL;
                    PRAGMA cache_size=-65536;
                    PRAGMA temp_store=MEMORY;
                    """)
        }
        let opened: (DatabaseQueue, OpaquePointer?)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            unsafe opened = (queue, queue.writeWithoutTransaction { unsafe $0.sqliteConnection })
        } catch {
            throw ProjectionError(
                .foreign,
                "\(path): cannot be opened as a database: \(error); give a file that lotus rebuild made, "
                    + "or a new one in a folder that exists")
        }
        guard let handle = unsafe opened.1 else {
            throw ProjectionError(.database, "\(path): the database was closed while it was opened; try again")
        }
        unsafe queue = opened.0
        unsafe connection = handle
        unsafe rows = .allocate(capacity: 1)
        unsafe rows.initialize(to: clotus_rows())
        try makeLayout()
        var preparer = Preparer(store: self)
        var state = ProjectionState()
        try state.visit(&preparer)
    }

    deinit { unsafe rows.deallocate() }

    /// SQLite's account of its memory takes a lock with every allocation: a fifth of an insert.
    private static let isConfigured: Bool = clotus_sqlite_configure() == SQLITE_OK

    /// Ends the use of the file.
    package func close() throws(ProjectionError) {
        tables = [:]
        do { try queue.close() } catch { throw ProjectionError(.database, "\(path): cannot be closed: \(error)") }
    }

    // MARK: Layout

    private func makeLayout() throws(ProjectionError) {
        do {
            try queue.inTransaction { database in
                let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
                if isEmpty { try Layout.create(database, subject: subject) }
                return .commit
            }
        } catch {
            throw ProjectionError(
                .foreign, "\(path): \(error); expected a database of projections, or no file: delete it and rebuild")
        }
        let found = try value("layout_version")
        guard found == "\(Self.layoutVersion)" else {
            throw ProjectionError(
                .foreign,
                "\(path): holds layout \(found ?? "of something else"), expected \(Self.layoutVersion); delete the "
                    + "file and rebuild it")
        }
        let owner = try value("subject")
        guard owner == subject else {
            throw ProjectionError(
                .foreign,
                "\(path): holds the projections of \(owner ?? "nothing"), expected \(subject); give another file with "
                    + "--out")
        }
    }

    /// What the file says about itself.
    package func value(_ key: String) throws(ProjectionError) -> String? {
        do {
            return try queue.read { database in
                guard try database.tableExists("lotus_state") else { return nil }
                return try String.fetchOne(database, sql: "SELECT value FROM lotus_state WHERE key=?", arguments: [key])
            }
        } catch {
            throw ProjectionError(.foreign, "\(path): \(error); delete the file and rebuild it")
        }
    }

    /// Runs statements that return nothing.
    package func execute(_ sql: String) throws(ProjectionError) {
        try withDatabase { try $0.execute(sql: sql) }
    }

    /// Runs `body` in one transaction: all of it stands afterwards, or nothing.
    func transaction(_ body: (Database) throws -> Void) throws(ProjectionError) {
        do {
            try queue.inTransaction(.immediate) { database in
                try body(database)
                return .commit
            }
        } catch let error as ProjectionError {
            throw error
        } catch {
            throw ProjectionError(.database, "\(path): \(error)")
        }
    }

    /// Runs `body` with GRDB's view of the database.
    func withDatabase<R>(_ body: (Database) throws -> R) throws(ProjectionError) -> R {
        do { return try queue.writeWithoutTransaction { try body($0) } } catch {
            throw ProjectionError(.database, "\(path): \(error)")
        }
    }

    // MARK: Going on, and saving

    /// The state that the file holds, to be folded on.
    package func resume() throws(ProjectionError) -> ProjectionState {
        var state = ProjectionState()
        state.position = try savedPosition()
        var attacher = Attacher(store: self, saved: try savedHashes())
        try state.visit(&attacher)
        return state
    }

    /// Position that the file holds.
    package func savedPosition() throws(ProjectionError) -> FoldPosition {
        var position = FoldPosition()
        position.globalSeq = UInt64(try value("gsn") ?? "") ?? 0
        position.folded = UInt64(try value("events") ?? "") ?? 0
        for module in Module.allCases {
            position.seqs[Int(module.rawValue)] = UInt64(try value("seq.\(module.text)") ?? "") ?? 0
        }
        return position
    }

    private func savedHashes() throws(ProjectionError) -> [String: (rows: UInt64, sum: String)] {
        try withDatabase { database in
            var saved: [String: (rows: UInt64, sum: String)] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT table_name, rows, row_sum FROM lotus_tables") {
                saved[row[0]] = (UInt64(row[1] as Int64), row[2])
            }
            return saved
        }
    }

    package func load<Row: ViewRow>(_ key: Row.Key, as type: Row.Type) -> Row? {
        loading.lock()
        defer { loading.unlock() }
        beforeLoad?()
        guard failure == nil, let statements = tables[Row.typeName] else { return nil }
        var row = Row(key: key)
        do throws(ProjectionError) {
            return try statements.select.read(&row) ? row : nil
        } catch {
            failure = error
            return nil
        }
    }

    /// Statements of a table.
    func statements(_ table: String) throws(ProjectionError) -> TableStatements {
        guard let found = tables[table] else {
            throw ProjectionError(.database, "\(path): is closed; open it again")
        }
        return found
    }

    /// Runs a statement that reads the feed of its table, over rows that begin at `starts`.
    func feed(_ bytes: borrowing RowBytes, _ starts: [Int64], to statement: PreparedStatement) throws(ProjectionError) {
        guard !starts.isEmpty else { return }
        unsafe try bytes.withBytes { bytes throws(ProjectionError) in
            unsafe try starts.withUnsafeBufferPointer { starts throws(ProjectionError) in
                unsafe rows.pointee = clotus_rows(
                    bytes: bytes.bindMemory(to: UInt8.self).baseAddress, byte_count: bytes.count,
                    starts: starts.baseAddress, row_count: starts.count)
                defer { unsafe rows.pointee = clotus_rows() }
                try statement.run()
            }
        }
    }

    private struct Preparer: TableVisitor {
        let store: ProjectionStore

        mutating func table<Row: ViewRow>(_ table: inout Table<Row>) throws(ProjectionError) {
            let sql: TableSQL
            do throws(FormatError) { sql = try TableSQL(Row.self) } catch {
                throw ProjectionError(.foreign, "\(Row.typeName): \(error)")
            }
            func prepare(_ text: String) throws(ProjectionError) -> PreparedStatement {
                unsafe try PreparedStatement(store.connection, text, path: store.path)
            }
            let columnCount = Int32(sql.schema.fields.count)
            let code = unsafe clotus_rows_register(
                UnsafeMutableRawPointer(store.connection), sql.feed, columnCount, store.rows)
            guard code == SQLITE_OK else { throw unsafe PreparedStatement.error(store.connection, store.path, code) }
            store.tables[Row.typeName] = TableStatements(
                upsert: try prepare(sql.upsert), insert: try prepare(sql.insert), delete: try prepare(sql.delete),
                select: try prepare(sql.select), selectLast: try prepare(sql.selectLast))
        }
    }

    private struct Attacher: TableVisitor {
        let store: ProjectionStore
        let saved: [String: (rows: UInt64, sum: String)]

        mutating func table<Row: ViewRow>(_ table: inout Table<Row>) throws(ProjectionError) {
            guard let hash = saved[Row.typeName], let sum = RowDigest(text: hash.sum) else {
                throw ProjectionError(
                    .foreign, "\(store.path): has no table \(Row.typeName); delete the file and rebuild it")
            }
            var last = Row()
            var absentMax: ULID?
            if Row.risingID(last.key) != nil, try store.statements(Row.typeName).selectLast.read(&last, bindsKey: false)
            {
                absentMax = Row.risingID(last.key)
            }
            table.attach(store, sum: sum, count: hash.rows, absentMax: absentMax)
        }
    }
}

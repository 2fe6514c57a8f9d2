import Events
import GRDB
import GRDBSQLite
import LogFormat

/// A prepared statement, used again and again; binding a row costs no allocation but SQLite's own.
@safe
final class PreparedStatement {
    // SAFETY: finalised once, in deinit, before the connection is closed by its owner.
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private let path: String

    init(_ connection: OpaquePointer, _ sql: String, path: String) throws(ProjectionError) {
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared = unsafe prepared else {
            throw unsafe Self.error(connection, path, code)
        }
        unsafe handle = prepared
        unsafe self.connection = connection
        self.path = path
    }

    deinit { unsafe _ = sqlite3_finalize(handle) }

    static func error(_ connection: OpaquePointer, _ path: String, _ code: Int32) -> ProjectionError {
        let text = unsafe String(cString: sqlite3_errmsg(connection))
        if code == SQLITE_BUSY || code == SQLITE_LOCKED {
            return ProjectionError(
                .database, "\(path): another program uses the database; end it, or give another file with --out")
        }
        if code == SQLITE_NOTADB || code == SQLITE_CORRUPT {
            return ProjectionError(
                .foreign, "\(path): \(text); nothing in it is the truth: delete the file and rebuild it")
        }
        return ProjectionError(
            .database, "\(path): SQLite says '\(text)' (code \(code)); check the disk, or delete the file and rebuild")
    }

    /// Binds all fields of a row and runs the statement.
    func run<Row: ViewRow>(_ row: inout Row) throws(ProjectionError) {
        bind(&row, keyOnly: false)
        try run()
    }

    /// Runs the statement.
    func run() throws(ProjectionError) {
        let code = unsafe sqlite3_step(handle)
        unsafe _ = sqlite3_reset(handle)
        guard code == SQLITE_DONE else { throw unsafe Self.error(connection, path, code) }
    }

    /// Binds the key of `row` and reads the rest of it; false if there is no such row.
    func read<Row: ViewRow>(_ row: inout Row, bindsKey: Bool = true) throws(ProjectionError) -> Bool {
        if bindsKey { bind(&row, keyOnly: true) }
        let code = unsafe sqlite3_step(handle)
        defer { unsafe _ = sqlite3_reset(handle) }
        if code == SQLITE_DONE { return false }
        guard code == SQLITE_ROW else { throw unsafe Self.error(connection, path, code) }
        var loader = unsafe RowLoader(handle)
        row.fields(&loader)
        guard !loader.failed else {
            throw ProjectionError(
                .foreign,
                "\(path): a row of \(Row.typeName) holds what the program never writes; delete the file and rebuild it")
        }
        return true
    }

    private func bind<Row: ViewRow>(_ row: inout Row, keyOnly: Bool) {
        var binder = unsafe RowBinder(handle, limit: keyOnly ? Row.keyColumnCount : .max)
        row.fields(&binder)
    }
}

/// Makes SQLite copy what it is given.
private var transient: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

/// Binds the fields of a row.
@safe
private struct RowBinder: CellVisitor {
    private let handle: OpaquePointer
    private let limit: Int
    private var index = 0

    init(_ handle: OpaquePointer, limit: Int) {
        unsafe self.handle = handle
        self.limit = limit
    }

    @inline(__always)
    private mutating func next() -> Int32? {
        index += 1
        return index <= limit ? Int32(truncatingIfNeeded: index) : nil
    }

    mutating func integer(_ value: inout Int64) {
        if let at = next() { unsafe _ = sqlite3_bind_int64(handle, at, value) }
    }

    mutating func real(_ value: inout Double) {
        if let at = next() { unsafe _ = sqlite3_bind_double(handle, at, value) }
    }

    mutating func text(_ value: inout String) {
        guard let at = next() else { return }
        value.withUTF8 { utf8 in
            // The address of an empty buffer is nil, which SQLite would take for NULL.
            unsafe _ = sqlite3_bind_text(
                handle, at, utf8.baseAddress ?? Self.empty.utf8Start, Int32(utf8.count), transient)
        }
    }

    private static let empty: StaticString = ""

    mutating func symbolIndex(_ index: UInt8, of symbols: [String]) -> UInt8? {
        var name = symbols[Int(index)]
        text(&name)
        return nil
    }

    mutating func id(_ high: inout UInt64, _ low: inout UInt64) {
        guard let at = next() else { return }
        var characters = ULIDText.characters(high, low)
        unsafe withUnsafeBytes(of: &characters) { bytes in
            unsafe _ = sqlite3_bind_text(handle, at, bytes.bindMemory(to: UInt8.self).baseAddress, 26, transient)
        }
    }

    mutating func isPresent(_ hasValue: Bool) -> Bool {
        if !hasValue, let at = next() { unsafe _ = sqlite3_bind_null(handle, at) }
        return hasValue
    }
}

/// Reads the fields of a row.
@safe
private struct RowLoader: CellVisitor {
    private let handle: OpaquePointer
    private var index: Int32 = 0
    private(set) var failed = false

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    private mutating func next(_ type: Int32) -> Int32 {
        defer { index += 1 }
        if unsafe sqlite3_column_type(handle, index) != type { failed = true }
        return index
    }

    mutating func integer(_ value: inout Int64) {
        value = unsafe sqlite3_column_int64(handle, next(SQLITE_INTEGER))
    }

    mutating func real(_ value: inout Double) {
        value = unsafe sqlite3_column_double(handle, next(SQLITE_FLOAT))
    }

    mutating func text(_ value: inout String) { value = nextText() }

    private mutating func nextText() -> String {
        let at = next(SQLITE_TEXT)
        guard let start = unsafe sqlite3_column_text(handle, at) else { return "" }
        let count = unsafe Int(sqlite3_column_bytes(handle, at))
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    mutating func symbolIndex(_ index: UInt8, of symbols: [String]) -> UInt8? {
        let name = nextText()
        guard let found = symbols.firstIndex(of: name) else {
            failed = true
            return nil
        }
        return UInt8(found)
    }

    mutating func id(_ high: inout UInt64, _ low: inout UInt64) {
        guard let id = ULID(text: nextText()) else {
            failed = true
            return
        }
        (high, low) = (id.high, id.low)
    }

    mutating func isPresent(_ hasValue: Bool) -> Bool {
        guard unsafe sqlite3_column_type(handle, index) == SQLITE_NULL else { return true }
        index += 1
        return false
    }
}

/// The 26 characters of a ULID, without a string.
enum ULIDText {
    private static let alphabet: InlineArray<32, UInt8> = [
        48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 65, 66, 67, 68, 69, 70, 71, 72, 74, 75, 77, 78, 80, 81, 82, 83, 84,
        86, 87, 88, 89, 90,
    ]

    /// The characters of 128 bits, the first ones first; two bits that are always zero come before them.
    @inline(__always)
    static func characters(_ high: UInt64, _ low: UInt64) -> InlineArray<26, UInt8> {
        var text = InlineArray<26, UInt8>(repeating: 0)
        var bits = UInt128(high) << 64 | UInt128(low)
        for index in (0..<26).reversed() {
            text[index] = alphabet[Int(truncatingIfNeeded: bits & 31)]
            bits >>= 5
        }
        return text
    }
}

import LogFormat

/// Canonical bytes of rows, one after the other: what is hashed, and what goes into the file.
///
/// Each cell is a tag and its value, little-endian; a text has its length before it. One visit of a row serves its
/// digest and its way into SQLite, and the bytes hold no reference to anything: a thread that writes them shares no
/// count with the thread that folds on.
@safe
struct RowBytes: ~Copyable {
    // SAFETY: owned by this value alone, `capacity` bytes, of which `count` are written; freed in deinit.
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// Bytes of all rows.
    private(set) var count = 0

    /// No rows, with room for `capacity` bytes.
    init(capacity: Int = 0) {
        self.capacity = max(capacity, 1024)
        unsafe base = .allocate(byteCount: self.capacity, alignment: 8)
    }

    deinit { unsafe base.deallocate() }

    /// Adds a row.
    mutating func append<Row: ViewRow>(_ row: inout Row) {
        var cells = unsafe CanonicalCells(base: base, count: count, capacity: capacity)
        row.fields(&cells)
        unsafe (base, count, capacity) = (cells.base, cells.count, cells.capacity)
    }

    /// SHA-256 of the bytes from `start` on.
    func digest(from start: Int) -> RowDigest {
        unsafe RowDigest(SHA256Hasher.words(of: UnsafeRawBufferPointer(start: base + start, count: count - start)))
    }

    /// Forgets the bytes from `count` on.
    mutating func truncate(to count: Int) { self.count = min(count, self.count) }

    /// Calls `body` with all bytes.
    func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        unsafe try body(UnsafeRawBufferPointer(start: base, count: count))
    }
}

/// What a cell of a row begins with.
enum CellTag {
    static let nothing: UInt8 = 0
    static let integer: UInt8 = 1
    static let real: UInt8 = 2
    static let text: UInt8 = 3
    /// The 16 bytes of an id, the only bytes that rows hold.
    static let id: UInt8 = 4
}

/// Writes the cells of one row behind those before it.
///
/// The memory is handed over and back by value: what a visitor reaches through an object is checked for overlapping
/// uses with every cell.
@safe
private struct CanonicalCells: CellVisitor {
    // SAFETY: `RowBytes` hands its memory over and takes it back after the visit; nobody else uses it meanwhile.
    private(set) var base: UnsafeMutableRawPointer
    private(set) var count: Int
    private(set) var capacity: Int

    init(base: UnsafeMutableRawPointer, count: Int, capacity: Int) {
        unsafe self.base = base
        self.count = count
        self.capacity = capacity
    }

    @inline(__always)
    private mutating func reserve(_ byteCount: Int) { if capacity &- count < byteCount { grow(byteCount) } }

    @inline(never)
    private mutating func grow(_ byteCount: Int) {
        capacity = max(2 * capacity, count + byteCount)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        unsafe larger.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = larger
    }

    @inline(__always)
    private mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
        unsafe base.storeBytes(of: value.littleEndian, toByteOffset: count, as: T.self)
        count &+= MemoryLayout<T>.size
    }

    @inline(__always)
    mutating func integer(_ value: inout Int64) {
        reserve(9)
        put(CellTag.integer)
        put(value)
    }

    @inline(__always)
    mutating func real(_ value: inout Double) {
        reserve(9)
        put(CellTag.real)
        put(value.bitPattern)
    }

    mutating func text(_ value: inout String) {
        value.withUTF8 { utf8 in
            reserve(5 + utf8.count)
            put(CellTag.text)
            put(UInt32(utf8.count))
            guard let source = utf8.baseAddress else { return }
            unsafe (base + count).copyMemory(from: source, byteCount: utf8.count)
            count += utf8.count
        }
    }

    mutating func symbolIndex(_ index: UInt8, of symbols: [String]) -> UInt8? {
        // The name, not the number: numbers of symbols may differ between programs, what a table says may not.
        var name = symbols[Int(index)]
        text(&name)
        return nil
    }

    @inline(__always)
    mutating func id(_ high: inout UInt64, _ low: inout UInt64) {
        reserve(17)
        put(CellTag.id)
        put(high.byteSwapped)
        put(low.byteSwapped)
    }

    @inline(__always)
    mutating func isPresent(_ hasValue: Bool) -> Bool {
        if !hasValue {
            reserve(1)
            put(CellTag.nothing)
        }
        return hasValue
    }
}

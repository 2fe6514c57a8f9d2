/// Rows of a table that changed since it was settled last, as canonical bytes.
struct RowChanges: ~Copyable {
    /// Rows to write.
    private(set) var rows: RowBytes
    /// Where each of them begins.
    private(set) var starts: [Int64] = []
    /// Rows that were taken out; only their keys count.
    private(set) var removed = RowBytes()
    /// Where each of them begins.
    private(set) var removedStarts: [Int64] = []
    private let areKept: Bool

    /// No changes yet, with room for those of about `rowCount` rows.
    ///
    /// What is not kept is only hashed.
    init(areKept: Bool, rowCount: Int = 0) {
        self.areKept = areKept
        rows = RowBytes(capacity: areKept ? rowCount * Self.bytesOfRow : 0)
        if areKept { starts.reserveCapacity(rowCount) }
    }

    /// More than rows of the large tables take: pages that are not reached cost nothing.
    private static let bytesOfRow = 320

    /// Whether nothing changed.
    var isEmpty: Bool { starts.isEmpty && removedStarts.isEmpty }

    /// Adds a row and returns its digest; one whose digest is still `before` is left out.
    @inline(__always)
    mutating func put<Row: ViewRow>(_ row: inout Row, unless before: RowDigest?) -> RowDigest {
        let start = rows.count
        rows.append(&row)
        let digest = rows.digest(from: start)
        if areKept, digest != before { starts.append(Int64(start)) } else { rows.truncate(to: start) }
        return digest
    }

    /// Adds a row that was taken out.
    mutating func remove<Row: ViewRow>(_ row: inout Row) {
        guard areKept else { return }
        removedStarts.append(Int64(removed.count))
        removed.append(&row)
    }
}

/// A list that grows without moving what it holds: chunks of a fixed length, one after the other.
///
/// A growing array would copy all rows each time that it doubles, into pages that the system has to clear first.
struct RowChunks<Element> {
    private static var shift: Int { 9 }
    private static var chunkCount: Int { 1 << shift }

    private var chunks: [ContiguousArray<Element>] = []
    private(set) var count = 0

    @inline(__always)
    subscript(_ at: Int) -> Element {
        _read { yield chunks[at >> Self.shift][at & (Self.chunkCount - 1)] }
        _modify { yield &chunks[at >> Self.shift][at & (Self.chunkCount - 1)] }
    }

    @inline(__always)
    mutating func append(_ element: consuming Element) {
        let chunk = count >> Self.shift
        if chunk == chunks.count {
            var fresh = ContiguousArray<Element>()
            fresh.reserveCapacity(Self.chunkCount)
            chunks.append(fresh)
        }
        chunks[chunk].append(element)
        count += 1
    }

    /// Drops whole chunks from the front, telling of each element; the rest moves up.
    ///
    /// At most `limit` elements are left, or less than a chunk more; with a limit below a chunk everything goes.
    mutating func dropFirst(over limit: Int, _ tell: (borrowing Element) -> Void) {
        let dropped = limit < Self.chunkCount ? chunks.count : max(0, (count - limit) >> Self.shift)
        for chunk in chunks.prefix(dropped) {
            for at in chunk.indices { tell(chunk[at]) }
        }
        chunks.removeFirst(dropped)
        count = max(0, count - dropped << Self.shift)
    }
}

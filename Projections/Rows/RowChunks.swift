/// A list that grows without moving what it holds: chunks of a fixed length, one after the other.
///
/// A growing array would copy all rows each time that it doubles. Chunks that were emptied are used again, so that a
/// fold that keeps a number of rows asks the system for no more memory: it clears each page that it gives.
///
/// Copies share their memory until one of them changes.
struct RowChunks<Element> {
    private var storage = RowStorage<Element>()

    /// How many elements there are.
    @inline(__always)
    var count: Int { storage.count }

    @inline(__always)
    subscript(_ at: Int) -> Element {
        _read { yield unsafe storage.element(at).pointee }
        _modify {
            makeUnique()
            yield unsafe &storage.element(at).pointee
        }
    }

    /// Where an element lies until the list changes, to read a part of it: the subscript copies all of it first.
    @inline(__always)
    @unsafe
    func address(_ at: Int) -> UnsafeMutablePointer<Element> { unsafe storage.element(at) }

    @inline(__always)
    private mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
    }

    @inline(__always)
    mutating func append(_ element: consuming Element) {
        makeUnique()
        unsafe storage.nextPlace().initialize(to: element)
    }

    /// Drops elements from the front until at most `limit` are left, telling of each one; the rest moves up.
    mutating func dropFirst(over limit: Int, _ tell: (borrowing Element) -> Void) {
        guard count > limit else { return }
        makeUnique()
        storage.dropFirst(count - limit, tell)
    }
}

/// The memory of a list.
@safe
private final class RowStorage<Element> {
    @unsafe
    private struct Header {
        /// Places at the front whose elements were dropped.
        var offset = 0
        var count = 0
        /// Places over all chunks; the first chunk begins small and is made anew until it has its full length.
        var capacity = 0
        var chunks: [UnsafeMutablePointer<Element>] = unsafe []
    }

    // SAFETY: made in init, freed in deinit, and handed out to nobody. It is reached through an address because what is
    // stored in an object is checked for overlapping uses each time. Places `offset ..< offset + count`, counted over
    // all chunks, are initialised.
    private let header: UnsafeMutablePointer<Header>

    init() {
        unsafe header = .allocate(capacity: 1)
        unsafe header.initialize(to: Header())
    }

    deinit {
        dropFirst(count) { _ in }
        for index in unsafe header.pointee.chunks.indices { unsafe header.pointee.chunks[index].deallocate() }
        unsafe header.deinitialize(count: 1)
        unsafe header.deallocate()
    }

    /// Places of a chunk: a power of two, for 2 MiB at most.
    private static var shift: Int {
        let fitting = max(1, (2 << 20) / max(1, MemoryLayout<Element>.stride))
        return Int.bitWidth - 1 - fitting.leadingZeroBitCount
    }

    private static var chunkCount: Int { 1 << shift }

    @inline(__always)
    var count: Int { unsafe header.pointee.count }

    @inline(__always)
    private func place(_ index: Int) -> UnsafeMutablePointer<Element> {
        unsafe header.pointee.chunks[index >> Self.shift] + index & (Self.chunkCount - 1)
    }

    @inline(__always)
    func element(_ at: Int) -> UnsafeMutablePointer<Element> {
        precondition(at >= 0 && at < count, "Invariant: a place is below the count")
        return unsafe place(header.pointee.offset + at)
    }

    /// The place behind the last element, which counts from now on and must be initialised.
    @inline(__always)
    func nextPlace() -> UnsafeMutablePointer<Element> {
        let index = unsafe header.pointee.offset + header.pointee.count
        if unsafe index == header.pointee.capacity { grow() }
        unsafe header.pointee.count += 1
        return unsafe place(index)
    }

    @inline(never)
    private func grow() {
        let capacity = unsafe header.pointee.capacity
        if capacity < Self.chunkCount {
            growFirst(to: min(max(64, 4 * capacity), Self.chunkCount))
        } else {
            unsafe header.pointee.chunks.append(.allocate(capacity: Self.chunkCount))
            unsafe header.pointee.capacity += Self.chunkCount
        }
    }

    private func growFirst(to capacity: Int) {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
        if let old = unsafe header.pointee.chunks.first {
            let offset = unsafe header.pointee.offset
            unsafe (larger + offset).moveInitialize(from: old + offset, count: count)
            unsafe old.deallocate()
        }
        unsafe header.pointee.chunks = [larger]
        unsafe header.pointee.capacity = capacity
    }

    func dropFirst(_ dropped: Int, _ tell: (borrowing Element) -> Void) {
        for at in 0..<dropped {
            let gone = unsafe element(at)
            unsafe tell(gone.pointee)
            unsafe gone.deinitialize(count: 1)
        }
        unsafe header.pointee.offset += dropped
        unsafe header.pointee.count -= dropped
        reuseEmptyChunks()
    }

    /// Puts chunks that were emptied behind the others.
    private func reuseEmptyChunks() {
        let empty = unsafe header.pointee.offset >> Self.shift
        guard empty > 0 else { return }
        let chunks = unsafe header.pointee.chunks
        unsafe header.pointee.chunks = Array(chunks.dropFirst(empty) + chunks.prefix(empty))
        unsafe header.pointee.offset &= Self.chunkCount - 1
    }

    /// Another list of the same elements.
    func copy() -> RowStorage {
        let other = RowStorage()
        for at in 0..<count { unsafe other.nextPlace().initialize(to: element(at).pointee) }
        return other
    }
}

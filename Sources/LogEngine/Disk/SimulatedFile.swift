internal import CLotus

/// A change of a file that is not yet on stable storage.
enum FileOperation: Sendable {
    /// Bytes written at an offset.
    case write(offset: Int, bytes: [UInt8])
    /// The file's first bytes as stored through a mapping; on stable storage wholly or not at all.
    case mapped([UInt8])
    /// Cut or extended.
    case truncate(Int)
}

/// A file of the simulated disk: what the page cache says, what the platter says, and what lies between them.
struct SimulatedFile: Sendable {
    /// Where it stands now, or nil if something else was renamed over it.
    var path: String?
    /// What readers see.
    var visible: [UInt8] = []
    /// What a power cut leaves for sure.
    var durable: [UInt8] = []
    /// What was done since the last sync.
    ///
    /// Applied to `durable` it gives `visible`, unless a failed sync dropped some.
    var unsynced: [FileOperation] = []
    /// The open file that holds the lock.
    var lockHolder: Int32?
    /// Open files that stand for it.
    var openCount = 0
    /// The memory that stands for its first bytes while it is mapped.
    var region: MappedRegion?

    /// Writes through the page cache.
    mutating func write(_ bytes: [UInt8], at offset: Int) {
        absorb()
        visible.put(bytes[...], at: offset)
        region?.store(bytes, at: offset)
        unsynced.append(.write(offset: offset, bytes: bytes))
    }

    /// Cuts or extends.
    mutating func truncate(to size: Int) {
        absorb()
        if size < visible.count {
            region?.store([UInt8](repeating: 0, count: visible.count - size), at: size)
        }
        visible.resize(size)
        unsynced.append(.truncate(size))
    }

    /// Makes the content durable.
    mutating func sync() {
        absorb()
        for operation in unsynced {
            switch operation {
            case .write(let offset, let bytes): durable.put(bytes[...], at: offset)
            case .mapped(let bytes): durable.put(bytes[...], at: 0)
            case .truncate(let size): durable.resize(size)
            }
        }
        unsynced.removeAll(keepingCapacity: true)
    }

    /// A failed sync: the page cache goes on showing what will never reach the platter.
    mutating func dropDirtyData() {
        absorb()
        unsynced.removeAll()
    }

    /// Takes over what was stored through a mapping since the last look.
    mutating func absorb() {
        guard let region else { return }
        let count = min(region.byteCount, visible.count)
        let memory = region.load(count)
        if memory.elementsEqual(visible[..<count]) { return }
        visible.put(memory[...], at: 0)
        // Nobody can tell two stores apart that no sync came between.
        if case .mapped? = unsynced.last { unsynced.removeLast() }
        unsynced.append(.mapped(memory))
    }

    /// Takes the mapping away from the file, which keeps what the memory says.
    mutating func detach() {
        absorb()
        region = nil
    }
}

/// Memory that stands for the first bytes of a file, shared by all who map it.
@safe
final class MappedRegion: @unchecked Sendable {
    // SAFETY: `mapperCount` is only touched under the lock of the disk. The disk reads the memory with atomic loads,
    // since mappers store into it at any time, as they would beside a kernel.
    let base: UnsafeMutableRawPointer
    let byteCount: Int
    var mapperCount = 0

    /// Allocates whole pages of zeros.
    init(byteCount: Int) {
        self.byteCount = (byteCount + 4095) / 4096 * 4096
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: self.byteCount, alignment: 4096)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: self.byteCount)
    }

    deinit { unsafe base.deallocate() }

    /// The first bytes.
    func load(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count {
            let word = unsafe clotus_load_relaxed_u64(base + bytes.count)
            unsafe withUnsafeBytes(of: word) { unsafe bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Overwrites what of `bytes` falls into the region.
    func store(_ bytes: [UInt8], at offset: Int) {
        let count = min(bytes.count, byteCount - offset)
        guard count > 0 else { return }
        unsafe bytes.withUnsafeBytes { source in
            unsafe (base + offset).copyMemory(from: source.baseAddress ?? UnsafeRawPointer(base), byteCount: count)
        }
    }
}

extension [UInt8] {
    /// Overwrites and extends; a gap is filled with zeros.
    mutating func put(_ bytes: ArraySlice<UInt8>, at offset: Int) {
        if offset > count { resize(offset) }
        let overlap = Swift.min(bytes.count, count - offset)
        replaceSubrange(offset..<offset + overlap, with: bytes.prefix(overlap))
        append(contentsOf: bytes.dropFirst(overlap))
    }

    /// Cuts, or extends with zeros.
    mutating func resize(_ size: Int) {
        if size < count { removeLast(count - size) } else { append(contentsOf: repeatElement(0, count: size - count)) }
    }
}

import LogEngine

/// A simulated disk that keeps a copy of itself after each call that changed it, so that a test can let the power fail
/// at every moment of something that ran on threads of its own.
final class WatchedDisk: LogFS {
    let disk: SimulatedDisk
    private let copies = Guarded<[SimulatedDisk]>([])

    init(_ disk: SimulatedDisk) { self.disk = disk }

    /// The copies since the last time, oldest first.
    func takeCopies() -> [SimulatedDisk] {
        copies.withLock { copies in
            defer { copies = [] }
            return copies
        }
    }

    private func watching<T>(_ body: () throws(FSError) -> T) throws(FSError) -> T {
        let result = try body()
        copies.withLock { $0.append(disk.copy()) }
        return result
    }

    func open(_ path: String, _ mode: OpenMode) throws(FSError) -> FileID {
        try watching { () throws(FSError) in try disk.open(path, mode) }
    }
    func close(_ file: FileID) { disk.close(file) }
    func readSome(
        _ file: FileID, into target: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(FSError) -> Int { unsafe try disk.readSome(file, into: target, at: offset) }
    func writeSome(_ file: FileID, _ source: UnsafeRawBufferPointer, at offset: UInt64) throws(FSError) -> Int {
        try watching { () throws(FSError) in unsafe try disk.writeSome(file, source, at: offset) }
    }
    func syncData(_ file: FileID) throws(FSError) { try watching { () throws(FSError) in try disk.syncData(file) } }
    func syncDirectory(_ path: String) throws(FSError) {
        try watching { () throws(FSError) in try disk.syncDirectory(path) }
    }
    func size(_ file: FileID) throws(FSError) -> UInt64 { try disk.size(file) }
    func truncate(_ file: FileID, to size: UInt64) throws(FSError) {
        try watching { () throws(FSError) in try disk.truncate(file, to: size) }
    }
    func list(_ path: String) throws(FSError) -> [String] { try disk.list(path) }
    func createDirectory(_ path: String) throws(FSError) {
        try watching { () throws(FSError) in try disk.createDirectory(path) }
    }
    func rename(_ path: String, to newPath: String) throws(FSError) {
        try watching { () throws(FSError) in try disk.rename(path, to: newPath) }
    }
    func kind(_ path: String) -> PathKind { disk.kind(path) }
    func lock(_ file: FileID) throws(FSError) -> Bool { try disk.lock(file) }
    func freeBytes(_ path: String) throws(FSError) -> UInt64 { try disk.freeBytes(path) }
    func map(_ file: FileID, byteCount: Int, writable: Bool) throws(FSError) -> UnsafeMutableRawPointer {
        unsafe try disk.map(file, byteCount: byteCount, writable: writable)
    }
    func unmap(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
        unsafe disk.unmap(pointer, byteCount: byteCount)
    }
}

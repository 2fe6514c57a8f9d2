import LogEngine
import Synchronization

/// A simulated disk that counts the bytes that are read from it.
final class ReadCounter: LogFS {
    private struct Counts {
        var paths: [FileID: String] = [:]
        var bytes: [String: Int] = [:]
        var reads: [String: Int] = [:]
    }

    private let disk: SimulatedDisk
    private let counts = Mutex(Counts())

    init(_ disk: SimulatedDisk) { self.disk = disk }

    /// Bytes read so far.
    var bytesRead: Int { counts.withLock { $0.bytes.values.reduce(0, +) } }

    /// Bytes read so far of a file.
    func bytesRead(of path: String) -> Int { counts.withLock { $0.bytes[path] ?? 0 } }

    /// Reads so far of a file.
    func reads(of path: String) -> Int { counts.withLock { $0.reads[path] ?? 0 } }

    func readSome(
        _ file: FileID, into target: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(FSError) -> Int {
        let bytes = unsafe try disk.readSome(file, into: target, at: offset)
        counts.withLock {
            let path = $0.paths[file] ?? ""
            $0.bytes[path, default: 0] += bytes
            $0.reads[path, default: 0] += 1
        }
        return bytes
    }

    func open(_ path: String, _ mode: OpenMode) throws(FSError) -> FileID {
        let file = try disk.open(path, mode)
        counts.withLock { $0.paths[file] = path }
        return file
    }
    func close(_ file: FileID) { disk.close(file) }
    func writeSome(_ file: FileID, _ source: UnsafeRawBufferPointer, at offset: UInt64) throws(FSError) -> Int {
        unsafe try disk.writeSome(file, source, at: offset)
    }
    func syncData(_ file: FileID) throws(FSError) { try disk.syncData(file) }
    func syncDirectory(_ path: String) throws(FSError) { try disk.syncDirectory(path) }
    func size(_ file: FileID) throws(FSError) -> UInt64 { try disk.size(file) }
    func truncate(_ file: FileID, to size: UInt64) throws(FSError) { try disk.truncate(file, to: size) }
    func list(_ path: String) throws(FSError) -> [String] { try disk.list(path) }
    func createDirectory(_ path: String) throws(FSError) { try disk.createDirectory(path) }
    func rename(_ path: String, to newPath: String) throws(FSError) { try disk.rename(path, to: newPath) }
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

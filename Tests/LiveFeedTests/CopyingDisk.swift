import LogEngine
import Synchronization

/// A simulated disk that keeps copies of itself while something runs on it, one for each so many calls that changed it:
/// the moments at which the power may fail.
final class CopyingDisk: LogFS {
    let disk: SimulatedDisk
    private let state: Mutex<(calls: Int, copies: [SimulatedDisk])>
    private let stride: Int

    init(_ disk: SimulatedDisk, every stride: Int) {
        self.disk = disk
        self.stride = stride
        state = Mutex((0, []))
    }

    var copies: [SimulatedDisk] { state.withLock { $0.copies } }

    private func changed() {
        state.withLock { state in
            state.calls += 1
            if state.calls % stride == 0 { state.copies.append(disk.copy()) }
        }
    }

    func open(_ path: String, _ mode: OpenMode) throws(FSError) -> FileID { try disk.open(path, mode) }
    func close(_ file: FileID) { disk.close(file) }
    func readSome(
        _ file: FileID, into target: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(FSError) -> Int { unsafe try disk.readSome(file, into: target, at: offset) }
    func writeSome(_ file: FileID, _ source: UnsafeRawBufferPointer, at offset: UInt64) throws(FSError) -> Int {
        defer { changed() }
        return unsafe try disk.writeSome(file, source, at: offset)
    }
    func syncData(_ file: FileID) throws(FSError) {
        defer { changed() }
        try disk.syncData(file)
    }
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

import LogEngine

/// A simulated disk as a reader sees it: counts the bytes that it reads, and lets a test do something between two of
/// its calls.
final class ReaderDisk: LogFS {
    let disk: SimulatedDisk
    private let state = Guarded(State())

    private struct State {
        var bytesRead = 0
        var calls = 0
        var actAt = Int.max
        var action: (@Sendable () -> Void)?
    }

    init(_ disk: SimulatedDisk) { self.disk = disk }

    /// Bytes read so far.
    var bytesRead: Int { state.withLock { $0.bytesRead } }

    /// Does `action` once, before the call with this number from now on.
    func act(atCall call: Int, _ action: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.calls = 0
            state.actAt = call
            state.action = action
        }
    }

    private func call() {
        let action = state.withLock { state -> (@Sendable () -> Void)? in
            defer { state.calls += 1 }
            guard state.calls == state.actAt else { return nil }
            defer { state.action = nil }
            return state.action
        }
        action?()
    }

    func open(_ path: String, _ mode: OpenMode) throws(FSError) -> FileID {
        call()
        return try disk.open(path, mode)
    }
    func close(_ file: FileID) { disk.close(file) }
    func readSome(
        _ file: FileID, into target: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(FSError) -> Int {
        call()
        let count = unsafe try disk.readSome(file, into: target, at: offset)
        state.withLock { $0.bytesRead += count }
        return count
    }
    func writeSome(_ file: FileID, _ source: UnsafeRawBufferPointer, at offset: UInt64) throws(FSError) -> Int {
        unsafe try disk.writeSome(file, source, at: offset)
    }
    func syncData(_ file: FileID) throws(FSError) { try disk.syncData(file) }
    func syncDirectory(_ path: String) throws(FSError) { try disk.syncDirectory(path) }
    func size(_ file: FileID) throws(FSError) -> UInt64 {
        call()
        return try disk.size(file)
    }
    func truncate(_ file: FileID, to size: UInt64) throws(FSError) { try disk.truncate(file, to: size) }
    func list(_ path: String) throws(FSError) -> [String] {
        call()
        return try disk.list(path)
    }
    func createDirectory(_ path: String) throws(FSError) { try disk.createDirectory(path) }
    func rename(_ path: String, to newPath: String) throws(FSError) { try disk.rename(path, to: newPath) }
    func kind(_ path: String) -> PathKind {
        call()
        return disk.kind(path)
    }
    func lock(_ file: FileID) throws(FSError) -> Bool { try disk.lock(file) }
    func freeBytes(_ path: String) throws(FSError) -> UInt64 { try disk.freeBytes(path) }
    func map(_ file: FileID, byteCount: Int, writable: Bool) throws(FSError) -> UnsafeMutableRawPointer {
        unsafe try disk.map(file, byteCount: byteCount, writable: writable)
    }
    func unmap(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
        unsafe disk.unmap(pointer, byteCount: byteCount)
    }
}

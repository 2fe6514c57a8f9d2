import LogEngine
import LogFormat
import VenueFeed

/// The lines of a session: hashed always, and written to a new file if there is one.
final class Recording {
    /// Bytes of all lines.
    private(set) var byteCount: UInt64 = 0

    private let path: String?
    private let fileSystem: any LogFS
    private var file: FileID?
    private var buffer: [UInt8] = []
    private var writtenCount: UInt64 = 0
    private var hasher = SHA256Hasher()

    /// Makes the file.
    ///
    /// - Throws: `usage` if something is there already; `fileSystem`.
    init(_ path: String?, _ fileSystem: any LogFS) throws(LogError) {
        self.path = path
        self.fileSystem = fileSystem
        guard let path else { return }
        try Self.check(path, fileSystem)
        do throws(FSError) { file = try fileSystem.open(path, .create) } catch { throw LogError(error) }
    }

    deinit { if let file { fileSystem.close(file) } }

    /// Refuses a place where something is.
    static func check(_ path: String, _ fileSystem: any LogFS) throws(LogError) {
        guard fileSystem.kind(path) == .nothing else {
            throw LogError(.usage, "\(path): is there already; expected a new file for the recording: choose another")
        }
    }

    /// Takes a line with its line feed.
    func add(_ line: borrowing Span<UInt8>) {
        let start = buffer.count
        for index in line.indices { buffer.append(line[index]) }
        unsafe buffer.withUnsafeBytes { bytes in
            unsafe hasher.update(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
        byteCount += UInt64(line.count)
        if file == nil { buffer.removeAll(keepingCapacity: true) }
    }

    /// Hands the lines so far to the system: before the events that were made of them are durable.
    func flush() throws(LogError) {
        guard let file, !buffer.isEmpty else { return }
        do throws(FSError) { try fileSystem.write(file, buffer, at: writtenCount) } catch { throw LogError(error) }
        writtenCount += UInt64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes the lines durable; the digest of all of them.
    func finish() throws(LogError) -> Digest {
        try flush()
        if let file, let path {
            let slash = path.lastIndex(of: "/")
            let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
            do throws(FSError) {
                try fileSystem.syncData(file)
                try fileSystem.syncDirectory(folder)
            } catch { throw LogError(error) }
        }
        return hasher.digest()
    }
}

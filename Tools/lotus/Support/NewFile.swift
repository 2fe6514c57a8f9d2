import Glibc
import LogEngine

/// A file that is there as a whole or not at all: it is written under another name, which is its own with `.partial`
/// behind it, and takes its name at the end.
final class NewFile {
    let path: String
    private let partial: String
    private var descriptor: Int32

    /// Makes the file under its other name; what a process that died left there is written over.
    init(_ path: String) throws(LogError) {
        self.path = path
        partial = path + ".partial"
        descriptor = unsafe open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure("open") }
    }

    /// What was not finished is not left behind.
    deinit {
        guard descriptor >= 0 else { return }
        _ = close(descriptor)
        unsafe _ = unlink(partial)
    }

    /// Writes bytes behind those that are there.
    func write(_ bytes: UnsafeRawBufferPointer) throws(LogError) {
        var done = 0
        while done < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw failure("write")
            }
        }
    }

    /// Gives the file its name, once its bytes are on the disk.
    func finish() throws(LogError) {
        guard fsync(descriptor) == 0 else { throw failure("sync") }
        guard unsafe rename(partial, path) == 0 else { throw failure("rename") }
        _ = close(descriptor)
        descriptor = -1
    }

    private func failure(_ operation: String) -> LogError {
        let error = FSError(code: errno, operation: operation, path: partial)
        return LogError(
            .fileSystem, "\(path): cannot be written: \(error); name a file in a folder that is there and has room")
    }
}

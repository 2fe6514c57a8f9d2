import Glibc
import LogEngine

/// Files that a user names and that are read as a whole: also pipes and devices, which have no size to go by.
enum WholeFile {
    private static let chunkBytes = 64 << 10

    /// Reads a file to its end.
    ///
    /// - Parameter what: What the file is expected to hold, for the message when it is longer than `limit` bytes.
    static func read(_ path: String, limit: Int, what: String) throws(ToolError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw failure("read", path)
            }
            guard bytes.count + count <= limit else {
                throw ToolError(
                    "\(path): holds more than \(limit) bytes, expected \(what) of at most that; "
                        + "split it, or look whether the right file was named")
            }
            bytes += chunk[..<count]
        }
    }

    private static func failure(_ operation: String, _ path: String) -> ToolError {
        let error = FSError(code: errno, operation: operation, path: path)
        return ToolError("\(path): cannot be read: \(error); give a file or pipe that this user may read")
    }
}

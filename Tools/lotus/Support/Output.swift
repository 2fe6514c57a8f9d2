import Glibc
import LogEngine
import LogFormat

/// Standard output behind a large buffer; a reader that goes away is noted, not fatal.
final class Output {
    /// What was not written yet; printers append to it.
    var bytes = ByteBuffer(capacity: 320 << 10)
    /// Whether nobody reads any more; everything further is dropped.
    private(set) var isClosed = false

    private static let flushBytes = 256 << 10

    /// Whether it is time to write the buffer out.
    var isFull: Bool { bytes.count >= Self.flushBytes }

    /// Writes the buffer out if it is nearly full.
    ///
    /// - Throws: `fileSystem` when the file behind standard output cannot be written.
    func flushIfFull() throws(LogError) {
        if isFull { try flush() }
    }

    /// Writes the buffer out.
    func flush() throws(LogError) {
        defer { bytes.removeAll() }
        if isClosed { return }
        var failure: Int32 = 0
        unsafe bytes.withUnsafeBytes { all in
            var done = 0
            while done < all.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[done...])
                let count = unsafe write(STDOUT_FILENO, rest.baseAddress, rest.count)
                if count >= 0 {
                    done += count
                } else if errno == EAGAIN {
                    var waiting = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                    unsafe _ = poll(&waiting, 1, -1)
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        if failure == EPIPE {
            isClosed = true
        } else if failure != 0 {
            throw LogError(.fileSystem, "\(FSError(code: failure, operation: "write", path: "standard output"))")
        }
    }

    /// Writes a line.
    func line(_ text: String) {
        bytes.append(contentsOf: Array(text.utf8))
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Looks whether the reader of a pipe or socket has gone away.
    func checkReader() {
        var state = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        if unsafe poll(&state, 1, 0) > 0, state.revents & Int16(POLLERR | POLLHUP) != 0 { isClosed = true }
    }

    /// Writes the text as the whole output of a verb.
    static func print(_ text: String) throws(LogError) {
        let output = Output()
        output.line(text)
        try output.flush()
    }
}

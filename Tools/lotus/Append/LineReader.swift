import Glibc

/// Reads standard input line by line in large pieces; knows when it would have to wait, and can be woken.
final class LineReader {
    /// What came next.
    enum Item {
        /// A line without its newline; its bytes are `buffer[range]` until the next call.
        case line(Range<Int>)
        /// A line longer than `lineBytesMax`, which was passed over.
        case tooLong
        /// Nothing more comes.
        case end
    }

    /// Longest line that is looked at.
    static let lineBytesMax = 64 << 20
    private static let chunkBytes = 256 << 10

    private(set) var buffer = [UInt8](repeating: 0, count: 2 * chunkBytes)
    private var start = 0
    private var end = 0
    /// Up to here no newline was found.
    private var searched = 0
    private var isPassing = false
    private var isEnded = false
    private var isStopped = false
    /// Readable once reading shall stop.
    private let wakeDescriptor: Int32
    /// Told before the reader waits for more (true), and when more has come (false).
    private let onIdle: (Bool) -> Void
    /// Bytes read so far.
    private(set) var byteCount: UInt64 = 0
    /// Why reading ended early.
    private(set) var failure: Int32 = 0

    init(wakeDescriptor: Int32, onIdle: @escaping (Bool) -> Void) {
        self.wakeDescriptor = wakeDescriptor
        self.onIdle = onIdle
    }

    /// The next line; waits for it if it must.
    func next() -> Item {
        while true {
            if let newline = findNewline() {
                let line = start..<newline
                start = newline + 1
                searched = start
                if isPassing {
                    isPassing = false
                    return .tooLong
                }
                return .line(line)
            }
            if isPassing {
                start = end
            } else if end - start > Self.lineBytesMax {
                isPassing = true
                start = end
            }
            guard !isEnded, fill() else {
                isEnded = true
                // Half a line that was cut off by the request to stop is nobody's mistake.
                if isStopped { return .end }
                let last = start..<end
                start = end
                if isPassing {
                    isPassing = false
                    return .tooLong
                }
                return last.isEmpty ? .end : .line(last)
            }
        }
    }

    private func findNewline() -> Int? {
        guard searched < end else { return nil }
        let (from, count) = (searched, end - searched)
        let found = unsafe buffer.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress, let hit = unsafe memchr(base + from, 10, count) else { return nil }
            return unsafe UnsafeRawPointer(hit) - base
        }
        if found == nil { searched = end }
        return found
    }

    /// Reads more; false at the end of the input.
    private func fill() -> Bool {
        if start == end {
            (start, end) = (0, 0)
            if buffer.count > 2 * Self.chunkBytes { buffer = [UInt8](repeating: 0, count: 2 * Self.chunkBytes) }
        } else if buffer.count - end < Self.chunkBytes {
            let kept = end - start
            if kept + Self.chunkBytes > buffer.count {
                buffer.append(contentsOf: [UInt8](repeating: 0, count: buffer.count))
            }
            if start > 0 { for index in 0..<kept { buffer[index] = buffer[start + index] } }
            (start, end) = (0, kept)
        }
        searched = end
        guard waitForInput() else { return false }
        while true {
            let from = end
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe read(STDIN_FILENO, bytes.baseAddress.map { unsafe $0 + from }, Self.chunkBytes)
            }
            if count > 0 {
                end += count
                byteCount += UInt64(count)
                return true
            }
            if count == 0 { return false }
            if errno == EINTR { continue }
            if errno == EAGAIN {
                guard waitForInput() else { return false }
                continue
            }
            failure = errno
            return false
        }
    }

    /// Waits until there is input; false if reading shall stop.
    private func waitForInput() -> Bool {
        var states = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        var ready = unsafe poll(&states, 2, 0)
        if ready == 0 {
            onIdle(true)
            repeat { ready = unsafe poll(&states, 2, -1) } while ready < 0 && errno == EINTR
            onIdle(false)
        }
        isStopped = states[1].revents != 0
        return !isStopped
    }
}

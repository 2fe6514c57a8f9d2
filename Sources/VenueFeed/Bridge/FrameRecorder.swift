/// Writes messages as lines `<receive time in nanoseconds> <message>`, the shape of hftbacktest's collector, so that
/// a session
/// can be read again like any other capture.
///
/// A line feed inside a message, which JSON knows only as space between its parts, becomes a space: the only byte
/// that ever
/// differs.
package struct FrameRecorder {
    private let write: (borrowing Span<UInt8>) throws -> Void
    private var line: [UInt8] = []
    /// Messages written.
    package private(set) var frameCount = 0
    /// Bytes written.
    package private(set) var byteCount = 0
    /// Line feeds that became spaces.
    package private(set) var replacedCount = 0

    /// Makes a recorder that hands each whole line to `write`; where the bytes go is the caller's business.
    package init(write: @escaping (borrowing Span<UInt8>) throws -> Void) { self.write = write }

    /// Writes one message.
    package mutating func record(_ frame: FeedFrame) throws {
        line.removeAll(keepingCapacity: true)
        line.append(contentsOf: String(frame.receivedNanos).utf8)
        line.append(0x20)
        for byte in frame.bytes {
            let isBreak = byte == 0x0A || byte == 0x0D
            if isBreak { replacedCount += 1 }
            line.append(isBreak ? 0x20 : byte)
        }
        line.append(0x0A)
        try write(line.span)
        frameCount += 1
        byteCount += line.count
    }
}

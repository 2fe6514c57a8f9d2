import CZlib
import LogEngine

/// The lines of a source, one after another, in a buffer that is used again.
@safe
final class LineFeed {
    /// Longest line: a depth snapshot of 5,000 levels has 250 kB, the contexts of all perpetuals 180 kB.
    static let lineBytesMax = 8 << 20
    private static let bufferBytes = 1 << 20

    let bytes: SourceBytes
    /// Lines beyond the limit that were passed over since the caller last looked.
    var longLineCount = 0

    private var buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var lineEnd = 0
    private var isAtEnd = false

    init(_ bytes: SourceBytes) {
        self.bytes = bytes
        unsafe buffer = .allocate(byteCount: Self.bufferBytes, alignment: 16)
    }

    deinit { unsafe buffer.deallocate() }

    /// The first bytes, which stay to be read.
    func head(_ count: Int) throws(LogError) -> [UInt8] {
        while end - start < count, try fill() {}
        return unsafe Array(buffer[start..<min(end, start + count)])
    }

    /// Moves to the next line, without its end; false behind the last one.
    func next() throws(LogError) -> Bool {
        start = min(lineEnd, end)
        var searched = start
        while true {
            if let found = newline(from: searched) {
                (lineStart, lineCount) = (start, found - start)
                lineEnd = found + 1
                trimReturn()
                return true
            }
            searched = end
            if end - start > Self.lineBytesMax {
                try skipLong()
                searched = start
                if isAtEnd, start == end { return false }
                continue
            }
            let before = start
            guard try fill() else {
                guard start < end else { return false }
                (lineStart, lineCount) = (start, end - start)
                lineEnd = end
                trimReturn()
                return true
            }
            searched -= before - start
        }
    }

    private var lineStart = 0
    private(set) var lineCount = 0

    private func trimReturn() {
        if lineCount > 0, unsafe buffer[lineStart + lineCount - 1] == 0x0d { lineCount -= 1 }
    }

    /// Gives the current line.
    @discardableResult
    func withLine<R>(_ body: (Span<UInt8>) -> R) -> R {
        unsafe body(Span(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[lineStart..<lineStart + lineCount])))
    }

    /// Reads everything, as one text of at most `limit` bytes; nil if it is longer.
    func rest(limit: Int) throws(LogError) -> [UInt8]? {
        var all: [UInt8] = []
        repeat {
            unsafe all.append(contentsOf: buffer[start..<end])
            start = end
            if all.count > limit { return nil }
        } while try fill()
        return all
    }

    /// Passes over a line that is too long, up to and with its end.
    private func skipLong() throws(LogError) {
        longLineCount += 1
        while true {
            start = end
            guard try fill() else { return }
            if let found = newline(from: start) {
                start = found + 1
                return
            }
        }
    }

    private func newline(from place: Int) -> Int? {
        guard place < end, let base = unsafe buffer.baseAddress else { return nil }
        let found = unsafe clotus_find_byte(base + place, 0x0a, end - place)
        return found < 0 ? nil : place + found
    }

    /// Reads more behind what is there; false at the end.
    private func fill() throws(LogError) -> Bool {
        guard !isAtEnd else { return false }
        if start > 0 {
            if let base = unsafe buffer.baseAddress {
                unsafe base.copyMemory(from: base + start, byteCount: end - start)
            }
            end -= start
            start = 0
        }
        if unsafe end == buffer.count {
            let wider = unsafe UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * buffer.count, alignment: 16)
            unsafe wider.copyMemory(from: UnsafeRawBufferPointer(buffer))
            unsafe buffer.deallocate()
            unsafe buffer = wider
        }
        let target = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
        let count = unsafe try bytes.read(into: target)
        end += count
        isAtEnd = count == 0
        return count > 0
    }
}

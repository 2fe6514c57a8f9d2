public import LogFormat

/// Walks the blocks of one segment in order, reading ahead in large pieces and checking each hash before believing a
/// field.
@safe
public final class SegmentStream {
    /// What stands at the current place.
    public enum Step {
        /// A block that verifies; its payload is at hand until the next step.
        case block(BlockHeader)
        /// A block whose header verifies but whose stored bytes do not; the stream stands behind it.
        case badPayload(BlockHeader, FormatError)
        /// Space written ahead, from here to the end of the file.
        case padding
        /// The end of the readable bytes.
        case end
        /// Bytes that are no block; the stream still stands before them.
        case bad(FormatError)
    }

    let fileSystem: any LogFS
    let file: FileID
    let salt: UInt64
    /// Offset of the next block.
    public private(set) var offset: UInt64
    /// Nothing at or behind this offset is read.
    public var limit: UInt64

    private var buffer: UnsafeMutableRawBufferPointer
    /// File offset of the first byte of the buffer, and how many bytes it holds.
    private var bufferStart: UInt64 = 0
    private var bufferCount = 0
    /// The payload of the block at hand.
    private var payloadStart = 0
    private var payloadCount = 0
    /// Whether the block that `next` returned last was read whole, or passed over after its header.
    public private(set) var hasPayload = true

    private static let readAheadBytes = 256 << 10
    private static let jumpReadBytes = 64 << 10
    /// What a read takes that is after a header only: a disk reads no less than a page.
    private static let headerReadBytes = 4096
    /// How much the next read takes: little after a jump, more and more while reading goes on in order.
    private var nextReadBytes = jumpReadBytes

    /// Opens a stream at `offset`; the file stays the caller's.
    public init(_ fileSystem: any LogFS, _ file: FileID, salt: UInt64, offset: UInt64, limit: UInt64) {
        self.fileSystem = fileSystem
        self.file = file
        self.salt = salt
        self.offset = offset
        self.limit = limit
        let room = max(Int(min(limit > offset ? limit - offset : 0, UInt64(Self.readAheadBytes))), 4096)
        unsafe buffer = .allocate(byteCount: room, alignment: 64)
    }

    deinit { unsafe buffer.deallocate() }

    /// Moves to another place.
    public func seek(to newOffset: UInt64) {
        if newOffset < bufferStart || newOffset > bufferStart + UInt64(bufferCount) {
            nextReadBytes = Self.jumpReadBytes
        }
        offset = newOffset
    }

    /// Steps over the next block and checks header and stored bytes.
    public func next() throws(FSError) -> Step { try next { _ in false } }

    /// Steps over the next block; of a batch that `isUnwanted` says so of, only the header is read and checked.
    public func next(passingOver isUnwanted: (BlockHeader) -> Bool) throws(FSError) -> Step {
        hasPayload = true
        guard offset < limit else { return .end }
        guard try fill(BlockHeader.byteCount) else {
            if try isPadding() { return .padding }
            return .bad(
                .truncated(what: "block header", needed: BlockHeader.byteCount, available: Int(limit - offset)))
        }
        if try isPadding() { return .padding }
        let header: BlockHeader
        do throws(FormatError) {
            header = try unsafe BlockHeader.decode(window(0, BlockHeader.byteCount), salt: salt, offset: offset)
        } catch {
            return .bad(error)
        }
        if header.kind == .batch, UInt64(header.blockByteCount) <= limit - offset, isUnwanted(header) {
            hasPayload = false
            offset += UInt64(header.blockByteCount)
            nextReadBytes = Self.headerReadBytes
            return .block(header)
        }
        if nextReadBytes < Self.jumpReadBytes { nextReadBytes = Self.jumpReadBytes }
        guard try fill(header.blockByteCount) else {
            return .bad(
                .truncated(
                    what: "\(header.kind) block", needed: header.blockByteCount, available: Int(limit - offset)))
        }
        payloadStart = Int(offset - bufferStart) + BlockHeader.byteCount
        payloadCount = Int(header.storedLength)
        let seed = blockSeed(salt: salt, offset: offset)
        offset += UInt64(header.blockByteCount)
        let hash = unsafe withPayload { unsafe xxh3($0, seed: seed) }
        guard hash == header.storedHash else {
            return .badPayload(
                header, .badHash(what: "\(header.kind) payload", found: hash, expected: header.storedHash))
        }
        return .block(header)
    }

    /// The payload of the block that `next` returned last.
    @inline(__always)
    public func withPayload<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        let payload = unsafe UnsafeRawBufferPointer(
            rebasing: UnsafeRawBufferPointer(buffer)[payloadStart..<payloadStart + payloadCount])
        return unsafe try body(payload)
    }

    /// Moves to the next offset where a block verifies, the current one included or not; false if there is none.
    public func resynchronise(includingHere: Bool = false) throws(FSError) -> Bool {
        var candidate = offset + (includingHere ? 0 : 1)
        while candidate + UInt64(BlockHeader.byteCount) <= limit {
            offset = candidate
            guard try fill(BlockHeader.byteCount) else { return false }
            // Look at all offsets of what is in memory before reading on.
            let available = bufferCount - Int(offset - bufferStart) - BlockHeader.byteCount
            var index = 0
            while index <= available {
                let place = offset + UInt64(index)
                if unsafe BlockHeader.verifies(window(index, BlockHeader.byteCount), salt: salt, offset: place) {
                    offset = place
                    return true
                }
                index += 1
            }
            candidate = offset + UInt64(available) + 1
        }
        return false
    }

    /// Checks that only padding frames and zeros stand from here to the end; returns what is wrong otherwise.
    public func checkPadding() throws(FSError) -> FormatError? {
        var place = offset
        while place < limit {
            offset = place
            guard try fill(8), try isPadding() else {
                return .invalid(what: "padding", detail: "no padding frame at offset \(place)")
            }
            let length = unsafe UInt64(UInt32(littleEndian: window(4, 4).loadUnaligned(as: UInt32.self)))
            let end = place + 8 + length
            guard end <= limit else {
                return .invalid(what: "padding", detail: "reaches to \(end), the file ends at \(limit)")
            }
            offset = place + 8
            while offset < end {
                let count = Int(min(end - offset, 4096))
                guard try fill(count) else {
                    return .truncated(what: "padding", needed: count, available: Int(limit - offset))
                }
                guard unsafe isZero(window(0, count)) else {
                    return .invalid(what: "padding", detail: "a byte behind offset \(offset) is not zero")
                }
                offset += UInt64(count)
            }
            place = end
        }
        return nil
    }

    private func isPadding() throws(FSError) -> Bool {
        guard limit - offset >= 8, try fill(8) else { return false }
        return unsafe UInt32(littleEndian: window(0, 4).loadUnaligned(as: UInt32.self)) == SkippableMagic.padding
    }

    private func window(_ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
        let base = Int(offset - bufferStart) + start
        return unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[base..<base + count])
    }

    /// Makes `count` bytes from `offset` on available in the buffer; false if the limit or the file comes first.
    private func fill(_ count: Int) throws(FSError) -> Bool {
        guard UInt64(count) <= limit - offset else { return false }
        if offset >= bufferStart, offset + UInt64(count) <= bufferStart + UInt64(bufferCount) { return true }
        if offset >= bufferStart, offset < bufferStart + UInt64(bufferCount) {
            let kept = bufferCount - Int(offset - bufferStart)
            let tail = unsafe UnsafeRawBufferPointer(rebasing: buffer[bufferCount - kept..<bufferCount])
            unsafe buffer.copyMemory(from: tail)
            bufferCount = kept
        } else {
            bufferCount = 0
        }
        bufferStart = offset
        if unsafe count > buffer.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count + Self.readAheadBytes, alignment: 64)
            unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[0..<bufferCount]))
            unsafe buffer.deallocate()
            unsafe buffer = larger
        }
        let wanted = max(nextReadBytes, count - bufferCount)
        nextReadBytes = min(nextReadBytes * 2, Self.readAheadBytes)
        let room = unsafe min(
            UInt64(min(buffer.count - bufferCount, wanted)), limit - bufferStart - UInt64(bufferCount))
        bufferCount += unsafe try fileSystem.read(
            file, into: UnsafeMutableRawBufferPointer(rebasing: buffer[bufferCount..<bufferCount + Int(room)]),
            at: bufferStart + UInt64(bufferCount))
        return bufferCount >= count
    }

    /// Forgets what was read, so that bytes changed since are seen: for the end of a growing segment.
    public func forget() {
        bufferCount = 0
        nextReadBytes = Self.jumpReadBytes
    }
}

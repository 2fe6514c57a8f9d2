import CZlib
import LogEngine
import LogFormat

/// The bytes of a source file, decompressed as they are read, and their hash.
///
/// Memory is bounded: nothing is ever held whole. A compressed file that ends early or is damaged ends the bytes there:
/// everything before is delivered, and `trouble` says what happened and how much was read.
@safe
final class SourceBytes {
    /// Bytes that are read at once.
    static let chunkBytes = 256 << 10
    /// Most output for each byte of input, once `ratioFloorBytes` came out: text of markets reaches 10 to 30, deflate
    /// itself 1,032.
    static let ratioMax: UInt64 = 400
    /// Output below which no ratio is judged.
    static let ratioFloorBytes: UInt64 = 64 << 20
    /// Most output of one source.
    static let inflatedBytesMax: UInt64 = 1 << 40

    /// How the bytes are packed.
    enum Packing: Equatable { case plain, gzip, zip(ZipEntry) }

    let path: String
    let size: UInt64
    /// What ended the bytes early, for a person.
    private(set) var trouble: String?
    /// Bytes of the file that were read.
    private(set) var readCount: UInt64 = 0
    /// Bytes that were delivered.
    private(set) var deliveredCount: UInt64 = 0

    private let fileSystem: any LogFS
    private let file: FileID
    private let packing: Packing
    private var limit: UInt64
    private var chunk = [UInt8](repeating: 0, count: chunkBytes)
    private var chunkAt = 0
    private var chunkCount = 0
    private let inflater: OpaquePointer?
    /// Whether a gzip member is open, so that the file must not end here.
    private var isMemberOpen = false
    private var isEnded = false
    /// Whether the inflater may hold output that had no room.
    private var mayHoldMore = false
    private var crc: UInt32 = 0

    /// Opens a file.
    ///
    /// - Throws: `fileSystem`; `format` for a zip that is none.
    init(_ path: String, _ fileSystem: any LogFS) throws(LogError) {
        self.path = path
        self.fileSystem = fileSystem
        do throws(FSError) {
            file = try fileSystem.open(path, .read)
            size = try fileSystem.size(file)
        } catch { throw LogError(error) }
        do throws(LogError) {
            packing = try Self.packing(path, file, size, fileSystem)
        } catch {
            fileSystem.close(file)
            throw error
        }
        limit = size
        switch packing {
        case .plain: unsafe inflater = nil
        case .gzip: unsafe inflater = clotus_inflater_make(1)
        case .zip(let entry):
            readCount = entry.offset
            limit = entry.offset + entry.compressedCount
            unsafe inflater = entry.isStored ? nil : clotus_inflater_make(0)
        }
    }

    deinit {
        fileSystem.close(file)
        unsafe clotus_inflater_free(inflater)
    }

    private static func packing(
        _ path: String, _ file: FileID, _ size: UInt64, _ fileSystem: any LogFS
    ) throws(LogError) -> Packing {
        let magic: [UInt8]
        do throws(FSError) { magic = try fileSystem.read(file, count: 4, at: 0) } catch { throw LogError(error) }
        if magic.starts(with: [0x1f, 0x8b]) { return .gzip }
        guard magic.starts(with: [0x50, 0x4b, 0x03, 0x04]) else { return .plain }
        return .zip(try ZipEntry(path, file, size, fileSystem))
    }

    /// SHA-256 of the file as it stands.
    static func hash(
        _ path: String, _ fileSystem: any LogFS, _ progress: (UInt64) -> Void = { _ in }
    ) throws(LogError) -> (digest: Digest, size: UInt64) {
        do throws(FSError) {
            let file = try fileSystem.open(path, .read)
            defer { fileSystem.close(file) }
            var hasher = SHA256Hasher()
            var buffer = [UInt8](repeating: 0, count: 4 * chunkBytes)
            var offset: UInt64 = 0
            while true {
                let count = try unsafe buffer.withUnsafeMutableBufferPointer { bytes throws(FSError) -> Int in
                    let count = unsafe try fileSystem.readSome(
                        file, into: UnsafeMutableRawBufferPointer(bytes), at: offset)
                    unsafe hasher.update(UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[..<count])))
                    return count
                }
                if count == 0 { return (hasher.digest(), offset) }
                offset += UInt64(count)
                progress(offset)
            }
        } catch { throw LogError(error) }
    }

    /// Fills `target` as far as it goes; 0 at the end.
    func read(into target: UnsafeMutableRawBufferPointer) throws(LogError) -> Int {
        var done = 0
        while done < target.count, !isEnded {
            if chunkAt == chunkCount, !mayHoldMore, try !refill() {
                endOfFile()
                break
            }
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[done...])
            done += unsafe take(into: rest)
            if done > 0, chunkAt == chunkCount, !mayHoldMore { break }
        }
        deliveredCount += UInt64(done)
        if case .zip = packing {
            crc = unsafe clotus_crc32(crc, target.baseAddress, done)
        }
        return done
    }

    private func endOfFile() {
        isEnded = true
        if isMemberOpen {
            trouble =
                "\(path): the compressed data ends early: \(readCount) bytes gave \(deliveredCount) bytes of text, and "
                + "more should follow; everything up to there was read. Get the whole file and ingest that"
        }
    }

    private func refill() throws(LogError) -> Bool {
        guard readCount < limit else { return false }
        let wanted = Int(min(UInt64(Self.chunkBytes), limit - readCount))
        do throws(FSError) {
            chunkCount = try unsafe chunk.withUnsafeMutableBufferPointer { bytes throws(FSError) in
                unsafe try fileSystem.readSome(
                    file, into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[..<wanted])),
                    at: readCount)
            }
        } catch { throw LogError(error) }
        chunkAt = 0
        readCount += UInt64(chunkCount)
        if chunkCount == 0, readCount < limit {
            trouble = "\(path): became shorter while it was read: \(readCount) of \(limit) bytes"
        }
        return chunkCount > 0
    }

    private func take(into target: UnsafeMutableRawBufferPointer) -> Int {
        guard let inflater = unsafe inflater else {
            let count = min(target.count, chunkCount - chunkAt)
            unsafe chunk.withUnsafeBytes { bytes in
                unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[chunkAt..<chunkAt + count]))
            }
            chunkAt += count
            return count
        }
        isMemberOpen = true
        var used = 0
        var made = 0
        let result = unsafe chunk.withUnsafeBytes { bytes in
            unsafe clotus_inflater_step(
                inflater, bytes.baseAddress.map { unsafe $0 + chunkAt }, chunkCount - chunkAt, &used,
                target.baseAddress, target.count, &made)
        }
        chunkAt += used
        mayHoldMore = made == target.count && result == CLOTUS_INFLATE_MORE
        let total = deliveredCount + UInt64(made)
        if result == CLOTUS_INFLATE_DAMAGED {
            isEnded = true
            trouble =
                "\(path): the compressed data is damaged behind byte \(readCount - UInt64(chunkCount - chunkAt)); "
                + "\(total) bytes of text before it were read. Get an undamaged file and ingest that"
        } else if result == CLOTUS_INFLATE_END {
            isMemberOpen = false
            if case .zip = packing { isEnded = true }
            // gzip files may be put together of several members; zeros may pad the end.
            unsafe clotus_inflater_reset(inflater)
            if chunkAt < chunkCount, chunk[chunkAt] == 0 { isEnded = true }
        }
        if total > Self.inflatedBytesMax || (total > Self.ratioFloorBytes && total / max(readCount, 1) > Self.ratioMax)
        {
            isEnded = true
            trouble =
                "\(path): \(readCount) bytes gave \(total) bytes of text: more than \(Self.ratioMax) for one is no "
                + "market data; the rest was not read"
        }
        return made
    }

    /// What the end of a zip entry says against it: its checksum.
    func checkEnd() {
        guard case .zip(let entry) = packing, trouble == nil, entry.crc != crc else { return }
        trouble = "\(path): the checksum of \(entry.name) is not that of the archive's directory: the file is damaged"
    }
}

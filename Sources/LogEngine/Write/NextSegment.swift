internal import LogFormat

/// A file that waits to become a segment: room for the header page, then padding, all of it on the disk.
struct PreparedFile {
    let file: FileID
    let byteCount: UInt64
}

/// The file of the next segment, made while the active one is still being filled.
///
/// A roll then writes one page over blocks that are allocated and written already, instead of making a file and, with
/// the first batch, the space ahead of it. Until the roll names it the file is no part of the log, whatever it holds.
/// May be called from any thread; who comes while another prepares waits for that.
final class NextSegment: @unchecked Sendable {
    // SAFETY: `prepared` is touched under `lock`, which is held across the calls to the disk too, so that a roll and
    // the thread that prepares never make the same file at once.
    private let lock = Lock()
    private var prepared: PreparedFile?
    private let directory: String
    private let fileSystem: any LogFS

    init(_ directory: String, _ fileSystem: any LogFS) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    /// Makes the file, unless there is one.
    ///
    /// A failure only means that the roll has to do the work, and to meet the reason: nothing of the log is in here.
    func prepare(zeroAheadBytes: Int, sizeMax: Int) {
        lock.locked {
            guard prepared == nil, let file = try? SegmentFile.openEmpty(directory, fileSystem) else { return }
            let page = SegmentHeader.byteCount
            let padding = min(zeroAheadBytes, sizeMax - page)
            var space = ByteBuffer(capacity: page + max(0, padding))
            space.appendZeros(page)
            // A padding frame, as ahead of every batch, so that the segment is a valid stream from its first moment.
            if padding >= 8 {
                space.append(SkippableMagic.padding)
                space.append(UInt32(padding - 8))
                space.appendZeros(padding - 8)
            }
            do throws(FSError) {
                try unsafe space.withUnsafeBytes { bytes throws(FSError) in
                    unsafe try fileSystem.write(file, bytes, at: 0)
                }
                try fileSystem.syncData(file)
                prepared = PreparedFile(file: file, byteCount: UInt64(space.count))
            } catch {
                fileSystem.close(file)
            }
        }
    }

    /// Makes a segment of the prepared file, or of a new one if there is none.
    ///
    /// The lock is held until the file has its name. Whoever prepared in between would open, empty and later overwrite
    /// the very file that becomes the segment.
    func becomeSegment(_ header: SegmentHeader) throws(LogError) -> ActiveSegment {
        try lock.locked { () throws(LogError) in
            defer { prepared = nil }
            return try SegmentFile.create(header, in: directory, from: prepared, fileSystem)
        }
    }

    /// Closes the file; at a clean close its space is given back too, and the empty file stays for the next writer.
    func close(emptying: Bool = false) {
        lock.locked {
            guard let unused = prepared else { return }
            prepared = nil
            if emptying { try? fileSystem.truncate(unused.file, to: 0) }
            fileSystem.close(unused.file)
        }
    }
}

extension LogCore {
    /// Says once for each segment that it is so full that the next one should be prepared.
    func claimNext() -> Bool {
        guard !hasClaimedNext, segment.end >= UInt64(options.segmentBytes / 2), poison == nil, !isLowOnSpace else {
            return false
        }
        hasClaimedNext = true
        return true
    }

    /// Makes the next segment's file ahead of the roll; what fails here costs nothing but the time saved.
    package func prepareNext() { next.prepare(zeroAheadBytes: options.zeroAheadBytes, sizeMax: options.segmentBytes) }
}

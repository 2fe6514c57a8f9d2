internal import LogFormat

/// Creation of segments: the header page is durable under the final name before anything is written behind it.
enum SegmentFile {
    /// Creates a segment and opens it for writing.
    ///
    /// The file is made beside its name, or was prepared there; the header is synced, the file renamed, and the
    /// directory synced, so a crash leaves it whole or absent.
    static func create(
        _ header: SegmentHeader, in directory: String, from prepared: PreparedFile? = nil, _ fileSystem: any LogFS
    ) throws(LogError) -> ActiveSegment {
        try wrapping { () throws(FSError) in
            let next: PreparedFile
            if let prepared {
                next = prepared
            } else {
                next = PreparedFile(file: try openEmpty(directory, fileSystem), byteCount: 0)
            }
            do throws(FSError) {
                try fileSystem.write(next.file, header.encoded(), at: 0)
                try fileSystem.syncData(next.file)
                let name = LogPaths.segment(header.baseSeq)
                try fileSystem.rename("\(directory)/\(LogPaths.next)", to: "\(directory)/\(name)")
                try fileSystem.syncDirectory(directory)
            } catch {
                fileSystem.close(next.file)
                throw error
            }
            let headerEnd = UInt64(SegmentHeader.byteCount)
            return ActiveSegment(
                file: next.file, header: header, fileSize: max(headerEnd, next.byteCount), end: headerEnd,
                lastHash: header.headerID, describedTypes: [], hasEvents: false)
        }
    }

    /// Opens the file that the next segment is made in, cutting what an earlier attempt left: it was never part of
    /// the log.
    static func openEmpty(_ directory: String, _ fileSystem: any LogFS) throws(FSError) -> FileID {
        let path = "\(directory)/\(LogPaths.next)"
        guard fileSystem.kind(path) == .file else { return try fileSystem.open(path, .create) }
        let file = try fileSystem.open(path, .readWrite)
        do throws(FSError) { try fileSystem.truncate(file, to: 0) } catch {
            fileSystem.close(file)
            throw error
        }
        return file
    }
}

/// The MANIFEST, open for appending.
struct ManifestFile {
    let file: FileID
    var end: UInt64
    var lastHash: UInt64
    let path: String

    /// Appends a record; durable after the next `sync`.
    mutating func append(_ record: ManifestRecord, _ fileSystem: any LogFS) throws(LogError) {
        let (bytes, hash) = record.encoded(at: end, link: lastHash)
        try wrapping { () throws(FSError) in try fileSystem.write(file, bytes, at: end) }
        end += UInt64(bytes.count)
        lastHash = hash
    }

    /// Makes all records durable.
    func sync(_ fileSystem: any LogFS) throws(LogError) {
        try wrapping { () throws(FSError) in try fileSystem.syncData(file) }
    }
}

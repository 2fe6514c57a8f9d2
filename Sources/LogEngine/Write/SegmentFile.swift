internal import LogFormat

/// Creation of segments: the header page is durable under the final name before anything is written behind it.
enum SegmentFile {
    /// Creates a segment and opens it for writing.
    ///
    /// The file is prepared beside its name, synced, renamed, and the directory synced, so a crash leaves it whole or
    /// absent.
    static func create(
        _ header: SegmentHeader, in directory: String, _ fileSystem: any LogFS
    ) throws(LogError) -> ActiveSegment {
        try wrapping { () throws(FSError) in
            let prepared = "\(directory)/\(LogPaths.next)"
            let file: FileID
            if fileSystem.kind(prepared) == .file {
                file = try fileSystem.open(prepared, .readWrite)
                try fileSystem.truncate(file, to: 0)
            } else {
                file = try fileSystem.open(prepared, .create)
            }
            try fileSystem.write(file, header.encoded(), at: 0)
            try fileSystem.syncData(file)
            try fileSystem.rename(prepared, to: "\(directory)/\(LogPaths.segment(header.baseSeq))")
            try fileSystem.syncDirectory(directory)
            return ActiveSegment(
                file: file, header: header, fileSize: UInt64(SegmentHeader.byteCount),
                end: UInt64(SegmentHeader.byteCount), lastHash: header.headerID, describedTypes: [], hasEvents: false)
        }
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

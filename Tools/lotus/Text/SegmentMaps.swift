import LogEngine

/// The batch directories of segments, from their index or by hopping over headers.
enum SegmentMaps {
    static func map(_ location: LogLocation, _ name: String) throws -> SegmentMap {
        let file = try location.fileSystem.open("\(location.directory)/\(name)", .read)
        defer { location.fileSystem.close(file) }
        return try SegmentMap(location.fileSystem, file, name: name, useIndex: true)
    }
}

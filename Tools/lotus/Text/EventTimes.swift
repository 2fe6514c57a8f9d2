import LogEngine
import LogFormat

/// Finds events by their own time, which need not follow the order of the log.
enum EventTimes {
    /// Seq of the first batch that holds an event at or after `nanos`; nil if none is found without reading content.
    static func firstSeq(_ location: LogLocation, from nanos: Int64) throws(LogError) -> UInt64? {
        for name in try location.segmentNames() {
            // A damaged segment is met by whoever reads it.
            guard let map = try? SegmentMaps.map(location, name) else { return nil }
            if let entry = map.entries.first(where: { $0.maxEventNanos >= nanos }) { return entry.firstSeq }
        }
        return nil
    }
}

/// The batch directories of segments, from their index or by hopping over headers.
enum SegmentMaps {
    static func map(_ location: LogLocation, _ name: String) throws -> SegmentMap {
        let file = try location.fileSystem.open("\(location.directory)/\(name)", .read)
        defer { location.fileSystem.close(file) }
        return try SegmentMap(location.fileSystem, file, name: name, useIndex: true)
    }
}

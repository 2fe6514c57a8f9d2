import LogEngine
import LogFormat

/// What headers, indexes, manifest and marks tell about a log.
struct LogDescription {
    /// One segment.
    struct Segment {
        var name: String
        var ordinal: UInt64 = 0
        var baseSeq: UInt64 = 0
        var events: UInt64 = 0
        var batches = 0
        var bytes: UInt64 = 0
        var isSealed = false
        var firstAppendNanos: Int64?
        var lastAppendNanos: Int64?
        var minEventNanos: Int64?
        var maxEventNanos: Int64?
        /// Why it cannot be read.
        var problem: String?
    }

    /// One event type.
    struct EventType {
        var typeID: UInt16
        var schema: Schema
        /// Number of events, if that can be told without decoding them.
        var events: UInt64?
    }

    var path: String
    var name: String?
    var logID: String?
    var epoch: UInt64?
    var segments: [Segment] = []
    var types: [EventType] = []
    /// Marks of a living writer.
    var live: CommitState?
    var durableSeq: UInt64?
    var isClosedCleanly: Bool?
    /// Report of the last recovery that changed anything, as JSON.
    var recovery: String?
    var recoveryNanos: Int64?
    var quarantines: [String] = []

    var events: UInt64 { segments.reduce(0) { $0 + $1.events } }
    var lastSeq: UInt64 { segments.last.map { $0.baseSeq + $0.events }.map { $0 > 0 ? $0 - 1 : 0 } ?? 0 }

    init(_ path: String) throws(LogError) {
        self.path = path
        let location = try LogLocation(path)
        let page = location.commitPage()
        live = location.liveMarks(page)
        if let manifest = location.manifest { take(manifest) }
        durableSeq = live?.durable.seq ?? [durableSeq, page?.readAfterCrash()?.durable.seq].compactMap { $0 }.max()
        var counts = TypeCounts()
        for name in try location.segmentNames() {
            do {
                let map = try SegmentMaps.map(location, name)
                counts.add(map)
                segments.append(try describe(map, location))
                if self.name == nil { self.name = map.header.name }
                if logID == nil { logID = hex(map.header.logID) }
                if epoch == nil { epoch = map.header.writerEpoch }
            } catch {
                counts.isKnown = false
                segments.append(Segment(name: name, baseSeq: LogPaths.baseSeq(name) ?? 0, problem: "\(error)"))
            }
        }
        let schemas = try LogTypes.all(path)
        types = schemas.map { EventType(typeID: $0, schema: $1, events: counts.count(of: $0, among: schemas.count)) }
    }

    private mutating func take(_ manifest: Manifest) {
        name = manifest.identity?.name
        logID = manifest.identity.map { hex($0.logID) }
        epoch = manifest.lastEpoch
        durableSeq = manifest.durableSeq
        isClosedCleanly = manifest.isClosedCleanly
        for record in manifest.records {
            switch record {
            case .recovered(let wallNanos, let report): (recoveryNanos, recovery) = (wallNanos, report)
            case .quarantined(_, _, _, let fileName): quarantines.append(fileName)
            default: break
            }
        }
    }

    private func describe(_ map: SegmentMap, _ location: LogLocation) throws -> Segment {
        let file = try location.fileSystem.open("\(location.directory)/\(map.name)", .read)
        defer { location.fileSystem.close(file) }
        var segment = Segment(name: map.name, ordinal: map.header.ordinal, baseSeq: map.header.baseSeq)
        segment.bytes = try location.fileSystem.size(file)
        segment.isSealed = map.seal != nil
        segment.batches = map.entries.count
        segment.events = map.entries.reduce(0) { $0 + UInt64($1.count) }
        segment.firstAppendNanos = map.entries.first?.firstAppendNanos
        segment.lastAppendNanos = map.entries.last?.lastAppendNanos
        segment.minEventNanos = map.entries.map(\.minEventNanos).min()
        segment.maxEventNanos = map.entries.map(\.maxEventNanos).max()
        return segment
    }
}

/// Counts events by type without decoding any, where that is possible.
private struct TypeCounts {
    private var counts: [UInt16: UInt64] = [:]
    private var total: UInt64 = 0
    /// Whether every event so far could be given to a type.
    var isKnown = true

    /// From the index of a sealed segment, or from batches that hold one type.
    mutating func add(_ map: SegmentMap) {
        total += map.entries.reduce(0) { $0 + UInt64($1.count) }
        if let types = map.types {
            for type in types { counts[type.typeID, default: 0] += type.events }
            return
        }
        for entry in map.entries {
            guard entry.typeBitmap.nonzeroBitCount == 1 else {
                isKnown = false
                continue
            }
            counts[UInt16(entry.typeBitmap.trailingZeroBitCount), default: 0] += UInt64(entry.count)
        }
    }

    func count(of typeID: UInt16, among typeCount: Int) -> UInt64? {
        if typeCount == 1 { return total }
        // A bit of the map stands for one type only while there are fewer than 64.
        return isKnown && typeCount < 64 ? counts[typeID] ?? 0 : nil
    }
}

public import LogFormat

extension LogReader {
    /// Stands before the batch that holds `seq`, or at the end if the log is shorter.
    public func seek(toSeq seq: UInt64) throws(LogError) {
        try seek { name, _ in
            LogPaths.baseSeq(name).map { $0 <= seq } ?? true
        } entry: {
            $0.firstSeq + UInt64($0.count) > seq
        }
    }

    /// Stands before the first batch with an event appended at or after `nanos`.
    public func seek(toAppendNanos nanos: Int64) throws(LogError) {
        try seek { (_, map) throws(LogError) in
            try map().entries.first.map { $0.firstAppendNanos < nanos } ?? false
        } entry: {
            $0.lastAppendNanos >= nanos
        }
    }

    /// The last batch of the log, with reading behind it; nil if the log holds no event.
    ///
    /// A log that was sealed ends in a segment without events: its last batch stands in the one before.
    public func seekToLastBatch() throws(LogError) -> BlockHeader? {
        try seek(toSeq: .max)
        if let last = try lastOfTheRest() { return last }
        guard nextSeq > 1 else { return nil }
        try seek(toSeq: nextSeq - 1)
        return try lastOfTheRest()
    }

    private func lastOfTheRest() throws(LogError) -> BlockHeader? {
        var last: BlockHeader?
        while let block = try next() { last = block }
        return last
    }

    private func seek(
        segment isBefore: (String, () throws(LogError) -> SegmentMap) throws(LogError) -> Bool,
        entry isWanted: (IndexEntry) -> Bool
    ) throws(LogError) {
        let names = try readableNames()
        var chosen = names.first
        // Later segments first: the last one that starts at or before the target holds it.
        for name in names.reversed() {
            var known: SegmentMap?
            let lookUp = { () throws(LogError) -> SegmentMap in
                if let known { return known }
                let map = try self.map(name)
                known = map
                return map
            }
            if try isBefore(name, lookUp) {
                chosen = name
                break
            }
        }
        guard let chosen else { return }
        let map = try self.map(chosen)
        if current?.name != chosen { try open(chosen) }
        guard !map.entries.isEmpty else { return standAtStart(map) }
        // Entries are in order, so the first wanted one is found by halving.
        var low = 0
        var high = map.entries.count - 1
        while low < high {
            let middle = (low + high) / 2
            if isWanted(map.entries[middle]) { high = middle } else { low = middle + 1 }
        }
        let index = low
        stand(at: map.entries[index], map)
    }

    private func stand(at entry: IndexEntry, _ map: SegmentMap) {
        for (typeID, schema) in map.schemas where registry.schema(typeID) == nil {
            try? registry.insert(schema, typeID: typeID)
        }
        current?.stream.seek(to: entry.offset)
        current?.linkIsKnown = entry.offset == UInt64(SegmentHeader.byteCount)
        current?.lastHash = map.header.headerID
        current?.lastStart = nil
        nextSeq = entry.firstSeq
    }

    private func standAtStart(_ map: SegmentMap) {
        current?.stream.seek(to: UInt64(SegmentHeader.byteCount))
        current?.linkIsKnown = true
        current?.lastHash = map.header.headerID
        current?.lastStart = nil
        nextSeq = map.header.baseSeq
    }

    /// Stands before the batch that holds `seq`, with files and maps opened anew: after history was rewound.
    func reopen(atSeq seq: UInt64) throws(LogError) {
        if let current { fileSystem.close(current.file) }
        sharedMaps = nil
        (current, broken, sealedMaps, cleanPadding, tornEnd) = (nil, nil, [:], nil, nil)
        nextSeq = seq
        try seek(toSeq: seq)
    }

    private func map(_ name: String) throws(LogError) -> SegmentMap {
        if let known = sealedMaps[name] ?? sharedMaps?.maps[name] { return known }
        let map = try map(name, hops: true)
        sharedMaps?.maps[name] = map
        return map
    }

    /// The first events of the batches that may hold a wanted type and an event of the range, by indexes and headers
    /// alone, in order.
    ///
    /// Batches behind a damaged place, and those that were appended since the maps were made, are not among them: what
    /// must not be missed is looked for by reading.
    package func batches(typeMask: UInt64, in part: SegmentPart = .all) throws(LogError) -> [UInt64] {
        let range = range
        return try segmentMaps(part).flatMap { map in
            map.entries.filter {
                $0.typeBitmap & typeMask != 0 && range.mayHold(from: $0.minEventNanos, to: $0.maxEventNanos)
            }.map(\.firstSeq)
        }
    }

    /// Makes known what types the segments describe.
    package func learnTypes(in part: SegmentPart = .all) throws(LogError) { _ = try segmentMaps(part) }

    /// Whether MANIFEST names every type of the log: it does before the first event of a type is written.
    package var hasAllTypes: Bool { location.manifest != nil && manifestDamage == nil }

    private func segmentMaps(_ part: SegmentPart) throws(LogError) -> [SegmentMap] {
        var maps: [SegmentMap] = []
        for name in try readableNames() {
            let map = part == .sealed ? try sealedMap(name) : try self.map(name)
            for (typeID, schema) in map.schemas where registry.schema(typeID) == nil {
                try? registry.insert(schema, typeID: typeID)
            }
            if part == .all || (map.seal != nil) == (part == .sealed) { maps.append(map) }
        }
        return maps
    }

    /// The map of a segment if it is sealed, else one without batches.
    private func sealedMap(_ name: String) throws(LogError) -> SegmentMap {
        if let known = sealedMaps[name] ?? sharedMaps?.maps[name] { return known }
        let map = try map(name, hops: false)
        if map.seal != nil { sharedMaps?.maps[name] = map }
        return map
    }

    private func map(_ name: String, hops: Bool) throws(LogError) -> SegmentMap {
        let file = try wrapping { () throws(FSError) in
            try fileSystem.open("\(location.directory)/\(name)", .read)
        }
        defer { fileSystem.close(file) }
        let map = try SegmentMap(fileSystem, file, name: name, useIndex: location.manifest != nil, hops: hops)
        if map.seal != nil { sealedMaps[name] = map }
        return map
    }

    /// Passes over the sealed segment at whose start reading stands, if its index says that nothing in it is wanted.
    func passOver(_ current: Current, _ live: CommitState?) throws(LogError) -> Bool {
        guard !range.takesAnyTime, current.stream.offset == UInt64(SegmentHeader.byteCount),
            nextSeq == current.header.baseSeq, live.map({ current.header.ordinal < $0.durable.ordinal }) ?? true
        else { return false }
        let map: SegmentMap
        if let known = sealedMaps[current.name] { map = known } else { map = try self.map(current.name, hops: false) }
        guard let seal = map.seal, map.header == current.header, let last = map.entries.last else { return false }
        var expected = current.header.baseSeq
        for entry in map.entries {
            if entry.firstSeq != expected || range.mayHold(from: entry.minEventNanos, to: entry.maxEventNanos) {
                return false
            }
            expected += UInt64(entry.count)
        }
        guard expected == seal.lastSeq + 1 else { return false }
        current.stream.seek(to: seal.dataEnd)
        self.current?.linkIsKnown = false
        nextSeq = expected
        position = LogMark(ordinal: current.header.ordinal, offset: last.offset, seq: seal.lastSeq)
        return true
    }
}

/// Which segments of a log.
package enum SegmentPart: Sendable {
    /// All of them.
    case all
    /// Those with an index, which tells at once where to look.
    case sealed
    /// Those without one, which have to be gone through header by header.
    case unsealed
}

/// Maps of the segments of one log, for readers that look at it as it is now, one after the other.
///
/// What was appended after a map was made is found by reading on behind its last batch.
package final class SharedSegmentMaps {
    var maps: [String: SegmentMap] = [:]

    /// No maps yet.
    package init() {}
}

package import Events
package import LogEngine
package import LogFormat
package import Runtime

/// The logs of a root, for looking up single events.
package final class RootLogs {
    /// The root.
    package let directory: String
    /// Names of the logs, in order.
    package let names: [String]
    let environment: LogEnvironment
    /// Stretches that a crash left incomplete: no fold reads them.
    package let knownCuts: [KnownCut]
    /// Where the batches of each log stand, as far as it was looked up: read once for all questions.
    private var maps: [String: SharedSegmentMaps] = [:]

    /// Looks at a root, or at a single log, which stands for a root with that log alone.
    ///
    /// - Throws: `notALog` when nothing of the kind is there; `damaged`.
    package init(_ directory: String, environment: LogEnvironment = .real()) throws(LogError) {
        var trimmed = directory
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.environment = environment
        let members = LogLocation.logs(in: trimmed, environment: environment)
        if members.isEmpty {
            // Says what is there instead, and what to give.
            _ = try LogLocation(trimmed, environment: environment)
            let slash = trimmed.lastIndex(of: "/")
            self.directory = slash.map { String(trimmed[..<$0]) } ?? "."
            names = [slash.map { String(trimmed[trimmed.index(after: $0)...]) } ?? trimmed]
        } else {
            self.directory = trimmed
            names = members.map { String($0.split(separator: "/").last ?? "") }
        }
        let ops = Module.ops.text
        knownCuts = names.contains(ops) ? try CutRecords.read("\(self.directory)/\(ops)", environment: environment) : []
    }

    /// Path of a log.
    package func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// Paths of all logs.
    package var paths: [String] { names.map(path) }

    /// Starts to read a log; with `byIndex` only the batches of those segments that may hold what is wanted.
    package func walk(
        _ name: String, types: Set<String>? = nil, where mayTake: ((Schema) -> Bool)? = nil,
        eventNanos: ClosedRange<Int64>? = nil, byIndex part: SegmentPart? = nil
    ) throws(LogError) -> EventWalk {
        let known = maps[name] ?? SharedSegmentMaps()
        maps[name] = known
        return try EventWalk(
            path(name), types: types, where: mayTake, eventNanos: eventNanos, environment: environment, maps: known,
            byIndex: part)
    }

    /// Whether an event lies where no fold may read it.
    package func isOrphan(_ event: RecordHead) -> Bool { knownCuts.contains { $0.isOrphan(event.globalSeq) } }

    /// The event at a place of a log.
    package func event(_ name: String, seq: UInt64) throws(LogError) -> RecordedEvent? {
        guard names.contains(name), seq > 0 else { return nil }
        let walk = try walk(name)
        try walk.seek(toSeq: seq)
        guard try walk.next(), walk.seq == seq else { return nil }
        return try walk.event()
    }

    /// The event with an id.
    ///
    /// An id tells the millisecond of its event (GEN-02), so only batches that may hold that moment are read; if it is
    /// not there and `isThorough`, everything is.
    package func event(_ id: ULID, isThorough: Bool) throws(LogError) -> RecordedEvent? {
        let start = Int64(clamping: id.millis).multipliedReportingOverflow(by: 1_000_000)
        if !start.overflow, let found = try search(id, start.partialValue...(start.partialValue + 999_999)) {
            return found
        }
        return isThorough ? try search(id, nil) : nil
    }

    /// The first event with an id, of all logs, or of the batches that may hold an event time of the range.
    private func search(_ id: ULID, _ range: ClosedRange<Int64>?) throws(LogError) -> RecordedEvent? {
        // Most of a long root is sealed: where to look there is known before any other segment is gone through.
        let parts: [SegmentPart?] = range == nil ? [nil] : [.sealed, .unsealed]
        for part in parts {
            for name in names {
                if let found = try search(id, range, in: name, part) { return found }
            }
        }
        return nil
    }

    private func search(
        _ id: ULID, _ range: ClosedRange<Int64>?, in name: String, _ part: SegmentPart?
    ) throws(LogError) -> RecordedEvent? {
        let bytes = id.bytes
        let walk = try walk(name, eventNanos: range, byIndex: part)
        var layouts = LineageLayouts()
        while try walk.next() {
            guard let layout = layouts.layout(of: walk.schema, typeID: walk.head.typeID) else { continue }
            if let range, !range.contains(walk.head.eventNanos) { continue }
            let isSame = unsafe try walk.withCanonical { stable, _ in unsafe layout.id(stable, is: bytes) }
            if isSame { return try event(name, seq: walk.seq) }
        }
        return nil
    }

    /// The event at a place in the order over all logs.
    package func event(globalSeq: UInt64) throws(LogError) -> RecordedEvent? {
        for name in names {
            let walk = try walk(name)
            guard let seq = try Self.seq(of: globalSeq, walk) else { continue }
            try walk.seek(toSeq: seq)
            while try walk.next(), walk.head.globalSeq <= globalSeq {
                if walk.head.globalSeq == globalSeq { return try walk.event() }
            }
        }
        return nil
    }

    /// An event of the first batch that ends at or behind the place, found by halving: the numbers rise along a log.
    private static func seq(of globalSeq: UInt64, _ walk: EventWalk) throws(LogError) -> UInt64? {
        guard let last = try walk.end(), last.globalSeq >= globalSeq else { return nil }
        var (low, high) = (UInt64(1), last.seq)
        while low < high {
            let middle = low + (high - low) / 2
            guard let end = try walk.batchEnd(atSeq: middle) else { return nil }
            if end.globalSeq >= globalSeq { high = middle } else { low = end.seq + 1 }
        }
        return low
    }

    /// Ids next to one that is not there, in their order, at most `count` on either side.
    package func nearest(_ id: ULID, count: Int = 2) throws(LogError) -> [ULID] {
        var below: [ULID] = []
        var above: [ULID] = []
        for name in names {
            let walk = try walk(name)
            var layouts = LineageLayouts()
            while try walk.next() {
                guard let layout = layouts.layout(of: walk.schema, typeID: walk.head.typeID) else { continue }
                let other = unsafe try walk.withCanonical { stable, _ in unsafe layout.id(stable) }
                if other < id {
                    below.append(other)
                    below.sort()
                    if below.count > count { below.removeFirst() }
                } else {
                    above.append(other)
                    above.sort()
                    if above.count > count { above.removeLast() }
                }
            }
        }
        return below + above
    }
}

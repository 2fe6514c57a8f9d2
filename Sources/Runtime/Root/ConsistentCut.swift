package import LogEngine
import LogFormat

/// Where the logs of a root agree after a crash (trap T17).
///
/// Global sequence numbers are given densely over all logs of a root. A crash may take the end of one log and leave the
/// later end of another: an effect without its cause. The cut is the last number before the first one that is missing;
/// events behind it are kept, but no fold reads them.
package struct ConsistentCut: Equatable, Sendable {
    /// Every event up to here is there.
    package let globalSeq: UInt64
    /// Highest number that was found.
    package let lastGlobalSeq: UInt64
    /// Numbers behind the cut whose events are there.
    package let orphanCount: UInt64

    /// Whether nothing is missing.
    package var isWhole: Bool { globalSeq == lastGlobalSeq }
}

/// Stretches of global sequence numbers that earlier crashes left incomplete; each ends where the next owner of the
/// root went on.
package struct KnownCut: Equatable, Sendable {
    /// Last number before the stretch.
    package var after: UInt64
    /// First number behind the stretch.
    package var resumed: UInt64
    /// Events inside the stretch that are there.
    package var orphanCount: UInt64

    /// Whether an event lies inside the stretch, where no fold may read it.
    package func isOrphan(_ globalSeq: UInt64) -> Bool { globalSeq > after && globalSeq < resumed }
}

extension ConsistentCut {
    /// The cut over the logs at `paths`.
    ///
    /// Without a loss it follows from the ends of the logs alone: the numbers are dense, so as many events as the
    /// highest number says are all of them. Otherwise the heads of all events are read once, in constant memory.
    ///
    /// - Throws: `damaged`, `fileSystem`.
    package static func find(
        _ paths: [String], known: [KnownCut], environment: LogEnvironment
    ) throws(LogError) -> ConsistentCut {
        var count: UInt64 = 0
        var last: UInt64 = 0
        for path in paths {
            let end = try LogEnd(path, environment: environment)
            count += end.eventCount
            last = max(last, end.lastGlobalSeq)
        }
        let orphans = known.reduce(0) { $0 + $1.orphanCount }
        let inKnownStretches = known.reduce(0) { $0 + ($1.resumed - $1.after - 1) }
        if count - orphans == last - inKnownStretches {
            return ConsistentCut(globalSeq: last, lastGlobalSeq: last, orphanCount: 0)
        }
        return try search(paths, known: known, last: last, environment: environment)
    }

    private static func search(
        _ paths: [String], known: [KnownCut], last: UInt64, environment: LogEnvironment
    ) throws(LogError) -> ConsistentCut {
        var walks: [GlobalSeqWalk] = []
        for path in paths { walks.append(try GlobalSeqWalk(path, environment: environment)) }
        var expected: UInt64 = 1
        var stretches = known.sorted { $0.after < $1.after }[...]
        while true {
            while let stretch = stretches.first, expected == stretch.after + 1 {
                for walk in walks { try walk.skip(below: stretch.resumed) }
                expected = stretch.resumed
                stretches.removeFirst()
            }
            guard let next = walks.first(where: { $0.current == expected }) else { break }
            try next.advance()
            expected += 1
        }
        var orphanCount: UInt64 = 0
        for walk in walks { orphanCount += try walk.countRest() }
        return ConsistentCut(globalSeq: expected - 1, lastGlobalSeq: last, orphanCount: orphanCount)
    }
}

/// The end of one log.
private struct LogEnd {
    var eventCount: UInt64 = 0
    var lastGlobalSeq: UInt64 = 0

    init(_ path: String, environment: LogEnvironment) throws(LogError) {
        let reader = try LogReader(try LogLocation(path, environment: environment))
        guard let last = try reader.seekToLastBatch() else { return }
        eventCount = last.lastSeq
        lastGlobalSeq = last.lastGlobalSeq
    }
}

/// The global sequence numbers of one log, in order.
private final class GlobalSeqWalk {
    /// The number of the current event, nil at the end.
    private(set) var current: UInt64?
    private let events: EventWalk

    init(_ path: String, environment: LogEnvironment) throws(LogError) {
        events = try EventWalk(path, environment: environment)
        try advance()
    }

    func advance() throws(LogError) { current = try events.next() ? events.head.globalSeq : nil }

    func skip(below limit: UInt64) throws(LogError) {
        while let globalSeq = current, globalSeq < limit { try advance() }
    }

    func countRest() throws(LogError) -> UInt64 {
        var count: UInt64 = 0
        while current != nil {
            count += 1
            try advance()
        }
        return count
    }
}

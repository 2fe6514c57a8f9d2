import Events
package import LogEngine
import LogFormat

/// The market logs of a replay as one stream of typed events in the order in which they became known (REP-09).
///
/// Nothing is allocated for an event and no call goes through an existential: handler and control are specialised into
/// the loop. Logs are merged by virtual time, then by their place in the list. The feed never tells an event before its
/// time, and cannot be asked for one.
package final class MarketFeed {
    /// Kinds of events that can be left out; listings always come.
    package enum Kind: UInt8, CaseIterable, Sendable {
        case trades, books, quotes, candles, contexts, fundings, gaps
    }

    /// Most logs of a feed.
    package static let logsMax = 1024

    /// A cursor on the heap, so that there can be a list of them.
    package final class Source {
        package var cursor: MarketCursor
        init(_ cursor: consuming MarketCursor) { self.cursor = cursor }
    }

    package var sources: [Source] = []
    /// Events of all logs, wanted or not.
    package let totalCount: UInt64
    /// Virtual now: when the last event that was told became known.
    package private(set) var nowNanos = Int64.min
    /// Events of the batches that were finished or passed over.
    package private(set) var doneCount: UInt64 = 0
    package var isLoaded = false

    /// Stands before the first event of the logs at `paths`: market logs, or roots and bundles that hold one.
    ///
    /// - Throws: `notALog`, `damaged`, `unsupported`, `fileSystem`; `usage` for no path or too many.
    package init(
        _ paths: [String], kinds: Set<Kind> = Set(Kind.allCases), environment: LogEnvironment = .real()
    ) throws(LogError) {
        guard (1...Self.logsMax).contains(paths.count) else {
            throw LogError(.usage, "\(paths.count) market logs, expected 1 to \(Self.logsMax)")
        }
        let table = InstrumentTable()
        var total: UInt64 = 0
        for (place, path) in paths.enumerated() {
            let log = Self.marketLog(in: path, environment: environment)
            let location = try LogLocation(log, environment: environment)
            total += try LogReader(location).seekToLastBatch()?.lastSeq ?? 0
            sources.append(
                Source(MarketCursor(try LogReader(location), source: place, table: table, wanted: kinds)))
        }
        totalCount = total
    }

    /// Path of the market log of a root or bundle; the path itself if it is none.
    package static func marketLog(in path: String, environment: LogEnvironment = .real()) -> String {
        let inside = "\(path)/\(Module.mkt.text)"
        return LogLocation.logs(in: path, environment: environment).contains(inside) ? inside : path
    }

    /// Tells a handler everything that the control admits; true if the end of the logs was reached.
    ///
    /// Call it again to go on behind the place where the control stopped it.
    ///
    /// - Throws: `damaged` for what cannot be read; what the handler throws.
    @inlinable
    @discardableResult
    package func run<Handler: MarketHandler, Control: ReplayControl>(
        into handler: inout Handler, control: inout Control
    ) throws(LogError) -> Bool {
        if !isLoaded {
            isLoaded = true
            for source in sources {
                _ = try source.cursor.load()
                count(source.cursor.doneCount)
            }
        }
        while let (source, limit, isFirst) = nextSource() {
            let goesOn = try run(
                &source.cursor, until: limit, inclusive: isFirst, &handler, &control)
            if !goesOn { return false }
        }
        return true
    }

    /// Looks whether a log has grown since its end was reached: the next `run` goes on there.
    ///
    /// Meant for one log that is being written. Of several logs one may grow behind what another has told already;
    /// those events then come late, at the virtual time that is reached. `totalCount` stays what it was.
    package func lookAgain() throws(LogError) {
        guard isLoaded else { return }
        for source in sources where source.cursor.kind == .none {
            let before = source.cursor.doneCount
            _ = try source.cursor.load()
            count(source.cursor.doneCount - before)
        }
    }

    /// Tells the events of one log as long as no other log has an earlier one.
    @inlinable
    package func run<Handler: MarketHandler, Control: ReplayControl>(
        _ cursor: inout MarketCursor, until limit: Int64, inclusive: Bool, _ handler: inout Handler,
        _ control: inout Control
    ) throws(LogError) -> Bool {
        let isOnlySource = sources.count == 1
        var now = currentNanos
        defer { setNow(now) }
        while cursor.kind != .none {
            guard cursor.nowNanos < limit || inclusive && cursor.nowNanos == limit else { return true }
            let next = max(now, cursor.nowNanos)
            guard control.admits(next) else { return false }
            now = next
            try cursor.deliver(&handler, isOnlySource: isOnlySource, nowNanos: now)
            let before = cursor.doneCount
            _ = try cursor.load()
            if cursor.doneCount != before {
                count(cursor.doneCount - before)
                control.progressed(currentCount, of: totalCount, nowNanos: now)
            }
        }
        return true
    }

    /// The log whose event is next, up to when it may go on, and whether it goes first at that moment.
    package func nextSource() -> (source: Source, limit: Int64, isFirst: Bool)? {
        var best: Source?
        for source in sources where source.cursor.kind != .none {
            if let found = best, found.cursor.nowNanos <= source.cursor.nowNanos { continue }
            best = source
        }
        guard let best else { return nil }
        var limit = Int64.max
        var isFirst = true
        for source in sources where source !== best && source.cursor.kind != .none {
            let isBehind = best.cursor.source < source.cursor.source
            if source.cursor.nowNanos < limit {
                (limit, isFirst) = (source.cursor.nowNanos, isBehind)
            } else if source.cursor.nowNanos == limit, !isBehind {
                isFirst = false
            }
        }
        return (best, limit, isFirst)
    }

    package var currentNanos: Int64 { nowNanos }
    package var currentCount: UInt64 { doneCount }

    package func count(_ done: UInt64) { doneCount += done }

    package func setNow(_ nanos: Int64) { nowNanos = nanos }
}

import Events
import LogEngine
import LogFormat
import Market
import Runtime
import Testing

/// Tables that are read together become one log in the order in which their rows became known, whatever files they
/// stood in (ARC-16, REP-03).
@Suite struct TableMergeTests {
    private static let hour: Int64 = 3_600_000
    private static let begin: Int64 = 1_751_414_400_000

    /// Bars of `minutes` from `from` hours behind the beginning on; `hole` names one that is missing.
    private func bars(_ minutes: Int64, from: Int64, count: Int64, hole: Int64 = -1) -> String {
        "open_time_ms,open,high,low,close,volume\n"
            + (0..<count).filter { $0 != hole }.map { row -> String in
                let time = Self.begin + from * Self.hour + row * minutes * 60_000
                return "\(time),100.0,199.0,99.0,101.0,\(from * 60 / minutes + row + 1).0\n"
            }.joined()
    }

    private func times(_ root: String) throws -> [(type: String, nanos: Int64)] {
        let walk = try EventWalk("\(root)/mkt")
        var found: [(type: String, nanos: Int64)] = []
        while try walk.next() { found.append((walk.schema?.name ?? "", walk.head.eventNanos)) }
        return found
    }

    /// Market data alone: announcements have a time of the session.
    private func facts(_ root: String) throws -> [Int64] {
        try times(root).filter { $0.type != MarketSourceOpened.typeName && $0.type != MarketSourceRead.typeName }
            .map(\.nanos)
    }

    @Test func `bars of two symbols and lengths that overlap stand in the order of time`() throws {
        let scratch = try Scratch()
        let files = [
            // The hour begins in the middle of the quarters, and has a hole: its next bar is known two hours later.
            try scratch.write("binance-ETHUSDT-1h.csv", bars(60, from: 10, count: 24, hole: 7)),
            try scratch.write("hl-BTC-15m.csv", bars(15, from: 0, count: 96)),
            try scratch.write(
                "hl-BTC-funding-1h.csv",
                "time_ms,funding_rate\n"
                    + (0..<40).map { "\(Self.begin + Int64($0) * Self.hour + 1_800_000),0.0000125\n" }.joined()),
        ]
        let report = try ingest(files, into: scratch.root)
        #expect(report.total[.candle] == 22 + 95 && report.total[.funding] == 40 && report.total[.gap] == 1)
        #expect(report.total.rejectCount == 0)
        let found = try facts(scratch.root)
        #expect(found == found.sorted(), "a fact stands behind a later one")
        // Given in another order they are the same log.
        let other = try Scratch()
        _ = try ingest(files.reversed(), into: other.root)
        #expect(try canonicalLog(other.root) == canonicalLog(scratch.root))
    }

    @Test func `a replay hears every bar at its own end`() throws {
        let scratch = try Scratch()
        let files = [
            try scratch.write("hl-BTC-1h.csv", bars(60, from: 0, count: 30)),
            try scratch.write("hl-ETH-1h.csv", bars(60, from: 5, count: 30)),
        ]
        _ = try ingest(files, into: scratch.root)
        var listener = Listener()
        var control = Unhindered()
        try MarketFeed([scratch.root]).run(into: &listener, control: &control)
        #expect(listener.heard.count == 58 && listener.heard.allSatisfy { $0.now == $0.end })
        #expect(listener.heard.map(\.instrument).prefix(8) == [1, 1, 1, 1, 1, 1, 2, 1])
    }

    @Test func `two files of one series that overlap give each bar once`() throws {
        let scratch = try Scratch()
        // In two folders, under one name: the second begins in the middle of the first.
        let files = [
            try scratch.write("b/hl-BTC-1h.csv", bars(60, from: 6, count: 20)),
            try scratch.write("a/hl-BTC-1h.csv", bars(60, from: 0, count: 16)),
        ]
        let report = try ingest(files, into: scratch.root)
        #expect(report.total[.candle] == 25 && report.total[.gap] == 0 && report.total.rejectCount == 0)
        #expect(report.total.duplicateCount == 10)
        let found = try facts(scratch.root)
        #expect(found == found.sorted())
        #expect(try ingest(files, into: scratch.root).appendedCount == 0)
    }

    @Test func `an ingest of tables that was cut off goes on where it stood`() throws {
        let scratch = try Scratch()
        let files = [
            try scratch.write("hl-BTC-1h.csv", bars(60, from: 0, count: 300)),
            try scratch.write("hl-ETH-15m.csv", bars(15, from: 20, count: 900)),
        ]
        _ = try ingest(files, into: scratch.root)
        let whole = try canonicalLog(scratch.root)
        for count in [1, 2, 3, 700] {
            let other = try Scratch()
            try RealFS().createDirectory(other.root)
            try copyEvents(from: scratch.root, skipping: 0, count: count, to: other.root)
            let report = try ingest(files, into: other.root)
            #expect(report.matchedCount == UInt64(count))
            #expect(try canonicalLog(other.root) == whole)
        }
    }

    @Test func `tables of days that have passed are merged day by day`() throws {
        guard RealData.check() else { return }
        let scratch = try Scratch()
        let report = try ingest([RealData.path("permissive/lean/crypto/coinbase")], into: scratch.root)
        #expect(report.total[.candle] == 23_943 && report.total[.quote] == 7188)
        let found = try facts(scratch.root)
        #expect(found == found.sorted())
    }

    @Test func `more tables than are held open at once are read in further sessions`() throws {
        let scratch = try Scratch()
        let files = try (0...Ingest.tablesMax).map {
            try scratch.write("hl-C\($0 + 1000)-1h.csv", bars(60, from: Int64($0), count: 3))
        }
        let report = try ingest(files, into: scratch.root)
        #expect(report.total[.candle] == Int64(2 * files.count))
        let opened = try times(scratch.root).map { $0.type == MarketSourceOpened.typeName }
        #expect(opened.prefix(Ingest.tablesMax).allSatisfy { $0 } && opened.count { $0 } == files.count)
        #expect(opened.lastIndex(of: true) ?? 0 > 3 * Ingest.tablesMax)
    }

    /// Bars as they are told.
    private struct Listener: MarketHandler {
        var heard: [(instrument: Int32, end: Int64, now: Int64)] = []
        mutating func candle(_ event: borrowing MarketCandle, _ head: MarketHead) {
            heard.append((event.instrument, event.openNanos + Int64(event.seconds) * 1_000_000_000, head.nowNanos))
        }
    }
}

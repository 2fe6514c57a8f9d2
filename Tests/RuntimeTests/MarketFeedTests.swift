import Events
import LogFormat
import Testing

@testable import LogEngine
@testable import Runtime

/// Stops after a number of events, or before a moment.
private struct Stop: ReplayControl {
    var left = UInt64.max
    var until = Int64.max
    var reports: [(done: UInt64, total: UInt64)] = []

    mutating func admits(_ nowNanos: Int64) -> Bool {
        guard left > 0, nowNanos <= until else { return false }
        left -= 1
        return true
    }

    mutating func progressed(_ done: UInt64, of total: UInt64, nowNanos: Int64) { reports.append((done, total)) }
}

/// Market logs as one stream in the order in which things became known (REP-09).
@Suite struct MarketFeedTests {
    private func all(
        _ paths: [String], _ market: ReplayMarket, kinds: Set<MarketFeed.Kind> = Set(MarketFeed.Kind.allCases)
    ) throws -> [Listener.Entry] {
        let feed = try MarketFeed(paths, kinds: kinds, environment: market.environment)
        var listener = Listener()
        var control = Unhindered()
        let isAtEnd = try feed.run(into: &listener, control: &control)
        #expect(isAtEnd && feed.doneCount == feed.totalCount)
        return listener.entries
    }

    @Test func `one log comes as it was recorded, with virtual time that never goes back`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 3_000, seed: 1)
        let found = try all(["mkt"], market)
        let expected = try slowly("mkt", market)
        #expect(found.count == expected.count && found.count > 2_500)
        if let index = (0..<min(found.count, expected.count)).first(where: { found[$0] != expected[$0] }) {
            Issue.record("event \(index): \(found[index]) instead of \(expected[index])")
        }
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.head.nowNanos <= $1.head.nowNanos })
        #expect(Set(found.map(\.kind)).count == 9)
    }

    @Test func `a root stands for its market log`() throws {
        let market = try ReplayMarket()
        try market.disk.createDirectory("root")
        try market.write("root/mkt", count: 200, seed: 1)
        #expect(try all(["root"], market) == all(["root/mkt"], market))
    }

    @Test func `kinds that are not wanted are left out, and nothing else changes`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 1_000, seed: 2)
        let trades = try all(["mkt"], market, kinds: [.trades])
        #expect(Set(trades.map(\.kind)) == ["listed BTC", "listed ETH", "trade"])
        let expected = try all(["mkt"], market).filter { $0.kind == "trade" }
        #expect(trades.filter { $0.kind == "trade" }.map(\.value) == expected.map(\.value))
    }

    @Test(arguments: 1...4) func `several logs are merged by time, then by their place`(count: Int) throws {
        let market = try ReplayMarket()
        let paths = (0..<count).map { "log\($0)" }
        for (place, path) in paths.enumerated() {
            // The same symbols in another order, and one of its own.
            let symbols = place % 2 == 0 ? ["BTC", "ETH"] : ["ETH", "BTC", "SOL\(place)"]
            try market.write(
                path, count: 700, seed: UInt64(place) + 10, symbols: symbols,
                stepNanos: place == 2 ? 20_000_000 : 10_000_000)
        }
        let found = try all(paths, market)
        // By hand: everything of all logs, sorted by when it became known there.
        var lists: [[Listener.Entry]] = []
        for path in paths { lists.append(try slowly(path, market)) }
        var merged: [(source: Int, entry: Listener.Entry)] = []
        var place = [Int](repeating: 0, count: count)
        while let next = (0..<count).filter({ place[$0] < lists[$0].count }).min(by: {
            (lists[$0][place[$0]].head.nowNanos, $0) < (lists[$1][place[$1]].head.nowNanos, $1)
        }) {
            merged.append((next, lists[next][place[next]]))
            place[next] += 1
        }
        var numbers: [String: Int32] = [:]
        var local: [[Int32: String]] = Array(repeating: [:], count: count)
        // Numbers are given in the order in which the logs are first looked into: one event ahead.
        var expected: [Listener.Entry] = []
        for (source, list) in lists.enumerated() {
            for entry in list where entry.kind.hasPrefix("listed") { local[source][entry.instrument] = entry.kind }
        }
        for entry in found where entry.kind.hasPrefix("listed") { numbers[entry.kind] = entry.instrument }
        #expect(Set(numbers.values).count == numbers.count)
        #expect(numbers.values.max() == Int32(numbers.count))
        for (source, entry) in merged {
            var entry = entry
            entry.head.source = source
            if entry.kind == "gap", entry.instrument == 0, count > 1 {
                for number in local[source].keys.sorted() {
                    entry.instrument = numbers[local[source][number] ?? ""] ?? -1
                    expected.append(entry)
                }
                continue
            }
            if entry.instrument != 0 { entry.instrument = numbers[local[source][entry.instrument] ?? ""] ?? -1 }
            expected.append(entry)
        }
        #expect(found.count == expected.count)
        if let index = (0..<min(found.count, expected.count)).first(where: { found[$0] != expected[$0] }) {
            Issue.record("event \(index): \(found[index]) instead of \(expected[index])")
        }
    }

    @Test func `a feed goes on where its control stopped it`() throws {
        let market = try ReplayMarket()
        try market.write("a", count: 500, seed: 1)
        try market.write("b", count: 500, seed: 2)
        let whole = try all(["a", "b"], market)
        let feed = try MarketFeed(["a", "b"], environment: market.environment)
        var listener = Listener()
        var calls = 0
        while true {
            var stop = Stop(left: 7)
            calls += 1
            if try feed.run(into: &listener, control: &stop) { break }
        }
        #expect(listener.entries == whole && calls > 100)
        // Until a moment: nothing later is told, and nothing at or before it is missing.
        let cut = whole[400].head.nowNanos
        var stop = Stop(until: cut)
        var part = Listener()
        let again = try MarketFeed(["a", "b"], environment: market.environment)
        let isAtEnd = try again.run(into: &part, control: &stop)
        #expect(!isAtEnd)
        #expect(part.entries == whole.filter { $0.head.nowNanos <= cut })
        #expect(again.nowNanos == cut)
    }

    @Test func `progress counts up to the total`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 2_000, seed: 3)
        let feed = try MarketFeed(["mkt"], environment: market.environment)
        var listener = Listener()
        var stop = Stop()
        let isAtEnd = try feed.run(into: &listener, control: &stop)
        #expect(isAtEnd)
        #expect(stop.reports.count > 5)
        #expect(stop.reports.map(\.done) == stop.reports.map(\.done).sorted())
        #expect(stop.reports.last?.done == 2_002 && stop.reports.last?.total == 2_002)
    }

    @Test func `an instrument that nobody listed is refused by name`() throws {
        let market = try ReplayMarket()
        let writer = try LogWriter("mkt", options: ReplayMarket.options(), environment: market.environment)
        let type = try writer.register(MarketTrade.self)
        var trade = MarketTrade()
        trade.instrument = 3
        try writer.append(&trade, typeID: type, eventNanos: 5)
        try writer.close()
        do {
            _ = try all(["mkt"], market)
            Issue.record("it was taken")
        } catch let error as LogError {
            #expect(error.code == .damaged && error.message.contains("instrument 3"))
        }
    }

    @Test func `number of logs is limited`() throws {
        let market = try ReplayMarket()
        #expect(throws: LogError.self) { try MarketFeed([], environment: market.environment) }
        let many = [String](repeating: "mkt", count: MarketFeed.logsMax + 1)
        #expect(throws: LogError.self) { try MarketFeed(many, environment: market.environment) }
    }

    @Test func `the pace follows the clock and the speed, and tells how far it is`() throws {
        let market = try ReplayMarket()
        try market.write("mkt", count: 1_000, seed: 4)
        let clock = SimulatedClock()
        var slept: Int64 = 0
        var reports: [ReplayProgress] = []
        let feed = try MarketFeed(["mkt"], environment: market.environment)
        var listener = Listener()
        var pace = ReplayPace(
            speed: try ReplaySpeed("x2"), clock: clock,
            sleep: { nanos in
                slept += nanos
                clock.advance(by: nanos)
            }, report: { reports.append($0) })
        let isAtEnd = try feed.run(into: &listener, control: &pace)
        #expect(isAtEnd)
        // Ten seconds of market at twice the speed.
        #expect(abs(slept - 5_000_000_000) < 20_000_000, "\(slept)")
        // How close the last report comes to the end depends on where the writer cut its batches.
        #expect(reports.count > 3 && (reports.last?.done ?? 0) > 500 && (reports.last?.secondsLeft ?? 9) < 4)
        #expect(zip(reports, reports.dropFirst()).allSatisfy { $0.done <= $1.done })
        #expect(reports.allSatisfy { $0.total == 1_002 })
    }

    @Test func `speeds are read, others are refused`() throws {
        #expect(try ReplaySpeed("max") == .max && ReplaySpeed("original") == .times(1))
        #expect(try ReplaySpeed("x0.5") == .times(0.5))
        for text in ["", "x", "x0", "x-1", "xnan", "xinf", "10", "fast", "x1e9"] {
            #expect(throws: LogError.self) { try ReplaySpeed(text) }
        }
    }
}

import CZlib
import Events
import Foundation
import LogEngine
import LogFormat
import Market
import Runtime
import Testing

/// Packs bytes as gzip, stored blocks only: enough to test reading.
private func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var packed: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
    var at = 0
    repeat {
        let count = min(bytes.count - at, 65_535)
        packed.append(at + count == bytes.count ? 1 : 0)
        packed += [UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8 & 255)]
        packed += bytes[at..<at + count]
        at += count
    } while at < bytes.count
    for value in [clotus_crc32(0, bytes, bytes.count), UInt32(bytes.count)] {
        for shift in stride(from: 0, to: 32, by: 8) { packed.append(UInt8(value >> UInt32(shift) & 255)) }
    }
    return packed
}

private func trades(_ numbers: Range<Int>) -> String {
    numbers.map { number in
        """
        \(1_790_232_216_000_000_000 + number * 100_000_000) {"channel":"trades","data":[{"coin":"BTC","side":"A",\
        "px":"84143.0","sz":"0.5","time":\(1_790_232_215_600 + number * 100),"tid":\(number + 1)}]}

        """
    }.joined()
}

@Test func `a gzip of several members is read whole`() throws {
    let scratch = try Scratch()
    let file = try scratch.write("a.gz", gzip(Array(trades(0..<10).utf8)) + gzip(Array(trades(10..<15).utf8)))
    let report = try ingest([file], into: scratch.root)
    #expect(report.total[.trade] == 15 && report.total.rejectCount == 0)
}

@Test func `a truncated gzip gives what was before and says how much`() throws {
    let scratch = try Scratch()
    let packed = gzip(Array(trades(0..<2000).utf8))
    let file = try scratch.write("a.gz", Array(packed[..<(packed.count / 2)]))
    let report = try ingest([file], into: scratch.root)
    guard case .read(let trouble?) = report.sources[0].outcome else {
        Issue.record("nothing is said")
        return
    }
    #expect(trouble.contains("ends early") && trouble.contains("bytes of text"))
    #expect(report.total[.trade] > 900)
    #expect(report.total[.truncated] >= 1)
    // The whole file later adds what was missing, and no trade twice.
    let whole = try scratch.write("b.gz", packed)
    let second = try ingest([whole], into: scratch.root)
    #expect(report.total[.trade] + second.total[.trade] == 2000)
    #expect(second.total.duplicateCount == report.total[.trade])
}

@Test func `a damaged gzip ends where it is damaged`() throws {
    let scratch = try Scratch()
    var packed = gzip(Array(trades(0..<2000).utf8))
    packed[10 + 65_540 + 2] ^= 0xff
    let file = try scratch.write("a.gz", packed)
    let report = try ingest([file], into: scratch.root)
    guard case .read(let trouble?) = report.sources[0].outcome else {
        Issue.record("nothing is said")
        return
    }
    #expect(trouble.contains("damaged"))
    #expect(report.total[.trade] > 300)
}

@Test func `a line of 100 MB is passed over, in bounded memory`() throws {
    let scratch = try Scratch()
    let file = try scratch.write("a.txt", trades(0..<2))
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.seekToEnd()
    let filler = Data(repeating: UInt8(ascii: "x"), count: 1 << 20)
    for _ in 0..<100 { try handle.write(contentsOf: filler) }
    try handle.write(contentsOf: Data(("\n" + trades(2..<4)).utf8))
    try handle.close()
    let report = try ingest([file], into: scratch.root)
    #expect(report.total[.trade] == 4)
    #expect(report.total.rejects.map { $0.reason.name } == ["line_too_long"])
}

@Test func `an unknown file names all that is known and stops nothing`() throws {
    let scratch = try Scratch()
    let odd = try scratch.write("x/odd.csv", "a,b,c\n1,2,3\n")
    let good = try scratch.write("x/good.txt", trades(0..<3))
    _ = try scratch.write("x/README.md", "# text")
    _ = try scratch.write("x/a.feather", "ARROW1")
    let report = try ingest([odd, good, "\(scratch.path)/x"], into: scratch.root)
    #expect(report.total[.trade] == 3)
    var failed: [String] = []
    var unread = 0
    for source in report.sources {
        if case .failed(let error) = source.outcome { failed.append(error.message) }
        if case .unread = source.outcome { unread += 1 }
    }
    #expect(failed.count == 2 && failed.allSatisfy { $0.contains("LEAN zips") && $0.contains("a,b,c") })
    #expect(unread == 2)
}

@Test func `a path where nothing is makes no root`() throws {
    let scratch = try Scratch()
    #expect(throws: LogError.self) { try Ingest.files(["\(scratch.path)/none"], RealFS()) }
}

@Test func `reading twice adds nothing`() throws {
    let scratch = try Scratch()
    let file = try scratch.write("a.txt", trades(0..<50))
    _ = try ingest([file], into: scratch.root)
    let before = try canonicalLog(scratch.root)
    let again = try ingest([file, file], into: scratch.root)
    #expect(again.appendedCount == 0)
    #expect(try canonicalLog(scratch.root) == before)
    // Under another name it is the same source; a longer one gives only what is new.
    let copy = try scratch.write("copy.txt", trades(0..<50))
    #expect(try ingest([copy], into: scratch.root).appendedCount == 0)
    let longer = try scratch.write("longer.txt", trades(0..<60))
    let report = try ingest([longer], into: scratch.root)
    #expect(report.total[.trade] == 10 && report.total.duplicateCount == 50)
}

/// A collector's session of two coins, with books, quotes, trades and a reconnect.
private func session(_ scratch: Scratch) throws -> String {
    for coin in ["BTC", "ETH"] {
        var books = "timestamp,sequence,exchange_timestamp,bid_price_0,bid_size_0,ask_price_0,ask_size_0\n"
        var prices = "timestamp,price,size,side,exchange_timestamp\n"
        var rows = "timestamp,price,size,side,trade_id,exchange_timestamp\n"
        for step in 0..<300 {
            let millis = 1_757_015_216_000 + step * 540 + (step >= 150 ? 18_000 : 0)
            let received = "\(millis / 1000).\(String(millis % 1000 + 1000).dropFirst())\(coin == "BTC" ? "1" : "2")"
            books += "\(received),\(millis - 400),\(millis - 400),100.0,1.5,100.5,2.0\n"
            prices += "\(received),100.0,1.5,bid,\(millis - 400)\n\(received),100.5,2.0,ask,\(millis - 400)\n"
            rows += "\(received),100.5,0.25,buy,\(step + 1),\(millis - 410)\n"
            rows += "\(received),100.0,0.25,sell,\(step + 1000),\(millis - 410)\n"
        }
        _ = try scratch.write("hl/orderbooks_\(coin).csv", books)
        _ = try scratch.write("hl/prices_\(coin).csv", prices)
        _ = try scratch.write("hl/trades_\(coin).csv", rows)
    }
    return "\(scratch.path)/hl"
}

@Test func `the tables of a session are read by receive time`() throws {
    let scratch = try Scratch()
    let report = try ingest([try session(scratch)], into: scratch.root)
    let total = report.total
    #expect(total.rejectCount == 0)
    #expect(total[.book] == 600 && total[.quote] == 600 && total[.trade] == 1200)
    // Books, quotes and trades of two coins after the silence, and the end.
    #expect(total[.gap] == 7)
    let walk = try EventWalk("\(scratch.root)/mkt", types: [MarketTrade.typeName])
    var decoder = try EventDecoder<MarketTrade>()
    var last: Int64 = 0
    while try walk.next() {
        var trade = MarketTrade()
        try walk.read { batch throws(FormatError) in try decoder.decode(&batch, into: &trade) }
        #expect(trade.receivedNanos >= last)
        last = trade.receivedNanos
    }
}

@Test(arguments: [1, 2, 7, 100, 300, 1200, 2000, 2410, 2413, 2418])
func `an ingest that was cut goes on to the same log`(_ kept: Int) throws {
    let scratch = try Scratch()
    let folder = try session(scratch)
    let earlier = try scratch.write("earlier.txt", trades(0..<20))
    _ = try ingest([earlier], into: "\(scratch.path)/whole")
    _ = try ingest([folder], into: "\(scratch.path)/whole")
    let whole = try canonicalLog("\(scratch.path)/whole")
    // A log that holds the first events of the session: as a kill leaves it.
    _ = try ingest([earlier], into: scratch.root)
    let start = try canonicalLog(scratch.root).count
    let count = min(kept, whole.count - start)
    try copyEvents(from: "\(scratch.path)/whole", skipping: start, count: count, to: scratch.root)
    // Another source has to wait.
    if kept < whole.count - start {
        let other = try scratch.write("other.txt", trades(500..<510))
        #expect(throws: LogError.self) { try ingest([other], into: scratch.root) }
    }
    let report = try ingest([folder], into: scratch.root)
    #expect(try canonicalLog(scratch.root) == whole)
    #expect(report.matchedCount + report.appendedCount == UInt64(whole.count - start) || report.appendedCount == 0)
    #expect(try ingest([folder, earlier], into: scratch.root).appendedCount == 0)
}

/// Appends events of one `mkt` log to another, as they are.
func copyEvents(from: String, skipping: Int, count: Int, to: String) throws {
    let root = try Root(to, modules: [.mkt])
    let walk = try EventWalk("\(from)/mkt")
    func copy<Event: LogEvent>(_ type: Event.Type) throws {
        var decoder = try EventDecoder<Event>()
        var event = Event()
        let nanos = walk.head.eventNanos
        try walk.read { batch throws(FormatError) in try decoder.decode(&batch, into: &event) }
        try root.append(&event, to: .mkt, eventNanos: nanos)
    }
    var place = 0
    while try walk.next(), place < skipping + count {
        place += 1
        if place <= skipping { continue }
        let name = try #require(walk.schema?.name)
        let type = try #require(EventCatalog.types.first { $0.type.typeName == name }?.type)
        try copy(type)
    }
    try root.commit()
    try root.close()
}

// MARK: Real data

/// What the table of the data's README says, and what was seen where it says nothing.
private let expected: [(path: String, kind: MarketEventKind, count: Int64)] = [
    ("permissive/hftbacktest/hyperliquid", .book, 45),
    ("permissive/hftbacktest/hyperliquid", .trade, 64),
    ("permissive/ta4j/Coinbase-BTC-USD-PT4H-20160518_20251028.json", .candle, 20_694),
    ("permissive/ta4j/Binance-ETH-USD-PT5M-20230313_20230315.json", .candle, 579),
    ("permissive/lean/crypto/coinbase/second", .candle, 11_520),
    ("permissive/lean/crypto/coinbase/minute", .candle, 12_423),
    ("permissive/lean/crypto/coinbase/minute", .quote, 7188),
    ("permissive/lean/cryptofuture", .funding, 12),
    ("derived/hl-BTC-1h.csv", .candle, 1831),
    ("derived/hl-BTC-funding-1h.csv", .funding, 1832),
    ("derived/binance-BTCUSDT-15m.csv.gz", .candle, 44_241),
    ("derived/binance-BTCUSDT-funding-8h.csv", .funding, 1382),
    ("flagged/nautilus-candles", .candle, 45_030),
    ("flagged/hl-l2-20250904", .book, 7564),
    ("flagged/hl-l2-20250904", .quote, 29_155),
    ("flagged/hl-l2-20250904", .trade, 13_542),
    ("flagged/hl-bbo-trades-20250901-07", .trade, 12_251),
]

@Test func `every data set gives what its table says`() throws {
    guard RealData.check() else { return }
    for item in expected {
        let scratch = try Scratch()
        let report = try ingest([RealData.path(item.path)], into: scratch.root)
        #expect(report.total[item.kind] == item.count, "\(item.path), \(item.kind.typeName)")
    }
}

/// A line of docs/data.md for each source, when LOTUS_DATA_TABLE is set.
private func printTable(_ report: IngestReport) {
    guard ProcessInfo.processInfo.environment["LOTUS_DATA_TABLE"] != nil else { return }
    for source in report.sources {
        let counts = source.counts
        let events = MarketEventKind.allCases.filter { counts[$0] > 0 }.map { "\($0) \(counts[$0])" }
        let cells = [
            source.path.split(separator: "/").suffix(2).joined(separator: "/"), source.kind,
            events.joined(separator: ", "), "\(counts.duplicateCount)",
            counts.rejects.map { "\($0.reason.name) \($0.count)" }.joined(separator: ", "),
            counts.notes.map { "\($0.note.name) \($0.count)" }.joined(separator: ", "),
            counts.firstNanos.map { TimeText.text($0) } ?? "", counts.lastNanos.map { TimeText.text($0) } ?? "",
        ]
        print("| \(cells.joined(separator: " | ")) |")
    }
}

@Test func `every file is read without an unexplained refusal, and twice adds nothing`() throws {
    guard RealData.check() else { return }
    let scratch = try Scratch()
    let report = try ingest([RealData.url.path], into: scratch.root)
    for source in report.sources {
        switch source.outcome {
        case .failed(let error): Issue.record("\(source.path): \(error.message)")
        case .read(let trouble):
            #expect(trouble == nil)
            // Frames without any time cannot be placed: explained in docs/data.md.
            let undated = ["ws_allmids.json", "ws_all_dexs_asset_ctxs.json"]
            let isUndated = undated.contains { source.path.hasSuffix($0) }
            let names = source.counts.rejects.map { $0.reason.name }
            #expect(names == (isUndated ? ["undated"] : []), "\(source.path)")
        case .known, .unread: break
        }
    }
    printTable(report)
    let again = try ingest([RealData.url.path], into: scratch.root)
    #expect(again.appendedCount == 0)
}

/// A source without receive stamps is announced when its first event happened, not in 1970.
@Test func `candles are announced at the time of the first of them`() throws {
    let scratch = try Scratch()
    let open: Int64 = 1_751_414_400_000
    let rows = (0..<3 as Range<Int64>).map { "\(open + $0 * 3_600_000),105671.0,105984.0,105556.0,105981.0,1120.7\n" }
    let table = "open_time_ms,open,high,low,close,volume\n" + rows.joined()
    let file = try scratch.write("hl-BTC-1h.csv", table)
    #expect(try ingest([file], into: scratch.root).total[.candle] > 0)
    let walk = try EventWalk("\(scratch.root)/mkt")
    while try walk.next() { #expect(walk.head.eventNanos >= open * 1_000_000) }
    #expect(walk.seq > 3)
}

import Events
import LogFormat
import Market
import Runtime
import Testing

/// Kraken's answers, in the shapes that the venue sends (docs/data.md).
@Suite struct KrakenTests {
    static let trades = """
        {"error": [], "result": {"XBTUSDT": [
          ["105433.60000", "0.00027625", 1762795433.9717445, "b", "l", "", 10218208],
          ["105410.10000", "0.00005000", 1762795457.8467374, "s", "m", "", 10218209],
          ["105410.10000", "0.00005000", 1762795457.8467374, "s", "m", "", 10218210]
        ], "last": "1762795457846737400"}}
        """
    static let bars = """
        {"error":[],"result":{"XBTUSDT":[
        [1762777020,"106038.2","106040.0","106001.5","106030.0","106031.7","0.25000000",3],
        [1762777080,"106030.0","106030.0","106030.0","106030.0","0.0","0.00000000",0],
        [1762777140,"106030.0","106032.0","106030.0","106032.0","106031.0","1.00000000",2]
        ],"last":1762777080}}
        """

    private func read(_ text: String) -> (intake: Intake, rejects: [String]) {
        var intake = Intake()
        let bytes = Array(text.utf8)
        do throws(UnknownSource) {
            let format = try SourceFormat.detect(bytes, SourceName("kraken.json"))
            guard case .document(let kind) = format, kind == .kraken else {
                Issue.record("found \(format)")
                return (intake, [])
            }
            var reader = DocumentReader(kind)
            reader.read(bytes.span, into: &intake)
        } catch { Issue.record("found \(error.found)") }
        return (intake, intake.counts[0].rejects.map { $0.reason.name })
    }

    @Test func `trades have their own times, sides and numbers`() throws {
        let (intake, rejects) = read(Self.trades)
        #expect(rejects.isEmpty)
        let found = intake.queue.trades
        try #require(found.count == 3)
        #expect(found.map(\.price) == [10_543_360_000_000, 10_541_010_000_000, 10_541_010_000_000])
        #expect(found.map(\.size) == [27_625, 5_000, 5_000] && found.map(\.side) == [.buy, .sell, .sell])
        #expect(found.map(\.tradeID) == [10_218_208, 10_218_209, 10_218_210])
        #expect(found.allSatisfy { $0.receivedNanos == 0 }, "an answer does not say when a trade became known")
        let times = intake.queue.slots.filter { $0.kind == .trade }.map(\.eventNanos)
        #expect(times == [1_762_795_433_971_744_500, 1_762_795_457_846_737_400, 1_762_795_457_846_737_400])
        #expect(intake.queue.instruments.map { "\($0.venue) \($0.symbol) \($0.asset)" } == ["kraken XBTUSDT BTC-USDT"])
    }

    @Test func `answers that overlap give each trade once`() throws {
        let scratch = try Scratch()
        // The last trade of the first answer is the first one of the second.
        let later = Self.trades.replacing("10218208", with: "10218211").replacing("10218209", with: "10218212")
            .replacing("1762795433", with: "1762795458")
        let files = [try scratch.write("a.json", Self.trades), try scratch.write("b.json", later)]
        let report = try ingest(files, into: scratch.root)
        #expect(report.total[.trade] == 5 && report.total.duplicateCount == 1)
        #expect(try ingest(files, into: scratch.root).appendedCount == 0)
    }

    @Test func `bars are as long as their distance, and the last one is held back`() throws {
        let (intake, rejects) = read(Self.bars)
        #expect(rejects.isEmpty)
        let found = intake.queue.candles
        try #require(found.count == 2)
        #expect(found.allSatisfy { $0.seconds == 60 })
        #expect(found[0].openNanos == 1_762_777_020_000_000_000 && found[0].high == 10_604_000_000_000)
        #expect(found[0].volume == 25_000_000 && found.map(\.tradeCount) == [3, 0])
        let scratch = try Scratch()
        let report = try ingest([try scratch.write("ohlc.json", Self.bars)], into: scratch.root)
        #expect(report.total[.candle] == 2 && report.total[.openCandle] == 1)
    }

    @Test(arguments: [
        (#"["1.0","2.0",1762795433.9,"x","l","",1]"#, "bad_side"),
        (#"["1.0","2.0",1762795433.9,"b","l"]"#, "missing_field"),
        (#"["0","2.0",1762795433.9,"b","l","",1]"#, "price_not_positive"),
        (#"["1.0","2.0",-1,"b","l","",1]"#, "bad_time"),
        (#"[1762777020,"1.0"]"#, "missing_field"), (#"[1762777020,"2","1","2","2","0","1",1]"#, "bad_interval"),
        (#"["1.0","2.0",99999999999.5,"b","l","",1]"#, "number_overflow"), ("7", "not_json"),
    ])
    func `a row that cannot be read is refused by its reason`(_ row: String, _ reason: String) {
        let (intake, rejects) = read(#"{"error":[],"result":{"XBTUSDT":[\#(row)],"last":"1"}}"#)
        #expect(rejects == [reason] && intake.queue.trades.isEmpty && intake.queue.candles.isEmpty)
    }

    @Test func `what Kraken refused holds nothing`() {
        let (_, rejects) = read(#"{"error":["EQuery:Unknown asset pair"],"result":{}}"#)
        #expect(rejects.isEmpty)
        #expect(read(#"{"error":[],"result":{"XBTUSDT":[["1.0""#).rejects == ["truncated"])
    }

    @Test func `damaged answers never trap`() {
        var random = Seeded(state: 5)
        for text in [Self.trades, Self.bars] {
            for _ in 0..<2_000 {
                // The head stays, or it would be another kind of source.
                var bytes = Array(text.utf8)
                for _ in 0...random.below(4) {
                    bytes[40 + random.below(bytes.count - 40)] = UInt8(truncatingIfNeeded: random.next())
                }
                if random.below(2) == 0 { bytes.removeLast(random.below(bytes.count - 40)) }
                var intake = Intake()
                var reader = DocumentReader(.kraken)
                reader.read(bytes.span, into: &intake)
                #expect(intake.queue.candles.allSatisfy { $0.low <= $0.high && $0.low > 0 })
            }
        }
    }
}

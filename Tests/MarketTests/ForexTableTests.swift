import Events
import LogEngine
import LogFormat
import Market
import Runtime
import Testing

/// Tables of hours in which currencies were quoted, in the shape that `gym-anytrading` carries (docs/data.md).
@Suite struct ForexTableTests {
    static let rows = """
        01.01.2017 22:00:00.000,1.05236,1.05253,1.05221,1.05227,143539993.3\r
        01.01.2017 23:00:00.000,1.05227,1.05426,1.05226,1.05282,163119000000\r
        06.01.2017 21:00:00.000,1.05283,1.05283,1.05268,1.05281,131399993.9\r
        08.01.2017 22:00:00.000,1.0531,1.0531,1.0531,1.0531,7205770020\r

        """
    static let table = "Time,Open,High,Low,Close,Volume\r\n" + rows

    private func candles(_ scratch: Scratch) throws -> [MarketCandle] {
        let walk = try EventWalk("\(scratch.root)/mkt", types: [MarketCandle.typeName])
        var decoder = try EventDecoder<MarketCandle>()
        var found: [MarketCandle] = []
        while try walk.next() {
            var event = MarketCandle()
            try walk.read { batch throws(FormatError) in try decoder.decode(&batch, into: &event) }
            found.append(event)
        }
        return found
    }

    @Test func `hours are read with the day first, to the last digit, and weekends are no gaps`() throws {
        let scratch = try Scratch()
        let file = try scratch.write("FOREX_EURUSD_1H_ASK.csv", Self.table)
        let report = try ingest([file], into: scratch.root)
        #expect(report.total[.candle] == 3 && report.total[.gap] == 0)
        #expect(report.total.rejectCount == 0 && report.total[.openCandle] == 1 && report.total[.rounded] == 0)
        let found = try candles(scratch)
        #expect(found.map(\.openNanos) == [1_483_308_000, 1_483_311_600, 1_483_736_400].map { $0 * 1_000_000_000 })
        #expect(found.map(\.open) == [105_236_000, 105_227_000, 105_283_000])
        #expect(found.map(\.high) == [105_253_000, 105_426_000, 105_283_000])
        #expect(found.map(\.low) == [105_221_000, 105_226_000, 105_268_000])
        #expect(found.map(\.close) == [105_227_000, 105_282_000, 105_281_000])
        #expect(found.allSatisfy { $0.seconds == 3600 })
        // Millions, in 1e-8: the second would not fit otherwise.
        #expect(found.map(\.volume) == [14_353_999_330, 16_311_900_000_000, 13_139_999_390])
        let walk = try EventWalk("\(scratch.root)/mkt", types: [MarketInstrument.typeName])
        var decoder = try EventDecoder<MarketInstrument>()
        var listed = MarketInstrument()
        while try walk.next() {
            try walk.read { batch throws(FormatError) in try decoder.decode(&batch, into: &listed) }
        }
        #expect("\(listed.venue) \(listed.symbol) \(listed.asset)" == "forex EURUSD EUR-USD")
        #expect(listed.priceStep == 100, "seven significant digits")
    }

    @Test(arguments: [
        "EURUSD.csv", "FOREX_EURUSD_1H_MID.csv", "FOREX_EURUSD_1X_ASK.csv", "FOREX_EURUSD_ASK.csv", "forex.csv",
    ])
    func `a table whose name does not say what it is of is none`(_ name: String) throws {
        let scratch = try Scratch()
        let report = try ingest([try scratch.write(name, Self.table)], into: scratch.root)
        guard case .failed(let error) = report.sources[0].outcome else {
            Issue.record("\(name) was read")
            return
        }
        #expect(error.message.contains("FOREX_EURUSD_1H_ASK.csv"))
    }

    @Test(arguments: [
        "1.01.2017 22:00:00.000", "01-01-2017 22:00:00.000", "2017.01.01 22:00:00.000", "32.01.2017 22:00:00.000",
        "29.02.2017 22:00:00.000", "01.01.2017T22:00:00.000", "01.01.2017 24:00:00.000", "01.01.2017 22:30:00.000", "",
    ])
    func `a row with another kind of time is refused`(_ time: String) throws {
        let scratch = try Scratch()
        let row = "\(time),1.05236,1.05253,1.05221,1.05227,1.0\n"
        let file = try scratch.write(
            "FOREX_EURUSD_1H_ASK.csv", "Time,Open,High,Low,Close,Volume\n" + row + Self.rows)
        let report = try ingest([file], into: scratch.root)
        #expect(report.total[.candle] == 3 && report.total.rejectCount == 1)
    }
}

import Events
import Market
import Testing

private func trade(_ coin: String, _ millis: Int64, _ id: Int) -> String {
    #"{"coin":"\#(coin)","side":"A","px":"100","sz":"1","time":\#(millis),"tid":\#(id)}"#
}
private func frame(_ trades: [String]) -> String {
    #"{"channel":"trades","data":[\#(trades.joined(separator: ","))]}"#
}
private let start: Int64 = 1_790_232_216_000

@Test func `trades that a reconnect replays are dropped, and no gap is left when they reach back`() {
    var run = FrameRun()
    run.frame(frame([trade("BTC", start, 1), trade("BTC", start + 10, 2)]))
    let replay = [trade("BTC", start, 1), trade("BTC", start + 10, 2), trade("BTC", start + 900, 3)]
    run.frame(frame(replay), afterMillis: 18_000)
    #expect(run.queue.trades.map(\.tradeID) == [1, 2, 3])
    #expect(run.counts.duplicateCount == 2)
    #expect(run.queue.gaps.isEmpty && run.counts[.bridgedReconnect] == 1)
}

@Test func `a replay that does not reach back leaves a gap before it`() throws {
    var run = FrameRun()
    run.frame(frame([trade("BTC", start, 1)]))
    run.frame(frame([trade("BTC", start + 2100, 5), trade("BTC", start + 2200, 6)]), afterMillis: 18_000)
    let gap = try #require(run.queue.gaps.first)
    #expect(gap.reason == .reconnect && gap.channel == "trades" && gap.fromNanos == start * 1_000_000)
    #expect(run.queue.slots.map(\.kind) == [.instrument, .trade, .gap, .trade, .trade])
    #expect(run.queue.slots[2].eventNanos == (start + 2100) * 1_000_000)
}

@Test func `trades that step back without silence are a replay too`() {
    var run = FrameRun()
    run.frame(frame([trade("BTC", start, 1)]))
    run.frame(frame([trade("BTC", start - 5600, 9)]), afterMillis: 500)
    #expect(run.queue.gaps.count == 1 && run.queue.trades.count == 2)
}

@Test func `the same id at another time or of another coin is another trade`() {
    var run = FrameRun()
    run.frame(frame([trade("BTC", start, 1), trade("ETH", start, 1), trade("BTC", start + 1, 1)]))
    #expect(run.queue.trades.count == 3 && run.counts.duplicateCount == 0)
}

@Test func `the memory of trades is bounded and forgets the oldest`() {
    var run = FrameRun()
    let count = Intake.rememberedTradesMax
    for chunk in stride(from: 0, to: count + 1000, by: 500) {
        run.frame(frame((chunk..<chunk + 500).map { trade("BTC", start + Int64($0), $0 + 1) }))
        run.intake.queue.removeAll()
    }
    run.frame(frame([trade("BTC", start + Int64(count) - 1, count)]))
    #expect(run.counts.duplicateCount == 1)
    run.frame(frame([trade("BTC", start, 1)]))
    #expect(run.counts.duplicateCount == 1 && run.queue.trades.count == 1)
}

@Test func `a silent feed of books is a stall, a silent connection a reconnect`() {
    func book(_ millis: Int64) -> String {
        #"{"channel":"l2Book","data":{"coin":"BTC","time":\#(millis),"levels":[[{"px":"9","sz":"1"}],[]]}}"#
    }
    var run = FrameRun()
    run.frame(book(start))
    for step in 1...3 { run.frame(#"{"channel":"pong"}"#, afterMillis: 4000 + Int64(step)) }
    run.frame(book(start + 12_100))
    #expect(run.queue.gaps.map(\.reason) == [.stalled])
    run.frame(book(start + 40_000), afterMillis: 28_000)
    #expect(run.queue.gaps.map(\.reason) == [.stalled, .reconnect])
    #expect(run.queue.books.count == 3)
}

@Test func `an equal book with a new time is kept, one with the same time dropped`() {
    func book(_ millis: Int64) -> String {
        #"{"channel":"l2Book","data":{"coin":"BTC","time":\#(millis),"levels":[[{"px":"9","sz":"1"}],[]]}}"#
    }
    var run = FrameRun()
    run.frame(book(start))
    run.frame(book(start))
    run.frame(book(start + 540))
    #expect(run.queue.books.count == 2 && run.counts.duplicateCount == 1)
}

@Test func `an instrument is listed again when a price leaves its grid`() throws {
    func book(_ price: String) -> String {
        #"{"channel":"l2Book","data":{"coin":"BTC","time":\#(start),"levels":[[{"px":"\#(price)","#
            + #""sz":"0.00001"}],[]]}}"#
    }
    var run = FrameRun()
    run.frame(book("109755"))
    run.frame(book("0.012345"))
    #expect(run.rejects.isEmpty && run.queue.instruments.count == 2)
    #expect(run.queue.instruments[1].instrument == 1)
    let second = run.queue.books[1]
    #expect(Int64(second.bidPrices[0]) * run.queue.instruments[1].priceStep == 1_234_500)
    #expect(Int64(second.bidSizes[0]) * run.queue.instruments[1].sizeStep == 1000)
}

@Test func `a session ends in a gap`() {
    var run = FrameRun()
    run.frame(frame([trade("BTC", start, 1)]))
    run.intake.endSession(isStream: true)
    #expect(run.queue.gaps.map(\.reason) == [.sourceEnded])
    #expect(run.queue.gaps[0].instrument == 0 && run.queue.gaps[0].fromNanos == start * 1_000_000)
}

// MARK: Binance

private struct DepthRun {
    var intake = Intake()
    var reader = BinanceReader(.binanceUSDM)
    var nanos: Int64 = 1_800_000_000_000_000_000

    mutating func frame(_ text: String) {
        nanos += 100_000_000
        let bytes = Array(text.utf8)
        reader.frame(bytes.span, receivedNanos: nanos, into: &intake)
    }
    mutating func depth(_ first: Int, _ last: Int, previous: Int?, bids: String = "", asks: String = "") {
        let pu = previous.map { #","pu":\#($0)"# } ?? ""
        frame(
            #"{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":\#(start + Int64(last)),"s":"BTCUSDT","#
                + #""U":\#(first),"u":\#(last)\#(pu),"b":[\#(bids)],"a":[\#(asks)]}}"#)
    }
    mutating func snapshot(_ id: Int) {
        frame(
            #"{"lastUpdateId":\#(id),"bids":[["100.0","1"],["99.9","2"]],"asks":[["100.1","3"],["100.2","4"]]}"#)
    }
    func tops() -> [[Int64]] {
        intake.queue.books.map { book in
            let step = intake.queue.instruments.last?.sizeStep ?? 1
            return [Int64(book.bidSizes[0]) * step / 1000, Int64(book.askSizes[0]) * step / 1000]
        }
    }
}

@Test func `a book is built from the snapshot and the changes behind it`() {
    var run = DepthRun()
    run.depth(1, 5, previous: 0, bids: #"["100.0","9"]"#)
    run.depth(6, 12, previous: 5, bids: #"["100.0","7"]"#)
    #expect(run.intake.queue.books.isEmpty)
    run.snapshot(8)
    // The first change is in the snapshot, the second overlaps it.
    #expect(run.intake.counts[0][.depthOutdated] == 1)
    #expect(run.tops() == [[700_000, 300_000]])
    run.depth(13, 13, previous: 12, bids: #"["100.0","0"]"#, asks: #"["100.1","0"]"#)
    #expect(run.tops().last == [200_000, 400_000])
    #expect(run.intake.counts[0].rejectCount == 0 && run.intake.queue.gaps.isEmpty)
}

@Test func `a missing change is a gap, and no book is told until the next snapshot`() {
    var run = DepthRun()
    run.depth(1, 5, previous: 0)
    run.snapshot(4)
    #expect(run.intake.queue.books.count == 1)
    run.depth(10, 12, previous: 9, bids: #"["100.0","7"]"#)
    #expect(run.intake.queue.gaps.map(\.reason) == [.sequence])
    run.depth(13, 14, previous: 12)
    #expect(run.intake.queue.books.count == 1)
    run.snapshot(13)
    #expect(run.intake.queue.books.count == 2)
    #expect(run.intake.queue.gaps.count == 2)
    #expect(run.intake.queue.gaps.allSatisfy { $0.channel == "books" })
}

@Test func `spot changes follow by their first id`() {
    var run = DepthRun()
    run.reader = BinanceReader(.binance)
    run.depth(1, 5, previous: nil)
    run.snapshot(5)
    run.depth(6, 9, previous: nil, bids: #"["100.0","5"]"#)
    #expect(run.intake.queue.gaps.isEmpty && run.tops().last == [500_000, 300_000])
    run.depth(11, 12, previous: nil)
    #expect(run.intake.queue.gaps.count == 1)
}

@Test func `tickers and trades of Binance`() {
    var run = DepthRun()
    run.frame(
        #"{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"61837.63","B":"3.7","a":"61837.64","#
            + #""A":"1.5","T":\#(start)}}"#)
    func trade(_ id: Int, _ price: String, _ size: String, _ kind: String) -> String {
        #"{"stream":"btcusdt@trade","data":{"s":"BTCUSDT","t":\#(id),"p":"\#(price)","q":"\#(size)","#
            + #""T":\#(start),"X":"\#(kind)","m":true}}"#
    }
    run.frame(trade(7, "61800.30", "0.006", "MARKET"))
    run.frame(trade(8, "0", "0", "NA"))
    #expect(run.intake.counts[0].rejectCount == 0 && run.intake.counts[0][.notATrade] == 1)
    #expect(run.intake.queue.trades[0].side == .sell)
    #expect(run.intake.queue.instruments[0].asset == "BTC-USDT")
}

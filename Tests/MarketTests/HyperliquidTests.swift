import Events
import Foundation
import LogFormat
import Market
import Testing

private let trades = """
    {"channel":"trades","data":[{"coin":"BTC","side":"A","px":"84143.0","sz":"0.00036","time":1790232216193,\
    "hash":"0x7ab608dad75f7ce37c2f044516391f02023a00c072529bb51e7eb42d965356ce","tid":1045359869404765,\
    "users":["0x9aa5","0x8269"]},{"coin":"BTC","side":"B","px":"84144","sz":0.5,"time":1790232216193,"tid":7}]}
    """
private let book = """
    {"channel":"l2Book","data":{"coin":"BTC","time":1790232236546,\
    "levels":[[{"px":"84143.0","sz":"10.25923","n":36},{"px":"84142.0","sz":"1.65875","n":7}],\
    [{"px":"84144.0","sz":"50.66449","n":18},{"px":"84150.0","sz":"0.00711","n":2}]],"spread":"1.0"}}
    """
private let bbo = """
    {"channel":"bbo","data":{"coin":"BTC","time":1790232237145,"bbo":[{"px":"84143.0","sz":"10.25923","n":36},\
    {"px":"84144.0","sz":"50.66422","n":18}]}}
    """
private let candle = """
    {"channel":"candle","data":{"t":1790232180000,"T":1790232239999,"s":"BTC","i":"1m","o":"84143.0","c":"84143.0",\
    "h":"84144.0","l":"84143.0","v":"14.27847","n":114}}
    """
private let context = """
    {"channel":"activeAssetCtx","data":{"coin":"BTC","ctx":{"funding":"0.0000018952","openInterest":"36585.31848",\
    "prevDayPx":"86627.0","dayNtlVlm":"4161029539.6949653625","premium":"-0.0006413454","oraclePx":"84198.0",\
    "markPx":"84148.0","midPx":null,"impactPxs":["84143.0","84144.0"],"dayBaseVlm":"49116.08533"}}}
    """

@Test func `trades keep their order, side, times and id, and no address`() throws {
    var run = FrameRun()
    run.frame(trades)
    #expect(run.rejects.isEmpty)
    #expect(run.queue.slots.map(\.kind) == [.instrument, .trade, .trade])
    let listed = run.queue.instruments[0]
    #expect(listed.asset == "BTC-USD" && listed.venue == "hyperliquid" && listed.symbol == "BTC")
    #expect(listed.priceStep == 1_000_000 && listed.sizeStep == 1000)
    let first = run.queue.trades[0]
    #expect(first.side == .sell && first.price == 8_414_300_000_000 && first.size == 36_000)
    #expect(first.tradeID == 1_045_359_869_404_765 && first.receivedNanos == run.nanos)
    #expect(run.queue.slots[1].eventNanos == 1_790_232_216_193_000_000)
    // Numbers without quotes are numbers too.
    #expect(run.queue.trades[1].side == .buy && run.queue.trades[1].size == 50_000_000)
}

@Test func `a book in steps of its instrument`() throws {
    var run = FrameRun()
    run.frame(book)
    #expect(run.rejects.isEmpty)
    let event = run.queue.books[0]
    #expect(event.bidCount == 2 && event.askCount == 2)
    let listed = run.queue.instruments[0]
    #expect(Int64(event.bidPrices[0]) * listed.priceStep == 8_414_300_000_000)
    #expect(Int64(event.askSizes[1]) * listed.sizeStep == 711_000)
    #expect(event.bidPrices[2] == 0)
}

@Test func `one-sided and empty books and quotes are taken`() throws {
    var run = FrameRun()
    run.frame(#"{"channel":"l2Book","data":{"coin":"X","time":1790232236546,"levels":[[],[]]}}"#)
    run.frame(oneBook(#"[[],[{"px":"5","sz":"1"}]]"#))
    run.frame(#"{"channel":"bbo","data":{"coin":"BTC","time":1790232236546,"bbo":[null,{"px":"5","sz":"1","n":1}]}}"#)
    #expect(run.rejects.isEmpty)
    #expect(run.queue.books.map(\.askCount) == [0, 1])
    #expect(run.queue.quotes[0].bidSize == 0 && run.queue.quotes[0].askPrice == 500_000_000)
}

@Test func `quotes, contexts and answers of the socket`() throws {
    var run = FrameRun()
    run.frame(bbo)
    run.frame(context)
    run.frame(#"{"channel":"pong"}"#)
    run.frame("Websocket connection established.")
    run.frame(#"{"channel":"subscriptionResponse","data":{"method":"subscribe"}}"#)
    run.frame(#"{"channel":"error","data":"Already subscribed: {\"type\":\"l2Book\"}"}"#)
    run.frame(#"{"channel":"userFills","data":{"user":"0x36","fills":[]}}"#)
    run.frame(#"{"channel":"brandNew","data":[1,2,{"a":null}]}"#)
    run.frame(#"{"data":{"mids":{"ETH":"2296.45","@142":"80907.5"}},"channel":"allMids"}"#)
    #expect(run.rejects.isEmpty)
    #expect(run.queue.quotes[0].askSize == 5_066_422_000)
    let seen = run.queue.contexts[0]
    #expect(seen.fundingRate == 1_895_200 && seen.midPrice == nil && seen.markPrice == 8_414_800_000_000)
    #expect(run.queue.contexts[1].midPrice == 229_645_000_000)
    for note in [IntakeNote.pong, .plainText, .acknowledged, .venueError, .privateData, .unknownChannel] {
        #expect(run.counts[note] == 1, "\(note.name)")
    }
}

@Test func `a candle closes when a later one comes`() throws {
    var run = FrameRun()
    run.frame(candle)
    run.frame(candle.replacingOccurrences(of: "\"n\":114", with: "\"n\":115"))
    #expect(run.queue.candles.isEmpty)
    run.frame(candle.replacingOccurrences(of: "1790232180000", with: "1790232240000"))
    #expect(run.queue.candles.count == 1)
    #expect(run.queue.candles[0].tradeCount == 115)
    #expect(run.queue.slots.last?.eventNanos == 1_790_232_240_000_000_000)
    run.intake.endSession(isStream: true)
    #expect(run.counts[.openCandle] == 1 && run.queue.candles.count == 1)
}

@Test func `contexts by position need the universe and must fit it`() throws {
    let frame = #"{"channel":"allDexsAssetCtxs","data":{"ctxs":[["",[{"markPx":"5"},{"markPx":"6"}]]]}}"#
    var run = FrameRun()
    run.frame(frame)
    #expect(run.rejects == ["meta_missing"])
    func withUniverse(_ coins: String) throws -> FrameRun {
        var run = FrameRun()
        let text = Array(#"{"request":{"type":"meta"},"response":{"universe":[\#(coins)]}}"#.utf8)
        var cursor = JSONCursor()
        try run.reader.exchange(&cursor, text.span, into: &run.intake)
        run.frame(frame)
        return run
    }
    let fitting = try withUniverse(#"{"name":"A","szDecimals":1},{"name":"B","szDecimals":0}"#)
    #expect(fitting.rejects.isEmpty && fitting.queue.contexts.map(\.markPrice) == [500_000_000, 600_000_000])
    #expect(fitting.queue.instruments.map(\.sizeStep) == [10_000_000, 100_000_000])
    #expect(try withUniverse(#"{"name":"A","szDecimals":1}"#).rejects == ["universe_mismatch"])
}

/// A frame with one trade whose members are `members`, on top of what every trade has.
private func oneTrade(_ changed: String, without: String? = nil) -> String {
    let usual = [
        "coin": #""BTC""#, "side": #""A""#, "px": #""1""#, "sz": #""1""#, "time": "1790232216193", "tid": "1",
    ]
    let name = changed.split(separator: "=").first.map(String.init) ?? ""
    let members = usual.keys.sorted().filter { $0 != without }.map { key in
        "\"\(key)\":\(key == name ? String(changed.dropFirst(name.count + 1)) : usual[key] ?? "")"
    }
    return #"{"channel":"trades","data":[{\#(members.joined(separator: ","))}]}"#
}

private func oneBook(_ levels: String) -> String {
    #"{"channel":"l2Book","data":{"coin":"B","time":1790232216193,"levels":\#(levels)}}"#
}

private func oneCandle(_ interval: String, close: String) -> String {
    #"{"channel":"candle","data":{"t":1790232180000,"s":"BTC","i":"\#(interval)","o":"1","c":"\#(close)","#
        + #""h":"2","l":"1","v":"1"}}"#
}

@Test(arguments: [
    (oneTrade(#"side="X""#), "bad_side"), (oneTrade(#"px="-1""#), "price_not_positive"),
    (oneTrade(#"sz="-1""#), "size_not_positive"), (oneTrade("px=NaN"), "bad_number"),
    (oneTrade(#"px="NaN""#), "bad_number"), (oneTrade(#"px="1e308""#), "number_overflow"),
    (oneTrade("", without: "time"), "missing_field"), (oneTrade("time=99999999999999999"), "bad_time"),
    (oneTrade(#"coin="""#), "bad_symbol"), (#"{"channel":"trades","data":{}}"#, "not_json"),
    (oneBook(#"[[{"px":"2","sz":"1"}],[{"px":"2","sz":"1"}]]"#), "crossed_book"),
    (oneBook(#"[[{"px":"2","sz":"1"},{"px":"3","sz":"1"}],[]]"#), "unsorted_book"),
    (oneBook(#"[[{"px":"2","sz":"0"}],[]]"#), "size_not_positive"),
    (oneBook(#"[[{"px":"90000000000","sz":"1"},{"px":"0.00000001","sz":"1"}],[]]"#), "grid_overflow"),
    (oneBook("[[]]"), "missing_field"), (#"{"channel":"l2Book","data":5}"#, "not_json"),
    (#"{"channel":"l2Book"}"#, "missing_field"), (#"{"channel":"pong"} {"channel":"pong"}"#, "not_json"),
    (#"[1,2]"#, "not_json"), ("", "truncated"), ("{", "truncated"), (oneCandle("1M", close: "1"), "bad_interval"),
    (oneCandle("1m", close: "3"), "bad_candle"),
]) func `each fault has its reason`(_ frame: String, _ reason: String) {
    var run = FrameRun()
    run.frame(frame)
    #expect(run.rejects == [reason])
    // The instrument may be listed; nothing is told of it.
    #expect(run.queue.slots.allSatisfy { $0.kind == .instrument })
}

@Test func `nesting beyond the limit is refused`() {
    var run = FrameRun()
    run.frame(#"{"channel":"pong","x":"# + String(repeating: "[", count: 100_000))
    #expect(run.rejects == ["too_deep"])
}

@Test func `16-bit text is said to be no text`() {
    var run = FrameRun()
    run.frame(Array(trades.utf8).flatMap { [$0, 0] })
    #expect(run.counts.rejectCount == 1)
    run.frame([0xff, 0xfe] + Array(trades.utf8).flatMap { [$0, 0] })
    #expect(run.counts.rejectCount == 2 && run.queue.count == 0)
}

@Test(arguments: [trades, book, bbo, candle, context])
func `a frame cut at any byte is refused whole`(_ frame: String) {
    let bytes = Array(frame.utf8)
    for cut in 0..<bytes.count {
        var run = FrameRun()
        run.frame(Array(bytes[..<cut]))
        #expect(run.counts.rejectCount == 1, "cut at \(cut)")
        #expect(run.queue.count == 0)
    }
}

@Test(arguments: [UInt64(1), 2, 3]) func `flipped bytes never trap and never cross a book`(_ seed: UInt64) {
    var random = Seeded(state: seed)
    let frames = [trades, book, bbo, candle, context].map { Array($0.utf8) }
    var run = FrameRun()
    for round in 0..<6000 {
        var bytes = frames[random.below(frames.count)]
        for _ in 0...random.below(4) { bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next()) }
        if random.below(4) == 0 { bytes.removeSubrange(random.below(bytes.count)..<bytes.count) }
        run.frame(bytes)
        for book in run.queue.books where book.bidCount > 0 && book.askCount > 0 {
            #expect(book.bidPrices[0] < book.askPrices[0], "seed \(seed), round \(round)")
        }
        run.intake.queue.removeAll()
    }
}

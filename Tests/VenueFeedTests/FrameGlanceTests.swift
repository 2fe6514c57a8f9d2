import Testing
import VenueFeed

private func glance(_ text: String) -> FrameGlance { FrameGlance(Array(text.utf8).span) }

private func key(_ channel: String, _ coin: String, _ interval: String = "") -> StreamKey {
    StreamKey(channel: channel, coin: coin, interval: interval)
}

/// What the feed sees of a frame.
@Suite struct FrameGlanceTests {
    static let samples: [(String, FrameGlance)] = [
        (#"{"channel":"trades","data":[{"coin":"BTC","side":"A"},{"coin":"ETH"}]}"#, .stream(key("trades", "BTC"))),
        (#"{"channel":"trades","data":[]}"#, .other),
        (
            #"{"data":{"levels":[[{"px":"1","s":"x"}],[]],"time":1,"coin":"ETH"},"channel":"l2Book"}"#,
            .stream(key("l2Book", "ETH"))
        ),
        (#" { "channel" : "bbo" , "data" : { "coin" : "SOL" , "bbo":[null,null] } } "#, .stream(key("bbo", "SOL"))),
        (
            #"{"channel":"candle","data":{"t":1,"T":2,"s":"BTC","i":"1m","o":"1"}}"#,
            .stream(key("candle", "BTC", "1m"))
        ),
        (
            #"{"channel":"activeAssetCtx","data":{"coin":"BTC","ctx":{"coin":"no"}}}"#,
            .stream(key("activeAssetCtx", "BTC"))
        ),
        (#"{"channel":"allMids","data":{"mids":{"BTC":"1"}}}"#, .stream(key("allMids", ""))),
        (#"{"channel":"pong"}"#, .pong),
        (#"{"channel":"error","data":"bad \"thing\""}"#, .refused(#"bad \"thing\""#)),
        (
            #"{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"l2Book","#
                + #""coin":"BTC","#
                + #""nSigFigs":null,"mantissa":null,"fast":false}}}"#, .acknowledged(key("l2Book", "BTC"))
        ),
        (
            #"{"channel":"subscriptionResponse","data":{"subscription":{"interval":"1h","coin":"BTC","type":"candle"},"#
                + #""method":"subscribe"}}"#, .acknowledged(key("candle", "BTC", "1h"))
        ),
        (
            #"{"channel":"subscriptionResponse","data":{"method":"unsubscribe","subscription":{"type":"bbo","#
                + #""coin":"B"}}}"#,
            .other
        ),
        ("Websocket connection established.", .other), ("", .other), ("{", .other), ("{}", .other), ("[]", .other),
        (#"{"channel":5,"data":{}}"#, .other), (#"{"channel":"trades"}"#, .other),
        (#"{"channel":"trades","data":"no"}"#, .other), (#"{"channel":"l2Book","data":{"coin":7}}"#, .other),
        (#"{"channel":"x\"y","data":{"coin":"BTC"}}"#, .stream(key(#"x\"y"#, "BTC"))),
        (String(repeating: "[", count: 100_000), .other),
        (#"{"channel":"l2Book","data":"# + String(repeating: "[", count: 100_000), .other),
    ]

    @Test(arguments: Self.samples.indices) func `each kind of frame is told apart`(_ index: Int) {
        #expect(glance(Self.samples[index].0) == Self.samples[index].1)
    }

    @Test func `a long error is cut`() {
        guard
            case .refused(let text) = glance(
                #"{"channel":"error","data":""# + String(repeating: "x", count: 9_999) + "\"}")
        else {
            Issue.record("no refusal")
            return
        }
        #expect(text.utf8.count == FeedEvent.textBytesMax)
    }

    @Test func `every cut and every flipped byte has an answer (SEC-10)`() {
        for (text, _) in Self.samples where text.utf8.count < 1_000 {
            let bytes = Array(text.utf8)
            for end in bytes.indices { _ = FrameGlance(Array(bytes[..<end]).span) }
            for index in bytes.indices {
                for bit in 0..<8 {
                    var broken = bytes
                    broken[index] ^= 1 << bit
                    _ = FrameGlance(broken.span)
                }
            }
        }
    }

    @Test func `random bytes have an answer`() {
        let alphabet = Array(#"{}[]":,\ ac"channel""data""coin"tru0"#.utf8) + [0, 0xFF]
        for seed in UInt64(0)..<20_000 {
            var random = Seeded(seed)
            let count = Int.random(in: 0..<60, using: &random)
            let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
            _ = FrameGlance(bytes.span)
            _ = try? CoinDirectory(meta: bytes)
        }
    }
}

/// The venue's list of coins.
@Suite struct CoinDirectoryTests {
    @Test func `coins are read, traded and delisted ones apart`() throws {
        let meta =
            #"{"marginTables":[[1,{"x":[]}]],"universe":[{"szDecimals":5,"name":"BTC"},{"name":"OLD","#
            + #""isDelisted":true},"#
            + #"{"name":"kPEPE","isDelisted":false,"new":{"a":[1,2]}}]}"#
        let directory = try CoinDirectory(meta: Array(meta.utf8))
        #expect(directory.names == ["BTC", "kPEPE"])
        #expect(directory.delisted == ["OLD"])
        try directory.check(["BTC", "OLD"])
        #expect(!directory.holds("btc"))
    }

    @Test(arguments: [
        "", "null", "[]", "{}", #"{"universe":{}}"#, #"{"universe":[]}"#, #"{"universe":[{"name":"BTC"}"#,
        #"{"universe":[{"nome":"BTC"}]}"#, #"{"universe":[5]}"#, "<html>busy</html>",
    ])
    func `an answer that names no coin or is cut off is refused`(_ meta: String) {
        let error = #expect(throws: FeedError.self) { try CoinDirectory(meta: Array(meta.utf8)) }
        guard case .badAnswer = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test(arguments: [("eth", "ETH"), ("PEPE", "kPEPE"), ("SP500", "xyz:SP500"), ("DOGR", "DOGE"), ("ZZ", nil)])
    func `a near name is offered`(_ coin: String, _ near: String?) throws {
        var directory = try CoinDirectory(
            meta: Array(#"{"universe":[{"name":"BTC"},{"name":"ETH"},{"name":"kPEPE"},{"name":"DOGE"}]}"#.utf8))
        try directory.add(meta: Array(#"{"universe":[{"name":"xyz:SP500"}]}"#.utf8))
        #expect(throws: FeedError.unknownCoins([.init(name: coin, nearest: near)])) { try directory.check([coin]) }
    }
}

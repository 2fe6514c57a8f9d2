import Foundation
import VenueFeedTesting

/// Messages as the venue sends them, made up: two coins, four channels in turn, prices that walk.
struct Tape {
    /// When the first message is about; the feed's clock begins there too.
    static let startNanos: Int64 = 1_738_000_000_000_000_000
    /// From one message to the next.
    static let stepNanos: Int64 = 250_000_000
    static let coins = ["BTC", "ETH"]
    /// Subscriptions of a connection: four channels for each coin.
    static let subscriptionCount = 8

    private var state: UInt64
    private var prices: [Int] = [1_000_000, 33_000]
    private var trades: [[String]] = [[], []]
    private var tradeID = 1_000
    private var index = 0

    init(seed: UInt64) { state = seed }

    private mutating func random(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }

    /// Milliseconds of the venue for the current message.
    private var millis: Int64 { (Self.startNanos + Int64(index) * Self.stepNanos) / 1_000_000 }

    private static func price(_ tenths: Int) -> String { "\(tenths / 10).\(tenths % 10)" }

    private mutating func trade(_ coin: Int) -> String {
        tradeID += 1
        let side = random(2) == 0 ? "B" : "A"
        let text =
            #"{"coin":"\#(Self.coins[coin])","side":"\#(side)","px":"\#(Self.price(prices[coin]))","#
            + #""sz":"0.\#(random(900) + 100)","time":\#(millis),"hash":"0x0","tid":\#(tradeID),"users":["0x1","0x2"]}"#
        trades[coin].append(text)
        return text
    }

    /// The next message.
    mutating func next() -> [UInt8] {
        index += 1
        let coin = index % 2
        let name = Self.coins[coin]
        prices[coin] += random(41) - 20
        let price = prices[coin]
        let text: String
        switch index / 2 % 4 {
        case 0:
            let bids = (1...5).map { level(price - 5 * $0) }.joined(separator: ",")
            let asks = (1...5).map { level(price + 5 * $0) }.joined(separator: ",")
            text =
                #"{"channel":"l2Book","data":{"coin":"\#(name)","time":\#(millis),"levels":[[\#(bids)],[\#(asks)]],"#
                + #""fast":true}}"#
        case 1: text = #"{"channel":"trades","data":[\#(trade(coin)),\#(trade(coin))]}"#
        case 2:
            text =
                #"{"channel":"bbo","data":{"coin":"\#(name)","time":\#(millis),"#
                + #""bbo":[\#(level(price - 5)),\#(level(price + 5))]}}"#
        default:
            text =
                #"{"channel":"activeAssetCtx","data":{"coin":"\#(name)","ctx":{"funding":"0.0000125","#
                + #""openInterest":"\#(20_000 + random(50)).5","prevDayPx":"\#(Self.price(price))","#
                + #""dayNtlVlm":"1000000.0","premium":"0.0001","oraclePx":"\#(Self.price(price + 1))","#
                + #""markPx":"\#(Self.price(price))","midPx":"\#(Self.price(price))","#
                + #""impactPxs":["\#(Self.price(price - 5))","\#(Self.price(price + 5))"],"dayBaseVlm":"10.0"}}}"#
        }
        return Array(text.utf8)
    }

    private mutating func level(_ tenths: Int) -> String {
        #"{"px":"\#(Self.price(tenths))","sz":"\#(random(90) + 10).5","n":\#(random(9) + 1)}"#
    }

    /// So many messages.
    mutating func next(_ count: Int) -> [[UInt8]] { (0..<count).map { _ in next() } }

    /// What the venue sends after a subscription to trades: the last ones again, and one that is new.
    mutating func replay(_ coin: Int, knownCount: Int) -> [UInt8] {
        let known = trades[coin].suffix(knownCount)
        let all = (known + [trade(coin)]).joined(separator: ",")
        return Array(#"{"channel":"trades","data":[\#(all)]}"#.utf8)
    }

    /// Lets time pass without a message: what the connection itself takes of the feed's clock.
    mutating func pass(_ count: Int) { index += count }
}

/// Steps of a connection that sends portions, each but the first when the test asks for it.
func steps(_ portions: [[[UInt8]]], firstSignal: Int, subscriptions: Int, endsWithDrop: Bool) -> [VenueStep] {
    var steps: [VenueStep] = [.awaitSubscriptions(subscriptions)]
    for (place, portion) in portions.enumerated() {
        if place > 0 { steps.append(.awaitSignal("portion \(firstSignal + place)")) }
        steps.append(.texts(count: portion.count) { portion[$0] })
    }
    if endsWithDrop { steps.append(.drop) }
    return steps
}

/// Real messages of the venue, if they are there.
enum RecordedTape {
    static var file: URL {
        let folder =
            ProcessInfo.processInfo.environment["LOTUS_DATA"].map { URL(filePath: $0) }
            ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/data/open")
        return folder.appending(path: "permissive/hftbacktest/hyperliquid/btcusd_20250126.gz")
    }
}

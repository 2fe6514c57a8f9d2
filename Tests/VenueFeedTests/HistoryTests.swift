import Foundation
import NIOCore
import NIOPosix
import Testing
import VenueFeed
import VenueFeedTesting

/// Questions to the HTTP side.
@Suite(.serialized) struct HistoryTests {
    private func ask(
        _ setup: VenueSetup, _ question: VenueQuestion, limits: FeedLimits = FeedLimits()
    ) throws -> (answer: Result<[UInt8], FeedError>, questions: [String]) {
        let venue = try LocalVenue(setup)
        defer { venue.shutDown() }
        let plan = try FeedPlan(address: venue.address, coins: ["BTC"], channels: [.trades], limits: limits)
        let history = try VenueHistory(plan: plan)
        defer { history.close() }
        let answer = Result { () throws(FeedError) in try history.ask(question) }
        return (answer, venue.questions)
    }

    @Test func `candles, funding and trades come back as the bytes that were sent`() throws {
        var setup = VenueSetup(coins: ["BTC"])
        let large = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) })
        setup.answers = [
            "candleSnapshot": large, "fundingHistory": Array("[]".utf8), "recentTrades": [0xFF],
        ]
        let candles = try ask(
            setup, .candles(coin: "BTC", interval: .minutes1, fromMillis: 1, toMillis: 2))
        #expect(candles.answer == .success(large))
        #expect(
            candles.questions == [
                #"{"type":"candleSnapshot","req":{"coin":"BTC","interval":"1m","startTime":1,"endTime":2}}"#
            ])
        let funding = try ask(setup, .funding(coin: "BTC", fromMillis: 1, toMillis: 2))
        #expect(funding.answer == .success(Array("[]".utf8)))
        #expect(funding.questions == [#"{"type":"fundingHistory","coin":"BTC","startTime":1,"endTime":2}"#])
        #expect(try ask(setup, .recentTrades(coin: "BTC")).answer == .success([0xFF]))
    }

    @Test func `exchanges of the venue are asked one by one for their coins`() throws {
        let venue = try LocalVenue(VenueSetup(coins: ["BTC", "xyz:SP500", "abc:T"]))
        defer { venue.shutDown() }
        let session = try Session(venue, coins: ["xyz:SP500", "BTC", "abc:T"])
        try session.event("connected") { $0.isConnected }
        try session.end()
        #expect(
            Set(venue.questions) == [
                #"{"type":"meta","dex":"xyz"}"#, #"{"type":"meta"}"#, #"{"type":"meta","dex":"abc"}"#,
            ])
    }

    @Test func `an answer of another status or one that is too large is an error`() throws {
        let refused = try ask(VenueSetup(coins: ["BTC"]), .recentTrades(coin: "BTC")).answer
        guard case .failure(.httpStatus(422, let body)) = refused else {
            Issue.record("found \(refused)")
            return
        }
        #expect(body.contains("deserialize"))
        var limits = FeedLimits()
        limits.answerBytesMax = 1_000
        var setup = VenueSetup(coins: ["BTC"])
        setup.answers["recentTrades"] = [UInt8](repeating: 0x20, count: 1_000)
        #expect(
            try ask(setup, .recentTrades(coin: "BTC"), limits: limits).answer
                == .success(setup.answers["recentTrades"] ?? []))
        setup.answers["recentTrades"]?.append(0x20)
        #expect(
            try ask(setup, .recentTrades(coin: "BTC"), limits: limits).answer
                == .failure(.answerTooLarge(bytesMax: 1_000)))
    }

    @Test func `a coin that could break the JSON is not asked about`() throws {
        let found = try ask(VenueSetup(coins: ["BTC"]), .recentTrades(coin: #"BTC","x":""#))
        guard case .failure(.badPlan) = found.answer else {
            Issue.record("found \(found)")
            return
        }
        #expect(found.questions.isEmpty)
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"universe\":[", "HTTP/1.1 200 OK\r\n", "rubbish\r\n\r\n",
    ])
    func `an answer that breaks off keeps the feed from starting`(_ answer: String) throws {
        let server = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in channel.pipeline.addHandler(Blurter(answer)) }
            .bind(host: "127.0.0.1", port: 0).wait()
        defer { try? server.close().wait() }
        let port = try #require(server.localAddress?.port)
        let plan = try FeedPlan(address: "ws://127.0.0.1:\(port)/ws", coins: ["BTC"], channels: [.trades])
        #expect(throws: FeedError.self) { try VenueFeed.start(plan, into: FrameBridge()) }
    }

    @Test func `an answer that never comes is given up`() throws {
        let server = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).wait()
        defer { try? server.close().wait() }
        let port = try #require(server.localAddress?.port)
        var timing = quickTiming()
        timing.answerTimeoutNanos = 20_000_000
        let plan = try FeedPlan(
            address: "ws://127.0.0.1:\(port)/ws", coins: ["BTC"], channels: [.trades], timing: timing)
        #expect(throws: FeedError.timedOut(seconds: 0)) { try VenueFeed.start(plan, into: FrameBridge()) }
    }

    @Test func `no minute of questions costs more than the venue allows`() {
        var purse = RESTPurse(pricePerMinuteMax: 1_200, now: 0)
        var asked: [(at: Int64, price: Int)] = []
        var random = Seeded(3)
        var now: Int64 = 0
        for _ in 0..<2_000 {
            let price = Int.random(in: 1...104, using: &random)
            asked.append((now + purse.pay(price, now: now), price))
            now += Int64.random(in: 0...500_000_000, using: &random)
        }
        for (index, first) in asked.enumerated() {
            let cost = asked[index...].prefix { $0.at < first.at + 60_000_000_000 }.reduce(0) { $0 + $1.price }
            #expect(cost <= 1_200, "\(cost) from \(first.at)")
        }
        #expect(asked.first?.at == 0)
    }
}

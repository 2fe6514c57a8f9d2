import Foundation
import Testing
import VenueFeed
import VenueFeedTesting

/// The whole path over the loopback, against a venue that behaves (SIG data in scope: ARC-16).
@Suite(.serialized) struct SocketLiveTests {
    private static func trade(_ number: Int) -> String {
        #"{"channel":"trades","data":[{"coin":"BTC","side":"B","px":"84143.0","sz":"0.1","time":17,"tid":\#(number)}]}"#
    }

    @Test func `frames come byte for byte and in order, with the time of their arrival`() throws {
        let texts = (0..<200).map(Self.trade)
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { _ in
                [.awaitSubscriptions(1), .texts(count: 200) { Array(texts[$0].utf8) }, .text("end")]
            })
        defer { venue.shutDown() }
        let session = try Session(venue)
        try session.frame("end")
        try session.end()
        #expect(session.dataTexts == texts + ["end"])
        #expect(session.frames.allSatisfy { $0.epoch == 1 })
        let times = session.frames.map(\.receivedNanos)
        #expect(times == times.sorted() && Set(times).count == times.count)
        #expect(session.events.map(\.kind.name) == ["connected", "subscribed", "closed"])
        #expect(venue.closeCode(on: 0) == 1000)
        #expect(venue.unmaskedCount == 0)
        #expect(venue.questions == [#"{"type":"meta"}"#])
    }

    @Test func `every channel is subscribed as the venue wants it and acknowledged with its defaults`() throws {
        let venue = try LocalVenue(VenueSetup(coins: ["BTC", "kPEPE"]))
        defer { venue.shutDown() }
        let channels: [FeedChannel] = [
            .trades, .book(fast: true), .bestPrices, .candle(.minutes1), .candle(.hours1), .assetContext, .allMids,
        ]
        let session = try Session(venue, coins: ["BTC", "kPEPE"], channels: channels)
        for _ in 0..<13 {
            try session.event("acknowledgement") { $0.name == "subscribed" }
        }
        try session.end()
        #expect(
            venue.received(on: 0).prefix(4) == [
                #"{"method":"subscribe","subscription":{"type":"allMids"}}"#,
                #"{"method":"subscribe","subscription":{"type":"trades","coin":"BTC"}}"#,
                #"{"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC","fast":true}}"#,
                #"{"method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}}"#,
            ])
        #expect(venue.received(on: 0).count == 13)
        let subscribed = session.events.compactMap { event -> Subscription? in
            guard case .subscribed(let subscription) = event.kind else { return nil }
            return subscription
        }
        #expect(subscribed == session.feedOrder)
    }

    @Test func `slow and fast books of one coin go to two sockets`() throws {
        let venue = try LocalVenue(VenueSetup(coins: ["BTC"]))
        defer { venue.shutDown() }
        let session = try Session(venue, channels: [.book(fast: true), .book(fast: false)])
        for _ in 0..<2 { try session.event("acknowledgement") { $0.name == "subscribed" } }
        try session.end()
        #expect(venue.connectionCount == 2)
        #expect(Set(session.events.filter(\.kind.isConnected).map(\.epoch)) == [1, 2])
        #expect(Set(session.events.filter(\.kind.isConnected).map(\.socket)) == [0, 1])
    }

    @Test func `a dropped connection comes back, and everything is asked for again`() throws {
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC", "ETH"]) { connection in
                connection < 2
                    ? [.awaitSubscriptions(4), .text("before \(connection)"), .drop]
                    : [.awaitSubscriptions(4), .text("end")]
            })
        defer { venue.shutDown() }
        let session = try Session(venue, coins: ["BTC", "ETH"], channels: [.trades, .bestPrices])
        try session.frame("end")
        try session.end()
        let names = session.events.map(\.kind.name).filter { $0 != "subscribed" }
        let once = ["connected", "closed", "reconnecting"]
        #expect(names == once + once + ["connected", "closed"])
        #expect(session.events.filter(\.kind.isConnected).map(\.epoch) == [1, 2, 3])
        #expect(venue.received(on: 0).count == 4)
        #expect(venue.received(on: 1) == venue.received(on: 0))
        #expect(venue.received(on: 2) == venue.received(on: 0))
        let closings = session.events.compactMap(\.kind.closing)
        #expect(closings.map(\.code) == [1006, 1006, 1000])
        #expect(closings.map(\.cause) == [.noCloseFrame, .noCloseFrame, .shutDown])
        #expect(closings[0].coinsJustSent == ["BTC", "ETH"])
        #expect(closings[0].lastFrameNanos == session.frames.last { $0.epoch == 1 }?.receivedNanos)
        #expect(closings[0].frameCount == 5)
        #expect(session.frames.filter { $0.bytes == Array("before 1".utf8) }.map(\.epoch) == [2])
    }

    @Test func `a closing frame of the server is answered and told with its code and reason`() throws {
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { connection in
                connection == 0
                    ? [.awaitSubscriptions(1), .close(code: 1012, reason: "service restart")]
                    : [.awaitSubscriptions(1), .text("end")]
            })
        defer { venue.shutDown() }
        let session = try Session(venue)
        let event = try session.event("closing") { $0.closing != nil }
        #expect(event.kind.closing?.cause == .server)
        #expect(event.kind.closing?.code == 1012)
        #expect(event.kind.closing?.reason == "service restart")
        try session.frame("end")
        try session.end()
        #expect(venue.closeCode(on: 0) == 1012)
    }

    @Test func `a coin that the venue does not name is refused before anything is connected`() throws {
        let venue = try LocalVenue(VenueSetup(coins: ["BTC", "kPEPE"]))
        defer { venue.shutDown() }
        let error = #expect(throws: FeedError.self) {
            try Session(venue, coins: ["BTC", "btc", "PEPE", "NOPE"])
        }
        #expect(
            error
                == .unknownCoins([
                    .init(name: "btc", nearest: "BTC"), .init(name: "PEPE", nearest: "kPEPE"),
                    .init(name: "NOPE", nearest: nil),
                ]))
        #expect(error?.description.contains("did you mean 'BTC'?") == true)
        #expect(venue.connectionCount == 0)
    }

    @Test func `a coin that is taken off the list is dropped after the venue has closed the socket over it`() throws {
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC", "ETH"]) { connection in
                connection == 0
                    ? [.awaitSubscriptions(2), .tell("up"), .awaitSignal("go"), .drop]
                    : [.awaitSubscriptions(1), .text("end")]
            })
        defer { venue.shutDown() }
        let session = try Session(venue, coins: ["BTC", "ETH"])
        try venue.waitUntil(told: "up")
        venue.list(coins: ["ETH"])
        venue.signal("go")
        let event = try session.event("coins gone") { $0.name == "coinsGone" }
        #expect(event.kind == .coinsGone(["BTC"]))
        try session.frame("end")
        try session.end()
        #expect(venue.received(on: 1) == [#"{"method":"subscribe","subscription":{"type":"trades","coin":"ETH"}}"#])
    }

    @Test func `errors of the venue, plain text and bytes that are no text leave the connection up`() throws {
        let error = #"{"channel":"error","data":"Already subscribed: {\"type\":\"l2Book\"}"}"#
        let odd: [UInt8] = [0xFF, 0xFE, 0x00, 0x80]
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { _ in
                [
                    .text("Websocket connection established."), .awaitSubscriptions(1), .text(error), .text(odd),
                    .text(#"{"channel":"#), .text([]), .text("end"),
                ]
            })
        defer { venue.shutDown() }
        let session = try Session(venue)
        try session.frame("end")
        try session.end()
        #expect(session.frames.contains { $0.bytes == odd })
        #expect(session.frames.contains { $0.bytes.isEmpty })
        #expect(session.dataTexts.first == "Websocket connection established.")
        #expect(session.events.map(\.kind).contains(.refused(text: #"Already subscribed: {\"type\":\"l2Book\"}"#)))
        #expect(venue.connectionCount == 1)
    }

    @Test func `pings of the server are answered, and our own keep the connection up`() throws {
        var timing = quickTiming()
        timing.pingNanos = 2_000_000
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { _ in [.protocolPing([1, 2, 3]), .awaitPings(5), .text("end")] })
        defer { venue.shutDown() }
        let session = try Session(venue, timing: timing)
        try session.frame("end")
        try session.end()
        #expect(venue.received(on: 0).filter { $0 == #"{"method":"ping"}"# }.count >= 5)
        #expect(session.frames.count { $0.bytes == Array(#"{"channel":"pong"}"#.utf8) } >= 4)
        #expect(venue.connectionCount == 1)
    }

    @Test func `a venue that does not answer pings is left`() throws {
        var timing = quickTiming()
        timing.pingNanos = 2_000_000
        timing.pongTimeoutNanos = 2_000_000
        let venue = try LocalVenue(VenueSetup(coins: ["BTC"]) { connection in connection == 0 ? [.mutePongs] : [] })
        defer { venue.shutDown() }
        let session = try Session(venue, timing: timing)
        let event = try session.event("closing") { $0.closing != nil }
        #expect(event.kind.closing?.cause == .pongTimeout)
        try session.event("second connection") { $0.isConnected }
        try session.end()
    }

    @Test func `a silent stream is reported, and costs the connection if it stays silent`() throws {
        var timing = quickTiming()
        timing.stallNanos = [.book(fast: true): 4_000_000]
        timing.stallsBeforeReconnect = 2
        let venue = try LocalVenue(VenueSetup(coins: ["BTC"]) { connection in connection == 0 ? [] : [.text("end")] })
        defer { venue.shutDown() }
        let session = try Session(venue, channels: [.book(fast: true), .trades], timing: timing)
        let stalled = try session.event("stall") { $0.name == "stalled" }
        guard case .stalled(let subscription, let silent) = stalled.kind else { return }
        #expect(subscription == Subscription(channel: .book(fast: true), coin: "BTC"))
        #expect(silent >= 4_000_000)
        let closed = try session.event("closing") { $0.closing != nil }
        #expect(closed.kind.closing?.cause == .stalled)
        try session.frame("end")
        try session.end()
    }
}

extension Session {
    /// The subscriptions of the plan of the test of all channels, in order.
    var feedOrder: [Subscription] {
        [Subscription(channel: .allMids, coin: nil)]
            + ["BTC", "kPEPE"].flatMap { coin in
                [.trades, .book(fast: true), .bestPrices, .candle(.minutes1), .candle(.hours1), .assetContext].map {
                    Subscription(channel: $0, coin: coin)
                }
            }
    }
}

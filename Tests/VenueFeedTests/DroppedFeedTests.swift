import Testing
import VenueFeed
import VenueFeedTesting

/// A feed or a history that nobody shut down: its owner threw, or forgot.
@Suite(.serialized) struct DroppedFeedTests {
    struct Hangs: Error {}

    static func plan(_ venue: LocalVenue) throws -> FeedPlan {
        try FeedPlan(address: venue.address, coins: ["BTC"], channels: [.trades], timing: quickTiming())
    }

    @Test func `a feed that is let go closes its sockets and ends its receiver`() throws {
        let venue = try LocalVenue(VenueSetup(coins: ["BTC"]) { _ in [.awaitSubscriptions(1), .tell("up")] })
        defer { venue.shutDown() }
        let bridge = FrameBridge()
        do {
            let feed = try VenueFeed.start(Self.plan(venue), into: bridge, clock: CountingClock())
            try venue.waitUntil(told: "up")
            withExtendedLifetime(feed) {}
        }
        while let items = bridge.take(waitNanos: Session.hangNanos) {
            guard !items.isEmpty else { throw Hangs() }
        }
        #expect(venue.closeCode(on: 0) == 1000)
    }

    @Test func `a feed is let go at any moment`() throws {
        let venue = try LocalVenue(VenueSetup(coins: ["BTC"]) { _ in [.texts(count: 100) { _ in Array("{}".utf8) }] })
        defer { venue.shutDown() }
        for count in 0..<40 {
            let bridge = FrameBridge()
            do {
                let feed = try VenueFeed.start(
                    Self.plan(venue), into: bridge, clock: CountingClock(), checksCoins: count % 2 == 0)
                for _ in 0..<count { feed.turn() }
            }
            while let items = bridge.take(waitNanos: Session.hangNanos) {
                guard !items.isEmpty else { throw Hangs() }
            }
        }
    }

    @Test func `a history that is let go gives its thread back`() throws {
        var setup = VenueSetup(coins: ["BTC"])
        setup.answers = ["recentTrades": Array("[]".utf8)]
        let venue = try LocalVenue(setup)
        defer { venue.shutDown() }
        for _ in 0..<3 {
            let history = try VenueHistory(plan: Self.plan(venue))
            #expect(try history.ask(.recentTrades(coin: "BTC")) == Array("[]".utf8))
        }
        let history = try VenueHistory(plan: Self.plan(venue))
        history.close()
        history.close()
    }
}

import Testing
import VenueFeed
import VenueFeedTesting

/// Certificates are checked, and so is the name in them.
@Suite(.serialized) struct TLSTests {
    private func venue() throws -> LocalVenue {
        var setup = VenueSetup(coins: ["BTC"]) { _ in [.awaitSubscriptions(1), .text("end")] }
        setup.tls = (TestCertificate.certificate, TestCertificate.key)
        return try LocalVenue(setup)
    }

    @Test func `a trusted certificate that names the host is taken`() throws {
        let venue = try venue()
        defer { venue.shutDown() }
        let session = try Session(venue, trustRootsPEM: TestCertificate.certificate)
        try session.frame("end")
        try session.end()
        #expect(session.dataTexts == ["end"])
        #expect(venue.questions.count == 1)
    }

    @Test func `a certificate that nobody trusts is refused`() throws {
        let venue = try venue()
        defer { venue.shutDown() }
        let error = #expect(throws: FeedError.self) { try Session(venue) }
        guard case .connection(.tls(let detail)) = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(detail.contains("CERTIFICATE_VERIFY_FAILED"))
    }

    @Test func `a certificate for another host is refused`() throws {
        let venue = try venue()
        defer { venue.shutDown() }
        let error = #expect(throws: FeedError.self) {
            try Session(
                venue, address: "wss://127.0.0.1:\(venue.port)/ws", trustRootsPEM: TestCertificate.certificate)
        }
        guard case .connection(.tls) = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func `a socket whose certificate is bad is told as such`() throws {
        let good = try LocalVenue(VenueSetup(coins: ["BTC"]))
        let bad = try venue()
        defer {
            good.shutDown()
            bad.shutDown()
        }
        var timing = quickTiming()
        timing.firstAttemptsMax = 1
        let plan = try FeedPlan(
            address: bad.address, coins: ["BTC"], channels: [.trades],
            restAddress: "http://127.0.0.1:\(good.port)/info", timing: timing)
        let bridge = FrameBridge()
        let feed = try VenueFeed.start(plan, into: bridge)
        defer { feed.shutDown() }
        var events: [FeedEvent] = []
        while let items = bridge.take(waitNanos: Session.hangNanos), !items.isEmpty {
            for case .event(let event, _) in items { events.append(event) }
        }
        #expect(events.map(\.kind.name) == ["connectFailed", "gaveUp"])
        guard case .connectFailed(.tls) = events.first?.kind else {
            Issue.record("found \(events)")
            return
        }
    }

    @Test func `a client that speaks TLS to a plain server says so`() throws {
        let venue = try LocalVenue(VenueSetup(coins: ["BTC"]))
        defer { venue.shutDown() }
        let error = #expect(throws: FeedError.self) {
            try Session(venue, address: "wss://localhost:\(venue.port)/ws")
        }
        guard case .connection(.tls) = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test func `trusted certificates that are none are refused`() throws {
        let venue = try venue()
        defer { venue.shutDown() }
        let error = #expect(throws: FeedError.self) { try Session(venue, trustRootsPEM: "no certificate") }
        guard case .badPlan = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }
}

import Foundation
import NIOCore
import NIOPosix
import Testing
import VenueFeed
import VenueFeedTesting

/// A venue that sends what it should not, does not answer, or is not there.
@Suite(.serialized) struct TroubleTests {
    private func venue(_ steps: [VenueStep]) throws -> LocalVenue {
        try LocalVenue(
            VenueSetup(coins: ["BTC"]) { connection in
                [.awaitSubscriptions(1)] + (connection == 0 ? steps + [.text("end 0")] : [.text("end")])
            })
    }

    @Test func `a message in pieces arrives whole, with a ping between the pieces`() throws {
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { _ in
                [
                    .fragments([Array("one".utf8), [], Array("two".utf8), Array("three".utf8)]),
                    // First piece, ping, last piece, as bytes on the wire.
                    .raw([0x01, 0x02, 0x61, 0x62, 0x89, 0x01, 0x70, 0x80, 0x01, 0x63]), .text("end"),
                ]
            })
        defer { venue.shutDown() }
        let session = try Session(venue)
        try session.frame("end")
        try session.end()
        #expect(session.dataTexts == ["onetwothree", "abc", "end"])
    }

    @Test func `a binary message is told with its first bytes and costs nothing`() throws {
        let bytes = (0..<200).map { UInt8($0) }
        let venue = try venue([.binary(bytes), .text("after")])
        defer { venue.shutDown() }
        let session = try Session(venue)
        try session.frame("after")
        try session.end()
        #expect(
            session.events.compactMap(\.kind.rejected) == [
                RejectedFrame(reason: .binary, byteCount: 200, prefix: Array(bytes.prefix(64)))
            ])
        #expect(venue.connectionCount == 1)
    }

    @Test func `the largest message arrives, one byte more costs the connection`() throws {
        var limits = FeedLimits()
        limits.messageBytesMax = 100_000
        let largest = [UInt8](repeating: 0x20, count: 100_000)
        let venue = try venue([.text(largest), .text(largest + [0x20])])
        defer { venue.shutDown() }
        let session = try Session(venue, limits: limits)
        try session.frame("end")
        try session.end()
        #expect(session.frames.contains { $0.bytes == largest })
        #expect(!session.frames.contains { $0.bytes == Array("end 0".utf8) })
        #expect(session.events.compactMap(\.kind.rejected).map(\.reason) == [.tooLarge(bytesMax: 100_000)])
        let closing = session.events.compactMap(\.kind.closing).first
        #expect(closing?.cause == .protocolError)
        #expect(closing?.code == 1009)
        #expect(venue.closeCode(on: 0) == 1009)
    }

    @Test func `pieces count together`() throws {
        var limits = FeedLimits()
        limits.messageBytesMax = 1_000
        let piece = [UInt8](repeating: 0x61, count: 400)
        let venue = try venue([.fragments([piece, piece, piece])])
        defer { venue.shutDown() }
        let session = try Session(venue, limits: limits)
        try session.frame("end")
        try session.end()
        #expect(session.events.compactMap(\.kind.rejected).map(\.reason) == [.tooLarge(bytesMax: 1_000)])
    }

    @Test func `so many pieces are too many`() throws {
        var limits = FeedLimits()
        limits.fragmentsMax = 10
        let venue = try venue([
            .fragments(Array(repeating: [0x61], count: 10)), .fragments(Array(repeating: [0x62], count: 11)),
        ])
        defer { venue.shutDown() }
        let session = try Session(venue, limits: limits)
        try session.frame("end")
        try session.end()
        #expect(session.frames.contains { $0.bytes == Array(repeating: 0x61, count: 10) })
        #expect(session.events.compactMap(\.kind.rejected).map(\.reason) == [.tooManyFragments(fragmentsMax: 10)])
    }

    static let rubbish: [(bytes: [UInt8], word: String)] = [
        ([0xC1, 0x01, 0x61], "reserved bit"), ([0x81, 0x81, 1, 2, 3, 4, 0x61], "masked"),
        ([0x83, 0x00], "unknown kind"), ([0x80, 0x01, 0x61], "without a beginning"),
        ([0x01, 0x01, 0x61, 0x81, 0x01, 0x62], "unfinished"), ([0x09, 0x00], "in pieces"),
        ([0x89, 0x7E, 0x00, 0x80], "125 bytes"), ([0x88, 0x01, 0x00], "one byte"),
        ([0x81, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "more than"),
        ([0x81, 0x7F, 0x00, 0x00, 0x00, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF], "more than"),
    ]

    @Test(arguments: Self.rubbish.indices)
    func `a frame that is not allowed is told and costs the connection, which comes back`(_ index: Int) throws {
        let (bytes, word) = Self.rubbish[index]
        let venue = try venue([.raw(bytes)])
        defer { venue.shutDown() }
        let session = try Session(venue)
        try session.frame("end")
        try session.end()
        let rejected = try #require(session.events.compactMap(\.kind.rejected).first)
        #expect(rejected.text.contains(word), "\(rejected.text)")
        #expect(session.events.compactMap(\.kind.closing).first?.cause == .protocolError)
        #expect(venue.connectionCount == 2)
    }

    @Test(arguments: [403, 404, 429, 503]) func `a refused handshake is told with its status`(_ status: Int) throws {
        var setup = VenueSetup(coins: ["BTC"]) { _ in [.awaitSubscriptions(1), .text("end")] }
        setup.refusal = { $0 < 2 ? VenueRefusal(status: status, retryAfterSeconds: $0 == 0 ? 0 : nil) : nil }
        let venue = try LocalVenue(setup)
        defer { venue.shutDown() }
        let session = try Session(venue)
        try session.frame("end")
        try session.end()
        let failures = session.events.compactMap { event -> ConnectFailure? in
            guard case .connectFailed(let failure) = event.kind else { return nil }
            return failure
        }
        #expect(
            failures == [
                .handshakeRefused(status: status, retryAfterSeconds: 0, body: "not here"),
                .handshakeRefused(status: status, retryAfterSeconds: nil, body: "not here"),
            ])
        #expect(session.events.filter { $0.kind.isConnected }.map(\.epoch) == [1])
    }

    /// A plan whose HTTP side is the venue and whose socket is somewhere else.
    private func failures(socket address: String, _ change: (inout FeedTiming) -> Void = { _ in }) throws -> [FeedEvent]
    {
        let venue = try LocalVenue(VenueSetup(coins: ["BTC"]))
        defer { venue.shutDown() }
        var timing = quickTiming()
        timing.firstAttemptsMax = 3
        change(&timing)
        let plan = try FeedPlan(
            address: address, coins: ["BTC"], channels: [.trades],
            restAddress: "http://127.0.0.1:\(venue.port)/info", timing: timing)
        let bridge = FrameBridge()
        let feed = try VenueFeed.start(plan, into: bridge, clock: CountingClock())
        var events: [FeedEvent] = []
        // It gives up and ends by itself.
        while let items = bridge.take(waitNanos: Session.hangNanos) {
            #expect(!items.isEmpty, "the feed does not end")
            if items.isEmpty { break }
            for case .event(let event, _) in items { events.append(event) }
        }
        feed.shutDown()
        #expect(events.last?.kind.name == "gaveUp")
        #expect(events.filter { $0.kind.name == "connectFailed" }.count == 3)
        return events
    }

    @Test func `a closed port is told and given up on`() throws {
        let server = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).wait()
        let port = try #require(server.localAddress?.port)
        try server.close().wait()
        let events = try failures(socket: "ws://127.0.0.1:\(port)/ws")
        guard case .connectFailed(.refused("127.0.0.1", port, _)) = events.first?.kind else {
            Issue.record("found \(events)")
            return
        }
    }

    @Test func `a name without an address is told`() throws {
        // Longer than a label of a name may be, so that nobody has to be asked.
        let host = String(repeating: "a", count: 64) + ".invalid"
        let events = try failures(socket: "ws://\(host)/ws")
        guard case .connectFailed(.nameNotFound(host, _)) = events.first?.kind else {
            Issue.record("found \(events)")
            return
        }
    }

    @Test func `a server that takes the connection and says nothing is left`() throws {
        let server = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).wait()
        defer { try? server.close().wait() }
        let port = try #require(server.localAddress?.port)
        let events = try failures(socket: "ws://127.0.0.1:\(port)/ws") { $0.connectTimeoutNanos = 20_000_000 }
        #expect(events.first?.kind == .connectFailed(.timedOut(seconds: 0)))
    }

    @Test(arguments: [
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: "
            + "x\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n", "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "",
    ])
    func `an answer that is no WebSocket's is told`(_ answer: String) throws {
        let server = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in channel.pipeline.addHandler(Blurter(answer)) }
            .bind(host: "127.0.0.1", port: 0).wait()
        defer { try? server.close().wait() }
        let port = try #require(server.localAddress?.port)
        let events = try failures(socket: "ws://127.0.0.1:\(port)/ws")
        guard case .connectFailed(let failure) = events.first?.kind else { return }
        switch failure {
        case .badHandshake, .handshakeRefused(status: 200, _, _), .refused: break
        default: Issue.record("found \(failure)")
        }
    }

    @Test func `it ends at once while it waits for the next attempt, and holds nothing back`() throws {
        var timing = quickTiming()
        timing.backoffNanosMin = 3_600_000_000_000
        timing.backoffNanosMax = 3_600_000_000_000
        let venue = try LocalVenue(VenueSetup(coins: ["BTC"]) { _ in [.awaitSubscriptions(1), .drop] })
        defer { venue.shutDown() }
        var session: Session? = try Session(venue, timing: timing)
        try session?.event("waiting") { $0.name == "reconnecting" }
        try session?.end()
        #expect(session?.events.last?.kind.name == "reconnecting")
        #expect(session?.bridge.take(waitNanos: 0) == nil)
        weak let feed = session?.feed
        weak let bridge = session?.bridge
        session = nil
        #expect(feed == nil)
        #expect(bridge == nil)
        #expect(venue.connectionCount == 1)
    }

    @Test func `it ends although the server does not answer its closing frame`() throws {
        var timing = quickTiming()
        timing.closeTimeoutNanos = 10_000_000
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { _ in [.awaitSubscriptions(1), .stopReading, .text("up")] })
        defer { venue.shutDown() }
        let session = try Session(venue, timing: timing)
        try session.frame("up")
        try session.end()
        #expect(session.events.compactMap(\.kind.closing).map(\.cause) == [.shutDown])
    }

    @Test func `ending twice is ending once`() throws {
        let venue = try LocalVenue(VenueSetup(coins: ["BTC"]))
        defer { venue.shutDown() }
        let session = try Session(venue)
        try session.end()
        session.feed.shutDown()
    }
}

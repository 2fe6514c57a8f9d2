import Foundation
import NIOCore
import Testing
import VenueFeed
import VenueFeedTesting

/// Times for tests on the loopback: waits are short, and nothing that a test does not want ever becomes due.
func quickTiming() -> FeedTiming {
    var timing = FeedTiming()
    timing.backoffNanosMin = 1_000_000
    timing.backoffNanosMax = 4_000_000
    timing.stallNanos = [:]
    timing.heldReportNanos = 1
    return timing
}

/// A clock that counts how often it was asked, so that receive times are known.
final class CountingClock: FeedClock, @unchecked Sendable {
    // SAFETY: only the feed's event loop asks it.
    private var asked: Int64 = 0

    func wallNanos() -> Int64 {
        asked += 1
        return 1_700_000_000_000_000_000 + asked
    }
}

/// A feed and what it handed over so far.
final class Session {
    let bridge: FrameBridge
    let feed: VenueFeed
    private(set) var items: [FeedItem] = []
    private var looked = 0

    /// Longest wait for something that must come: only a hang gets there.
    static let hangNanos: Int64 = 60_000_000_000

    struct Ended: Error {}
    struct Hangs: Error, CustomStringConvertible {
        var description: String
    }

    init(
        _ venue: LocalVenue, coins: [String] = ["BTC"], channels: [FeedChannel] = [.trades],
        timing: FeedTiming = quickTiming(), limits: FeedLimits = FeedLimits(), bridge: FrameBridge = FrameBridge(),
        address: String? = nil, trustRootsPEM: String? = nil
    ) throws {
        var plan = try FeedPlan(
            address: address ?? venue.address, coins: coins, channels: channels, limits: limits, timing: timing)
        plan.trustRootsPEM = trustRootsPEM
        self.bridge = bridge
        feed = try VenueFeed.start(plan, into: bridge, clock: CountingClock())
    }

    /// Takes items until one fits; throws if the feed ends before.
    @discardableResult
    func wait(for what: String, _ fits: (FeedItem) -> Bool) throws -> FeedItem {
        while true {
            while looked < items.count {
                looked += 1
                if fits(items[looked - 1]) { return items[looked - 1] }
            }
            guard let more = bridge.take(waitNanos: Self.hangNanos) else { throw Ended() }
            guard !more.isEmpty else { throw Hangs(description: "nothing came while waiting for \(what)") }
            items += more
        }
    }

    /// Takes items until this kind of event comes.
    @discardableResult
    func event(_ what: String, _ fits: (FeedEvent.Kind) -> Bool) throws -> FeedEvent {
        let item = try wait(for: what) { item in
            guard case .event(let event, _) = item else { return false }
            return fits(event.kind)
        }
        guard case .event(let event, _) = item else { throw Ended() }
        return event
    }

    /// Takes items until a frame with this text comes.
    func frame(_ text: String) throws {
        try wait(for: text) { item in
            guard case .frame(let frame) = item else { return false }
            return frame.bytes == Array(text.utf8)
        }
    }

    /// Takes everything until the feed has ended by itself or is shut down.
    func end() throws {
        feed.shutDown()
        while let more = bridge.take(waitNanos: Self.hangNanos) {
            guard !more.isEmpty else { throw Hangs(description: "the feed does not end") }
            items += more
        }
    }

    var frames: [FeedFrame] {
        items.compactMap { item in
            guard case .frame(let frame) = item else { return nil }
            return frame
        }
    }

    var events: [FeedEvent] {
        items.compactMap { item in
            guard case .event(let event, _) = item else { return nil }
            return event
        }
    }

    /// Frames that are no answers to us.
    var dataTexts: [String] {
        frames.map { String(decoding: $0.bytes, as: UTF8.self) }
            .filter { !$0.contains("subscriptionResponse") && !$0.contains(#""channel":"pong""#) }
    }
}

extension FeedEvent.Kind {
    /// The name of the case.
    var name: String { String("\(self)".prefix { $0 != "(" }) }

    var isConnected: Bool { name == "connected" }

    var closing: Closing? {
        guard case .closed(let closing) = self else { return nil }
        return closing
    }

    var rejected: RejectedFrame? {
        guard case .rejectedFrame(let frame) = self else { return nil }
        return frame
    }
}

/// Numbers that look random and are the same in every run.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A server's end that says one thing to whoever connects, and hangs up.
final class Blurter: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    private let text: String

    init(_ text: String) { self.text = text }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
    }
}

import Testing
import VenueFeed

/// Where messages may be missing.
@Suite struct GapTrackerTests {
    private func frame(_ nanos: Int64, _ epoch: Int) -> FeedItem {
        .frame(FeedFrame(bytes: [], receivedNanos: nanos, epoch: epoch))
    }

    private func event(_ kind: FeedEvent.Kind, _ nanos: Int64, _ epoch: Int, socket: Int = 0) -> FeedItem {
        .event(FeedEvent(socket: socket, epoch: epoch, kind: kind), atNanos: nanos)
    }

    private func closed(_ cause: Closing.Cause, _ last: Int64?) -> FeedEvent.Kind {
        .closed(
            Closing(cause: cause, code: 1006, reason: "", lastFrameNanos: last, coinsJustSent: [], frameCount: 0))
    }

    private func gaps(_ items: [FeedItem]) -> [FeedGap] {
        var tracker = GapTracker()
        return items.flatMap { tracker.observe($0) }
    }

    @Test func `a gap lasts from the last message before to the first one after`() {
        let found = gaps([
            event(.connected, 1, 1), frame(10, 1), frame(20, 1), event(closed(.noCloseFrame, 20), 25, 1),
            event(.connected, 90, 2), frame(100, 2), frame(101, 2),
        ])
        #expect(
            found == [
                FeedGap(
                    socket: 0, subscription: nil, fromNanos: 20, toNanos: 100, epochAfter: 2,
                    cause: .closed(.noCloseFrame))
            ])
    }

    @Test func `a connection that brought nothing makes the gap longer`() {
        let found = gaps([
            event(.connected, 1, 1), frame(10, 1), event(closed(.server, 10), 11, 1), event(.connected, 20, 2),
            event(closed(.noCloseFrame, nil), 21, 2), event(.connected, 30, 3), frame(31, 3),
        ])
        #expect(found.map(\.fromNanos) == [10])
        #expect(found.map(\.toNanos) == [31])
        #expect(found.map(\.cause) == [.closed(.server)])
    }

    @Test func `sockets have gaps of their own`() {
        let found = gaps([
            event(.connected, 1, 1), event(.connected, 1, 2, socket: 1), frame(10, 1), frame(11, 2),
            event(closed(.server, 11), 12, 2, socket: 1), frame(13, 1), event(.connected, 14, 3, socket: 1),
            frame(15, 1), frame(16, 3),
        ])
        #expect(found.map(\.socket) == [1])
        #expect(found.map(\.fromNanos) == [11])
        #expect(found.map(\.toNanos) == [16])
    }

    @Test func `a stall is a gap of its stream, also when it costs the connection`() {
        let book = Subscription(channel: .book(fast: true), coin: "BTC")
        let recovered = gaps([
            event(.connected, 1, 1), frame(10, 1), event(.stalled(book, silentNanos: 10), 30, 1), frame(35, 1),
            event(.recovered(book, silentNanos: 20), 40, 1),
        ])
        #expect(
            recovered == [
                FeedGap(socket: 0, subscription: book, fromNanos: 20, toNanos: 40, epochAfter: 1, cause: .stalled)
            ])
        let lost = gaps([
            event(.connected, 1, 1), event(.stalled(book, silentNanos: 10), 30, 1), frame(35, 1),
            event(closed(.stalled, 35), 50, 1), event(.connected, 60, 2), frame(61, 2), frame(62, 2),
        ])
        #expect(lost.map(\.fromNanos) == [35, 20])
        #expect(lost.map(\.toNanos) == [61, 61])
        #expect(lost.map(\.cause) == [.closed(.stalled), .stalled])
    }

    @Test func `an end on purpose is no gap, and one that is open at the end is known`() {
        var tracker = GapTracker()
        _ = tracker.observe(event(.connected, 1, 1))
        _ = tracker.observe(frame(10, 1))
        _ = tracker.observe(event(closed(.shutDown, 10), 11, 1))
        #expect(tracker.open.isEmpty)
        _ = tracker.observe(event(.connected, 20, 2))
        _ = tracker.observe(event(closed(.server, nil), 21, 2))
        #expect(tracker.open.map(\.fromNanos) == [10])
    }

    @Test(arguments: [
        ("trades", FeedChannel.trades), ("l2Book", .book(fast: false)), ("l2Book:fast", .book(fast: true)),
        ("bbo", .bestPrices), ("candle:1m", .candle(.minutes1)), ("candle:1M", .candle(.months1)),
        ("activeAssetCtx", .assetContext), ("allMids", .allMids),
    ])
    func `channels are read by the venue's names`(_ text: String, _ channel: FeedChannel) throws {
        #expect(try FeedChannel(text) == channel)
    }

    @Test(arguments: ["", "candle", "candle:", "candle:2m", "l2book", "l2Book:slow", "bbo:x", "trades "])
    func `other names of channels are refused with the list`(_ text: String) {
        let error = #expect(throws: FeedError.self) { try FeedChannel(text) }
        #expect(error?.description.contains("l2Book:fast") == true)
    }
}

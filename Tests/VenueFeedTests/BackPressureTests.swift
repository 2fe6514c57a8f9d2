import Foundation
import NIOConcurrencyHelpers
import NIOCore
import Testing
import VenueFeed
import VenueFeedTesting

/// A receiver that takes so many bytes and then wants no more until it is told to go on; it runs `onHold` once when
/// that
/// begins.
final class StubbornSink: FrameSink, @unchecked Sendable {
    // SAFETY: everything that changes is only touched under `lock`.
    private let lock = NIOLock()
    private var valve: FeedValve?
    private var isHolding = false
    private var hasLet = false
    private var held: [Int] = []
    private var all: [UInt64] = []
    private var heldBytes = 0
    private let bytesMax: Int
    private let holds = ConditionLock(value: 0)
    private let ends = ConditionLock(value: 0)
    private(set) var kinds: [FeedEvent.Kind] = []

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    func attach(_ valve: FeedValve) { lock.withLock { self.valve = valve } }

    func frame(_ bytes: ByteBuffer, receivedNanos: Int64, epoch: Int) -> SinkAnswer {
        let answer: SinkAnswer = lock.withLock {
            // Answers to pings are shorter.
            if bytes.readableBytes > 1_000 { all.append(bytes.getInteger(at: bytes.readerIndex) ?? .max) }
            heldBytes += bytes.readableBytes
            guard !hasLet, heldBytes >= bytesMax else { return .more }
            isHolding = true
            return .hold
        }
        if answer == .hold {
            holds.lock()
            holds.unlock(withValue: 1)
        }
        return answer
    }

    func event(_ event: FeedEvent, atNanos: Int64) -> SinkAnswer {
        lock.withLock {
            kinds.append(event.kind)
            return isHolding ? .hold : .more
        }
    }

    func finished() {
        ends.lock()
        ends.unlock(withValue: 1)
    }

    func waitForHold() -> Bool {
        guard holds.lock(whenValue: 1, timeoutSeconds: 60) else { return false }
        holds.unlock()
        return true
    }

    func waitForEnd() -> Bool {
        guard ends.lock(whenValue: 1, timeoutSeconds: 60) else { return false }
        ends.unlock()
        return true
    }

    func letGo() {
        let valve = lock.withLock {
            hasLet = true
            isHolding = false
            return self.valve
        }
        valve?.open()
    }

    var bytes: Int { lock.withLock { heldBytes } }
    var numbers: [UInt64] { lock.withLock { all } }
    var events: [FeedEvent.Kind] { lock.withLock { kinds } }
}

/// A slow receiver slows the venue down; nothing is lost and nothing piles up.
@Suite(.serialized) struct BackPressureTests {
    /// Messages of 4 KiB that begin with their number.
    private static let frameBytes = 4_096
    private static func message(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(number).bigEndian, Array.init) + [UInt8](repeating: 0x20, count: frameBytes - 8)
    }

    @Test func `a receiver that is full stops the reading, and gets everything once it goes on`() throws {
        let count = 12_000
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { _ in
                [
                    .muteAcknowledgements, .awaitSubscriptions(1), .texts(count: count) { Self.message($0) },
                    .close(code: 1000, reason: ""),
                ]
            })
        defer { venue.shutDown() }
        var timing = quickTiming()
        timing.pingNanos = 10_000_000
        let limits = FeedLimits()
        let plan = try FeedPlan(
            address: venue.address, coins: ["BTC"], channels: [.trades], limits: limits, timing: timing)
        let sink = StubbornSink(bytesMax: 1 << 20)
        let feed = try VenueFeed.start(plan, into: sink, clock: CountingClock())
        #expect(sink.waitForHold())
        // The venue goes on writing, and pings fall due meanwhile: the feed's loop turns many times and reads nothing.
        let bytesMax = 1 << 20 + limits.readBytesMax + Self.frameBytes
        for _ in 0..<2_000 { feed.turn() }
        #expect(sink.bytes <= bytesMax, "\(sink.bytes) bytes came, at most \(bytesMax) should")
        #expect(sink.numbers.count < count)
        #expect(!sink.events.contains { $0.closing != nil })
        sink.letGo()
        // The rest comes, then the venue closes; pings were answered late through our own fault, which
        // costs nothing.
        while !sink.events.contains(where: { $0.closing != nil }) { feed.turn() }
        feed.shutDown()
        #expect(sink.waitForEnd())
        #expect(
            Array(sink.numbers.prefix(count)) == (0..<count).map { UInt64($0) }, "in order, none twice, none missing")
        #expect(sink.events.compactMap(\.closing).first?.cause == .server)
        #expect(sink.events.contains { $0.name == "held" })
    }

    @Test func `a bridge between a fast venue and a slow thread stays within its bounds`() throws {
        let count = 4_000
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { _ in
                [
                    .muteAcknowledgements, .awaitSubscriptions(1), .texts(count: count) { Self.message($0) },
                    .text("end"),
                ]
            })
        defer { venue.shutDown() }
        let bridge = FrameBridge(bytesMax: 64 << 10, itemsMax: 1_000)
        let session = try Session(venue, bridge: bridge)
        try session.frame("end")
        try session.end()
        let texts = session.frames.dropLast().map(\.bytes)
        #expect(texts.count == count)
        #expect(texts.enumerated().allSatisfy { $1 == Self.message($0) })
        #expect(bridge.bytesHighWater <= 64 << 10 + FeedLimits().readBytesMax + Self.frameBytes)
        #expect(session.events.contains { $0.kind.name == "held" })
    }

    @Test func `it ends although the receiver is full`() throws {
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { _ in [.awaitSubscriptions(1), .texts(count: 10_000) { Self.message($0) }] })
        defer { venue.shutDown() }
        var timing = quickTiming()
        timing.closeTimeoutNanos = 5_000_000
        let plan = try FeedPlan(address: venue.address, coins: ["BTC"], channels: [.trades], timing: timing)
        let sink = StubbornSink(bytesMax: 1)
        let feed = try VenueFeed.start(plan, into: sink, clock: CountingClock())
        #expect(sink.waitForHold())
        feed.shutDown()
        #expect(sink.waitForEnd())
        #expect(sink.events.compactMap(\.closing).map(\.cause) == [.shutDown])
    }
}

/// The queue between two threads.
@Suite struct FrameBridgeTests {
    private func event(_ kind: FeedEvent.Kind) -> FeedEvent { FeedEvent(socket: 0, epoch: 1, kind: kind) }

    @Test func `it holds at its bounds and opens the valve when it was emptied`() {
        let bridge = FrameBridge(bytesMax: 10, itemsMax: 3)
        let opened = NIOLockedValueBox(0)
        bridge.attach(FeedValve { opened.withLockedValue { $0 += 1 } })
        #expect(bridge.frame(ByteBuffer(string: "12345"), receivedNanos: 1, epoch: 1) == .more)
        #expect(bridge.event(event(.connected), atNanos: 2) == .more)
        #expect(bridge.frame(ByteBuffer(string: "67890"), receivedNanos: 3, epoch: 1) == .hold)
        #expect(bridge.frame(ByteBuffer(string: "x"), receivedNanos: 4, epoch: 1) == .hold)
        #expect(opened.withLockedValue { $0 } == 0)
        #expect(
            bridge.take(waitNanos: 0) == [
                .frame(FeedFrame(bytes: Array("12345".utf8), receivedNanos: 1, epoch: 1)),
                .event(event(.connected), atNanos: 2),
                .frame(FeedFrame(bytes: Array("67890".utf8), receivedNanos: 3, epoch: 1)),
                .frame(FeedFrame(bytes: Array("x".utf8), receivedNanos: 4, epoch: 1)),
            ])
        #expect(opened.withLockedValue { $0 } == 1)
        #expect(bridge.take(waitNanos: 0) == [])
        #expect(opened.withLockedValue { $0 } == 1)
        for _ in 0..<2 { #expect(bridge.event(event(.connected), atNanos: 5) == .more) }
        #expect(bridge.event(event(.connected), atNanos: 5) == .hold)
        bridge.finished()
        #expect(bridge.take()?.count == 3)
        #expect(bridge.take() == nil)
        #expect(bridge.take() == nil)
    }

    @Test func `a recorded session reads as it came`() throws {
        var file: [UInt8] = []
        var recorder = FrameRecorder { bytes in
            for index in bytes.indices { file.append(bytes[index]) }
        }
        let messages = [#"{"channel":"pong"}"#, "", "a\nb\r\nc", "{\"a\":\n 1}"].map { Array($0.utf8) }
        for (index, message) in messages.enumerated() {
            try recorder.record(
                FeedFrame(bytes: message, receivedNanos: 1_737_918_843_893_903_000 + Int64(index), epoch: 1))
        }
        let lines = try RecordedFrames.lines(file)
        #expect(lines.map(\.receivedNanos) == (0..<4).map { 1_737_918_843_893_903_000 + $0 })
        #expect(
            lines.map { String(decoding: $0.bytes, as: UTF8.self) } == [
                #"{"channel":"pong"}"#, "", "a b  c", "{\"a\":  1}",
            ])
        #expect(recorder.frameCount == 4)
        #expect(recorder.byteCount == file.count)
        #expect(recorder.replacedCount == 4)
    }

    @Test func `a recorder hands on what writing throws`() {
        struct Full: Error {}
        var recorder = FrameRecorder { _ in throw Full() }
        #expect(throws: Full.self) { try recorder.record(FeedFrame(bytes: [1], receivedNanos: 1, epoch: 1)) }
        #expect(recorder.frameCount == 0)
    }
}

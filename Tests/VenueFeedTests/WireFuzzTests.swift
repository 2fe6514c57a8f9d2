import Foundation
import Testing
import VenueFeed
import VenueFeedTesting

/// Damaged bytes on the wire, and a recorded session.
@Suite(.serialized) struct WireFuzzTests {
    /// A few frames as they stand on the wire: short, of 16-bit length, in pieces, a ping, and a closing frame.
    private static let wire: [UInt8] = {
        let text = Array(#"{"channel":"trades","data":[{"coin":"BTC","side":"B","px":"84143.0","sz":"0.1"}]}"#.utf8)
        let long = text + [UInt8](repeating: 0x20, count: 200)
        return [0x81, UInt8(text.count)] + text
            + [0x81, 126, UInt8(long.count >> 8), UInt8(long.count & 0xFF)] + long
            + [0x01, 3] + Array("one".utf8) + [0x89, 2, 1, 2] + [0x80, 3] + Array("two".utf8)
            + [0x88, 5, 0x03, 0xE8] + Array("bye".utf8)
    }()

    @Test func `flipped bytes, cuts and repeats never cost more than a connection (SEC-10)`() throws {
        let rounds = 300
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { connection in
                guard connection < rounds else { return [.awaitSubscriptions(1), .text("end")] }
                var random = Seeded(UInt64(connection))
                var bytes = Self.wire
                switch connection % 3 {
                case 0:
                    for _ in 0..<Int.random(in: 1...4, using: &random) {
                        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
                            1 << UInt8.random(in: 0..<8, using: &random)
                    }
                case 1: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
                default:
                    let at = Int.random(in: 0..<bytes.count, using: &random)
                    bytes.insert(contentsOf: bytes[at...].prefix(Int.random(in: 1...40, using: &random)), at: at)
                }
                return [.awaitSubscriptions(1), .raw(bytes), .drop]
            })
        defer { venue.shutDown() }
        var limits = FeedLimits()
        limits.connectsPerMinuteMax = 10_000
        limits.messagesPerMinuteMax = 100_000
        limits.pricePerMinuteMax = 1_000_000
        let session = try Session(venue, limits: limits)
        try session.frame("end")
        try session.end()
        let closings = session.events.compactMap(\.kind.closing)
        #expect(closings.count == rounds + 1)
        #expect(session.events.filter(\.kind.isConnected).count == rounds + 1)
        // Each cause occurs: the damage was varied enough.
        for cause: Closing.Cause in [.server, .noCloseFrame, .protocolError, .shutDown] {
            #expect(closings.contains { $0.cause == cause }, "never \(cause)")
        }
        let longest = session.frames.map(\.bytes.count).max() ?? 0
        #expect(longest <= limits.messageBytesMax)
    }

    /// The recorded files: LOTUS_DATA, or `shared/data/open` beside the package.
    private static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["LOTUS_DATA"] { return URL(filePath: path) }
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/data/open")
    }()

    @Test func `a recorded session comes through byte for byte over three connections`() throws {
        let file = Self.folder.appending(path: "permissive/hftbacktest/hyperliquid/btcusd_20250126.gz")
        guard FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) else {
            Issue.record("no recorded session at \(file.path): set LOTUS_DATA; nothing is compared", severity: .warning)
            return
        }
        let lines = try RecordedFrames.load(file).map(\.bytes)
        #expect(lines.count == 55)
        let parts = [lines[..<20], lines[20..<40], lines[40...]].map(Array.init)
        let venue = try LocalVenue(
            VenueSetup(coins: ["BTC"]) { connection in
                [.awaitSubscriptions(2)] + (parts[min(connection, 2)]).map { .text($0) }
                    + [connection < 2 ? .drop : .text("end")]
            })
        defer { venue.shutDown() }
        let session = try Session(venue, channels: [.trades, .book(fast: false)])
        try session.frame("end")
        try session.end()
        let data = session.frames.filter { !String(decoding: $0.bytes, as: UTF8.self).contains("subscriptionResponse") }
        #expect(data.dropLast().map(\.bytes) == lines)
        #expect(
            data.dropLast().map(\.epoch) == parts.enumerated().flatMap { index, part in part.map { _ in index + 1 } })

        var file2: [UInt8] = []
        var recorder = FrameRecorder { bytes in
            for index in bytes.indices { file2.append(bytes[index]) }
        }
        for frame in data.dropLast() { try recorder.record(frame) }
        #expect(try RecordedFrames.lines(file2).map(\.bytes) == lines)
    }
}

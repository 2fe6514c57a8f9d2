import Testing
import VenueFeed

/// What a plan takes, and what it says about the rest.
@Suite struct PlanTests {
    @Test(arguments: [
        ("wss://api.hyperliquid.xyz/ws", "wss", "api.hyperliquid.xyz", 443, "/ws"),
        ("ws://127.0.0.1:8080/ws", "ws", "127.0.0.1", 8_080, "/ws"),
        ("WSS://host", "wss", "host", 443, "/"), ("ws://[::1]:9/x/y", "ws", "::1", 9, "/x/y"),
        ("ws://[::1]/", "ws", "::1", 80, "/"), ("https://h:65535", "https", "h", 65_535, "/"),
    ])
    func `addresses are read`(_ text: String, _ scheme: String, _ host: String, _ port: Int, _ path: String) throws {
        let address = try FeedAddress(text)
        #expect(address.scheme.rawValue == scheme)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.path == path)
        #expect(try FeedAddress(address.description) == address)
    }

    @Test(arguments: [
        "", "api.hyperliquid.xyz", "ftp://x/", "ws://", "ws://:80/", "ws://h:0/", "ws://h:65536/", "ws://h:x/",
        "ws://user@h/", "ws://h/?q", "ws://h/#f", "ws://h /", "ws://h\n/", "ws://hö/", "ws://[::1", "ws://h:/",
    ])
    func `addresses that cannot be used are refused with what was expected`(_ text: String) {
        // An address of version 6 without its end is a name with a bad port.
        let error = #expect(throws: FeedError.self) { try FeedAddress(text) }
        #expect(error?.description.contains("expected") == true)
    }

    @Test func `the HTTP side is on the same host and port unless another is named`() throws {
        let plan = try FeedPlan(address: "wss://h:444/ws", coins: ["BTC"], channels: [.trades])
        #expect(plan.restAddress.description == "https://h:444/info")
        let other = try FeedPlan(
            address: "ws://h/ws", coins: ["BTC"], channels: [.trades], restAddress: "http://other:1/info")
        #expect(other.restAddress.host == "other")
        #expect(throws: FeedError.self) {
            try FeedPlan(address: "ws://h/ws", coins: ["BTC"], channels: [.trades], restAddress: "ws://h/info")
        }
        #expect(throws: FeedError.self) { try FeedPlan(address: "http://h/ws", coins: ["BTC"], channels: [.trades]) }
    }

    @Test(arguments: [
        "", "A\"B", "A\\B", "A B", "A\nB", "BTC\u{0}", "Ä", String(repeating: "A", count: 33), "@107", "PURR/USDC",
    ])
    func `names that could break the JSON or cannot be checked are refused`(_ coin: String) {
        let error = #expect(throws: FeedError.self) { try FeedPlan(coins: [coin], channels: [.trades]) }
        guard case .badPlan = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["BTC", "kPEPE", "xyz:SP500", "A-B_1", String(repeating: "A", count: 32)])
    func `names of perpetuals are taken`(_ coin: String) throws {
        #expect(try FeedPlan(coins: [coin], channels: [.trades]).coins == [coin])
    }

    @Test func `a thousand subscriptions fit and one more does not`() throws {
        let coins = (0..<500).map { "C\($0)" }
        let plan = try FeedPlan(coins: coins, channels: [.trades, .bestPrices])
        #expect(plan.sockets.map(\.count) == [1_000])
        let error = #expect(throws: FeedError.self) {
            try FeedPlan(coins: coins, channels: [.trades, .bestPrices, .allMids])
        }
        #expect(error?.description.contains("1001 subscriptions, the venue takes 1000") == true)
    }

    @Test func `nothing and anything twice are refused`() {
        #expect(throws: FeedError.self) { try FeedPlan(coins: [], channels: [.trades]) }
        #expect(throws: FeedError.self) { try FeedPlan(coins: ["BTC"], channels: []) }
        #expect(throws: FeedError.self) { try FeedPlan(coins: ["BTC", "BTC"], channels: [.trades]) }
        #expect(throws: FeedError.self) { try FeedPlan(coins: ["BTC"], channels: [.trades, .trades]) }
        #expect(throws: FeedError.self) { try FeedPlan(coins: ["BTC"], channels: [.allMids, .allMids]) }
    }

    @Test func `more sockets than the venue allows are refused`() throws {
        var limits = FeedLimits()
        limits.socketsMax = 1
        #expect(throws: FeedError.self) {
            try FeedPlan(coins: ["BTC"], channels: [.book(fast: true), .book(fast: false)], limits: limits)
        }
        #expect(try FeedPlan(coins: ["BTC"], channels: [.candle(.minutes1), .candle(.days1)]).sockets.count == 1)
    }

    @Test func `times and limits out of range are refused`() {
        func refuses(_ change: (inout FeedTiming, inout FeedLimits) -> Void) -> Bool {
            var timing = FeedTiming()
            var limits = FeedLimits()
            change(&timing, &limits)
            do {
                _ = try FeedPlan(coins: ["BTC"], channels: [.trades], limits: limits, timing: timing)
                return false
            } catch { return true }
        }
        #expect(!refuses { timing, _ in timing.pingNanos = 50_000_000_000 })
        #expect(refuses { timing, _ in timing.pingNanos = 50_000_000_001 })
        #expect(refuses { timing, _ in timing.pingNanos = 0 })
        #expect(refuses { timing, _ in timing.backoffNanosMin = 31_000_000_000 })
        #expect(refuses { timing, _ in timing.stallNanos = [.trades: 0] })
        #expect(refuses { timing, _ in timing.connectTimeoutNanos = .max })
        #expect(refuses { timing, _ in timing.firstAttemptsMax = 0 })
        #expect(refuses { timing, _ in timing.stallsBeforeReconnect = 0 })
        #expect(refuses { _, limits in limits.messageBytesMax = 0 })
        #expect(refuses { _, limits in limits.messageBytesMax = .max })
        #expect(refuses { _, limits in limits.burstGapNanos = -1 })
    }

    @Test func `unsubscribing repeats the same object`() {
        let subscription = Subscription(channel: .candle(.minutes1), coin: "BTC")
        #expect(
            subscription.unsubscribeFrame
                == #"{"method":"unsubscribe","subscription":{"type":"candle","coin":"BTC","interval":"1m"}}"#)
    }
}

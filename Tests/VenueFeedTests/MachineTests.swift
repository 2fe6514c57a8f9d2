import Testing
import VenueFeed

/// One socket's life in virtual time.
@Suite struct MachineTests {
    private let second = MachineWorld.second
    private let book = #"{"channel":"l2Book","data":{"coin":"BTC","time":1,"levels":[[],[]]}}"#

    @Test func `pings go out at their interval and never later than the venue allows`() throws {
        var world = try MachineWorld()
        world.open()
        for _ in 0..<10 {
            world.pass(25 * second)
            world.receive(#"{"channel":"pong"}"#)
        }
        let times = world.sentTimes { $0 == SocketMachine.pingFrame }
        #expect(times.count == 10)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 25 * second })
        #expect(world.kinds.map(\.name) == ["connected", "unanswered"])
    }

    @Test func `an unanswered ping cuts the connection at its limit, an answered one does not`() throws {
        var world = try MachineWorld()
        world.open()
        world.pass(25 * second)
        world.pass(10 * second - 1)
        #expect(!world.actions.contains(.abort))
        world.receive(#"{"channel":"pong"}"#)
        world.pass(1)
        #expect(!world.actions.contains(.abort))
        world.pass(25 * second + 1)
        #expect(world.actions.contains(.abort))
        world.disconnect()
        #expect(world.kinds.compactMap(\.closing).map(\.cause) == [.pongTimeout])
        #expect(world.kinds.last?.name == "reconnecting")
    }

    @Test func `subscriptions go out twenty in a hundred milliseconds`() throws {
        let coins = (0..<50).map { "C\($0)" }
        var world = try MachineWorld(coins: coins)
        let start = world.now
        world.open()
        world.pass(second)
        let times = world.sentTimes { $0.contains("subscribe") }.map { ($0 - start) / 100_000_000 }
        #expect(
            times == Array(repeating: 0, count: 20) + Array(repeating: 1, count: 20) + Array(repeating: 2, count: 10))
        #expect(world.sent.first == #"{"method":"subscribe","subscription":{"type":"trades","coin":"C0"}}"#)
    }

    @Test func `no minute has more messages than the venue allows, however often the connection breaks`() throws {
        let coins = (0..<1_000).map { "C\($0)" }
        var world = try MachineWorld(coins: coins)
        for _ in 0..<8 {
            world.open()
            world.pass(9 * second)
            world.disconnect()
            world.act { machine, budget, now in machine.coinsChecked(nil, now: now, budget: budget) }
            world.pass(second)
        }
        let times = world.sentTimes { _ in true }
        #expect(times.count > 2_500)
        for (index, time) in times.enumerated().dropFirst(2_000) {
            #expect(time - times[index - 2_000] >= 60 * second)
        }
    }

    @Test func `no minute has more than thirty connections`() throws {
        var timing = FeedTiming()
        timing.backoffNanosMax = timing.backoffNanosMin
        timing.firstAttemptsMax = 1_000
        var world = try MachineWorld(timing: timing)
        for _ in 0..<100 {
            world.fail()
            while world.machine.phase != .connecting { world.pass(second) }
        }
        let times = zip(world.actions, world.times).compactMap { $0 == .connect ? $1 : nil }
        #expect(times.count == 101)
        for (index, time) in times.enumerated().dropFirst(30) { #expect(time - times[index - 30] >= 60 * second) }
        // What was announced is what was waited.
        for case .reconnecting(let wait, _) in world.kinds { #expect(wait >= timing.backoffNanosMin) }
    }

    @Test func `waits grow, have jitter, stay in bounds, and are the same for the same seed`() throws {
        func waits(_ seed: UInt64) throws -> [Int64] {
            var timing = FeedTiming()
            timing.firstAttemptsMax = 1_000
            var world = try MachineWorld(timing: timing, seed: seed)
            for _ in 0..<12 {
                world.fail()
                while world.machine.phase != .connecting { world.pass(second) }
            }
            return world.kinds.compactMap { kind in
                guard case .reconnecting(let wait, _) = kind else { return nil }
                return wait
            }
        }
        let some = try waits(1)
        #expect(try some == waits(1))
        #expect(try some != waits(2))
        for (index, wait) in some.enumerated() {
            let ceiling = min(250_000_000 << Int64(index), 30 * second)
            #expect(wait >= max(250_000_000, ceiling / 2) && wait <= ceiling, "wait \(index): \(wait)")
        }
    }

    @Test func `a steady connection starts the waits from the shortest again, a short one does not`() throws {
        var world = try MachineWorld(channels: [.bestPrices])
        for _ in 0..<4 {
            world.open()
            world.receive(book)
            world.pass(5 * second)
            world.disconnect()
            world.pass(60 * second)
        }
        world.open()
        world.pass(20 * second)
        world.receive(#"{"channel":"pong"}"#)
        world.pass(30 * second)
        world.receive(#"{"channel":"pong"}"#)
        world.pass(10 * second)
        world.disconnect()
        let waits = world.kinds.compactMap { kind -> (Int64, Int)? in
            guard case .reconnecting(let wait, let attempt) = kind else { return nil }
            return (wait, attempt)
        }
        #expect(waits.map(\.1) == [1, 2, 3, 4, 1])
        #expect(waits[3].0 >= second && waits[4].0 == 250_000_000)
    }

    @Test func `it gives up early if it never was connected, and by default never later`() throws {
        var world = try MachineWorld()
        for _ in 0..<5 {
            world.fail(.refused(host: "h", port: 1, detail: "x"))
            world.pass(60 * second)
        }
        #expect(world.machine.phase == .ended)
        #expect(world.kinds.last?.name == "gaveUp")
        #expect(world.actions.last == .end)
        #expect(world.machine.nextDue(now: world.now, budget: world.budget) == nil)

        var later = try MachineWorld()
        later.open()
        later.pass(2 * second)
        later.disconnect()
        for _ in 0..<100 {
            later.pass(60 * second)
            later.fail()
        }
        #expect(later.machine.phase != .ended)
    }

    @Test func `the server's wish to wait is followed up to a limit`() throws {
        var world = try MachineWorld()
        world.fail(.handshakeRefused(status: 429, retryAfterSeconds: 45, body: ""))
        world.pass(second)
        world.fail()
        #expect(world.kinds.contains(.reconnecting(inNanos: 45 * second, attempt: 1)))
        world.pass(45 * second)
        world.fail(.handshakeRefused(status: 429, retryAfterSeconds: .max, body: ""))
        #expect(world.kinds.contains(.reconnecting(inNanos: 300 * second, attempt: 2)))
    }

    @Test func `a stalled stream is told once, recovers, and costs the connection at three limits (SEC-12)`() throws {
        var world = try MachineWorld(channels: [.book(fast: true), .trades])
        world.open()
        world.receive(book)
        world.pass(10 * second - 1)
        #expect(!world.kinds.map(\.name).contains("stalled"))
        world.pass(2 * second)
        let stalls = world.kinds.filter { $0.name == "stalled" }
        #expect(stalls.count == 1)
        guard case .stalled(let subscription, let silent) = stalls.first else { return }
        #expect(subscription.channel == .book(fast: true))
        #expect((10 * second...11_250_000_000).contains(silent))
        world.receive(book)
        #expect(world.kinds.contains(.recovered(subscription, silentNanos: 12 * second - 1)))
        world.forget()
        world.pass(14 * second)
        world.receive(#"{"channel":"pong"}"#)
        #expect(world.kinds.filter { $0.name == "stalled" }.count == 1)
        world.pass(18 * second)
        #expect(world.actions.contains(.close(code: 1000)))
        world.disconnect()
        #expect(world.kinds.compactMap(\.closing).map(\.cause) == [.stalled])
    }

    @Test func `what is silent because the receiver is full is not stalled, and a late pong is not missed`() throws {
        var world = try MachineWorld(channels: [.book(fast: true)])
        world.open()
        world.receive(book)
        world.pass(25 * second - 17 * second)
        world.act { machine, _, now in machine.hold(now: now) }
        world.pass(600 * second)
        #expect(world.kinds.map(\.name) == ["connected"])
        #expect(!world.actions.contains(.abort))
        world.act { machine, _, now in machine.release(now: now) }
        #expect(world.kinds.last == .held(nanos: 600 * second))
        world.receive(#"{"channel":"pong"}"#)
        world.pass(2 * second - 1)
        #expect(!world.kinds.map(\.name).contains("stalled"))
        world.pass(3 * second)
        #expect(world.kinds.map(\.name).contains("stalled"))
    }

    @Test func `a subscription without acknowledgement is told once, and data counts as one`() throws {
        var world = try MachineWorld(coins: ["BTC", "ETH", "SOL"])
        world.open()
        world.receive(
            #"{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"trades","#
                + #""coin":"ETH"}}}"#
        )
        world.receive(#"{"channel":"trades","data":[{"coin":"SOL"}]}"#)
        world.pass(20 * second)
        #expect(world.kinds.map(\.name) == ["connected", "subscribed", "unanswered"])
        guard case .unanswered(let subscription, _) = world.kinds.last else { return }
        #expect(subscription.coin == "BTC")
    }

    @Test func `coins that were sent in the second before a break are named, and looked up`() throws {
        let coins = (0..<45).map { "C\($0)" }
        var world = try MachineWorld(coins: coins)
        world.open()
        world.pass(50_000_000)
        world.disconnect()
        #expect(world.kinds.compactMap(\.closing).first?.coinsJustSent == Array(coins.prefix(20)))
        #expect(world.actions.last == .recheckCoins)
        let directory = try CoinDirectory(
            meta: Array(#"{"universe":[{"name":"C1"},{"name":"C44","isDelisted":true}]}"#.utf8))
        world.act { machine, budget, now in machine.coinsChecked(directory, now: now, budget: budget) }
        #expect(world.kinds.contains(.coinsGone(coins.filter { $0 != "C1" && $0 != "C44" })))
        world.pass(second)
        world.forget()
        world.open()
        #expect(world.sent.count == 2)
        world.pass(5 * second)
        world.disconnect()
        #expect(world.kinds.compactMap(\.closing).first?.coinsJustSent == [])
        #expect(!world.actions.contains(.recheckCoins))
    }

    @Test func `it gives up if no coin is left`() throws {
        var world = try MachineWorld(coins: ["A", "B"])
        world.open()
        world.disconnect()
        let directory = try CoinDirectory(meta: Array(#"{"universe":[{"name":"C"}]}"#.utf8))
        world.act { machine, budget, now in machine.coinsChecked(directory, now: now, budget: budget) }
        #expect(world.kinds.suffix(2).map(\.name) == ["coinsGone", "gaveUp"])
        #expect(world.machine.phase == .ended)
    }

    @Test(arguments: 0..<6) func `it ends from every phase`(_ phase: Int) throws {
        var world = try MachineWorld()
        let shutDown: (inout SocketMachine, inout FeedBudget, Int64) -> Void = { machine, _, now in
            machine.shutDown(now: now)
        }
        switch phase {
        case 0: break  // connecting
        case 1: world.fail()  // waiting
        case 2: world.open()
        case 3:
            world.open()
            world.act { machine, _, now in machine.serverCloses(code: 1000, reason: "", now: now) }
        case 4:
            world.open()
            world.disconnect()  // rechecking
        default:
            world.open()
            world.act(shutDown)
        }
        world.act(shutDown)
        if [2, 3, 5].contains(phase) {
            #expect(world.machine.phase != .ended)
            // The server does not answer: after a second the connection is cut.
            world.pass(second)
            #expect(world.actions.contains(.abort))
            world.disconnect()
            #expect(world.kinds.compactMap(\.closing).map(\.cause) == [.shutDown])
        }
        #expect(world.machine.phase == .ended)
        #expect(world.actions.filter { $0 == .end }.count == 1)
        #expect(world.machine.nextDue(now: world.now, budget: world.budget) == nil)
    }

    @Test func `whatever comes in whatever order, it never gets stuck`() throws {
        for seed in UInt64(0)..<300 {
            var random = Seeded(seed)
            var world = try MachineWorld(coins: ["BTC", "ETH"], channels: [.book(fast: true), .trades], seed: seed)
            for _ in 0..<200 {
                switch Int.random(in: 0..<11, using: &random) {
                case 0: world.open()
                case 1: world.disconnect()
                case 2: world.fail()
                case 3: world.receive(book)
                case 4: world.act { machine, _, now in machine.serverCloses(code: 1001, reason: "", now: now) }
                case 5:
                    world.act { machine, _, now in
                        machine.rejected(RejectedFrame(reason: .binary, byteCount: 1, prefix: []), now: now)
                    }
                case 6: world.act { machine, _, now in machine.hold(now: now) }
                case 7: world.act { machine, _, now in machine.release(now: now) }
                case 8: world.act { machine, budget, now in machine.coinsChecked(nil, now: now, budget: budget) }
                default: world.pass(Int64.random(in: 0..<20_000_000_000, using: &random))
                }
                // Either something from outside is awaited, or a timer runs.
                let awaitsOutside: Bool =
                    switch world.machine.phase {
                    case .connecting, .rechecking, .ended, .closing: true
                    default: false
                    }
                let due = world.machine.nextDue(now: world.now, budget: world.budget)
                #expect(awaitsOutside || due != nil, "seed \(seed): \(world.machine.phase)")
                if world.machine.phase == .ended { break }
            }
            let epochs = world.kinds.filter(\.isConnected).count
            #expect(world.budget.lastEpoch == epochs, "seed \(seed)")
        }
    }
}

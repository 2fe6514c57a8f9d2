import VenueFeed

/// A socket's machine in a world where time passes only when the test says so.
struct MachineWorld {
    var machine: SocketMachine
    var budget: FeedBudget
    var now: Int64 = 1_000_000_000_000
    private(set) var actions: [SocketMachine.Action] = []
    /// When each action was wanted, beside `actions`.
    private(set) var times: [Int64] = []

    static let second: Int64 = 1_000_000_000

    init(
        coins: [String] = ["BTC"], channels: [FeedChannel] = [.trades], timing: FeedTiming = FeedTiming(),
        limits: FeedLimits = FeedLimits(), seed: UInt64 = 7
    ) throws {
        let plan = try FeedPlan(coins: coins, channels: channels, limits: limits, timing: timing, seed: seed)
        machine = SocketMachine(plan: plan, socket: 0)
        budget = FeedBudget(limits: limits, timing: timing, sockets: 1)
        act { machine, _, now in machine.start(now: now) }
    }

    /// Does something at the present moment.
    mutating func act(_ body: (inout SocketMachine, inout FeedBudget, Int64) -> Void) {
        body(&machine, &budget, now)
        machine.advance(now: now, budget: &budget)
        let new = machine.takeActions()
        actions += new
        times += new.map { _ in now }
    }

    /// Lets time pass as timers would.
    mutating func pass(_ nanos: Int64) {
        let end = now + nanos
        var idle = 0
        while let due = machine.nextDue(now: now, budget: budget), due <= end {
            idle = due > now ? 0 : idle + 1
            precondition(idle < 3, "a timer that is due again and again at one moment")
            now = max(now, due)
            act { _, _, _ in }
        }
        now = end
    }

    mutating func open() {
        act { machine, budget, now in machine.opened(now: now, budget: &budget) }
    }

    mutating func receive(_ text: String) {
        act { machine, _, now in
            machine.received(FrameGlance(Array(text.utf8).span), now: now, wallNanos: now + 5)
        }
    }

    mutating func disconnect() {
        act { machine, budget, now in machine.disconnected(detail: "gone", now: now, budget: budget) }
    }

    mutating func fail(_ failure: ConnectFailure = .timedOut(seconds: 10)) {
        act { machine, budget, now in machine.connectFailed(failure, now: now, budget: budget) }
    }

    /// Forgets what was wanted so far.
    mutating func forget() {
        actions = []
        times = []
    }

    var kinds: [FeedEvent.Kind] {
        actions.compactMap { action in
            guard case .report(let event) = action else { return nil }
            return event.kind
        }
    }

    var sent: [String] {
        actions.compactMap { action in
            guard case .send(let text) = action else { return nil }
            return text
        }
    }

    /// Times at which texts were sent.
    func sentTimes(_ fits: (String) -> Bool) -> [Int64] {
        zip(actions, times).compactMap { action, time in
            guard case .send(let text) = action, fits(text) else { return nil }
            return time
        }
    }
}

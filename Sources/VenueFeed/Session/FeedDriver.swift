internal import NIOConcurrencyHelpers
internal import NIOCore

/// Runs the sockets of a feed on one event loop: turns what happens there into calls of the machines, and what the
/// machines
/// want into calls of sockets and receiver.
final class FeedDriver: @unchecked Sendable {
    // SAFETY: everything but the constants is touched on `loop` only; the ways in from other threads hop onto it.
    private struct Line {
        var machine: SocketMachine
        var socket: SocketHandler?
        var cancelAttempt: (() -> Void)?
        var timer: Scheduled<Void>?
        var timerAt: Int64 = .max
    }

    private let loop: any EventLoop
    private let plan: FeedPlan
    private let sink: any FrameSink
    private let clock: any FeedClock
    private let connector: Connector
    private let rest: RESTClient
    private let done: EventLoopPromise<Void>
    private var lines: [Line]
    private var budget: FeedBudget
    /// Whether the event loop may still be called: it is gone soon after the end.
    private let isAlive = NIOLockedValueBox(true)
    private var isHeld = false
    private var isEnded = false
    private var isEnding = false

    init(
        loop: any EventLoop, plan: FeedPlan, sink: any FrameSink, clock: any FeedClock, connector: Connector,
        rest: RESTClient
    ) {
        self.loop = loop
        self.plan = plan
        self.sink = sink
        self.clock = clock
        self.connector = connector
        self.rest = rest
        done = loop.makePromise()
        lines = plan.sockets.indices.map { Line(machine: SocketMachine(plan: plan, socket: $0)) }
        budget = FeedBudget(limits: plan.limits, timing: plan.timing, sockets: plan.sockets.count)
    }

    private var now: Int64 { Int64(clamping: loop.now.uptimeNanoseconds) }

    /// Succeeds when nothing will follow.
    var ended: EventLoopFuture<Void> { done.futureResult }

    // MARK: - From other threads

    func start() {
        loop.execute { [self] in
            sink.attach(FeedValve { [weak self] in self?.hop { $0.release() } })
            for index in lines.indices { step(index) { machine, _, now in machine.start(now: now) } }
        }
    }

    func shutDown() {
        hop { $0.endAll() }
    }

    private func hop(_ body: @escaping @Sendable (FeedDriver) -> Void) {
        isAlive.withLockedValue { isAlive in
            if isAlive { loop.execute { body(self) } }
        }
    }

    // MARK: - From sockets

    func opened(_ socket: SocketHandler, line index: Int) {
        lines[index].socket = socket
        lines[index].cancelAttempt = nil
        step(index) { machine, budget, now in machine.opened(now: now, budget: &budget) }
        if isHeld {
            lines[index].machine.hold(now: now)
            socket.isHeld = true
        }
    }

    func message(_ socket: SocketHandler, _ bytes: ByteBuffer, line index: Int) {
        guard lines[index].socket === socket else { return }
        let wall = clock.wallNanos()
        let answer = sink.frame(bytes, receivedNanos: wall, epoch: lines[index].machine.epoch)
        let glance = FrameGlance(bytes.readableBytesUInt8Span)
        step(index) { machine, _, now in machine.received(glance, now: now, wallNanos: wall) }
        if answer == .hold { hold() }
    }

    func rejected(_ socket: SocketHandler, _ frame: RejectedFrame, line index: Int) {
        guard lines[index].socket === socket else { return }
        step(index) { machine, _, now in machine.rejected(frame, now: now) }
    }

    func serverCloses(_ socket: SocketHandler, code: UInt16, reason: String, line index: Int) {
        guard lines[index].socket === socket else { return }
        step(index) { machine, _, now in machine.serverCloses(code: code, reason: reason, now: now) }
    }

    func disconnected(_ socket: SocketHandler, detail: String, line index: Int) {
        guard lines[index].socket === socket else { return }
        lines[index].socket = nil
        step(index) { machine, budget, now in machine.disconnected(detail: detail, now: now, budget: budget) }
    }

    // MARK: - The receiver

    private func hold() {
        guard !isHeld else { return }
        isHeld = true
        for index in lines.indices {
            let socket = lines[index].socket
            socket?.isHeld = true
            lines[index].machine.hold(now: now)
        }
    }

    private func release() {
        guard isHeld else { return }
        isHeld = false
        for index in lines.indices {
            step(index) { machine, _, now in machine.release(now: now) }
            // The report of the pause may have filled the receiver again.
            let socket = lines[index].socket
            socket?.isHeld = isHeld
        }
    }

    // MARK: - Steps

    /// Lets a machine have its say, does what it wants, and sets its next timer.
    private func step(_ index: Int, _ body: (inout SocketMachine, inout FeedBudget, Int64) -> Void) {
        loop.assertInEventLoop()
        let now = now
        body(&lines[index].machine, &budget, now)
        lines[index].machine.advance(now: now, budget: &budget)
        for action in lines[index].machine.takeActions() { perform(action, index) }
        setTimer(index)
    }

    private func perform(_ action: SocketMachine.Action, _ index: Int) {
        switch action {
        case .connect: connect(index)
        case .send(let text): lines[index].socket?.send(text)
        case .close(let code): lines[index].socket?.close(code: code)
        case .abort:
            lines[index].cancelAttempt?()
            lines[index].cancelAttempt = nil
            lines[index].socket?.abort()
        case .recheckCoins: recheckCoins(index)
        case .report(let event):
            if sink.event(event, atNanos: clock.wallNanos()) == .hold { hold() }
        case .end:
            // A feed of which one socket is gone for good would look whole and be none.
            endAll()
        }
    }

    private func connect(_ index: Int) {
        lines[index].cancelAttempt = connector.openSocket(plan.socketAddress, owner: LineOwner(self, index)) {
            [weak self] failure in
            guard let self else { return }
            lines[index].cancelAttempt = nil
            step(index) { machine, budget, now in machine.connectFailed(failure, now: now, budget: budget) }
        }
    }

    private func recheckCoins(_ index: Int) {
        let coins = lines[index].machine.streams.compactMap(\.subscription.coin)
        rest.directory(of: coins).whenComplete { [weak self] result in
            let directory = try? result.get()
            self?.step(index) { machine, budget, now in
                machine.coinsChecked(directory, now: now, budget: budget)
            }
        }
    }

    private func setTimer(_ index: Int) {
        let due = lines[index].machine.nextDue(now: now, budget: budget)
        guard due ?? .max != lines[index].timerAt else { return }
        lines[index].timer?.cancel()
        lines[index].timer = nil
        lines[index].timerAt = due ?? .max
        guard let due else { return }
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(due, 0)))
        lines[index].timer = loop.scheduleTask(deadline: deadline) { [weak self] in
            guard let self else { return }
            lines[index].timerAt = .max
            step(index) { _, _, _ in }
        }
    }

    private func endAll() {
        guard !isEnding else { return finishIfEnded() }
        isEnding = true
        for index in lines.indices { step(index) { machine, _, now in machine.shutDown(now: now) } }
        finishIfEnded()
    }

    private func finishIfEnded() {
        guard !isEnded, lines.allSatisfy({ $0.machine.phase == .ended }) else { return }
        isEnded = true
        for index in lines.indices {
            lines[index].timer?.cancel()
            lines[index].cancelAttempt?()
        }
        isAlive.withLockedValue { $0 = false }
        sink.finished()
        done.succeed()
    }
}

/// Tells the driver which of its lines a socket belongs to.
private final class LineOwner: SocketOwner {
    private weak var driver: FeedDriver?
    private let index: Int

    init(_ driver: FeedDriver, _ index: Int) {
        self.driver = driver
        self.index = index
    }

    func opened(_ socket: SocketHandler) {
        if let driver { driver.opened(socket, line: index) } else { socket.abort() }
    }

    func message(_ socket: SocketHandler, _ bytes: ByteBuffer) { driver?.message(socket, bytes, line: index) }

    func rejected(_ socket: SocketHandler, _ frame: RejectedFrame) { driver?.rejected(socket, frame, line: index) }

    func serverCloses(_ socket: SocketHandler, code: UInt16, reason: String) {
        driver?.serverCloses(socket, code: code, reason: reason, line: index)
    }

    func disconnected(_ socket: SocketHandler, detail: String) {
        driver?.disconnected(socket, detail: detail, line: index)
    }
}

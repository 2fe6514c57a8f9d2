internal import NIOCore
internal import NIOHTTP1

/// Asks the venue's `POST /info`, one connection a question, on one event loop.
///
/// Questions have a price, and the venue takes so much of it a minute: what is over that waits its turn.
final class RESTClient: @unchecked Sendable {
    // SAFETY: `purse` is touched on `loop` only; everything else is constant.
    let loop: any EventLoop
    private let connector: Connector
    private let address: FeedAddress
    private let limits: FeedLimits
    private let timing: FeedTiming
    private var purse: RESTPurse

    init(loop: any EventLoop, connector: Connector, plan: FeedPlan) {
        self.loop = loop
        self.connector = connector
        address = plan.restAddress
        limits = plan.limits
        timing = plan.timing
        purse = RESTPurse(
            pricePerMinuteMax: plan.limits.pricePerMinuteMax, now: Int64(clamping: loop.now.uptimeNanoseconds))
    }

    /// The answer to `body`, byte for byte.
    func post(_ body: String, price: Int) -> EventLoopFuture<[UInt8]> {
        loop.flatSubmit { [self] in
            let wait = purse.pay(price, now: Int64(clamping: loop.now.uptimeNanoseconds))
            guard wait > 0 else { return ask(body) }
            return loop.flatScheduleTask(in: .nanoseconds(wait)) { self.ask(body) }.futureResult
        }
    }

    /// The coins of the exchanges that these coins belong to.
    func directory(of coins: [String]) -> EventLoopFuture<CoinDirectory> {
        var exchanges: [String] = []
        for coin in coins {
            let exchange = coin.firstIndex(of: ":").map { String(coin[..<$0]) } ?? ""
            if !exchanges.contains(exchange) { exchanges.append(exchange) }
        }
        let answers = exchanges.map { post(VenueQuestion.meta(exchange: $0).body, price: VenueQuestion.price) }
        return EventLoopFuture.whenAllSucceed(answers, on: loop).flatMapThrowing { answers in
            guard let first = answers.first else { throw FeedError.badPlan("no coins to look for") }
            var directory = try CoinDirectory(meta: first)
            for answer in answers.dropFirst() { try directory.add(meta: answer) }
            return directory
        }
    }

    private func ask(_ body: String) -> EventLoopFuture<[UInt8]> {
        let promise = loop.makePromise(of: [UInt8].self)
        let handler = AnswerHandler(address: address, body: body, limits: limits, promise: promise)
        let bound = NIOLoopBound(handler, eventLoop: loop)
        let seconds = Int(timing.answerTimeoutNanos / 1_000_000_000)
        let timeout = loop.scheduleTask(in: .nanoseconds(timing.answerTimeoutNanos)) {
            bound.value.fail(.timedOut(seconds: seconds))
        }
        let address = address
        let connectTimeoutNanos = timing.connectTimeoutNanos
        connector.openHTTP(address, handler: handler).whenFailure { error in
            bound.value.fail(
                .connection(ConnectFailure(connecting: error, to: address, timeoutNanos: connectTimeoutNanos)))
        }
        promise.futureResult.whenComplete { _ in timeout.cancel() }
        return promise.futureResult
    }
}

/// What one address may ask within a minute, as a purse: half of it can be saved up, the other half flows in, so that
/// no
/// minute ever costs more than the whole.
package struct RESTPurse {
    private let nanosPerUnit: Int64
    private static let savedNanosMax: Int64 = 60_000_000_000

    /// Until when everything asked so far is paid for.
    private var paidUpTo: Int64

    package init(pricePerMinuteMax: Int, now: Int64) {
        nanosPerUnit = Self.savedNanosMax / Int64(max(1, pricePerMinuteMax / 2))
        paidUpTo = now - Self.savedNanosMax
    }

    /// How long a question of this price has to wait, nanoseconds; it counts as asked.
    package mutating func pay(_ price: Int, now: Int64) -> Int64 {
        paidUpTo = max(paidUpTo, now - Self.savedNanosMax)
        paidUpTo += Int64(max(0, min(price, 10_000))) * nanosPerUnit
        return max(0, paidUpTo - now)
    }
}

/// Sends one question and collects its answer.
private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let address: FeedAddress
    private let body: String
    private let limits: FeedLimits
    private var promise: EventLoopPromise<[UInt8]>?
    private var context: ChannelHandlerContext?
    private var status = 0
    private var answer: [UInt8] = []

    init(address: FeedAddress, body: String, limits: FeedLimits, promise: EventLoopPromise<[UInt8]>) {
        self.address = address
        self.body = body
        self.limits = limits
        self.promise = promise
    }

    func fail(_ error: FeedError) {
        let told = promise
        promise = nil
        told?.fail(error)
        context?.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // Nobody waits any more: the time was up while connecting.
        if promise == nil { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: address.hostHeader)
        headers.add(name: "User-Agent", value: "lotus")
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Content-Length", value: "\(body.utf8.count)")
        headers.add(name: "Connection", value: "close")
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: address.path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = Int(head.status.code)
            if let length = head.headers.first(name: "Content-Length").flatMap({ Int($0) }),
                length > limits.answerBytesMax
            {
                fail(.answerTooLarge(bytesMax: limits.answerBytesMax))
            }
        case .body(let bytes):
            guard promise != nil else { return }
            guard answer.count + bytes.readableBytes <= limits.answerBytesMax else {
                return fail(.answerTooLarge(bytesMax: limits.answerBytesMax))
            }
            answer.append(contentsOf: bytes.readableBytesView)
        case .end:
            guard status == 200 else {
                let text = String(decoding: answer.prefix(FeedEvent.textBytesMax), as: UTF8.self)
                return fail(.httpStatus(status, body: text))
            }
            let told = promise
            promise = nil
            told?.succeed(answer)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.connection(ConnectFailure(handshake: error)))
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.badAnswer("the connection was closed after \(answer.count) bytes of an answer that was not whole"))
    }
}

internal import Foundation
internal import NIOCore
internal import NIOWebSocket

/// A way around the WebSocket's framing, for bytes that no decent server sends.
final class RawTap: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func send(_ bytes: [UInt8]) { context?.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil) }
}

/// One WebSocket of the venue: plays its steps, and answers as the venue does meanwhile.
final class VenueSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let state: VenueState
    private let tap: RawTap
    private var context: ChannelHandlerContext?
    private var connection = 0
    private var steps: ArraySlice<VenueStep> = []
    private var sentOfStep = 0
    private var subscribed: Set<String> = []
    private var pingCount = 0
    private var answersPings = true
    private var acknowledges = true
    private var isRunning = false
    private var hasSentClose = false

    init(state: VenueState, tap: RawTap) {
        self.state = state
        self.tap = tap
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        steps = state.locked { contents in
            connection = contents.connectionCount
            contents.connectionCount += 1
            return contents.setup.script(connection)[...]
        }
        // After the upgrade's own answer is on its way.
        context.eventLoop.assumeIsolated().execute { self.run() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        state.gone(self)
        self.context = nil
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { run() }
        context.fireChannelWritabilityChanged()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        if frame.maskKey == nil { state.locked { $0.unmaskedCount += 1 } }
        let payload = frame.unmaskedData
        switch frame.opcode {
        case .text: request(context, [UInt8](payload.readableBytesView))
        case .ping: send(.pong, [UInt8](payload.readableBytesView))
        case .connectionClose:
            var payload = payload
            let code = payload.readInteger(as: UInt16.self)
            state.locked { $0.closeCodes[connection] = code ?? 1005 }
            if !hasSentClose { send(.connectionClose, code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? []) }
            context.close(promise: nil)
        default: break
        }
        run()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: - As the venue does

    private func request(_ context: ChannelHandlerContext, _ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        state.locked { $0.received[connection, default: []].append(text) }
        let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        switch object?["method"] as? String {
        case "ping":
            pingCount += 1
            if answersPings { send(.text, Array(#"{"channel":"pong"}"#.utf8)) }
        case "subscribe":
            guard let subscription = object?["subscription"] as? [String: Any] else { return refuse(text) }
            subscribe(context, subscription)
        default: refuse(text)
        }
    }

    private func refuse(_ text: String) {
        let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let error = #"{"channel":"error","data":"Error parsing JSON into valid websocket request: \#(quoted)"}"#
        send(.text, Array(error.utf8))
    }

    private func subscribe(_ context: ChannelHandlerContext, _ subscription: [String: Any]) {
        let type = subscription["type"] as? String ?? ""
        let coin = subscription["coin"] as? String
        let known = state.locked { $0.setup.coins }
        guard let coin, known.contains(coin) || type == "allMids" else {
            if type == "allMids" { return acknowledge(#"{"type":"allMids","dex":null}"#) }
            // As the venue does with a coin that it does not know: no closing frame, no word.
            return context.close(promise: nil)
        }
        switch type {
        case "l2Book":
            let isFast = subscription["fast"] as? Bool ?? false
            acknowledge(#"{"type":"l2Book","coin":"\#(coin)","nSigFigs":null,"mantissa":null,"fast":\#(isFast)}"#)
        case "candle":
            let interval = subscription["interval"] as? String ?? ""
            acknowledge(#"{"type":"candle","coin":"\#(coin)","interval":"\#(interval)"}"#)
        case "trades", "bbo", "activeAssetCtx": acknowledge(#"{"type":"\#(type)","coin":"\#(coin)"}"#)
        default: refuse("\(subscription)")
        }
    }

    private func acknowledge(_ object: String) {
        guard subscribed.insert(object).inserted else {
            let quoted = object.replacing("\"", with: "\\\"")
            return send(.text, Array(#"{"channel":"error","data":"Already subscribed: \#(quoted)"}"#.utf8))
        }
        guard acknowledges else { return }
        let answer = #"{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":\#(object)}}"#
        send(.text, Array(answer.utf8))
    }

    // MARK: - As the test wants

    /// Plays steps until one has to wait.
    func run() {
        guard !isRunning, let context else { return }
        isRunning = true
        defer { isRunning = false }
        while self.context != nil, context.channel.isActive, let step = steps.first, play(step, context) {
            steps.removeFirst()
            sentOfStep = 0
        }
    }

    /// Whether the step is done.
    private func play(_ step: VenueStep, _ context: ChannelHandlerContext) -> Bool {
        switch step {
        case .awaitSubscriptions(let count): return subscribed.count >= count
        case .awaitPings(let count): return pingCount >= count
        case .awaitSignal(let name):
            guard state.locked({ $0.signals.contains(name) }) else {
                state.wait(self)
                return false
            }
            state.gone(self)
        case .tell(let name): state.told(name).succeed()
        case .text(let bytes): send(.text, bytes)
        case .texts(let count, let make):
            while sentOfStep < count {
                guard context.channel.isWritable else { return false }
                send(.text, make(sentOfStep))
                sentOfStep += 1
            }
        case .fragments(let pieces):
            for (index, piece) in pieces.enumerated() {
                send(index == 0 ? .text : .continuation, piece, isFinal: index == pieces.count - 1)
            }
        case .binary(let bytes): send(.binary, bytes)
        case .raw(let bytes): tap.send(bytes)
        case .protocolPing(let bytes): send(.ping, bytes)
        case .mutePongs: answersPings = false
        case .muteAcknowledgements: acknowledges = false
        case .stopReading: context.channel.setOption(.autoRead, value: false).assumeIsolated().whenComplete { _ in }
        case .close(let code, let reason):
            send(.connectionClose, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
            hasSentClose = true
        case .drop: context.close(promise: nil)
        }
        return true
    }

    private func send(_ opcode: WebSocketOpcode, _ bytes: [UInt8], isFinal: Bool = true) {
        guard let context else { return }
        let frame = WebSocketFrame(fin: isFinal, opcode: opcode, data: ByteBuffer(bytes: bytes))
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}

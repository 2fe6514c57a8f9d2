internal import NIOCore
internal import NIOSSL
internal import NIOWebSocket

/// Whoever owns a connection.
///
/// All calls come on its event loop.
protocol SocketOwner: AnyObject {
    /// The handshake is done; frames can be sent.
    func opened(_ socket: SocketHandler)
    /// A whole text message.
    func message(_ socket: SocketHandler, _ bytes: ByteBuffer)
    /// Something that cannot be delivered.
    func rejected(_ socket: SocketHandler, _ frame: RejectedFrame)
    /// The server's closing frame.
    func serverCloses(_ socket: SocketHandler, code: UInt16, reason: String)
    /// The connection is gone.
    func disconnected(_ socket: SocketHandler, detail: String)
}

/// Frames to messages and back, after the handshake: masks, reassembles, answers pings and closing frames.
final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private var owner: (any SocketOwner)?
    private let messageBytesMax: Int
    private var assembler: MessageAssembler
    private var context: ChannelHandlerContext?
    private let gate: ReadGate
    /// The server said or did something after which nothing more is taken.
    private var isFinished = false
    private var hasSentClose = false
    private var detail = "the connection broke without a closing frame"

    init(owner: any SocketOwner, limits: FeedLimits, gate: ReadGate) {
        self.owner = owner
        self.gate = gate
        messageBytesMax = limits.messageBytesMax
        assembler = MessageAssembler(limits: limits)
    }

    /// Whether reading is stopped.
    var isHeld: Bool {
        get { gate.isHeld }
        set { gate.isHeld = newValue }
    }

    // MARK: - What the owner asks for

    func send(_ text: String) {
        guard let context, !hasSentClose else { return }
        write(context, .text, context.channel.allocator.buffer(string: text))
    }

    /// Sends a closing frame; the connection ends when the server answers it or the owner cuts it.
    func close(code: UInt16) {
        guard let context, !hasSentClose else { return }
        var payload = context.channel.allocator.buffer(capacity: 2)
        payload.writeInteger(code)
        write(context, .connectionClose, payload)
        hasSentClose = true
    }

    func abort() { context?.close(promise: nil) }

    // MARK: - What comes

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        owner?.opened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isFinished else { return }
        let frame = unwrapInboundIn(data)
        if frame.maskKey != nil { return reject(.protocolError("a masked frame from the server"), frame.data) }
        if frame.rsv1 || frame.rsv2 || frame.rsv3 {
            return reject(.protocolError("a reserved bit is set although no extension was agreed"), frame.data)
        }
        switch frame.opcode {
        case .text: take(assembler.begin(isText: true, isFinal: frame.fin, payload: frame.data))
        case .binary: take(assembler.begin(isText: false, isFinal: frame.fin, payload: frame.data))
        case .continuation: take(assembler.go(on: frame.fin, payload: frame.data))
        case .ping:
            // A server that pings and does not read must not fill our memory.
            guard context.channel.isWritable else {
                return reject(.protocolError("pings without reading the answers"), frame.data)
            }
            if !hasSentClose { write(context, .pong, frame.data) }
        case .pong: break
        case .connectionClose: closing(context, frame.data)
        default: reject(.protocolError("a frame of unknown kind \(frame.opcode)"), frame.data)
        }
    }

    private func take(_ step: MessageAssembler.Step) {
        switch step {
        case .incomplete: break
        case .text(let bytes): owner?.message(self, bytes)
        case .rejected(let frame):
            isFinished = frame.isFatal
            owner?.rejected(self, frame)
        }
    }

    private func reject(_ reason: RejectedFrame.Reason, _ bytes: ByteBuffer) {
        isFinished = true
        owner?.rejected(self, MessageAssembler.rejection(reason, bytes))
    }

    private func closing(_ context: ChannelHandlerContext, _ payload: ByteBuffer) {
        var payload = payload
        var code: UInt16 = 1005
        if payload.readableBytes > 0 {
            guard let found = payload.readInteger(as: UInt16.self) else {
                return reject(.protocolError("a closing frame of one byte"), payload)
            }
            code = found
        }
        isFinished = true
        let reason = String(decoding: payload.readableBytesView.prefix(FeedEvent.textBytesMax), as: UTF8.self)
        owner?.serverCloses(self, code: code, reason: reason)
        if !hasSentClose {
            var answer = context.channel.allocator.buffer(capacity: 2)
            if code != 1005 { answer.writeInteger(code) }
            write(context, .connectionClose, answer)
            hasSentClose = true
        }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isFinished else { return }
        switch error {
        case NIOWebSocketError.invalidFrameLength:
            isFinished = true
            owner?.rejected(
                self, RejectedFrame(reason: .tooLarge(bytesMax: messageBytesMax), byteCount: nil, prefix: []))
        case NIOWebSocketError.fragmentedControlFrame:
            reject(.protocolError("a control frame in pieces"), ByteBuffer())
        case NIOWebSocketError.multiByteControlFrameLength:
            reject(.protocolError("a control frame of more than 125 bytes"), ByteBuffer())
        default:
            // A broken pipe or a broken TLS record; `channelInactive` follows.
            detail = "\(error)"
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let told = owner
        owner = nil
        told?.disconnected(self, detail: detail)
        context.fireChannelInactive()
    }

    private func write(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ payload: ByteBuffer) {
        // What a client sends is masked (RFC 6455, 5.3), with a key that nobody can guess.
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: payload)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}

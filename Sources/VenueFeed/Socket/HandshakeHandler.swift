internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Sends the WebSocket request and says why it failed, if it does; gone once the socket is up.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let address: FeedAddress
    private var onFailure: ((ConnectFailure) -> Void)?
    private var refusal: (status: Int, retryAfterSeconds: Int?)?
    private var body: [UInt8] = []

    init(address: FeedAddress, onFailure: @escaping (ConnectFailure) -> Void) {
        self.address = address
        self.onFailure = onFailure
    }

    func channelActive(context: ChannelHandlerContext) {
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: address.hostHeader)
        headers.add(name: "User-Agent", value: "lotus")
        headers.add(name: "Content-Length", value: "0")
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: address.path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    /// Only an answer that is no upgrade comes here.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.status != .switchingProtocols else {
                fail(.badHandshake("an answer of 101 whose headers do not fit the request"))
                return context.close(promise: nil)
            }
            refusal = (Int(head.status.code), head.headers.first(name: "Retry-After").flatMap { Int($0) })
        case .body(let bytes):
            body.append(contentsOf: bytes.readableBytesView.prefix(FeedEvent.textBytesMax - body.count))
        case .end:
            fail(nil)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(ConnectFailure(handshake: error))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(nil)
        context.fireChannelInactive()
    }

    /// Tells the first failure only; a refusal of the server is worth more than what came of it.
    private func fail(_ failure: ConnectFailure?) {
        guard let tell = onFailure else { return }
        onFailure = nil
        if let refusal {
            let text = String(decoding: body, as: UTF8.self)
            tell(
                .handshakeRefused(
                    status: refusal.status, retryAfterSeconds: refusal.retryAfterSeconds, body: text))
        } else {
            tell(failure ?? .badHandshake("the connection was closed before an answer"))
        }
    }
}

extension ConnectFailure {
    /// From an error of the pipeline while shaking hands.
    init(handshake error: any Error) {
        switch error {
        case let error as NIOSSLError: self = .tls("\(error)")
        case let error as NIOSSLExtraError: self = .tls("\(error)")
        case let error as BoringSSLError: self = .tls("\(error)")
        default: self = .badHandshake("\(error)")
        }
    }

    /// From an error of connecting.
    init(connecting error: any Error, to address: FeedAddress, timeoutNanos: Int64) {
        switch error {
        case let error as ConnectFailure: self = error
        case ChannelError.connectTimeout: self = .timedOut(seconds: Int(timeoutNanos / 1_000_000_000))
        case let error as NIOConnectionError:
            if error.connectionErrors.isEmpty {
                let detail = error.dnsAError ?? error.dnsAAAAError
                self = .nameNotFound(host: address.host, detail: detail.map { "\($0)" } ?? "no answer")
            } else if error.connectionErrors.contains(where: { ($0.error as? ChannelError)?.isTimeout ?? false }) {
                self = .timedOut(seconds: Int(timeoutNanos / 1_000_000_000))
            } else {
                let detail = error.connectionErrors.map { "\($0.target): \($0.error)" }.joined(separator: ", ")
                self = .refused(host: address.host, port: address.port, detail: detail)
            }
        case let error as SocketAddressError: self = .nameNotFound(host: address.host, detail: "\(error)")
        case let error as NIOSSLError: self = .tls("\(error)")
        case let error as NIOSSLExtraError: self = .tls("\(error)")
        default: self = .refused(host: address.host, port: address.port, detail: "\(error)")
        }
    }
}

extension ChannelError {
    fileprivate var isTimeout: Bool {
        if case .connectTimeout = self { return true }
        return false
    }
}

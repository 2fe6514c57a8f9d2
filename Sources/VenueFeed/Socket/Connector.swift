internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOWebSocket

/// Makes connections on one event loop.
struct Connector {
    let loop: any EventLoop
    let limits: FeedLimits
    let timing: FeedTiming
    /// Made once: reading the system's certificates takes milliseconds.
    private let tls: NIOSSLContext?

    init(loop: any EventLoop, plan: FeedPlan) throws(FeedError) {
        self.loop = loop
        limits = plan.limits
        timing = plan.timing
        guard plan.socketAddress.scheme.isSecure || plan.restAddress.scheme.isSecure else {
            tls = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .fullVerification
        configuration.minimumTLSVersion = .tlsv12
        configuration.shutdownTimeout = .nanoseconds(plan.timing.closeTimeoutNanos)
        do {
            if let pem = plan.trustRootsPEM {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)))
            }
            tls = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .badPlan("the trusted certificates cannot be read (\(error)): expected PEM text")
        }
    }

    /// A client that reads in bounded steps; what it makes first in each pipeline is `first`, then TLS if need be.
    private func bootstrap(
        _ address: FeedAddress, _ setUp: @escaping (any Channel) throws -> Void
    ) -> ClientBootstrap {
        let tls = address.scheme.isSecure ? tls : nil
        let bound = NIOLoopBound(setUp, eventLoop: loop)
        return ClientBootstrap(group: loop)
            .connectTimeout(.nanoseconds(timing.connectTimeoutNanos))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: limits.readBytesMax)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let sync = channel.pipeline.syncOperations
                    try sync.addHandler(ReadGate())
                    if let tls { try sync.addHandler(Self.tlsHandler(tls, host: address.host)) }
                    try bound.value(channel)
                }
            }
    }

    /// Certificates name hosts; where the host is a number they must name that number.
    private static func tlsHandler(_ tls: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        let isNumber = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isNumber ? nil : host)
    }

    /// Opens a WebSocket: `owner` hears of it once it is up, `onFailure` at most once and only before that.
    ///
    /// The answer cuts the attempt short.
    func openSocket(
        _ address: FeedAddress, owner: any SocketOwner, onFailure: @escaping (ConnectFailure) -> Void
    ) -> () -> Void {
        let attempt = Attempt(onFailure: onFailure)
        let limits = limits
        let bound = NIOLoopBound((owner: owner, attempt: attempt), eventLoop: loop)
        let bootstrap = bootstrap(address) { channel in
            let handshake = HandshakeHandler(address: address) { attempt.fail($0) }
            let handshakeBound = NIOLoopBound(handshake, eventLoop: channel.eventLoop)
            let upgrader = NIOWebSocketClientUpgrader(
                maxFrameSize: limits.messageBytesMax, automaticErrorHandling: false
            ) { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    let (owner, attempt) = bound.value
                    guard attempt.succeed() else { throw ChannelError.alreadyClosed }
                    let sync = channel.pipeline.syncOperations
                    let gate = try sync.handler(type: ReadGate.self)
                    _ = sync.removeHandler(handshakeBound.value)
                    try sync.addHandler(SocketHandler(owner: owner, limits: limits, gate: gate))
                }
            }
            try channel.pipeline.syncOperations.addHTTPClientHandlers(
                leftOverBytesStrategy: .forwardBytes,
                withClientUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
            try channel.pipeline.syncOperations.addHandler(handshake)
        }
        let timing = timing
        let timeout = loop.scheduleTask(in: .nanoseconds(timing.connectTimeoutNanos)) {
            bound.value.attempt.fail(.timedOut(seconds: Int(timing.connectTimeoutNanos / 1_000_000_000)))
        }
        attempt.timeout = timeout
        bootstrap.connect(host: address.host, port: address.port).whenComplete { result in
            let attempt = bound.value.attempt
            switch result {
            case .success(let channel): attempt.connected(channel)
            case .failure(let error):
                attempt.fail(
                    ConnectFailure(connecting: error, to: address, timeoutNanos: timing.connectTimeoutNanos))
            }
        }
        return { attempt.cancel() }
    }

    /// Opens a plain HTTP connection whose pipeline ends in `handler`.
    func openHTTP(_ address: FeedAddress, handler: any ChannelHandler) -> EventLoopFuture<any Channel> {
        bootstrap(address) { channel in
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            try channel.pipeline.syncOperations.addHandler(handler)
        }.connect(host: address.host, port: address.port)
    }
}

/// One attempt to open a socket: it succeeds, fails or is cancelled, once.
private final class Attempt {
    private var onFailure: ((ConnectFailure) -> Void)?
    private var channel: (any Channel)?
    private var isDone = false
    private var isCancelled = false
    var timeout: Scheduled<Void>?

    init(onFailure: @escaping (ConnectFailure) -> Void) { self.onFailure = onFailure }

    /// The handshake is done; false if nobody waits for it any more.
    func succeed() -> Bool {
        guard !isDone else { return false }
        finish()
        return true
    }

    /// The connection stands, the handshake may already be done.
    func connected(_ channel: any Channel) {
        if isCancelled { channel.close(promise: nil) } else { self.channel = channel }
    }

    func fail(_ failure: ConnectFailure) {
        guard !isDone else { return }
        let tell = onFailure
        cancel()
        tell?(failure)
    }

    func cancel() {
        guard !isDone else { return }
        isCancelled = true
        finish()
        channel?.close(promise: nil)
        channel = nil
    }

    private func finish() {
        isDone = true
        onFailure = nil
        timeout?.cancel()
        timeout = nil
    }
}

internal import Foundation
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOWebSocket

/// A venue on this machine that behaves as the real one does, or as badly as a test wants: WebSocket at `/ws` and
/// `POST /info` on one port of the loopback.
///
/// Everything is driven by what the client does and by signals of the test; it never waits for time to pass.
package final class LocalVenue: Sendable {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel
    private let state: VenueState
    /// The port of the loopback that it listens on.
    package let port: Int
    private let isSecure: Bool

    /// Starts listening on a free port.
    package init(_ setup: VenueSetup) throws {
        let state = VenueState(setup: setup, loop: group.next())
        self.state = state
        let tls = try setup.tls.map { try Self.tlsContext($0.certificate, $0.key) }
        isSecure = tls != nil
        channel = try ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.setUp(channel, state: state, tls: tls)
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        port = channel.localAddress?.port ?? 0
    }

    /// Where its WebSocket is; with TLS by name, because that is what the certificate holds.
    package var address: String { isSecure ? "wss://localhost:\(port)/ws" : "ws://127.0.0.1:\(port)/ws" }

    /// Waits until a connection has reached `tell(name)`.
    package func waitUntil(told name: String) throws { try state.told(name).futureResult.wait() }

    /// Lets all connections that wait for this signal go on, now and later.
    package func signal(_ name: String) {
        channel.eventLoop.execute { [state] in state.signal(name) }
    }

    /// What `meta` names from now on.
    package func list(coins: [String]) {
        state.locked { $0.setup.coins = coins }
    }

    /// Text messages that came on the n-th WebSocket, in order.
    package func received(on connection: Int) -> [String] { state.locked { $0.received[connection] ?? [] } }

    /// Closing code that the client sent on the n-th WebSocket.
    package func closeCode(on connection: Int) -> UInt16? { state.locked { $0.closeCodes[connection] } }

    /// WebSockets that were opened.
    package var connectionCount: Int { state.locked { $0.connectionCount } }

    /// Questions that came to `POST /info`, in order.
    package var questions: [String] { state.locked { $0.questions } }

    /// Frames without a mask, which a client must not send.
    package var unmaskedCount: Int { state.locked { $0.unmaskedCount } }

    /// Ends all connections and stops listening.
    package func shutDown() {
        try? channel.close().wait()
        try? group.syncShutdownGracefully()
        state.forget()
    }

    private static func tlsContext(_ certificate: String, _ key: String) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8))
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))))
    }

    private static func setUp(_ channel: any Channel, state: VenueState, tls: NIOSSLContext?) throws {
        let sync = channel.pipeline.syncOperations
        if let tls { try sync.addHandler(NIOSSLServerHandler(context: tls)) }
        let tap = RawTap()
        try sync.addHandler(tap)
        let http = VenueHTTPHandler(state: state)
        let bound = NIOLoopBound((tap, http), eventLoop: channel.eventLoop)
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, head in
                let refusal = state.attempt()
                if refusal == nil, head.uri == "/ws" { return channel.eventLoop.makeSucceededFuture([:]) }
                bound.value.1.refusal = refusal ?? VenueRefusal(status: 404)
                return channel.eventLoop.makeSucceededFuture(nil)
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    let (tap, http) = bound.value
                    _ = channel.pipeline.syncOperations.removeHandler(http)
                    try channel.pipeline.syncOperations.addHandler(VenueSocketHandler(state: state, tap: tap))
                }
            })
        try sync.configureHTTPServerPipeline(
            withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
        try sync.addHandler(http)
    }
}

/// What the connections of a venue share.
final class VenueState: Sendable {
    struct Contents: Sendable {
        var setup: VenueSetup
        var received: [Int: [String]] = [:]
        var closeCodes: [Int: UInt16] = [:]
        var questions: [String] = []
        var attemptCount = 0
        var connectionCount = 0
        var unmaskedCount = 0
        var promises: [String: EventLoopPromise<Void>] = [:]
        var signals: Set<String> = []
    }

    private let contents: NIOLockedValueBox<Contents>
    private let loop: any EventLoop
    /// Connections that wait for a signal; touched on the loop only.
    private let waiting: NIOLoopBoundBox<[ObjectIdentifier: VenueSocketHandler]>

    init(setup: VenueSetup, loop: any EventLoop) {
        contents = NIOLockedValueBox(Contents(setup: setup))
        self.loop = loop
        waiting = .makeBoxSendingValue([:], eventLoop: loop)
    }

    func locked<R>(_ body: (inout Contents) throws -> R) rethrows -> R { try contents.withLockedValue(body) }

    /// Counts a WebSocket request, and says whether it is turned down.
    func attempt() -> VenueRefusal? {
        locked { contents in
            defer { contents.attemptCount += 1 }
            return contents.setup.refusal(contents.attemptCount)
        }
    }

    func told(_ name: String) -> EventLoopPromise<Void> {
        locked { contents in
            if let promise = contents.promises[name] { return promise }
            let promise = loop.makePromise(of: Void.self)
            contents.promises[name] = promise
            return promise
        }
    }

    func signal(_ name: String) {
        locked { _ = $0.signals.insert(name) }
        // Only those that wait for this very signal go on, so their order does not matter.
        for handler in waiting.value.values { handler.run() }
    }

    func wait(_ handler: VenueSocketHandler) { waiting.value[ObjectIdentifier(handler)] = handler }

    func gone(_ handler: VenueSocketHandler) { waiting.value[ObjectIdentifier(handler)] = nil }

    /// Promises that nobody kept would count as leaks.
    func forget() {
        let left = locked { contents in
            defer { contents.promises = [:] }
            return contents.promises
        }
        for promise in left.values { promise.succeed() }
    }
}

/// What the venue on this machine does on one connection, step by step; it answers subscriptions and pings by itself
/// meanwhile, and when the steps are done the connection stays.
package enum VenueStep: Sendable {
    /// Waits until so many subscriptions were acknowledged on this connection.
    case awaitSubscriptions(Int)
    /// Waits until so many application pings came on this connection.
    case awaitPings(Int)
    /// Waits until the test lets the signal go.
    case awaitSignal(String)
    /// Tells the test that this step was reached.
    case tell(String)
    /// Sends a text message.
    case text([UInt8])
    /// Sends so many text messages, as fast as the client reads.
    case texts(count: Int, make: @Sendable (Int) -> [UInt8])
    /// Sends one message in pieces.
    case fragments([[UInt8]])
    /// Sends a binary message.
    case binary([UInt8])
    /// Sends bytes as they are, without the WebSocket's framing.
    case raw([UInt8])
    /// Sends a ping of the WebSocket protocol.
    case protocolPing([UInt8])
    /// From now on application pings are not answered.
    case mutePongs
    /// From now on subscriptions are not acknowledged.
    case muteAcknowledgements
    /// From now on nothing that comes is read.
    case stopReading
    /// Sends a closing frame.
    case close(code: UInt16, reason: String)
    /// Ends the connection without a closing frame.
    case drop

    /// Sends a text message.
    package static func text(_ text: String) -> VenueStep { .text(Array(text.utf8)) }
}

/// How a WebSocket request is turned down.
package struct VenueRefusal: Sendable {
    /// The HTTP status.
    package var status: Int
    /// The `Retry-After` header.
    package var retryAfterSeconds: Int?

    /// Makes a refusal.
    package init(status: Int, retryAfterSeconds: Int? = nil) {
        self.status = status
        self.retryAfterSeconds = retryAfterSeconds
    }
}

/// How the venue on this machine behaves.
package struct VenueSetup: Sendable {
    /// What `meta` names; a subscription to anything else closes the socket without a frame.
    package var coins: [String]
    /// What happens on the n-th WebSocket, from 0.
    package var script: @Sendable (Int) -> [VenueStep]
    /// Whether the n-th WebSocket request, from 0, is turned down.
    package var refusal: @Sendable (Int) -> VenueRefusal? = { _ in nil }
    /// Answers of `POST /info` by the `type` of the question, beside `meta`.
    package var answers: [String: [UInt8]] = [:]
    /// What `meta` answers instead of the coins.
    package var metaAnswer: [UInt8]?
    /// Certificate and key in PEM: speaks TLS.
    package var tls: (certificate: String, key: String)?

    /// A venue that lists these coins and says nothing by itself.
    package init(coins: [String], script: @escaping @Sendable (Int) -> [VenueStep] = { _ in [] }) {
        self.coins = coins
        self.script = script
    }
}

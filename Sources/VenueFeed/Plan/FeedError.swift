/// Why a feed was not started or a question to the venue was not answered: what was found, what was expected, what to
/// do.
package enum FeedError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The address cannot be used.
    case badAddress(found: String, expected: String)
    /// The plan asks for something that the venue or this feed does not take.
    case badPlan(String)
    /// Coins that the venue's `meta` does not name, each with the nearest name if there is one; subscribing to one of
    /// them would close the whole socket.
    case unknownCoins([UnknownCoin])
    /// The venue's HTTP side answered with another status than 200; `body` holds its first bytes as text.
    case httpStatus(Int, body: String)
    /// The venue's answer is larger than the limit.
    case answerTooLarge(bytesMax: Int)
    /// The venue's answer is not what was asked for.
    case badAnswer(String)
    /// No connection, or one that broke.
    case connection(ConnectFailure)
    /// Nothing came in time.
    case timedOut(seconds: Int)
    /// The feed was shut down.
    case closed

    /// A coin that `meta` does not name.
    package struct UnknownCoin: Equatable, Sendable {
        /// As asked for.
        package var name: String
        /// A name of `meta` that differs only in case or by one letter.
        package var nearest: String?

        /// Makes one.
        package init(name: String, nearest: String?) {
            self.name = name
            self.nearest = nearest
        }
    }

    /// For a person.
    package var description: String {
        switch self {
        case .badAddress(let found, let expected):
            "the address '\(found)' cannot be used: expected \(expected)"
        case .badPlan(let text): text
        case .unknownCoins(let coins):
            coins.map { coin in
                let hint = coin.nearest.map { "; did you mean '\($0)'?" } ?? ""
                return "the venue's meta names no coin '\(coin.name)'\(hint)"
            }.joined(separator: ", ") + ": one unknown coin closes the whole socket, so nothing was subscribed"
        case .httpStatus(let status, let body):
            "the venue answered HTTP \(status) where 200 was expected: \(body.isEmpty ? "no body" : body)"
        case .answerTooLarge(let bytesMax): "the venue's answer is larger than \(bytesMax) bytes: ask for less"
        case .badAnswer(let text): "the venue's answer cannot be used: \(text)"
        case .connection(let failure): failure.description
        case .timedOut(let seconds): "the venue did not answer within \(seconds) s: try again, or look at the network"
        case .closed: "the feed is shut down"
        }
    }
}

/// Why a connection did not come about.
package enum ConnectFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The name of the host has no address.
    case nameNotFound(host: String, detail: String)
    /// No address of the host took the connection.
    case refused(host: String, port: Int, detail: String)
    /// Connecting or shaking hands took too long.
    case timedOut(seconds: Int)
    /// The certificate is not trusted, names another host, or TLS failed in another way.
    case tls(String)
    /// The server answered the WebSocket request with this HTTP status; `retryAfterSeconds` is its wish, if it had one.
    case handshakeRefused(status: Int, retryAfterSeconds: Int?, body: String)
    /// The server's answer to the handshake is no correct WebSocket answer.
    case badHandshake(String)

    /// For a person.
    package var description: String {
        switch self {
        case .nameNotFound(let host, let detail):
            "no address for host '\(host)' (\(detail)): check the name and the network"
        case .refused(let host, let port, let detail):
            "no connection to \(host) port \(port) (\(detail)): check that the venue is up and reachable"
        case .timedOut(let seconds): "no connection within \(seconds) s: check the network"
        case .tls(let detail): "TLS failed (\(detail)): the certificate must be valid, trusted and name the host"
        case .handshakeRefused(let status, let retry, let body):
            "the server refused the WebSocket with HTTP \(status)\(retry.map { ", asks to wait \($0) s" } ?? "")"
                + (body.isEmpty ? "" : ": \(body)")
        case .badHandshake(let detail): "the server's handshake is no correct WebSocket answer (\(detail))"
        }
    }
}

/// An address of the venue: scheme, host, port and path, nothing else.
package struct FeedAddress: Hashable, Sendable, CustomStringConvertible {
    /// How to talk to it.
    package enum Scheme: String, Sendable {
        case ws, wss, http, https

        /// Whether TLS is spoken.
        package var isSecure: Bool { self == .wss || self == .https }
        fileprivate var isWebSocket: Bool { self == .ws || self == .wss }
    }

    /// How to talk to it.
    package var scheme: Scheme
    /// Name or number of the host.
    package var host: String
    /// 1 to 65,535.
    package var port: Int
    /// Begins with a slash.
    package var path: String

    /// Longest address that is read.
    package static let bytesMax = 512

    /// The venue's own address for market data.
    package static let mainnet = "wss://api.hyperliquid.xyz/ws"

    /// Reads `ws://host[:port][/path]` or one of the other schemes; user names, queries and fragments are refused.
    package init(_ text: String) throws(FeedError) {
        let expected =
            "ws://, wss://, http:// or https://, a host, and if need be :port and /path, "
            + "like '\(Self.mainnet)'"
        guard text.utf8.count <= Self.bytesMax, let at = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<at.lowerBound].lowercased()),
            !text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x40 || $0 == 0x3F || $0 == 0x23 })
        else { throw .badAddress(found: String(text.prefix(Self.bytesMax)), expected: expected) }
        let rest = text[at.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        var port = scheme.isSecure ? 443 : 80
        // An address of IP version 6 stands in brackets, and has colons of its own.
        let bracket = authority.lastIndex(of: "]")
        if let colon = authority.lastIndex(of: ":"), bracket.map({ colon > $0 }) ?? true {
            guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
                throw .badAddress(found: text, expected: "a port from 1 to 65535 after the last colon")
            }
            port = number
            authority = authority[..<colon]
        }
        let isBracketed = authority.first == "[" && authority.last == "]"
        if isBracketed { authority = authority.dropFirst().dropLast() }
        guard !authority.isEmpty,
            isBracketed || !authority.utf8.contains(where: { $0 == 0x3A || $0 == 0x5B || $0 == 0x5D })
        else { throw .badAddress(found: text, expected: expected) }
        self.scheme = scheme
        host = String(authority)
        self.port = port
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
    }

    /// Reads an address of a WebSocket.
    package static func webSocket(_ text: String) throws(FeedError) -> FeedAddress {
        let address = try FeedAddress(text)
        guard address.scheme.isWebSocket else {
            throw .badAddress(found: text, expected: "a WebSocket address, ws:// or wss://")
        }
        return address
    }

    /// The venue's HTTP side, on the same host and port as its WebSocket.
    package var rest: FeedAddress {
        var address = self
        address.scheme = scheme.isSecure ? .https : .http
        address.path = "/info"
        return address
    }

    /// What stands in the `Host` header.
    package var hostHeader: String {
        let name = host.utf8.contains(0x3A) ? "[\(host)]" : host
        return port == (scheme.isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    package var description: String { "\(scheme.rawValue)://\(hostHeader)\(path)" }
}

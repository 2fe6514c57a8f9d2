/// Something that happened to a connection, in the order in which it happened between the frames.
package struct FeedEvent: Equatable, Sendable {
    /// Which of the plan's sockets.
    package var socket: Int
    /// Which connection: counts from 1 over all sockets of a feed.
    ///
    /// Before the first connection of a socket, 0.
    package var epoch: Int
    /// What happened.
    package var kind: Kind

    /// Makes an event.
    package init(socket: Int, epoch: Int, kind: Kind) {
        self.socket = socket
        self.epoch = epoch
        self.kind = kind
    }

    /// What can happen.
    package enum Kind: Equatable, Sendable {
        /// The handshake is done; subscriptions follow.
        case connected
        /// The venue acknowledged a subscription.
        case subscribed(Subscription)
        /// The venue sent no acknowledgement and no frame for a subscription.
        case unanswered(Subscription, waitedNanos: Int64)
        /// The venue answered with an error; the connection stands. At most `FeedEvent.textBytesMax` bytes.
        case refused(text: String)
        /// A connection ended.
        case closed(Closing)
        /// A connection did not come about.
        case connectFailed(ConnectFailure)
        /// A stream has been silent for longer than its limit; what it said last is stale.
        case stalled(Subscription, silentNanos: Int64)
        /// A stalled stream speaks again.
        case recovered(Subscription, silentNanos: Int64)
        /// A message that was not delivered.
        case rejectedFrame(RejectedFrame)
        /// The receiver was full, and for this long nothing was read: receive times of the next frames are late by as
        /// much.
        case held(nanos: Int64)
        /// The next attempt comes after this long.
        case reconnecting(inNanos: Int64, attempt: Int)
        /// The venue's `meta` no longer names these coins: they are no longer asked for.
        case coinsGone([String])
        /// No further attempts: the feed ends.
        case gaveUp(reason: String)
    }

    /// Longest text of the venue that is repeated in an event.
    package static let textBytesMax = 512
}

/// How a connection ended.
package struct Closing: Equatable, Sendable {
    /// Who or what ended it.
    package enum Cause: Equatable, Sendable {
        /// The server sent a closing frame.
        case server
        /// The connection broke without one.
        case noCloseFrame
        /// No answer to an application ping.
        case pongTimeout
        /// A stream stayed silent although the connection stood.
        case stalled
        /// The server broke the WebSocket protocol or a limit.
        case protocolError
        /// We were told to end.
        case shutDown
    }

    /// Who or what ended it.
    package var cause: Cause
    /// The closing code: the server's, or ours; 1006 where there was none.
    package var code: UInt16
    /// What the server or the system said, bounded.
    package var reason: String
    /// Receive time of the last message, nanoseconds since 1970; nil if there was none.
    package var lastFrameNanos: Int64?
    /// Coins whose subscriptions were sent in the last second: one that the venue does not know closes the socket.
    package var coinsJustSent: [String]
    /// Messages received on this connection.
    package var frameCount: Int

    /// Makes one.
    package init(
        cause: Cause, code: UInt16, reason: String, lastFrameNanos: Int64?, coinsJustSent: [String], frameCount: Int
    ) {
        self.cause = cause
        self.code = code
        self.reason = reason
        self.lastFrameNanos = lastFrameNanos
        self.coinsJustSent = coinsJustSent
        self.frameCount = frameCount
    }

    /// The code that stands for a connection without closing frame.
    package static let noCloseFrameCode: UInt16 = 1006
}

/// A message that was not delivered, and why.
package struct RejectedFrame: Equatable, Sendable {
    /// Why.
    package enum Reason: Equatable, Sendable {
        /// The venue sends text only.
        case binary
        /// More bytes than `limits.messageBytesMax`, in one frame or in its pieces.
        case tooLarge(bytesMax: Int)
        /// More pieces than `limits.fragmentsMax`.
        case tooManyFragments(fragmentsMax: Int)
        /// A frame that the WebSocket protocol does not allow here.
        case protocolError(String)
    }

    /// Why.
    package var reason: Reason
    /// Payload bytes at hand; nil where only the length was refused.
    package var byteCount: Int?
    /// The first bytes, at most `prefixBytesMax`.
    package var prefix: [UInt8]

    /// Makes one.
    package init(reason: Reason, byteCount: Int?, prefix: [UInt8]) {
        self.reason = reason
        self.byteCount = byteCount
        self.prefix = prefix
    }

    /// How much of a rejected message is kept.
    package static let prefixBytesMax = 64

    /// Whether the connection can stand after it.
    package var isFatal: Bool { reason != .binary }

    /// The closing code that tells the server.
    package var closeCode: UInt16 {
        switch reason {
        case .binary: 1003
        case .tooLarge, .tooManyFragments: 1009
        case .protocolError: 1002
        }
    }

    /// For a person.
    package var text: String {
        switch reason {
        case .binary: "a binary message; the venue sends text"
        case .tooLarge(let bytesMax): "a message of more than \(bytesMax) bytes"
        case .tooManyFragments(let fragmentsMax): "a message of more than \(fragmentsMax) pieces"
        case .protocolError(let detail): detail
        }
    }
}

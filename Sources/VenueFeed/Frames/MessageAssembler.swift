internal import NIOCore

/// Puts the pieces of a message together, within limits (RFC 6455, 5.4).
struct MessageAssembler {
    /// What a piece led to.
    enum Step: Equatable {
        /// Nothing yet.
        case incomplete
        /// A whole text message.
        case text(ByteBuffer)
        /// Something that is not delivered.
        case rejected(RejectedFrame)
    }

    private let bytesMax: Int
    private let fragmentsMax: Int
    private var pieces = ByteBuffer()
    private var pieceCount = 0
    private var isText = true
    private var isOpen = false

    init(limits: FeedLimits) {
        bytesMax = limits.messageBytesMax
        fragmentsMax = limits.fragmentsMax
    }

    /// Bytes held of a message that is not whole.
    var heldBytes: Int { pieces.readableBytes }

    /// Takes the first frame of a message.
    mutating func begin(isText: Bool, isFinal: Bool, payload: ByteBuffer) -> Step {
        guard !isOpen else { return reject(.protocolError("a new message inside an unfinished one"), payload) }
        guard payload.readableBytes <= bytesMax else { return reject(.tooLarge(bytesMax: bytesMax), payload) }
        self.isText = isText
        if isFinal { return whole(payload) }
        isOpen = true
        pieceCount = 1
        // A copy: a slice would keep the read buffer alive for as long as the message is incomplete.
        pieces.clear(minimumCapacity: payload.readableBytes)
        pieces.writeImmutableBuffer(payload)
        return .incomplete
    }

    /// Takes a frame that continues the message.
    mutating func go(on isFinal: Bool, payload: ByteBuffer) -> Step {
        guard isOpen else { return reject(.protocolError("a continuation without a beginning"), payload) }
        pieceCount += 1
        guard pieceCount <= fragmentsMax else { return reject(.tooManyFragments(fragmentsMax: fragmentsMax), pieces) }
        guard pieces.readableBytes + payload.readableBytes <= bytesMax else {
            return reject(.tooLarge(bytesMax: bytesMax), pieces)
        }
        pieces.writeImmutableBuffer(payload)
        guard isFinal else { return .incomplete }
        isOpen = false
        let message = pieces
        pieces = ByteBuffer()
        return whole(message)
    }

    private func whole(_ message: ByteBuffer) -> Step {
        isText ? .text(message) : .rejected(Self.rejection(.binary, message))
    }

    private mutating func reject(_ reason: RejectedFrame.Reason, _ bytes: ByteBuffer) -> Step {
        isOpen = false
        let rejection = Self.rejection(reason, bytes)
        pieces = ByteBuffer()
        return .rejected(rejection)
    }

    static func rejection(_ reason: RejectedFrame.Reason, _ bytes: ByteBuffer) -> RejectedFrame {
        RejectedFrame(
            reason: reason, byteCount: bytes.readableBytes,
            prefix: Array(bytes.readableBytesView.prefix(RejectedFrame.prefixBytesMax)))
    }
}

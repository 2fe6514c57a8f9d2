internal import NIOCore

/// Stops reading from the socket while the receiver is full: the kernel's buffer fills up, and then the server has to
/// wait.
///
/// It stands next to the socket, so that nothing above it asks for more; what was already read goes up as usual.
final class ReadGate: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var isWanted = false
    private var context: ChannelHandlerContext?
    /// Whether reading is stopped.
    var isHeld = false {
        didSet {
            guard !isHeld, isWanted else { return }
            isWanted = false
            context?.read()
        }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func read(context: ChannelHandlerContext) {
        if isHeld { isWanted = true } else { context.read() }
    }
}

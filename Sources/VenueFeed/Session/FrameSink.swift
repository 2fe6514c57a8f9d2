package import NIOCore

/// Whether a receiver takes more.
package enum SinkAnswer: Equatable, Sendable {
    /// Go on.
    case more
    /// Read nothing more from the socket until the valve is opened. What was already read still comes.
    case hold
}

/// The receiver of a feed.
///
/// All calls come from the feed's event loop, one after the other: an implementation must never block. `FrameBridge` is
/// one that hands everything to a thread that may.
package protocol FrameSink: AnyObject, Sendable {
    /// Called once, before anything else; the receiver opens the valve when it has room again after `hold`.
    func attach(_ valve: FeedValve)
    /// A whole text message as it came, with its receive time in nanoseconds since 1970.
    func frame(_ bytes: ByteBuffer, receivedNanos: Int64, epoch: Int) -> SinkAnswer
    /// Something that happened to a connection, at that time.
    func event(_ event: FeedEvent, atNanos: Int64) -> SinkAnswer
    /// The feed has ended: nothing follows.
    func finished()
}

/// Lets a receiver that said `hold` have the next frames; may be opened from any thread and more than once.
package struct FeedValve: Sendable {
    private let onOpen: @Sendable () -> Void

    /// Makes a valve that calls `onOpen`.
    package init(onOpen: @escaping @Sendable () -> Void) { self.onOpen = onOpen }

    /// There is room again.
    package func open() { onOpen() }
}

/// What time it is: waits are measured by the event loop, receive times by this.
package protocol FeedClock: Sendable {
    /// Nanoseconds since 1970, UTC.
    func wallNanos() -> Int64
}

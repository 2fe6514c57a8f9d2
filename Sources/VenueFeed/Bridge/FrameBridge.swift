internal import NIOConcurrencyHelpers
package import NIOCore

/// A message as it came.
package struct FeedFrame: Equatable, Sendable {
    /// The bytes of the message.
    package var bytes: [UInt8]
    /// Nanoseconds since 1970.
    package var receivedNanos: Int64
    /// The connection that it came on.
    package var epoch: Int

    /// Makes one.
    package init(bytes: [UInt8], receivedNanos: Int64, epoch: Int) {
        self.bytes = bytes
        self.receivedNanos = receivedNanos
        self.epoch = epoch
    }
}

/// What a feed hands over, in order.
package enum FeedItem: Equatable, Sendable {
    /// A message.
    case frame(FeedFrame)
    /// Something that happened to a connection, at this time in nanoseconds since 1970.
    case event(FeedEvent, atNanos: Int64)
}

/// A bounded queue from the feed's event loop, which must not wait, to a thread that may: the one that writes a log.
///
/// When it is full the feed stops reading from the sockets; nothing is dropped. A message is copied once, so that it
/// does not
/// keep a whole read buffer alive.
package final class FrameBridge: FrameSink, @unchecked Sendable {
    // SAFETY: everything that changes is only touched under `lock`, whose value says whether a taker has something to
    // do.
    private let lock = ConditionLock(value: false)
    private var queue: [FeedItem] = []
    private var bytes = 0
    private var isFinished = false
    private var isFull = false
    private var valve: FeedValve?
    private var bytesHighest = 0

    /// Bytes of messages after which the feed is told to hold.
    ///
    /// What was already read from the sockets still comes on top: at most `FeedLimits.readBytesMax` and one unfinished
    /// message for each socket.
    package let bytesMax: Int
    /// Messages and events after which the feed is told to hold.
    package let itemsMax: Int

    /// Makes a bridge; the bounds are at least 1.
    package init(bytesMax: Int = 64 << 20, itemsMax: Int = 262_144) {
        self.bytesMax = max(1, bytesMax)
        self.itemsMax = max(1, itemsMax)
    }

    /// Everything that has come since the last call, in order: waits at most `waitNanos` for something to come, for
    /// ever if it is negative.
    ///
    /// Empty if nothing came; nil once the feed has ended and everything was taken.  While the taker works on what it
    /// got the queue may fill up again, so the bounds count twice.
    package func take(waitNanos: Int64 = -1) -> [FeedItem]? {
        if waitNanos < 0 {
            lock.lock(whenValue: true)
        } else {
            guard lock.lock(whenValue: true, timeoutSeconds: Double(waitNanos) / 1e9) else { return [] }
        }
        let taken = queue
        queue = []
        bytes = 0
        let opened = isFull ? valve : nil
        isFull = false
        let hasEnded = isFinished
        lock.unlock(withValue: hasEnded)
        opened?.open()
        return taken.isEmpty && hasEnded ? nil : taken
    }

    /// Most bytes of messages that ever waited.
    package var bytesHighWater: Int {
        lock.lock()
        defer { lock.unlock() }
        return bytesHighest
    }

    package func attach(_ valve: FeedValve) {
        lock.lock()
        defer { lock.unlock() }
        self.valve = valve
    }

    package func frame(_ bytes: ByteBuffer, receivedNanos: Int64, epoch: Int) -> SinkAnswer {
        let copy = [UInt8](bytes.readableBytesView)
        return add(
            .frame(FeedFrame(bytes: copy, receivedNanos: receivedNanos, epoch: epoch)), byteCount: copy.count)
    }

    package func event(_ event: FeedEvent, atNanos: Int64) -> SinkAnswer {
        add(.event(event, atNanos: atNanos), byteCount: 0)
    }

    package func finished() {
        lock.lock()
        isFinished = true
        lock.unlock(withValue: true)
    }

    private func add(_ item: FeedItem, byteCount: Int) -> SinkAnswer {
        lock.lock()
        queue.append(item)
        bytes += byteCount
        bytesHighest = max(bytesHighest, bytes)
        if bytes >= bytesMax || queue.count >= itemsMax { isFull = true }
        let answer: SinkAnswer = isFull ? .hold : .more
        lock.unlock(withValue: true)
        return answer
    }
}

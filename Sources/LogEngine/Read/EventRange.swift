/// Which events a reader is after: batches that cannot hold one are passed over without reading what is in them.
///
/// Event times may jump back and forth along a log, so nothing is searched by halving: the range of event times that
/// each batch header, and each index of a sealed segment, tells decides batch by batch. A batch that is read may hold
/// other events too.
public struct EventRange: Equatable, Sendable {
    /// Event times, both included.
    public var eventNanos: ClosedRange<Int64>
    /// No event behind it is wanted.
    public var lastSeq: UInt64

    /// Makes a range; without arguments, of everything.
    public init(eventNanos: ClosedRange<Int64> = .min ... .max, lastSeq: UInt64 = .max) {
        self.eventNanos = eventNanos
        self.lastSeq = lastSeq
    }

    /// Whether every event time is wanted.
    var takesAnyTime: Bool { eventNanos == .min ... .max }

    /// Whether a batch whose event times lie from `minimum` to `maximum` may hold a wanted event.
    func mayHold(from minimum: Int64, to maximum: Int64) -> Bool {
        minimum <= eventNanos.upperBound && maximum >= eventNanos.lowerBound
    }
}

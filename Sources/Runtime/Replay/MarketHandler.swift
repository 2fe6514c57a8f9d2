package import Events
package import LogEngine

/// Where and when an event of a replayed market stands.
package struct MarketHead: Equatable, Sendable {
    /// Virtual now: when the event became known, and never before an earlier event's.
    package var nowNanos: Int64 = .min
    /// The moment that the event is about.
    package var eventNanos: Int64 = 0
    /// Its place in the total order of the root that it was recorded in.
    package var globalSeq: UInt64 = 0
    /// Which of the logs of the feed it comes from.
    package var source = 0

    @inlinable
    package init() {}
}

/// Takes the events of a replayed market, one after the other, in the order in which they became known.
///
/// Instruments have run-wide numbers, dense from 1: the same venue and symbol in two logs is one instrument. An event
/// lies in memory that the next one takes over; copy what is kept. What a handler throws ends the replay.
package protocol MarketHandler {
    /// An instrument, before any event that names it; a second time if its grids changed.
    mutating func listed(_ event: borrowing MarketInstrument, _ head: MarketHead) throws(LogError)
    mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) throws(LogError)
    mutating func book(_ event: borrowing MarketBook, _ head: MarketHead) throws(LogError)
    mutating func quote(_ event: borrowing MarketQuote, _ head: MarketHead) throws(LogError)
    mutating func candle(_ event: borrowing MarketCandle, _ head: MarketHead) throws(LogError)
    mutating func context(_ event: borrowing MarketContext, _ head: MarketHead) throws(LogError)
    mutating func funding(_ event: borrowing MarketFunding, _ head: MarketHead) throws(LogError)
    /// Missing data; instrument 0 stands for all.
    mutating func gap(_ event: borrowing MarketGap, _ head: MarketHead) throws(LogError)
}

/// What a handler does not look at is passed over.
extension MarketHandler {
    @inlinable
    package mutating func listed(_ event: borrowing MarketInstrument, _ head: MarketHead) throws(LogError) {}
    @inlinable
    package mutating func traded(_ event: borrowing MarketTrade, _ head: MarketHead) throws(LogError) {}
    @inlinable
    package mutating func book(_ event: borrowing MarketBook, _ head: MarketHead) throws(LogError) {}
    @inlinable
    package mutating func quote(_ event: borrowing MarketQuote, _ head: MarketHead) throws(LogError) {}
    @inlinable
    package mutating func candle(_ event: borrowing MarketCandle, _ head: MarketHead) throws(LogError) {}
    @inlinable
    package mutating func context(_ event: borrowing MarketContext, _ head: MarketHead) throws(LogError) {}
    @inlinable
    package mutating func funding(_ event: borrowing MarketFunding, _ head: MarketHead) throws(LogError) {}
    @inlinable
    package mutating func gap(_ event: borrowing MarketGap, _ head: MarketHead) throws(LogError) {}
}

/// Decides how fast and how far a replay goes, and hears how far it has come.
package protocol ReplayControl {
    /// Whether the event that becomes known at `nowNanos` may be told; false stops the replay before it. May wait.
    mutating func admits(_ nowNanos: Int64) -> Bool
    /// Hears about the work done, once a batch of events.
    mutating func progressed(_ done: UInt64, of total: UInt64, nowNanos: Int64)
}

extension ReplayControl {
    @inlinable
    package mutating func progressed(_ done: UInt64, of total: UInt64, nowNanos: Int64) {}
}

/// As fast as possible, to the end.
package struct Unhindered: ReplayControl, Sendable {
    /// Makes the control.
    @inlinable
    package init() {}

    @inlinable @inline(__always)
    package mutating func admits(_ nowNanos: Int64) -> Bool { true }
}

/// Builds the bars of one instrument and one length from trades, or from shorter bars of the venue.
///
/// Time is the venue's. The rule for late trades: a bar that was handed out never changes, so a trade from before the
/// bar in progress is counted in `lateCount` and belongs to no bar. Whoever drives the builder decides when a bar is
/// over: `next(endingBy:)` closes what ended by then, `add` refuses what came too late.
package struct BarBuilder: Equatable, Sendable {
    /// Most empty bars in a row that are handed out; longer silences are jumped over, and the bar behind them says so.
    package static let emptyBarsMax: Int64 = 1440

    /// Length in seconds.
    package let seconds: Int32
    /// Trades or candles that came too late for their bar.
    package private(set) var lateCount: Int64 = 0
    /// The bar in progress.
    private var bar = Bar()
    private let lengthNanos: Int64
    private var hasBar = false
    private var isIncomplete = true
    private var followsDirectly = false
    private var lastClose: Int64 = 0
    /// Seconds of the candles that bars are made of; 0 for trades.
    private var candleSeconds: Int32 = 0
    /// End of the last candle that was taken.
    private var coveredNanos: Int64 = 0

    /// Makes a builder of bars of `seconds` > 0.
    package init(seconds: Int32) {
        precondition(seconds > 0, "Invariant: a bar has a length")
        self.seconds = seconds
        lengthNanos = Int64(seconds) * nanosPerSecond
        bar.seconds = seconds
    }

    /// First moment of the bar in progress; nil before the first trade.
    package var openNanos: Int64? { hasBar ? bar.openNanos : nil }

    /// Hands out the next bar that ends at or before `nanos`; call it until it gives nil.
    ///
    /// Bars without trades are handed out too: empty, at the last price.
    package mutating func next(endingBy nanos: Int64) -> Bar? {
        guard hasBar, nanos - bar.openNanos >= lengthNanos else { return nil }
        return close(nanos)
    }

    /// Adds a trade of the venue's time `nanos`; false if its bar has been handed out.
    ///
    /// `next(endingBy: nanos)` must have been called until nil.
    @inline(__always)
    package mutating func add(price: Int64, size: Int64, nanos: Int64) -> Bool {
        if !hasBar { begin(floorMultiple(nanos, of: lengthNanos)) }
        guard nanos >= bar.openNanos else {
            lateCount &+= 1
            return false
        }
        assert(nanos - bar.openNanos < lengthNanos, "Invariant: bars that ended were taken first")
        if bar.isEmpty {
            bar.isEmpty = false
            bar.open = price
            bar.high = price
            bar.low = price
        } else if price > bar.high {
            bar.high = price
        } else if price < bar.low {
            bar.low = price
        }
        bar.close = price
        bar.volume = saturatingSum(bar.volume, size)
        bar.tradeCount &+= 1
        return true
    }

    /// Adds a closed candle of the venue whose length divides this one's; false if it is of another length than the
    /// first, does not fit the grid, or came too late.
    ///
    /// A bar is complete when its candles cover it without a hole; `next(endingBy:)` with the candle's end hands it
    /// out.
    package mutating func add(_ candle: Bar) -> Bool {
        guard candle.seconds > 0, seconds % candle.seconds == 0,
            candle.openNanos % (Int64(candle.seconds) * nanosPerSecond) == 0,
            candleSeconds == 0 || candleSeconds == candle.seconds
        else { return false }
        guard !hasBar || candle.openNanos >= max(bar.openNanos, coveredNanos) else {
            lateCount &+= 1
            return false
        }
        let start = floorMultiple(candle.openNanos, of: lengthNanos)
        if !hasBar { begin(start) }
        guard start == bar.openNanos else { return false }
        if candleSeconds == 0 {
            candleSeconds = candle.seconds
            isIncomplete = candle.openNanos != start
        } else if candle.openNanos != max(start, coveredNanos) {
            isIncomplete = true
        }
        coveredNanos = candle.endNanos
        if !candle.isComplete { isIncomplete = true }
        if bar.isEmpty {
            bar.open = candle.open
            bar.high = candle.high
            bar.low = candle.low
        } else {
            bar.high = max(bar.high, candle.high)
            bar.low = min(bar.low, candle.low)
        }
        bar.isEmpty = false
        bar.close = candle.close
        bar.volume = saturatingSum(bar.volume, candle.volume)
        bar.tradeCount = saturatingSum(bar.tradeCount, candle.tradeCount)
        return true
    }

    /// Says that part of the bar in progress was not seen.
    package mutating func markIncomplete() { isIncomplete = true }

    private mutating func begin(_ start: Int64) {
        hasBar = true
        bar.openNanos = start
    }

    private mutating func close(_ nanos: Int64) -> Bar {
        var closed = bar
        closed.followsDirectly = followsDirectly
        if closed.isEmpty {
            closed.open = lastClose
            closed.high = lastClose
            closed.low = lastClose
            closed.close = lastClose
        }
        // Candles that stop before the end of the bar leave a hole in it.
        closed.isComplete = !isIncomplete && (candleSeconds == 0 || coveredNanos >= closed.endNanos)
        lastClose = closed.close
        let start = floorMultiple(nanos, of: lengthNanos)
        let isJump = (start - closed.endNanos) / lengthNanos > Self.emptyBarsMax
        bar = Bar()
        bar.seconds = seconds
        bar.openNanos = isJump ? start : closed.endNanos
        isIncomplete = isJump && candleSeconds == 0
        followsDirectly = !isJump
        return closed
    }
}

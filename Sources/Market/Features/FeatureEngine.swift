package import Events

/// Turns market events into rows of features, one for each instrument and kind of window, as time passes.
///
/// The contract with whoever drives it: virtual now is the largest of the now before and the time that the event
/// reached us (its own time where that is not known). `advance(to: now)` comes before the event is applied, so the row
/// of a window that ends at T holds only what was known before T, and nothing that is applied later changes it. How the
/// calls of `advance` are spread over a stretch without events makes no difference.
///
/// An instrument of which no book, quote or trade was heard so far, such as one of candles alone, has a row only where
/// something was heard of it since its last row of that kind.
///
/// An event costs O(kinds + timeframes); arrays are made when an instrument is first seen and do not grow after they
/// were filled once. A step costs O(instruments). Events that cannot be (prices of 0, crossed books, times from beyond
/// the next century) change nothing but `refusedCount`.
package struct FeatureEngine: Sendable {
    /// Most kinds of windows.
    package static let kindsMax = 16
    /// Longest time between two windows of a kind.
    package static let everySecondsMax: Int32 = 86_400

    /// The kinds of windows, in the order that rows name them by.
    package let kinds: [WindowKind]
    /// Ages and counts.
    package let limits: FeatureLimits
    /// Events that were refused.
    package internal(set) var refusedCount: Int64 = 0
    /// Trades that came after their bar had been handed out; they count in windows but in no bar.
    package internal(set) var lateTradeCount: Int64 = 0

    /// End of the next step; nothing happens before it.
    @usableFromInline
    var nextStepNanos: Int64 = .min
    @usableFromInline
    var nowNanos: Int64 = .min

    /// By number less one; numbers that were not seen have a place that is not in use.
    var instruments: [InstrumentState] = []
    private let plans: [WindowPlan]
    private let timeframes: [Timeframe]
    private var ends: [Int64]
    private var gridEndNanos: Int64 = .min

    /// Makes an engine for 1 to 16 kinds of windows.
    ///
    /// Throws when there are none or too many, or a kind comes less often than once a day.
    package init(kinds: [WindowKind], limits: FeatureLimits = FeatureLimits()) throws(FeatureError) {
        guard (1...Self.kindsMax).contains(kinds.count) else {
            throw FeatureError(
                found: "\(kinds.count) kinds of windows", expected: "1 to \(Self.kindsMax): run a second engine")
        }
        for kind in kinds where !(1...Self.everySecondsMax).contains(kind.everySeconds) {
            throw FeatureError(
                found: "a window every \(kind.everySeconds) s", expected: "every 1 to \(Self.everySecondsMax) s")
        }
        self.init(
            kinds: kinds, everyNanos: kinds.map { Int64($0.everySeconds) * nanosPerSecond }, isOnlyWhenTouched: false,
            limits: limits)
    }

    /// Makes an engine whose windows are as long as `everyNanos` says; all are checked by the caller.
    init(kinds: [WindowKind], everyNanos: [Int64], isOnlyWhenTouched: Bool, limits: FeatureLimits) {
        self.kinds = kinds
        self.limits = limits
        var timeframes: [Timeframe] = []
        for kind in kinds where !timeframes.contains(kind.timeframe) { timeframes.append(kind.timeframe) }
        self.timeframes = timeframes
        plans = kinds.indices.map { index in
            WindowPlan(
                frame: timeframes.firstIndex(of: kinds[index].timeframe) ?? 0, everyNanos: everyNanos[index],
                isOnlyWhenTouched: isOnlyWhenTouched)
        }
        ends = everyNanos
    }

    /// Lets time pass until `nanos`: closes every window that ends at or before it, in order of end, instrument, kind.
    ///
    /// A time before the last one does nothing. A row is valid during the call. After an error of `row` the engine must
    /// not be used again, since the rows of that moment were handed out in part.
    @inlinable @inline(__always)
    package mutating func advance<E: Error>(
        to nanos: Int64, _ row: (borrowing FeatureRow) throws(E) -> Void
    ) throws(E) {
        if nanos < nextStepNanos {
            if nanos > nowNanos { nowNanos = nanos }
            return
        }
        try pass(to: nanos) { (made: borrowing FeatureRow, _: Int64) throws(E) in try row(made) }
    }

    /// As `advance`, where there is something to do; `row` is also told how many bars of its timeframe were closed.
    @usableFromInline
    mutating func pass<E: Error>(
        to wanted: Int64, _ row: (borrowing FeatureRow, Int64) throws(E) -> Void
    ) throws(E) {
        let nanos = max(min(wanted, FeatureConstants.timeMax), -FeatureConstants.timeMax)
        guard nextStepNanos != .min else {
            nowNanos = nanos
            restart(after: nanos)
            return
        }
        while nextStepNanos <= nanos {
            let now = nextStepNanos
            nowNanos = now
            if areAllSilent(at: now) {
                for index in instruments.indices where instruments[index].isUsed { instruments[index].skip(to: nanos) }
                restart(after: nanos)
                break
            }
            try step(to: now, row)
            for index in ends.indices where ends[index] == now { ends[index] = now + plans[index].everyNanos }
            if gridEndNanos == now { gridEndNanos = now + FeatureConstants.gridSeconds * nanosPerSecond }
            setNextStep()
        }
        nowNanos = max(nowNanos, nanos)
    }

    private func areAllSilent(at now: Int64) -> Bool {
        for index in instruments.indices where instruments[index].isUsed && !instruments[index].isSilent(at: now) {
            return false
        }
        return true
    }

    /// All windows begin anew at the multiples of their lengths behind `nanos`.
    private mutating func restart(after nanos: Int64) {
        for index in ends.indices { ends[index] = nextMultiple(nanos, of: plans[index].everyNanos) }
        gridEndNanos = nextMultiple(nanos, of: FeatureConstants.gridSeconds * nanosPerSecond)
        setNextStep()
    }

    private mutating func setNextStep() {
        nextStepNanos = gridEndNanos
        for end in ends where end < nextStepNanos { nextStepNanos = end }
    }

    private mutating func step<E: Error>(
        to now: Int64, _ row: (borrowing FeatureRow, Int64) throws(E) -> Void
    ) throws(E) {
        for index in instruments.indices {
            guard instruments[index].isUsed else { continue }
            if instruments[index].isSilent(at: now) {
                instruments[index].skip(to: now)
                continue
            }
            if gridEndNanos == now { instruments[index].step(to: now) }
            instruments[index].closeTradeBars(endingBy: now - limits.barGraceNanos, at: now)
            for kind in plans.indices where ends[kind] == now {
                // Without a feed of its own an instrument has news once a bar: a window that heard nothing is no row.
                if plans[kind].isOnlyWhenTouched || !instruments[index].hasFeed,
                    !instruments[index].windows[kind].isTouched
                {
                    continue
                }
                var made = FeatureRow()
                made.instrument = Int32(index + 1)
                made.kind = Int32(kind)
                instruments[index].close(kind, at: now, into: &made)
                try row(made, instruments[index].frames[plans[kind].frame].closedCount)
            }
        }
    }

    /// Place of an instrument, made when it is first seen; nil for a number out of range or before the first `advance`.
    mutating func place(of instrument: Int32) -> Int? {
        let index = Int(instrument) - 1
        if index >= 0, index < instruments.count, instruments[index].isUsed { return index }
        guard nowNanos != .min, instrument >= 1, instrument <= limits.instrumentsMax else { return nil }
        while instruments.count <= index {
            instruments.append(InstrumentState(frames: [], plans: [], limits: limits, nowNanos: nowNanos))
        }
        instruments[index] = InstrumentState(
            frames: timeframes.map { FrameState($0, nowNanos: nowNanos) }, plans: plans, limits: limits,
            nowNanos: nowNanos)
        instruments[index].isUsed = true
        return index
    }

    /// Values that the trailing windows have room for; constant once every window was filled.
    package var room: Int { instruments.reduce(0) { $0 + $1.room } }
}

internal import Events
internal import Statistics

/// A kind of window as the engine runs it.
struct WindowPlan: Sendable {
    let frame: Int
    let everyNanos: Int64
    /// Whether a window without any event gives no row.
    let isOnlyWhenTouched: Bool
}

/// What the venue said last, and when on our clock; not a number where it has not.
struct Reading: Sendable {
    var value = Double.nan
    var seenNanos: Int64 = .min

    /// The value unless it is older than `age`.
    func fresh(at nanos: Int64, age: Int64) -> Double {
        seenNanos != .min && nanos - seenNanos <= age ? value : .nan
    }
}

/// Everything that is known of one instrument; arrays are made once and never grow past their first filling.
struct InstrumentState: Sendable {
    let limits: FeatureLimits
    /// Whether the number was seen.
    var isUsed = false
    var priceStep: Int64 = 1
    var sizeStep: Int64 = 1
    var frames: [FrameState]
    var windows: [WindowState]

    var top = Top()
    var book = MarketBook()
    var hasBook = false
    var hasQuote = false
    var hasTrades = false
    /// Whether the book may be compared with the next one: false behind a gap.
    var hasBookBefore = false
    var lastTradePrice: Int64 = 0
    var lastCandleClose: Int64 = 0
    var candleNanos: Int64 = 0
    var lastCandleNanos: Int64 = .min
    var lastEventNanos: Int64
    /// Trades of one side in a row; positive for buyers.
    var run: Int64 = 0
    var burst = Burst()

    var funding = Reading()
    var openInterest = Reading()
    var oracle = Reading()
    var mark = Reading()
    /// Nanoseconds between fundings; 0 while unknown.
    var fundingEveryNanos: Int64 = 0
    var lastFundingNanos: Int64 = .min

    // The five-second grid.
    var gridPrice = Double.nan
    /// Signed counts and signed distances from `gridPrice` of the trades since the last step, and of the step before.
    var spreadNow = SpreadBucket()
    var spreadBefore = SpreadBucket()

    init(frames: [FrameState], plans: [WindowPlan], limits: FeatureLimits, nowNanos: Int64) {
        self.limits = limits
        self.frames = frames
        windows = plans.map { WindowState(frame: $0.frame) }
        lastEventNanos = nowNanos
    }

    /// Room in use by trailing windows, in values.
    var room: Int { frames.reduce(0) { $0 + $1.room } + windows.reduce(0) { $0 + $1.room } }

    // MARK: Age

    /// Whether nothing came for so long that no rows are handed out.
    func isSilent(at nanos: Int64) -> Bool {
        nanos - lastEventNanos > max(limits.silenceNanosMax, saturatingSum(candleNanos, 2 &* candleNanos))
    }

    /// Whether a book, a quote or a trade was ever heard: then a silent window says something too.
    var hasFeed: Bool { hasBook || hasQuote || hasTrades }

    /// Whether the newest book or quote is believed.
    func isTopFresh(at nanos: Int64) -> Bool {
        top.seenNanos != .min && nanos - top.seenNanos <= limits.bookAgeNanosMax
    }

    /// Whether what prices come from is too old; of trades alone silence says nothing.
    func isStale(at nanos: Int64) -> Bool {
        if hasBook || hasQuote { return !isTopFresh(at: nanos) }
        if hasTrades { return false }
        if lastCandleNanos != .min { return nanos - lastCandleNanos > 2 * candleNanos }
        return nanos - lastEventNanos > limits.contextAgeNanosMax
    }

    /// Mid price, else the last trade, else the last close; 0 if none is known.
    func price(at nanos: Int64) -> Int64 {
        if top.isTwoSided, isTopFresh(at: nanos) { return top.mid }
        return hasTrades ? lastTradePrice : lastCandleClose
    }

    // MARK: Time

    /// Takes a step of the five-second grid: the return of the mid, and trades whose five seconds have passed.
    mutating func step(to nanos: Int64) {
        var now = Double.nan
        if hasBook || hasQuote {
            if top.isTwoSided, isTopFresh(at: nanos) { now = Double(top.mid) }
        } else if hasTrades {
            now = Double(lastTradePrice)
        }
        var square: Double?
        if now.isFinite, gridPrice.isFinite {
            let change = now == gridPrice ? 0 : Elementary.log(now / gridPrice)
            square = change * change
        }
        for index in frames.indices { frames[index].addSquaredReturn(square, at: nanos) }
        if spreadBefore.count > 0, now.isFinite, hasBook || hasQuote {
            let sum = spreadBefore.realised(at: now)
            for index in windows.indices {
                windows[index].spreadSum += sum
                windows[index].spreadCount += spreadBefore.count
            }
        }
        spreadBefore = spreadNow
        spreadNow = SpreadBucket()
        spreadNow.reference = now
        gridPrice = now
    }

    /// Closes the bars of trades whose time has passed; bars of candles close with their last candle.
    mutating func closeTradeBars(endingBy nanos: Int64, at now: Int64) {
        guard hasTrades else { return }
        for index in frames.indices { closeBars(of: index, endingBy: nanos, at: now) }
    }

    @inline(__always)
    mutating func closeBars(of index: Int, endingBy nanos: Int64, at now: Int64) {
        while var bar = frames[index].builder.next(endingBy: nanos) {
            // Without any sign of life since the bar began, its emptiness says nothing.
            if lastEventNanos < bar.openNanos { bar.isComplete = false }
            frames[index].take(
                bar, openInterest: openInterest.fresh(at: now, age: limits.contextAgeNanosMax),
                funding: funding.fresh(at: now, age: limits.fundingAgeNanosMax))
        }
    }

    /// Passes over a silence that lasted until `nanos`.
    mutating func skip(to nanos: Int64) {
        breakChains()
        for index in frames.indices { frames[index].skip(to: nanos) }
    }

    /// Data are missing: nothing is concluded across the hole.
    mutating func takeGap() {
        breakChains()
        for index in frames.indices { frames[index].builder.markIncomplete() }
    }

    private mutating func breakChains() {
        for index in windows.indices { windows[index].hasGap = true }
        run = 0
        burst.stop()
        hasBookBefore = false
        gridPrice = .nan
        spreadNow = SpreadBucket()
        spreadBefore = SpreadBucket()
    }
}

/// Trades of five seconds that wait for the mid price five seconds later.
struct SpreadBucket: Sendable {
    /// The mid at the bucket's begin, which distances are measured from; not a number without one.
    var reference = Double.nan
    var count = 0.0
    private var direction = 0.0
    private var distance = 0.0

    /// Takes a trade.
    @inline(__always)
    mutating func add(isBuy: Bool, price: Double) {
        guard reference.isFinite else { return }
        count += 1
        if isBuy {
            direction += 1
            distance += price - reference
        } else {
            direction -= 1
            distance -= price - reference
        }
    }

    /// The sum of 2 d (p - mid) / mid in basis points, d being 1 for buyers and -1 for sellers.
    func realised(at mid: Double) -> Double { 2e4 * (distance - (mid - reference) * direction) / mid }
}

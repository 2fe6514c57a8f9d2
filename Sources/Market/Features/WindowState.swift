internal import Events

/// What happened to an instrument since the last row of one kind of window, and the rows before it.
struct WindowState: Sendable {
    let frame: Int
    // Since the last row.
    var isTouched = false
    /// Whether something may be missing in the window; the first window is not whole.
    var hasGap = true
    var tradeCount: Int64 = 0
    var buySize = 0.0
    var sellSize = 0.0
    var quoteSum = 0.0
    var largest = 0.0
    var longestRun: Int64 = 0
    var sweepCount: Int64 = 0
    var addedSize = 0.0
    var removedSize = 0.0
    var hasDifferences = false
    var spreadSum = 0.0
    var spreadCount = 0.0
    // At the last row.
    var priceBefore = Double.nan
    var openInterestBefore = Double.nan
    var basisBefore = Double.nan
    var micropriceBefore = Double.nan
    // Rows before.
    var sizes = TrailingWindow(FeatureConstants.trailingMax)
    var largests = TrailingWindow(FeatureConstants.trailingMax)
    var imbalances = TrailingWindow(FeatureConstants.trailingMax)
    var depths = TrailingWindow(FeatureConstants.ranksMax)

    init(frame: Int) { self.frame = frame }

    /// Room in use, in values.
    var room: Int { sizes.room + largests.room + imbalances.room + depths.room }

    /// Takes a trade; `run` is how many of its side came in a row, itself included.
    @inline(__always)
    mutating func add(isBuy: Bool, size: Double, quote: Double, run: Int64, isSweep: Bool) {
        isTouched = true
        tradeCount &+= 1
        if isBuy { buySize += size } else { sellSize += size }
        quoteSum += quote
        if size > largest { largest = size }
        let within = min(run, tradeCount)
        if within > longestRun { longestRun = within }
        if isSweep { sweepCount &+= 1 }
    }

    /// Begins the next window.
    mutating func restart() {
        isTouched = false
        hasGap = false
        tradeCount = 0
        buySize = 0
        sellSize = 0
        quoteSum = 0
        largest = 0
        longestRun = 0
        sweepCount = 0
        addedSize = 0
        removedSize = 0
        hasDifferences = false
        spreadSum = 0
        spreadCount = 0
    }
}

/// Trades of one side within a tenth of a second: most likely one order.
///
/// It is a sweep once it reached the third level of the book that stood before its first trade, or took half of the
/// size of the five best levels. What it is measured against was known before it.
struct Burst: Sendable {
    private var isBuy = false
    private var firstNanos: Int64 = .min
    private var size = 0.0
    private var reachPrice = Double.nan
    private var sizeMin = Double.nan
    private var isCounted = true

    /// Whether a trade goes on with the burst.
    @inline(__always)
    func continues(isBuy: Bool, nanos: Int64) -> Bool {
        self.isBuy == isBuy && firstNanos != .min && nanos >= firstNanos
            && nanos - firstNanos <= FeatureConstants.burstNanos
    }

    /// Begins a burst against the opposite side of the book, whose third price and size of five levels are given.
    @inline(__always)
    mutating func begin(isBuy: Bool, nanos: Int64, reachPrice: Double, topSize: Double) {
        self.isBuy = isBuy
        firstNanos = nanos
        size = 0
        self.reachPrice = reachPrice
        sizeMin = topSize > 0 ? topSize * FeatureConstants.sweepDepthShare : .nan
        isCounted = false
    }

    /// Takes a trade; true if the burst became a sweep by it.
    @inline(__always)
    mutating func add(price: Double, size: Double) -> Bool {
        self.size += size
        guard !isCounted else { return false }
        // Comparisons with a missing number are false.
        let isThrough = isBuy ? price >= reachPrice : price <= reachPrice
        guard isThrough || self.size >= sizeMin else { return false }
        isCounted = true
        return true
    }

    /// Forgets the burst.
    mutating func stop() { firstNanos = .min }
}

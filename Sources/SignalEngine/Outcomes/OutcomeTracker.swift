package import Events

/// Takes the outcome of every scored window at every horizon, once the horizon has passed and never before (LRN-03,
/// LRN-04, SIG-29).
///
/// Tell it windows, prices and time in the order in which they became known. A window is opened before any price that
/// is later than its end; a price at exactly the end of a horizon still counts. A price costs O(1) amortised, however
/// many windows are open; memory follows the windows of the longest horizon.
///
/// Where the data do not say what the price was at the horizon there is no outcome: a `missed` one is given instead,
/// with its reason, and counted.
package struct OutcomeTracker: Sendable {
    /// Highest number of an instrument; prices of others are counted and not used.
    package static let instrumentsMax = 65_536
    /// Oldest price that stands for the price at a horizon, by default.
    package static let priceAgeNanosMax: Int64 = 60_000_000_000
    /// Largest excursion that is recorded; prices that move farther have lost their unit.
    package static let excursionBpsMax = 1e9

    /// An instrument's prices.
    private struct Prices: Sendable {
        var last: Int64 = 0
        var lastNanos = Int64.min
        /// Prices told so far: tells whether one came since a window was opened.
        var count: UInt64 = 0
        /// Grows with the first window after a price, so that windows of one moment share a segment.
        var segment = 0
        var isFreshSegment = true
        /// Nothing was seen since this moment; nil outside of a gap.
        var gapFromNanos: Int64?
        var highs = SuffixMaximum()
        var lows = SuffixMaximum()
    }

    /// A window and where its prices begin.
    private struct Open: Sendable {
        var window: ScoredWindow
        var segment: Int
        var priceCount: UInt64
    }

    private let horizons: [Horizon]
    private let priceAgeNanosMax: Int64
    private var prices: [Prices] = []
    /// Windows in the order of their ends; the first one has the number `firstNumber`.
    private var windows: [Open] = []
    private var firstNumber = 0
    private var dropped = 0
    /// By horizon, the number of the next window whose outcome is due.
    private var next: [Int]
    private var nextDueNanos = Int64.max
    private var nowNanos = Int64.min
    private var lastAsofNanos = Int64.min
    private var finished: [Outcome] = []
    private var missedCounts = [Int](repeating: 0, count: MissedReason.allCases.count)
    /// Outcomes with figures, so far.
    package private(set) var evaluatedCount = 0
    /// Prices that were not used: not positive, or of an instrument out of range.
    package private(set) var refusedPriceCount = 0

    /// Makes a tracker without windows.
    ///
    /// - Parameters:
    ///   - horizons: in any order; none twice.
    ///   - priceAgeNanosMax: oldest price that stands for the one at a horizon.
    package init(
        horizons: [Horizon] = Horizon.allCases, priceAgeNanosMax: Int64 = OutcomeTracker.priceAgeNanosMax
    ) {
        self.horizons = Set(horizons).sorted { $0.seconds < $1.seconds }
        self.priceAgeNanosMax = priceAgeNanosMax
        next = [Int](repeating: 0, count: self.horizons.count)
    }

    /// Windows with an outcome to come.
    package var openCount: Int { windows.count - dropped }

    /// Outcomes without figures so far, for a reason.
    package func missedCount(_ reason: MissedReason) -> Int { missedCounts[Int(reason.rawValue)] }

    /// Opens a window.
    package mutating func open(_ window: ScoredWindow) {
        let slot = Int(window.instrument)
        guard (1...Self.instrumentsMax).contains(slot), window.price > 0,
            window.asofNanos <= Int64.max - (horizons.last?.nanos ?? 0)
        else { return missAll(window, .noStartPrice) }
        makeRoom(slot)
        guard window.asofNanos >= lastAsofNanos, window.asofNanos >= prices[slot].lastNanos else {
            return missAll(window, .openedLate)
        }
        lastAsofNanos = window.asofNanos
        if !prices[slot].isFreshSegment {
            prices[slot].segment += 1
            prices[slot].isFreshSegment = true
        }
        windows.append(Open(window: window, segment: prices[slot].segment, priceCount: prices[slot].count))
        findNextDue()
    }

    /// Tells a price in 1e-8; a time before the last one told counts as the last one.
    package mutating func price(_ instrument: Int32, _ price: Int64, atNanos: Int64) {
        let slot = Int(instrument)
        guard price > 0, slot >= 1, slot <= Self.instrumentsMax else {
            refusedPriceCount += 1
            return
        }
        let time = max(atNanos, nowNanos)
        if nextDueNanos < time { settle(before: time) }
        nowNanos = time
        if slot >= prices.count { makeRoom(slot) }
        prices[slot].last = price
        prices[slot].lastNanos = time
        prices[slot].count &+= 1
        prices[slot].isFreshSegment = false
        prices[slot].gapFromNanos = nil
        prices[slot].highs.add(price, segment: prices[slot].segment)
        prices[slot].lows.add(-price, segment: prices[slot].segment)
    }

    /// Tells that nobody saw an instrument's data since `fromNanos`; instrument 0 stands for all.
    ///
    /// Until its next price no price stands for a horizon that ends at `fromNanos` or later.
    package mutating func gap(_ instrument: Int32, fromNanos: Int64) {
        if nextDueNanos < fromNanos { settle(before: fromNanos) }
        for slot in prices.indices where instrument == 0 || slot == Int(instrument) {
            prices[slot].gapFromNanos = min(fromNanos, prices[slot].gapFromNanos ?? fromNanos)
        }
    }

    /// Tells that all prices at or before `toNanos` were told, and gives every outcome that is due: in order of due
    /// time, then in the order in which the windows were opened.
    package mutating func advance(to toNanos: Int64, _ take: (Outcome) -> Void) {
        if nextDueNanos <= toNanos { settle(before: toNanos == .max ? .max : toNanos + 1) }
        nowNanos = max(nowNanos, toNanos)
        for outcome in finished { take(outcome) }
        finished.removeAll(keepingCapacity: true)
    }

    private mutating func makeRoom(_ slot: Int) {
        while prices.count <= slot { prices.append(Prices()) }
    }

    private mutating func missAll(_ window: ScoredWindow, _ reason: MissedReason) {
        for horizon in horizons { finish(Outcome(window: window, horizon: horizon, result: .missed(reason))) }
    }

    private mutating func finish(_ outcome: Outcome) {
        switch outcome.result {
        case .evaluated: evaluatedCount += 1
        case .missed(let reason): missedCounts[Int(reason.rawValue)] += 1
        }
        finished.append(outcome)
    }

    /// Takes the outcomes of all horizons that end before a moment.
    private mutating func settle(before limit: Int64) {
        while nextDueNanos < limit, let place = nextPlace() {
            let open = windows[next[place] - firstNumber]
            next[place] += 1
            finish(outcome(open, horizons[place]))
            if place == horizons.count - 1 { drop(open) }
            findNextDue()
        }
    }

    /// The horizon whose window is due next: earliest due, then opened first, then shortest.
    private func nextPlace() -> Int? {
        var best: (place: Int, due: Int64, number: Int)?
        for place in horizons.indices {
            guard let due = due(place) else { continue }
            if let found = best, (found.due, found.number) <= (due, next[place]) { continue }
            best = (place, due, next[place])
        }
        return best?.place
    }

    private func due(_ place: Int) -> Int64? {
        let index = next[place] - firstNumber
        return index < windows.count ? windows[index].window.asofNanos + horizons[place].nanos : nil
    }

    private mutating func findNextDue() {
        nextDueNanos = .max
        for place in horizons.indices { if let due = due(place) { nextDueNanos = min(nextDueNanos, due) } }
    }

    private func outcome(_ open: Open, _ horizon: Horizon) -> Outcome {
        let window = open.window
        let prices = prices[Int(window.instrument)]
        let due = window.asofNanos + horizon.nanos
        func missed(_ reason: MissedReason) -> Outcome {
            Outcome(window: window, horizon: horizon, result: .missed(reason))
        }
        if let from = prices.gapFromNanos, due >= from { return missed(.gap) }
        guard prices.count > open.priceCount else { return missed(.noPriceInWindow) }
        // Both times are known and the last price is not later than the horizon: the difference does not overflow.
        guard due - prices.lastNanos <= priceAgeNanosMax else { return missed(.stalePrice) }
        let bench = Double(window.price)
        let high = max(prices.highs.since(open.segment) ?? window.price, window.price)
        let low = min(prices.lows.since(open.segment).map { -$0 } ?? window.price, window.price)
        let up = min(Double(high - window.price) / bench * 1e4, Self.excursionBpsMax)
        let down = min(Double(window.price - low) / bench * 1e4, Self.excursionBpsMax)
        let move = prices.last - window.price
        var hit: Bool?
        if window.signal > 0 { hit = move > 0 } else if window.signal < 0 { hit = move < 0 }
        let isUp = !(window.signal < 0)
        return Outcome(
            window: window, horizon: horizon,
            result: .evaluated(
                Outcome.Figures(
                    forwardReturn: Double(move) / bench, favourableBps: isUp ? up : down,
                    adverseBps: isUp ? down : up, hit: hit, endPrice: prices.last)))
    }

    /// Forgets a window that has all its outcomes, and the prices that only it needed.
    private mutating func drop(_ open: Open) {
        let slot = Int(open.window.instrument)
        prices[slot].highs.forget(before: open.segment)
        prices[slot].lows.forget(before: open.segment)
        dropped += 1
        if dropped > 64, 2 * dropped > windows.count {
            windows.removeFirst(dropped)
            firstNumber += dropped
            dropped = 0
        }
    }
}

extension OutcomeTracker {
    /// Windows and prices that are held; for tests of memory.
    var heldCount: Int { windows.count + prices.reduce(0) { $0 + $1.highs.held + $1.lows.held } }
}

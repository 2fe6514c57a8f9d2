internal import Events
internal import Statistics

/// What is known of an instrument's bars of one timeframe; it changes when a bar closes and at grid steps only.
struct FrameState: Sendable {
    let timeframe: Timeframe
    var builder: BarBuilder
    /// Bars that were closed.
    private(set) var closedCount: Int64 = 0
    /// The features of the last closed bar.
    private(set) var facts = BarFacts()
    private var previous: Bar?
    private var strength = RelativeStrength()
    private var convergence = AverageConvergence()
    private var strengthDivergence = Divergence()
    private var convergenceDivergence = Divergence()
    private var returns = NumberRing<64>()
    private var highs = NumberRing<20>()
    private var lows = NumberRing<20>()
    private(set) var ranges = TrailingWindow(FeatureConstants.trailingMax)
    private(set) var volumes = TrailingWindow(FeatureConstants.trailingMax)
    private(set) var volatilities = TrailingWindow(FeatureConstants.ranksMax)
    private(set) var openInterests = TrailingWindow(FeatureConstants.ranksMax)
    private(set) var fundings = TrailingWindow(FeatureConstants.ranksMax)

    private var surprise = SurpriseLevel()
    private var varianceSum = 0.0
    private var varianceCount: Int64 = 0
    private var varianceEndNanos: Int64
    private let lengthNanos: Int64

    init(_ timeframe: Timeframe, nowNanos: Int64) {
        self.timeframe = timeframe
        builder = BarBuilder(seconds: Int32(timeframe.seconds))
        lengthNanos = timeframe.seconds * nanosPerSecond
        varianceEndNanos = nextMultiple(nowNanos, of: lengthNanos)
    }

    /// Room in use, in values.
    var room: Int {
        ranges.room + volumes.room + volatilities.room + openInterests.room + fundings.room + surprise.ranks.room
    }

    // MARK: Realised variance, on our clock

    /// Takes the squared log return of a grid step that ended at `nanos`, nil if there was none.
    mutating func addSquaredReturn(_ square: Double?, at nanos: Int64) {
        if let square {
            varianceSum += square
            varianceCount += 1
        }
        guard nanos >= varianceEndNanos else { return }
        closeVariance(nanos)
    }

    /// Passes over a stretch without data that ended at `nanos`.
    mutating func skip(to nanos: Int64) {
        guard nanos >= varianceEndNanos else { return }
        closeVariance(nanos)
    }

    private mutating func closeVariance(_ nanos: Int64) {
        let steps = Double(lengthNanos / (FeatureConstants.gridSeconds * nanosPerSecond))
        let isEnough = Double(varianceCount) >= FeatureConstants.varianceShareMin * steps
        facts.realisedVariance = isEnough ? varianceSum : .nan
        surprise.add(variance: facts.realisedVariance)
        facts.surprise = surprise.value
        varianceSum = 0
        varianceCount = 0
        varianceEndNanos = nextMultiple(nanos, of: lengthNanos)
    }

    // MARK: Closed bars

    /// Takes a closed bar and what the venue said of funding and open interest by then.
    mutating func take(_ bar: Bar, openInterest: Double, funding: Double) {
        closedCount &+= 1
        if !bar.followsDirectly { previous = nil }
        let close = Double(bar.close)
        facts.lastClose = close
        facts.setShape(bar, previous: previous)
        if bar.isComplete {
            let range = Double(bar.high - bar.low) / Double(bar.open)
            ranges.add(range)
            let rank = ranges.share(of: range, minimum: FeatureConstants.samplesMin)
            facts.rangePercentile = 100 * (rank ?? .nan)
            let middle = volumes.median(minimum: FeatureConstants.medianSamplesMin) ?? .nan
            facts.barVolumeRelative = middle > 0 ? Double(bar.volume) / middle : .nan
            volumes.add(Double(bar.volume))
            if let previous { returns.add(Elementary.log(close / Double(previous.close))) }
            setMoments()
        }
        highs.add(Double(bar.high))
        lows.add(Double(bar.low))
        setExtremes()
        strength.add(close)
        convergence.add(close)
        strengthDivergence.add(close: close, level: strength.value)
        convergenceDivergence.add(close: close, level: convergence.lineBps)
        facts.relativeStrengthIndex = strength.value
        facts.macdHistogramBps = convergence.histogramBps
        facts.rsiDivergence = strengthDivergence.value
        facts.macdDivergence = convergenceDivergence.value
        openInterests.add(openInterest)
        facts.openInterestPercentile = percentile(openInterest, openInterests)
        fundings.add(funding)
        facts.fundingPercentile = percentile(funding, fundings)
        previous = bar
    }

    private func percentile(_ value: Double, _ window: TrailingWindow) -> Double {
        100 * (window.share(of: value, minimum: FeatureConstants.samplesMin) ?? .nan)
    }

    private mutating func setExtremes() {
        guard highs.count == FeatureConstants.extremeBars else { return }
        var (high, low) = (highs[0], lows[0])
        for index in 1..<highs.count {
            high = max(high, highs[index])
            low = min(low, lows[index])
        }
        facts.high = high
        facts.low = low
    }

    /// Standard deviation, skewness and excess kurtosis of the last returns, two passes in order of time (GEN-14).
    private mutating func setMoments() {
        facts.barCount = Double(returns.count)
        guard returns.count >= FeatureConstants.momentsMin else { return }
        let count = Double(returns.count)
        var sum = 0.0
        for index in 0..<returns.count { sum += returns[index] }
        let mean = sum / count
        var (second, third, fourth) = (0.0, 0.0, 0.0)
        for index in 0..<returns.count {
            let d = returns[index] - mean
            second += d * d
            third += d * d * d
            fourth += d * d * d * d
        }
        facts.volatility = (second / (count - 1)).squareRoot()
        let variance = second / count
        facts.skewness = variance > 0 ? third / count / (variance * variance.squareRoot()) : .nan
        facts.kurtosis = variance > 0 ? fourth / count / (variance * variance) - 3 : .nan
        volatilities.add(facts.volatility)
        facts.volatilityPercentile = percentile(facts.volatility, volatilities)
    }
}

/// The candle features of the last closed bar; not a number where missing.
struct BarFacts: Sendable {
    var lastClose = Double.nan
    var barReturnBps = Double.nan
    var upperWickBps = Double.nan
    var lowerWickBps = Double.nan
    var bodyBps = Double.nan
    var rangePercentile = Double.nan
    var closeLocation = Double.nan
    var barGap = Double.nan
    var barVolumeRelative = Double.nan
    var engulfing = Double.nan
    var pinBar = Double.nan
    var volatility = Double.nan
    var skewness = Double.nan
    var kurtosis = Double.nan
    var barCount = 0.0
    var volatilityPercentile = Double.nan
    var relativeStrengthIndex = Double.nan
    var rsiDivergence = Double.nan
    var macdHistogramBps = Double.nan
    var macdDivergence = Double.nan
    var openInterestPercentile = Double.nan
    var fundingPercentile = Double.nan
    var realisedVariance = Double.nan
    var surprise = Double.nan
    var high = Double.nan
    var low = Double.nan

    /// A pin bar's wick takes at least this share of the range, and its body at most that one.
    private static let pinWickMin = 2.0 / 3
    private static let pinBodyMax = 0.25

    /// Sets what depends on the bar and the one before it; all missing where the bar was not seen whole.
    mutating func setShape(_ bar: Bar, previous: Bar?) {
        barReturnBps = .nan
        upperWickBps = .nan
        lowerWickBps = .nan
        bodyBps = .nan
        rangePercentile = .nan
        closeLocation = .nan
        barGap = .nan
        barVolumeRelative = .nan
        engulfing = .nan
        pinBar = .nan
        guard bar.isComplete, bar.open > 0 else { return }
        let (open, high, low, close) = (Double(bar.open), Double(bar.high), Double(bar.low), Double(bar.close))
        let (top, bottom) = (max(open, close), min(open, close))
        let range = high - low
        upperWickBps = (high - top) / open * 1e4
        lowerWickBps = (bottom - low) / open * 1e4
        bodyBps = (close - open) / open * 1e4
        if range > 0 { closeLocation = (close - low) / range }
        pinBar = 0
        if range > 0, top - bottom <= Self.pinBodyMax * range {
            if bottom - low >= Self.pinWickMin * range { pinBar = 1 }
            if high - top >= Self.pinWickMin * range { pinBar = -1 }
        }
        guard let previous else { return }
        barReturnBps = (close / Double(previous.close) - 1) * 1e4
        barGap = bar.open > previous.high || bar.open < previous.low ? 1 : 0
        let (oldOpen, oldClose) = (Double(previous.open), Double(previous.close))
        let covers = top >= max(oldOpen, oldClose) && bottom <= min(oldOpen, oldClose)
        engulfing = 0
        if covers, close > open, oldClose < oldOpen { engulfing = 1 }
        if covers, close < open, oldClose > oldOpen { engulfing = -1 }
    }
}

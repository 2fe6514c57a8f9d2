package import Events

/// What a feature is, as docs/features.md tells it.
package struct FeatureDefinition: Sendable {
    /// The feature.
    package let feature: Feature
    /// Unit and range.
    package let unit: String
    /// How it is computed.
    package let formula: String
    /// What it needs besides: feeds, and how many values before the first answer.
    package let needs: String
    /// How far back it reaches.
    package let lookBack: LookBack

    /// Every feature, in the order of the vocabulary.
    package static let all: [FeatureDefinition] = tickRows + barRows + derivedRows + summaryRows + stateRows

    /// The table as Markdown.
    package static var markdown: String {
        var text = "| feature | unit | formula | needs, else missing | looks back |\n|---|---|---|---|---|\n"
        for row in all {
            text += "| `\(row.feature.text)` | \(row.unit) | \(row.formula) | \(row.needs) | \(row.lookBack.text) |\n"
        }
        return text
    }

    /// How far back a feature reaches.
    package static func lookBack(_ feature: Feature) -> LookBack { all[Int(feature.rawValue)].lookBack }

    private init(_ feature: Feature, _ unit: String, _ formula: String, _ needs: String, _ lookBack: LookBack) {
        self.feature = feature
        self.unit = unit
        self.formula = formula
        self.needs = needs
        self.lookBack = lookBack
    }

    // What several of them reach back to.
    private static let limits = FeatureLimits()
    /// Seconds for which a top of the book, what the venue says of a perpetual and its funding rate are believed.
    private static let top = limits.bookAgeNanosMax / nanosPerSecond
    private static let context = limits.contextAgeNanosMax / nanosPerSecond
    private static let rate = limits.fundingAgeNanosMax / nanosPerSecond
    private static let trailing = Int64(FeatureConstants.trailingMax)
    private static let ranks = Int64(FeatureConstants.ranksMax)
    /// Bars of the moments: a return takes two.
    private static let moments = Int64(FeatureConstants.momentsMax) + 1
    /// Wilder's weight 1 / n is that of an exponential mean of 2 n - 1.
    private static let strength = LookBack.fadingLengths * Int64(2 * FeatureConstants.strengthBars - 1)
    private static let line = LookBack.fadingLengths * Int64(AverageConvergence.slow)
    private static let histogram = line + LookBack.fadingLengths * Int64(AverageConvergence.signal)
    /// The oldest pivot and the bars on its far side, seen from the bar that confirms the newest.
    private static let pivots = FeatureConstants.pivotAgeMax + Int64(2 * FeatureConstants.pivotSide) + 1
    /// Bars of the surprise: its mean and deviation, its smoothing, its ranks.
    private static let surprises =
        LookBack.fadingHalfLives * Int64(FeatureConstants.surpriseHalfLife)
        + LookBack.fadingLengths * Int64(FeatureConstants.surpriseSpan) + ranks

    private static let tickRows = [
        FeatureDefinition(
            .priceChangeBps, "bps", "(P / P of the row before - 1) × 1e4", "a price now and at the row before",
            LookBack(windows: 1, seconds: top)),
        FeatureDefinition(
            .relativeVolume, "ratio ≥ 0",
            "size traded in W / median of the size traded in the last 512 windows with trades before W",
            "trades; 20 windows", LookBack(windows: trailing)),
        FeatureDefinition(
            .spreadBps, "bps", "(ask - bid) / ((ask + bid) / 2) × 1e4", "a fresh top with both sides",
            LookBack(seconds: top)),
        FeatureDefinition(
            .bookImbalance1, "-1...1", "(B - A) / (B + A) of the best sizes of the newest book or quote",
            "a fresh top with both sides", LookBack(seconds: top)),
        FeatureDefinition(
            .bookImbalance5, "-1...1", "(B - A) / (B + A), sums over the best 5 levels of each side",
            "a fresh book with both sides", LookBack(seconds: top)),
        FeatureDefinition(
            .bookImbalance10, "-1...1", "(B - A) / (B + A), sums over the best 10 levels of each side",
            "a fresh book with both sides", LookBack(seconds: top)),
        FeatureDefinition(
            .depthSlope, "ln(size) / bps",
            "slope by least squares of ln(size) of all levels of both sides over their distance from the mid in bps",
            "a fresh book with both sides, 4 levels at different distances", LookBack(seconds: top)),
        FeatureDefinition(
            .cancelRate, "0...1",
            "min(1, max(0, removed - traded) / added): sizes removed from and added to the levels that two books in a "
                + "row both show, size traded in W", "two books in a row without a gap, something added",
            LookBack(seconds: top)),
        FeatureDefinition(.sweep, "0 or 1", "1 if `sweep_count` > 0", "trades and books", LookBack(seconds: top)),
        FeatureDefinition(
            .fundingRate, "fraction a period", "the rate that the venue told last", "a rate not older than 9 h",
            LookBack(seconds: rate)),
    ]

    private static let barRows = [
        FeatureDefinition(
            .barReturnBps, "bps", "(C / C of the bar before - 1) × 1e4", "a whole bar directly behind another",
            LookBack(bars: 2)),
        FeatureDefinition(.upperWickBps, "bps ≥ 0", "(H - max(O, C)) / O × 1e4", "a whole bar", LookBack(bars: 1)),
        FeatureDefinition(.lowerWickBps, "bps ≥ 0", "(min(O, C) - L) / O × 1e4", "a whole bar", LookBack(bars: 1)),
        FeatureDefinition(.bodyBps, "bps, signed", "(C - O) / O × 1e4", "a whole bar", LookBack(bars: 1)),
        FeatureDefinition(
            .rangePercentile, "0...100", "mid-rank of (H - L) / O among the last 512 whole bars, itself included",
            "a whole bar; 200 bars", LookBack(bars: trailing)),
        FeatureDefinition(.closeLocation, "0...1", "(C - L) / (H - L)", "a whole bar with H > L", LookBack(bars: 1)),
        FeatureDefinition(
            .barGap, "0 or 1", "1 if O lies outside L...H of the bar before", "a whole bar directly behind another",
            LookBack(bars: 2)),
        FeatureDefinition(
            .barVolumeRelative, "ratio ≥ 0", "volume / median volume of the 512 whole bars before it",
            "a whole bar; 20 bars before", LookBack(bars: trailing + 1)),
    ]

    private static let derivedRows = [
        FeatureDefinition(
            .openInterestChange, "fraction", "open interest / that of the row before - 1",
            "open interest not older than 5 min, now and at the row before", LookBack(windows: 1, seconds: context)),
        FeatureDefinition(
            .basisChangeBps, "bps", "`basis_bps` less that of the row before", "both",
            LookBack(windows: 1, seconds: context)),
        FeatureDefinition(
            .micropriceDriftBps, "bps",
            "(M / M of the row before - 1) × 1e4, "
                + "M = (ask × bid size + bid × ask size) / (bid size + ask size) (DEF-41)",
            "a fresh top with both sides, now and at the row before", LookBack(windows: 1, seconds: top)),
        FeatureDefinition(
            .aggressorRun, "trades, signed",
            "trades of one side in a row up to now, positive for buyers; 0 behind a gap",
            "trades", LookBack(endless: "the trades of one side up to now")),
        FeatureDefinition(
            .imbalanceShock, "robust z, -5...5",
            "(`book_imbalance_5` - median) / (1.4826 MAD) of the 512 rows before it", "200 rows with some spread",
            LookBack(windows: trailing, seconds: top)),
    ]

    private static let summaryRows = [
        FeatureDefinition(
            .volatility, "fraction a bar", "standard deviation (n - 1) of the last 64 log returns of whole bars",
            "20 returns", LookBack(bars: moments)),
        FeatureDefinition(
            .skewness, "number", "third standardised moment of the same returns", "20 returns, spread",
            LookBack(bars: moments)),
        FeatureDefinition(
            .kurtosis, "number", "fourth standardised moment of the same returns, less 3", "20 returns, spread",
            LookBack(bars: moments)),
        FeatureDefinition(
            .realisedSpreadBps, "bps",
            "mean of 2 d (p - m) / m × 1e4 over the trades whose m became known in W; d is 1 for buyers and -1 for "
                + "sellers, m the mid at the end of the five-second step behind the trade's",
            "trades, tops at both ends of the trade's step", LookBack(seconds: 2 * FeatureConstants.gridSeconds + top)),
        FeatureDefinition(
            .topDepthQuote, "quote currency", "sum of price × size of the levels within 10 bps of the mid",
            "a fresh book with both sides", LookBack(seconds: top)),
        FeatureDefinition(
            .sweepCount, "count",
            "bursts in W that became a sweep; a burst is the trades of one side within 100 ms of its first, a "
                + "sweep one "
                + "that reaches the third level of the book before it or takes half of its five best sizes",
            "trades and books", LookBack(seconds: top)),
        FeatureDefinition(
            .aggressorImbalance, "-1...1", "(bought - sold) / (bought + sold) in W", "a trade in W", LookBack()),
        FeatureDefinition(.longestRun, "trades", "longest row of trades of one side in W", "trades", LookBack()),
        FeatureDefinition(.tradeCount, "count", "trades in W", "trades", LookBack()),
        FeatureDefinition(.tradedQuote, "quote currency", "sum of price × size in W", "trades", LookBack()),
        FeatureDefinition(
            .largestTradeRelative, "ratio",
            "largest trade of W / median of the largest of the last 512 windows with trades before W",
            "a trade in W; 20 windows", LookBack(windows: trailing)),
        FeatureDefinition(
            .engulfing, "-1, 0, 1",
            "1 (-1) if the bar rises (falls), the one before fell (rose), and its body covers the other's",
            "a whole bar directly behind another", LookBack(bars: 2)),
        FeatureDefinition(
            .pinBar, "-1, 0, 1",
            "1 (-1) if the lower (upper) wick is at least 2/3 of the range and the body at most 1/4", "a whole bar",
            LookBack(bars: 1)),
        FeatureDefinition(
            .relativeStrengthIndex, "0...100", "Wilder's index of 14 closes; 50 without any change", "15 closes",
            LookBack(bars: strength)),
        FeatureDefinition(
            .rsiDivergence, "-1, 0, 1",
            "1 if the last bar confirmed a pivot low below the one before at a higher index, -1 for a high above at a "
                + "lower one; a pivot is a close beyond the two on each side, at most 60 bars behind the one before",
            "5 closes with an index", LookBack(bars: strength + pivots)),
        FeatureDefinition(
            .macdHistogramBps, "bps of C",
            "(line - EMA 9 of it) / C × 1e4, line = EMA 12 - EMA 26 of closes, each begun at its first value",
            "34 closes", LookBack(bars: histogram)),
        FeatureDefinition(
            .macdDivergence, "-1, 0, 1", "as `rsi_divergence` with the line in bps", "5 closes with a line",
            LookBack(bars: line + pivots)),
    ]

    private static let stateRows = [
        FeatureDefinition(
            .basisBps, "bps", "(P / oracle - 1) × 1e4", "an oracle price not older than 5 min",
            LookBack(seconds: context)),
        FeatureDefinition(
            .markOracleBps, "bps", "(mark / oracle - 1) × 1e4", "both prices not older than 5 min",
            LookBack(seconds: context)),
        FeatureDefinition(
            .realisedVariance, "fraction²",
            "sum of squared log returns of the mids at five-second steps over the last timeframe that ended on our "
                + "clock; of last trades where there is no book or quote",
            "half of the steps", LookBack(bars: 1, seconds: FeatureConstants.gridSeconds + top)),
        FeatureDefinition(
            .surprise, "0...1",
            "kr_hbar (DEF-07): mid-rank among 2000 of EMA 12 of -ln t5((x - m) / sd) + ln sd, x = ln of the realised "
                + "variance (floor 1e-12), m and sd exponentially weighted, half-life 96 bars, of the bars before",
            "`realised_variance`; 20 bars before the first surprise, 200 surprises",
            LookBack(bars: 1 + surprises, seconds: FeatureConstants.gridSeconds + top)),
        FeatureDefinition(
            .volatilityPercentile, "0...100", "mid-rank of `volatility` among its last 2000 values", "200 values",
            LookBack(bars: moments + ranks)),
        FeatureDefinition(
            .openInterestPercentile, "0...100", "mid-rank of open interest at bar closes, among 2000",
            "200 bar closes with open interest", LookBack(bars: ranks, seconds: context)),
        FeatureDefinition(
            .fundingPercentile, "0...100", "mid-rank of the funding rate at bar closes, among 2000",
            "200 bar closes with a rate", LookBack(bars: ranks, seconds: rate)),
        FeatureDefinition(
            .depthPercentile, "0...100", "mid-rank of `top_depth_quote` among the last 2000 rows", "200 rows",
            LookBack(windows: ranks, seconds: top)),
        FeatureDefinition(.minuteOfDay, "0...1439", "minute of T in UTC", "nothing", .clock),
        FeatureDefinition(.minuteOfWeek, "0...10079", "minute of T since Monday 00:00 UTC", "nothing", .clock),
        FeatureDefinition(
            .secondsToFunding, "s", "time until the next multiple of the funding period since 1970",
            "a context (hourly funding) or two settlements (their distance)",
            LookBack(endless: "a context, or two settlements")),
        FeatureDefinition(
            .midReturnBps, "bps", "(P / C of the last closed bar - 1) × 1e4", "a price and a closed bar",
            LookBack(bars: 1, seconds: top)),
        FeatureDefinition(
            .distanceToHighBps, "bps", "(highest H of the last 20 closed bars / P - 1) × 1e4", "20 closed bars",
            LookBack(bars: Int64(FeatureConstants.extremeBars), seconds: top)),
        FeatureDefinition(
            .distanceToLowBps, "bps", "(P / lowest L of the last 20 closed bars - 1) × 1e4", "20 closed bars",
            LookBack(bars: Int64(FeatureConstants.extremeBars), seconds: top)),
        FeatureDefinition(
            .barCount, "count, ≤ 64", "returns behind `volatility`", "a closed whole bar", LookBack(bars: moments)),
    ]
}

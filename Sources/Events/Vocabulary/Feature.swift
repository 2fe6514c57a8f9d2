/// A number about a market at one moment that detectors may read; missing where its feed is missing.
///
/// Units are in the names: `Bps` is 1e-4, percentiles are 0 to 100, imbalances -1 to 1, the rest fractions or counts.
package enum Feature: UInt8, CaseIterable, Sendable {
    // Ticks (DSI-04), over the time since the row before.
    case priceChangeBps, relativeVolume, spreadBps
    case bookImbalance1, bookImbalance5, bookImbalance10
    case depthSlope, cancelRate, sweep, fundingRate
    // The last closed bar of the row's timeframe (DSI-05).
    case barReturnBps, upperWickBps, lowerWickBps, bodyBps, rangePercentile, closeLocation, barGap, barVolumeRelative
    // Derived (DSI-06).
    case openInterestChange, basisChangeBps, micropriceDriftBps, aggressorRun, imbalanceShock
    // Summary of the window (SCH-SIG-3).
    case volatility, skewness, kurtosis, realisedSpreadBps, topDepthQuote, sweepCount, aggressorImbalance
    case longestRun, tradeCount, tradedQuote, largestTradeRelative
    case engulfing, pinBar, relativeStrengthIndex, rsiDivergence, macdHistogramBps, macdDivergence
    // Market state and context (LRN-21, DEF-07).
    case basisBps, markOracleBps, realisedVariance, surprise, volatilityPercentile
    case openInterestPercentile, fundingPercentile, depthPercentile
    case minuteOfDay, minuteOfWeek, secondsToFunding
    // Prices relative to earlier ones.
    case midReturnBps, distanceToHighBps, distanceToLowBps
    // Returns of closed bars that the moments are made of (SCH-SIG-3, n_bars).
    case barCount

    /// As written in detector specifications, events and tables.
    package var text: String { Self.texts[Int(rawValue)] }

    /// The feature with a name, nil if there is none.
    package init?(text: String) {
        guard let index = Self.texts.firstIndex(of: text) else { return nil }
        self.init(rawValue: UInt8(index))
    }

    /// The names, in order.
    package static let texts: [String] = [
        "price_change_bps", "relative_volume", "spread_bps", "book_imbalance_1", "book_imbalance_5",
        "book_imbalance_10", "depth_slope", "cancel_rate", "sweep", "funding_rate", "bar_return_bps",
        "upper_wick_bps", "lower_wick_bps", "body_bps", "range_percentile", "close_location", "bar_gap",
        "bar_volume_relative", "open_interest_change", "basis_change_bps", "microprice_drift_bps", "aggressor_run",
        "imbalance_shock", "volatility", "skewness", "kurtosis", "realised_spread_bps", "top_depth_quote",
        "sweep_count", "aggressor_imbalance", "longest_run", "trade_count", "traded_quote", "largest_trade_relative",
        "engulfing", "pin_bar", "relative_strength_index", "rsi_divergence", "macd_histogram_bps", "macd_divergence",
        "basis_bps", "mark_oracle_bps", "realised_variance", "surprise", "volatility_percentile",
        "open_interest_percentile", "funding_percentile", "depth_percentile", "minute_of_day", "minute_of_week",
        "seconds_to_funding", "mid_return_bps", "distance_to_high_bps", "distance_to_low_bps", "bar_count",
    ]
}

/// Which windows of an instrument are looked at: every so many seconds, beside the last closed bar of a timeframe.
package struct WindowKind: Equatable, Hashable, Sendable {
    /// Whose last closed bar the candle features describe.
    package var timeframe: Timeframe
    /// Seconds from one window's end to the next; ends are multiples of it since 1970.
    package var everySeconds: Int32

    /// Makes a kind of window.
    package init(_ timeframe: Timeframe, everySeconds: Int32) {
        self.timeframe = timeframe
        self.everySeconds = everySeconds
    }
}

/// What is known of an instrument at the end of a window, and nothing that came later (NEV-16).
///
/// A value, without references: passing one on costs no reference counting.
package struct FeatureRow: Sendable {
    /// Room for values; more than there are features, so that the vocabulary can grow.
    package static let capacity = 64

    /// Number of the instrument within its market log.
    package var instrument: Int32 = 0
    /// Index of the window kind in the list that was asked for.
    package var kind: Int32 = 0
    /// End of the window, nanoseconds since 1970: nothing known later is in the row.
    package var asofNanos: Int64 = 0
    /// Mid price, or the last trade or close where there is no book, in 1e-8 of the quote currency; 0 if none is known.
    package var price: Int64 = 0
    /// Whether data were missing or stale in the window, so that nothing may be concluded from it (SEC-12).
    package var isStale = false
    /// The values, not a number where missing; read them by feature.
    @usableFromInline
    package var values = InlineArray<64, Double>(repeating: .nan)

    /// An empty row.
    @inlinable
    package init() {}

    /// A feature's value, nil where it is missing; values that are not finite count as missing.
    @inlinable
    package subscript(_ feature: Feature) -> Double? {
        get {
            let value = values[Int(feature.rawValue)]
            return value.isFinite ? value : nil
        }
        set { values[Int(feature.rawValue)] = newValue ?? .nan }
    }
}

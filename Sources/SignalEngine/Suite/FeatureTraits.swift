package import Events

/// What a market turned upside down makes of a feature: bids for asks, rises for falls.
package enum Mirroring: Equatable, Sendable {
    /// The same.
    case even
    /// The opposite sign.
    case odd
    /// What is left to a whole, such as 100 for a percentile.
    case complement(Double)
    /// The value of another feature.
    case swapped(Feature)
}

/// What a feature is like, for the rows that detectors are tried on.
package struct FeatureTraits: Sendable {
    package var mirroring = Mirroring.even
    package var lowest = -10.0
    package var highest = 10.0
    /// How much of a value stays from one window to the next, 0...1.
    package var persistence = 0.8
    /// Share of windows in which it is 1; nil for a feature that varies.
    package var flagShare: Double?
    /// Whether it is counted in the quote currency.
    package var isQuote = false

    /// Whether it is a flag or a number that only comes at some windows.
    package var isFlag: Bool { flagShare != nil }

    private init(_ mirroring: Mirroring, _ lowest: Double, _ highest: Double, _ persistence: Double) {
        self.mirroring = mirroring
        self.lowest = lowest
        self.highest = highest
        self.persistence = persistence
    }

    private static func flag(_ share: Double) -> FeatureTraits {
        var traits = FeatureTraits(.even, 0, 1, 0)
        traits.flagShare = share
        return traits
    }

    private static func quote(_ highest: Double) -> FeatureTraits {
        var traits = FeatureTraits(.even, 0, highest, 0.8)
        traits.isQuote = true
        return traits
    }

    /// The traits of a feature.
    package static func of(_ feature: Feature) -> FeatureTraits {
        switch feature {
        case .priceChangeBps, .barReturnBps, .bodyBps, .midReturnBps, .micropriceDriftBps:
            FeatureTraits(.odd, -30, 30, 0.2)
        case .relativeVolume, .barVolumeRelative, .largestTradeRelative: FeatureTraits(.even, 0, 8, 0.5)
        case .spreadBps, .realisedSpreadBps: FeatureTraits(.even, 0.1, 8, 0.7)
        case .bookImbalance1, .bookImbalance5, .bookImbalance10, .aggressorImbalance:
            FeatureTraits(.odd, -1, 1, 0.85)
        case .depthSlope: FeatureTraits(.even, -1.5, 1.5, 0.9)
        case .cancelRate: FeatureTraits(.even, 0, 1, 0.6)
        case .sweep: flag(0.1)
        case .sweepCount: FeatureTraits(.even, 0, 3, 0.1)
        case .fundingRate: FeatureTraits(.odd, -0.001, 0.001, 0.97)
        case .upperWickBps: FeatureTraits(.swapped(.lowerWickBps), 0, 20, 0.3)
        case .lowerWickBps: FeatureTraits(.swapped(.upperWickBps), 0, 20, 0.3)
        case .rangePercentile, .volatilityPercentile, .openInterestPercentile, .depthPercentile:
            FeatureTraits(.even, 0, 100, 0.85)
        case .fundingPercentile: FeatureTraits(.complement(100), 0, 100, 0.95)
        case .closeLocation: FeatureTraits(.complement(1), 0, 1, 0.2)
        case .barGap: flag(0.05)
        case .openInterestChange: FeatureTraits(.even, -0.05, 0.05, 0.5)
        case .basisChangeBps, .imbalanceShock: FeatureTraits(.odd, -5, 5, 0.3)
        case .basisBps, .markOracleBps, .macdHistogramBps: FeatureTraits(.odd, -20, 20, 0.9)
        case .aggressorRun: FeatureTraits(.odd, -40, 40, 0.7)
        case .volatility, .realisedVariance: FeatureTraits(.even, 0, 0.01, 0.9)
        case .skewness: FeatureTraits(.odd, -3, 3, 0.8)
        case .kurtosis: FeatureTraits(.even, 0, 20, 0.8)
        case .topDepthQuote, .tradedQuote: quote(1e6)
        case .longestRun, .tradeCount: FeatureTraits(.even, 0, 200, 0.5)
        case .engulfing, .pinBar: flag(0.2)
        case .rsiDivergence, .macdDivergence: flag(0.1)
        case .relativeStrengthIndex: FeatureTraits(.complement(100), 0, 100, 0.9)
        case .surprise: FeatureTraits(.even, 0, 1, 0.9)
        case .barCount: FeatureTraits(.even, 0, 64, 0.9)
        case .minuteOfDay: FeatureTraits(.even, 0, 1439, 0)
        case .minuteOfWeek: FeatureTraits(.even, 0, 10_079, 0)
        case .secondsToFunding: FeatureTraits(.even, 0, 28_800, 0)
        case .distanceToHighBps: FeatureTraits(.swapped(.distanceToLowBps), 0, 100, 0.9)
        case .distanceToLowBps: FeatureTraits(.swapped(.distanceToHighBps), 0, 100, 0.9)
        }
    }
}

/// Ages, counts and lengths that the features depend on; each has its reason beside it.
package struct FeatureLimits: Equatable, Sendable {
    /// Oldest book or quote that is believed; older ones make the row stale and book features missing (SEC-12).
    package var bookAgeNanosMax: Int64 = 10_000_000_000
    /// Oldest open interest, mark and oracle price that are believed.
    package var contextAgeNanosMax: Int64 = 300_000_000_000
    /// Oldest funding rate that is believed: one period of eight hours and an hour's delay.
    package var fundingAgeNanosMax: Int64 = 32_400_000_000_000
    /// How long after its end a bar waits for trades that are still on their way, unless a later trade came first.
    package var barGraceNanos: Int64 = 2_000_000_000
    /// Longest silence of an instrument in which rows are still handed out; or three candles where they are longer.
    package var silenceNanosMax: Int64 = 600_000_000_000
    /// How far the venue's clock may be ahead of ours; events from further ahead are refused.
    package var futureNanosMax: Int64 = 10_000_000_000
    /// Most instruments; events of higher numbers are refused.
    package var instrumentsMax: Int32 = 4096

    /// The limits in use.
    package init() {}
}

/// Constants of the formulas; docs/features.md names them.
enum FeatureConstants {
    /// Seconds between the mid prices of the realised variance and of the realised spread.
    static let gridSeconds: Int64 = 5
    /// Trailing values of ranks over bars and rows (DEF-07).
    static let ranksMax = 2000
    /// Trailing rows of medians and robust z, trailing bars of the range percentile.
    static let trailingMax = 512
    /// Fewest values of ranks and robust z (DEF, notation).
    static let samplesMin = 200
    /// Fewest values of a median that others are measured by.
    static let medianSamplesMin = 20
    /// Returns of the moments of bars, at most and at least.
    static let momentsMax = 64
    static let momentsMin = 20
    /// Closed bars of the distance to the high and the low.
    static let extremeBars = 20
    /// Largest robust z (DEF, notation).
    static let robustMax = 5.0
    /// A robust z divides by 1.4826 median absolute deviations: one deviation of a normal sample.
    static let robustScale = 1.4826
    /// Distance from the mid within which levels count as top depth (DEF-23).
    static let depthBps = 10.0
    /// Fewest levels of a depth slope.
    static let slopeLevelsMin = 4
    /// Longest burst of trades of one side that counts as one order.
    static let burstNanos: Int64 = 100_000_000
    /// A sweep reaches this level of the book before it, counted from 1.
    static let sweepLevels = 3
    /// Or it takes this share of the size of so many best levels.
    static let sweepDepthShare = 0.5
    static let sweepDepthLevels = 5
    /// Realised variance below which its logarithm is taken as this: a hundredth of a basis point, squared.
    static let varianceFloor = 1e-12
    /// Share of a bar's returns that its realised variance needs.
    static let varianceShareMin = 0.5
    /// Half-life in bars, smoothing and first use of the surprise (DEF-07).
    static let surpriseHalfLife = 96.0
    static let surpriseSpan = 12.0
    static let surpriseSkip = 20
    /// Wilder's length of the relative strength index.
    static let strengthBars = 14
    /// Bars on each side of a pivot, and the oldest pivot that a new one is compared with.
    static let pivotSide = 2
    static let pivotAgeMax: Int64 = 60
    /// Last moment that is believed: the beginning of 2100.
    static let timeMax: Int64 = 4_102_444_800_000_000_000
}

/// Why an engine cannot be made.
package struct FeatureError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was found.
    package let found: String
    /// What was expected, and what to do.
    package let expected: String

    /// One line.
    package var description: String { "found \(found), expected \(expected)" }
}

import Report
package import Statistics

/// How often a search over worthless variants is promoted, and how often one that holds a real edge is (AT5.3, REP-05).
///
/// In each world so many series of independent normal returns are judged as a report judges its detectors: one
/// `TrialLedger` over all of them, and the limits of `FindingRules` on the deflated ratio and on the probability of
/// overfitting. Then the last series is given an edge and the world is judged again. A function of its options.
package struct LuckAudit: Equatable, Sendable {
    /// What is judged.
    package struct Options: Equatable, Sendable {
        /// Worlds.
        package var seeds = 200
        /// Series of a world.
        package var variants = 200
        /// Returns of a series.
        package var periods = 1_000
        /// Mean of the planted series, in standard deviations of a return: its true ratio a period.
        package var edge = 0.25
        /// Blocks of the probability of overfitting; reports take 16.
        package var blocks = 16
        /// Seed of all returns.
        package var seed: UInt64 = 1

        /// The defaults.
        package init() {}
    }

    /// Most worlds in which noise may be promoted, as a share.
    package static let noiseShareMax = 0.05
    /// Least worlds in which the edge has to be promoted, as a share.
    package static let edgeShareMin = 0.95

    package let options: Options
    /// Worlds of noise in which any series was promoted.
    package private(set) var noisePromotions = 0
    /// Worlds with an edge in which the series that has it was promoted.
    package private(set) var edgePromotions = 0
    /// Worlds with an edge in which a worthless series was promoted, alone or beside it.
    package private(set) var strayPromotions = 0
    /// Worlds of noise whose probability of overfitting alone would have let them pass.
    package private(set) var lowOverfittings = 0

    /// Judges all worlds; O(seeds * variants * (periods + C(blocks, blocks / 2))).
    ///
    /// - Parameter progress: is told the number of worlds that were judged, of all.
    /// - Throws: `invalidArgument` for options out of range.
    package init(_ options: Options, progress: (Int, Int) -> Void = { _, _ in }) throws(StatisticsError) {
        try Self.check(options)
        self.options = options
        for world in 0..<options.seeds {
            var series = Self.noise(options, world: world)
            let noise = try Self.judge(series, options)
            if !noise.promoted.isEmpty { noisePromotions += 1 }
            if noise.isLow { lowOverfittings += 1 }
            let last = options.variants - 1
            for period in series[last].indices { series[last][period] += options.edge }
            let edge = try Self.judge(series, options).promoted
            if edge.contains(last) { edgePromotions += 1 }
            if edge.contains(where: { $0 != last }) { strayPromotions += 1 }
            progress(world + 1, options.seeds)
        }
    }

    /// Share of the worlds of noise in which something was promoted.
    package var noiseShare: Double { Double(noisePromotions) / Double(options.seeds) }
    /// Share of the worlds with an edge in which it was promoted.
    package var edgeShare: Double { Double(edgePromotions) / Double(options.seeds) }
    /// Whether both shares are what is asked for.
    package var holds: Bool { noiseShare <= Self.noiseShareMax && edgeShare >= Self.edgeShareMin }

    private static func check(_ options: Options) throws(StatisticsError) {
        func require(_ isGood: Bool, _ message: String) throws(StatisticsError) {
            guard isGood else { throw StatisticsError(.invalidArgument, message) }
        }
        try require(
            (1...100_000).contains(options.seeds), "\(options.seeds) seeds, expected 1 to 100000")
        try require(
            (2...10_000).contains(options.variants), "\(options.variants) variants, expected 2 to 10000")
        try require(
            (64...100_000).contains(options.periods), "\(options.periods) periods, expected 64 to 100000")
        try require(
            options.edge > 0 && options.edge <= 10,
            "an edge of \(options.edge), expected more than 0 and at most 10 standard deviations of a return")
    }

    /// Returns of one world, each with mean 0 and standard deviation 1: ratios know no unit.
    private static func noise(_ options: Options, world: Int) -> [[Double]] {
        let stream = options.seed &+ UInt64(world) &* 0x9E37_79B9_7F4A_7C15
        var random = Xoshiro256(seed: stream)
        return (0..<options.variants).map { _ in (0..<options.periods).map { _ in random.normal() } }
    }

    /// Places of the series that are promoted, and whether the probability of overfitting is low enough for any.
    private static func judge(
        _ series: [[Double]], _ options: Options
    ) throws(StatisticsError) -> (promoted: [Int], isLow: Bool) {
        let ledger = try TrialLedger(
            series, trialCount: series.count, periodsPerYear: 365.25, blocks: options.blocks)
        guard let overfitting = ledger.overfitting.number, overfitting <= FindingRules.overfittingMax else {
            return ([], false)
        }
        let promoted = ledger.deflated.indices.filter {
            (ledger.deflated[$0].number ?? 0) >= FindingRules.deflatedMin
        }
        return (promoted, true)
    }
}

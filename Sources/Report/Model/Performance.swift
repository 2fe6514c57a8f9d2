import Statistics

/// What a detector did on paper over some windows.
package struct Performance: Equatable, Sendable {
    /// Windows with a signal whose outcome is known and not flat.
    package var judged: Int
    /// Those that went the way of the signal.
    package var hits: Int
    /// Paper result, basis points, net of the costs that the report names.
    package var totalBps = Measure.absent
    /// Mean result per window, basis points.
    package var meanBps = Measure.absent
    /// Interval of the mean result, by block bootstrap.
    package var meanInterval = Bounds.absent
    /// Largest fall from a peak of the cumulative result, basis points, never negative.
    package var drawdownBps = Measure.absent
    /// Median of the largest favourable excursion, basis points, never negative.
    package var favourableBps = Measure.absent
    /// Median of the largest adverse excursion, basis points, never negative.
    package var adverseBps = Measure.absent
    /// The ratio of mean and deviation, with what it needs to be read.
    package var sharpe = SharpeRatio.absent

    /// Makes a performance of which only the counts are known.
    package init(judged: Int, hits: Int) {
        self.judged = judged
        self.hits = hits
    }

    /// No windows.
    package static let none = Performance(judged: 0, hits: 0)

    /// Confidence of the intervals that the report itself makes.
    package static let level = 0.95

    /// Share of the windows that went the way of the signal.
    package var hitRate: Measure {
        judged > 0 ? Measure(Double(hits) / Double(judged)) : .undefined(Self.windowsText(judged))
    }

    /// Wilson's interval of the hit rate.
    package var hitInterval: Bounds { Self.wilson(hits, judged) }

    /// Wilson's interval of a share at `level`; undefined with the reason for impossible counts.
    package static func wilson(_ hits: Int, _ judged: Int) -> Bounds {
        guard judged > 0 else { return .undefined(windowsText(judged)) }
        do {
            let ends = try ProportionInterval.wilson(successes: hits, trials: judged, level: level)
            return Bounds(low: ends.low, high: ends.high, level: level, method: "Wilson")
        } catch { return .undefined("\(hits) hits of \(judged)") }
    }

    /// "1 window", "3 windows".
    package static func windowsText(_ count: Int) -> String { count == 1 ? "1 window" : "\(count) windows" }
}

/// Over what a Sharpe ratio is taken and how it is annualised, so that no ratio is shown without its convention.
package struct SharpeConvention: Equatable, Sendable {
    /// The period of one return, such as "5 m window".
    package let period: String
    /// Such periods in a year; positive.
    package let periodsPerYear: Int

    /// Makes a convention; a number below 1 counts as 1.
    package init(period: String, periodsPerYear: Int) {
        self.period = period
        self.periodsPerYear = max(periodsPerYear, 1)
    }

    /// The label that stands at the ratio; its deviation has the divisor n - 1 (`Sharpe.Estimator.sample`).
    package var label: String { "Sharpe, per \(period), x sqrt(\(periodsPerYear)), arithmetic, rf 0, sd n-1" }

    /// The ratio of a year from that of a period.
    package func annualised(_ perPeriod: Measure) -> Measure {
        perPeriod.map { $0 * Double(periodsPerYear).squareRoot() }
    }
}

/// A Sharpe ratio, which cannot be had without the number of trials that it was chosen from.
package struct SharpeRatio: Equatable, Sendable {
    /// Mean over deviation of the returns per period.
    package let perPeriod: Measure
    /// Its convention.
    package let convention: SharpeConvention
    /// Configurations tried until this one was found; 0 if none was counted.
    package let trials: Int
    /// The independent trials that they amount to.
    package let effectiveTrials: Measure
    /// Probability that the true ratio exceeds 0 (PSR).
    package let probabilistic: Measure
    /// Probability that the true ratio exceeds what the best of so many worthless trials shows (DSR).
    package let deflated: Measure

    /// Makes a ratio.
    package init(
        perPeriod: Measure, convention: SharpeConvention, trials: Int, effectiveTrials: Measure,
        probabilistic: Measure, deflated: Measure
    ) {
        self.perPeriod = perPeriod
        self.convention = convention
        self.trials = trials
        self.effectiveTrials = effectiveTrials
        self.probabilistic = probabilistic
        self.deflated = deflated
    }

    /// The ratio of a year.
    package var annualised: Measure { convention.annualised(perPeriod) }

    /// What nobody has set.
    package static let absent = SharpeRatio(
        perPeriod: .absent, convention: SharpeConvention(period: "window", periodsPerYear: 1), trials: 0,
        effectiveTrials: .absent, probabilistic: .absent, deflated: .absent)
}

/// What doing something simpler would have given over the same windows.
package struct Baseline: Equatable, Sendable {
    /// The simpler thing.
    package enum Kind: String, Sendable, CaseIterable {
        case doNothing = "do nothing"
        case alwaysFollow = "always follow"
        case randomSameRate = "random, same rate"
    }

    /// Which one.
    package var kind: Kind
    /// Mean result per window, basis points.
    package var meanBps: Measure
    /// Total result, basis points.
    package var totalBps: Measure
    /// Random runs drawn; 0 for the others.
    package var permutations = 0
    /// Share of them that did at least as well as the detector.
    package var exceedance = Measure.undefined("no random runs")

    /// Makes a baseline.
    package init(_ kind: Kind, meanBps: Measure, totalBps: Measure) {
        self.kind = kind
        self.meanBps = meanBps
        self.totalBps = totalBps
    }
}

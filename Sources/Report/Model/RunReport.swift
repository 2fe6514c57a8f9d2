/// Everything that a report of one backtest run says (REP-05, REP-07), as plain values.
///
/// The three renderings (`html`, `json`, `terminalText`) depend on this value alone: equal reports, equal bytes.
package struct RunReport: Equatable, Sendable {
    /// Heading of the report, such as "BTC and ETH, March 2026".
    package var title: String
    /// What was run, on what, with what.
    package var manifest: RunManifest
    /// What the data held, lacked and refused.
    package var data = DataSection()
    /// The detectors, in the order of the cohort.
    package var detectors: [DetectorReport] = []
    /// How many things were tried, and how likely the best of them is luck.
    package var selection = Selection()
    /// What the paper profit and loss is net of, such as "taker fee 3.5 bps a side and half the spread".
    package var costs = "not stated"
    /// Results of the whole cohort by regime, session and venue (REP-05).
    package var strata: [StrataTable] = []
    /// Signals that were scored but not let out, by reason.
    package var withheld: [ReasonCount] = []
    /// Runs with one thing changed, ranked by what the change did (REP-11, REP-12).
    package var variants: [Variant] = []
    /// Whatever else a reader must know.
    package var notes: [String] = []

    /// Makes a report that holds nothing but its manifest.
    package init(title: String, manifest: RunManifest) {
        self.title = title
        self.manifest = manifest
    }

    /// Evaluated windows out of sample, over all detectors.
    package var windowsJudged: Int { detectors.reduce(0) { $0 &+ $1.overall.judged } }
}

/// How many configurations were tried, and the probability that choosing among them overfits.
package struct Selection: Equatable, Sendable {
    /// Configurations tried so far, as counted in the log; 0 if none was counted.
    package var trials = 0
    /// The number of independent trials that the correlated ones amount to.
    package var effectiveTrials = Measure.absent
    /// How the effective number was found.
    package var effectiveMethod = ""
    /// Annualised Sharpe ratio that the best of so many worthless trials would be expected to show.
    package var luckySharpe = Measure.absent
    /// Years of data below which the best of so many worthless trials is expected to reach a Sharpe ratio of 1.
    package var backtestYearsMin = Measure.absent
    /// Probability of backtest overfitting by combinatorially symmetric cross-validation.
    package var overfitting = Measure.absent
    /// Blocks that the cross-validation used.
    package var overfittingBlocks = 0
    /// Configurations that it compared.
    package var overfittingConfigurations = 0
    /// Standard deviation of the logits over the splits, the spread behind the probability.
    package var overfittingSpread = Measure.absent
    /// Share of splits whose chosen configuration lost money out of sample.
    package var lossProbability = Measure.absent

    /// Makes a selection in which nothing was tried.
    package init() {}
}

/// A run with one thing changed, beside the run of this report (REP-11, REP-12).
package struct Variant: Equatable, Sendable {
    /// What was changed, such as "without expert:sweep".
    package var name: String
    /// Signals that only the variant let out; in runs that let none out, positions that only it took.
    package var published: Int
    /// The same the other way round.
    package var lost: Int
    /// Mean over periods of a window's mean result in the variant less that in this run, basis points.
    package var meanBpsChange: Measure
    /// Interval of that difference.
    package var interval: Bounds

    /// Makes a variant.
    package init(name: String, published: Int, lost: Int, meanBpsChange: Measure, interval: Bounds) {
        self.name = name
        self.published = published
        self.lost = lost
        self.meanBpsChange = meanBpsChange
        self.interval = interval
    }
}

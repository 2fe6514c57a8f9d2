package import LogEngine
package import Statistics

/// How a run's paper results are measured; all of it stands in the report.
package struct ReportRules: Equatable, Sendable {
    /// Fee of one trade, bps; a position is two.
    package var feeBps = 2.0
    /// Half of the spread that a trade pays, bps; the mean of the quoted ones stands beside it in the report.
    package var halfSpreadBps = 1.0
    /// Length of the periods that ratios are made of; nil takes one that fits the run.
    package var periodNanos: Int64?
    /// Whether windows without a selection score take no position.
    package var scoredOnly = false
    /// Abstained windows with more uncertainty take no position (SIG-08).
    package var uncertaintyMax = 0.15
    /// Bootstrap replicates and random arrangements; nil takes as many as the run's size allows, 100 to 1,000.
    package var replicates: Int?
    /// Decisions below which a fold refuses, in training and in test each.
    package var labelsMin = 30

    /// The default rules.
    package init() {}

    /// Cost of a position of size 1, in and out, bps.
    package var roundTripBps: Double { 2 * (feeBps + halfSpreadBps) }

    /// The costs in words.
    package var costsText: String {
        "\(Self.plain(feeBps)) bps fee and \(Self.plain(halfSpreadBps)) bps half spread each way, "
            + "\(Self.plain(roundTripBps)) bps for a position of size 1 in and out"
    }

    /// Throws `usage` for rules that make no sense.
    package func check() throws(LogError) {
        guard feeBps >= 0, halfSpreadBps >= 0, roundTripBps < 10_000 else {
            throw LogError(
                .usage,
                "costs of \(feeBps) bps fee and \(halfSpreadBps) bps half spread: expected 0 or more, together less "
                    + "than 5000")
        }
        if let replicates, !(100...100_000).contains(replicates) {
            throw LogError(.usage, "\(replicates) replicates, expected 100 to 100000")
        }
        if let periodNanos, !(1...DurationText.nanosMax).contains(periodNanos) {
            throw LogError(.usage, "a period of \(periodNanos) ns, expected more than 0 and at most ten years")
        }
        guard labelsMin >= 1 else { throw LogError(.usage, "\(labelsMin) labels, expected at least 1") }
    }

    static func plain(_ value: Double) -> String { Int64(exactly: value).map { "\($0)" } ?? "\(value)" }

    /// Work that a report may do: window judgements over all replicates.
    static let workMax = 100_000_000

    /// Replicates for so many windows.
    func replicates(forWindows windows: Int) -> Int {
        replicates ?? min(1_000, max(100, Self.workMax / max(windows, 1)))
    }

    private static let periods: [Int64] = [30, 60, 300, 900, 3_600, 14_400, 86_400].map { $0 * 1_000_000_000 }

    /// The longest usual period that is at least the longest horizon, at most the shortest test and there 48 times in
    /// all tests; the shortest one beyond the horizon where none is.
    ///
    /// - Throws: `usage` for a given period below the longest horizon.
    func period(longestHorizonNanos: Int64, testNanos: Int64, allTestsNanos: Int64) throws(LogError) -> Int64 {
        if let periodNanos {
            guard periodNanos >= longestHorizonNanos else {
                throw LogError(
                    .usage,
                    "a period of \(DurationText.text(periodNanos)) is shorter than the horizon of "
                        + "\(DurationText.text(longestHorizonNanos)): lengthen it, outcomes would count in two periods")
            }
            return periodNanos
        }
        let long = Self.periods.filter { $0 >= longestHorizonNanos }
        return long.last { $0 <= testNanos && allTestsNanos / $0 >= 48 } ?? long.first ?? longestHorizonNanos
    }
}

/// Where a report gets its walk-forward plan from.
package enum PlanChoice: Equatable, Sendable {
    /// All windows are judged as one stretch.
    case none
    /// Half of the run trains, four tests of an eighth follow, if the run is long enough.
    case automatic
    /// A plan of its own.
    case plan(Statistics.WalkForwardPlan)

    /// Reads `none`, `auto` or a plan such as `train=7d,test=1d`.
    ///
    /// Throws `invalidArgument` as the plan does.
    package init(parsing text: String) throws(StatisticsError) {
        switch text {
        case "none": self = .none
        case "auto": self = .automatic
        default: self = .plan(try Statistics.WalkForwardPlan(parsing: text))
        }
    }

    /// The plan for a run, or why there is none.
    func resolved(
        over timesNanos: Range<Int64>, longestHorizonNanos: Int64, barNanos: Int64
    ) throws(StatisticsError) -> (plan: Statistics.WalkForwardPlan?, reason: String) {
        switch self {
        case .none: return (nil, "no walk-forward plan was asked for")
        case .plan(let plan): return (plan, "")
        case .automatic:
            // Half of the run has to hold the embargo, the horizon and as much again to train on; a test the horizon.
            let needed = max(4 * (2 * longestHorizonNanos + barNanos), 8 * longestHorizonNanos)
            let (length, overflow) = timesNanos.upperBound.subtractingReportingOverflow(timesNanos.lowerBound)
            // Whole seconds, from an hour on whole minutes: easier to read.
            let unit: Int64 = length / 8 < 3_600_000_000_000 ? 1_000_000_000 : 60_000_000_000
            let eighth = length / 8 / unit * unit
            guard !overflow, length >= needed, eighth > 0 else {
                return (
                    nil,
                    "the windows span \(DurationText.text(length)), and a walk-forward with an embargo of "
                        + "\(DurationText.text(longestHorizonNanos + barNanos)) needs \(DurationText.text(needed))"
                )
            }
            return (try Statistics.WalkForwardPlan(trainNanos: 4 * eighth, testNanos: eighth), "")
        }
    }
}

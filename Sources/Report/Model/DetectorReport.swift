/// What one detector did in the run.
package struct DetectorReport: Equatable, Sendable {
    /// Its name, such as "ob.imbalance".
    package var id: String
    /// Its family (SIG-25).
    package var family: String
    /// Its state in the life cycle, such as "active" (SIG-20).
    package var state: String
    /// Hash of its definition.
    package var definition = ""
    /// The horizon that its paper result is taken over, such as "5m".
    package var horizon = ""
    /// Windows that it looked at.
    package var windows = 0
    /// Windows that it scored.
    package var scored = 0
    /// Windows that it abstained from, by reason.
    package var abstained: [ReasonCount] = []
    /// Median selection score.
    package var sigmaMedian = Measure.absent
    /// All test spans together.
    package var overall = Performance.none
    /// All training spans together; nil if not measured.
    package var inSample: Performance?
    /// Simpler things over the same windows.
    package var baselines: [Baseline] = []
    /// Fold by fold, in order of the test spans.
    package var folds: [FoldReport] = []
    /// Forecast against what happened.
    package var calibration = Calibration()
    /// Distribution of the scores.
    package var scores: Histogram?
    /// Distributions of the outcomes, one a horizon.
    package var outcomes: [Histogram] = []
    /// Results by regime, session and venue (REP-05).
    package var strata: [StrataTable] = []
    /// Whatever else a reader must know of it.
    package var notes: [String] = []

    /// Makes a report without results.
    package init(id: String, family: String, state: String) {
        self.id = id
        self.family = family
        self.state = state
    }

    /// Mean result out of sample over that in sample; undefined where the latter is not positive.
    package var efficiency: Measure {
        guard let before = inSample?.meanBps.value else { return .undefined("no result in sample") }
        guard before > 0 else { return .undefined("no profit in sample") }
        return overall.meanBps.map { $0 / before }
    }
}

/// What a detector did in one fold.
package struct FoldReport: Equatable, Sendable {
    /// Number of the fold, from 1.
    package var number: Int
    /// What it was fitted on; nil for a run without training.
    package var train: TimeSpan?
    /// What it was judged on.
    package var test: TimeSpan
    /// Version of the priors during the test.
    package var priorsVersion = ""
    /// Result over the training span; nil if not measured.
    package var inSample: Performance?
    /// Result over the test span.
    package var outOfSample = Performance.none
    /// Cumulative paper result over the test span.
    package var curve = EquityCurve([])
    /// Whatever else a reader must know of it.
    package var notes: [String] = []

    /// Makes a fold without results.
    package init(number: Int, test: TimeSpan) {
        self.number = number
        self.test = test
    }
}

/// A point of a cumulative result.
package struct EquityPoint: Equatable, Sendable {
    /// Nanoseconds since 1970 UTC.
    package let timeNanos: Int64
    /// Result since the beginning of the fold, basis points.
    package let cumulativeBps: Double

    /// Makes a point.
    package init(_ timeNanos: Int64, _ cumulativeBps: Double) {
        self.timeNanos = timeNanos
        self.cumulativeBps = cumulativeBps
    }
}

/// A cumulative result over time; begins at 0.
package struct EquityCurve: Equatable, Sendable {
    /// Points in time order, all finite.
    package let points: [EquityPoint]
    /// Points that were left out, because they were not finite or went back in time.
    package let rejected: Int

    /// Makes a curve from points in time order.
    package init(_ points: [EquityPoint]) {
        var kept: [EquityPoint] = []
        kept.reserveCapacity(points.count)
        for point in points where point.cumulativeBps.isFinite {
            if let last = kept.last, point.timeNanos < last.timeNanos { continue }
            kept.append(point)
        }
        self.points = kept
        rejected = points.count - kept.count
    }
}
